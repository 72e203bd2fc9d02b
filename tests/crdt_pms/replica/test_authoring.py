"""An entry names what its author had newly seen, in a header that stays small however long the property lives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.entry import ActionMark, Entry, EntryKind
from crdt_pms.journal.identifiers import JournalId, covers
from crdt_pms.journal.limits import CONTEXT_JOURNALS_MAX
from crdt_pms.ledger.limits import NAMES_MAX
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import TERMS
from tests.crdt_pms.replica.histories import Rogue, certificates_of, disagree, hotel, log_of, meet, strangers
from tests.crdt_pms.replica.terminals import START_MS, Desk


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 3) as made:
        yield made


def clean(desk: Desk, room: str = "201") -> Entry:
    (entry,) = desk.do(SetRoomCondition(room, HK_CONDITION, "clean")).entries
    return entry


def test_an_entry_names_what_came_since_the_authors_last_one(three: list[Desk]) -> None:
    desk, other, _third = three
    assert clean(desk).context == {}
    theirs = clean(other)
    desk.pull(other)
    assert clean(desk).context == {theirs.dot.journal: 1}
    assert clean(desk).context == {}


def test_what_a_named_entry_itself_names_is_not_named_again(three: list[Desk]) -> None:
    desk, other, third = three
    clean(desk)
    other.pull(desk)
    passed_on = clean(other)
    third.pull(other)
    assert clean(third).context == {passed_on.dot.journal: 1}
    # Nor is it after a restart, by somebody whose disk holds it all.
    third.restart()
    last = log_of(third)[-1]
    assert clean(third).context == {last.dot.journal: 1}


def test_every_order_that_respects_the_named_entries_has_everything_before_what_builds_on_it(
    three: list[Desk],
) -> None:
    left, right, third = three
    disagree(left, right)
    third.pull(left)
    third.restart()
    for desk in three:
        clean(desk, "209")
    meet(left, right, third)
    for desk in three:
        desk.restart()
        clean(desk, "208")
    meet(left, right, third)
    seen: dict[JournalId, dict[JournalId, int]] = {}
    # What each author held when it wrote follows from the names alone.
    for entry in log_of(left):
        holds = seen.setdefault(entry.dot.journal, {})
        for journal, seq in entry.context.items():
            for known, upto in {**seen[journal], journal: seq}.items():
                holds[known] = max(holds.get(known, 0), upto)
        holds[entry.dot.journal] = entry.dot.seq
        assert covers(holds, {dot.journal: dot.seq for dot in entry.supersedes})


def test_a_property_of_many_journals_can_still_be_written_by_everybody(three: list[Desk]) -> None:
    desk, other, third = three
    # A terminal that was started that often; each run had seen the one before.
    amount = CONTEXT_JOURNALS_MAX + 400
    runs: list[Rogue] = []
    for number in range(amount):
        run = Rogue()
        context = {runs[-1].certificate.journal: 1} if number else {}
        run.write(EntryKind.OPERATION, b"nonsense", context=context)
        runs.append(run)
    desk.replica.receive_certificates([run.certificate for run in runs])
    desk.replica.receive([entry for run in runs for entry in run.entries], START_MS)
    assert clean(desk).context == {runs[-1].certificate.journal: 1}
    other.pull(desk)
    clean(other)
    desk.restart()
    desk.pull(other)
    assert len(clean(desk).context) == 1
    third.replica.receive_certificates(certificates_of(desk))
    third.replica.receive(log_of(desk), START_MS)
    assert third.replica.vector == desk.replica.vector


def test_what_replaces_more_than_a_header_names_is_said_in_several_entries_of_one_action(three: list[Desk]) -> None:
    desk, other, _third = three
    desk.reserve("s1")
    for rogue in strangers(NAMES_MAX + 20):
        rogue.give(desk)
    acted = desk.do(AmendTerms("s1", nights=3))
    assert len(acted.entries) == 2
    assert {entry.action for entry in acted.entries} == {ActionMark("amend_terms", acted.entries[0].dot.seq)}
    other.pull(desk)
    for each in (desk, other):
        (sibling,) = each.replica.state.ledger.siblings(Register(TERMS, "s1"))
        assert (sibling.dot, sibling.value["nights"]) == (acted.entries[-1].dot, 3)
        assert not each.replica.state.quarantine.records
