"""A replica's memory is what its disk says, and the same on everybody who holds the same entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.refusals import Refused
from crdt_pms.documents.errors import CardNumberRefused
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal import positions
from crdt_pms.journal.errors import CertificateRefused, CommittedUnknown, ContextMissing, SignatureInvalid
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.ledger.matters import Matter
from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreFull
from crdt_pms.replica.errors import ReplicaBroken
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.histories import (
    FailingStore,
    Rogue,
    certificates_of,
    deliver,
    disagree,
    hotel,
    log_of,
    meet,
    shown,
    tables,
    written_by_journal,
)
from tests.crdt_pms.replica.orders import acknowledge, end_of, known, signed_end
from tests.crdt_pms.replica.terminals import OPENING_DATE, START_MS, Desk

LOG = f"shift-log/{OPENING_DATE}"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 2) as made:
        yield made


@pytest.fixture
def four(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 4) as made:
        yield made


# Acting


def test_an_action_is_stored_applied_and_readable_at_once(pair: list[Desk]) -> None:
    desk, _other = pair
    desk.reserve("sato", room="202")
    assert desk.replica.view().require_stay("sato").room == "202"
    with desk.store.transaction() as transaction:
        (row,) = transaction.projected("reservation")
        assert (row["stay"], row["room"], row["nights"]) == ("sato", "202", 2)
        assert transaction.last_position() == desk.replica.last_position
    assert len(log_of(desk)) == desk.replica.last_position


def test_a_refused_action_leaves_nothing(pair: list[Desk]) -> None:
    desk, _other = pair
    desk.reserve("sato", room="202")
    before = shown(desk)
    with pytest.raises(Refused):
        desk.reserve("ito", room="202")
    with pytest.raises(CardNumberRefused):
        desk.do(EditNote(LOG, "", "カード 4111 1111 1111 1111"))
    assert shown(desk) == before
    assert not desk.replica.is_broken
    desk.restart()
    assert shown(desk) == before


def test_an_action_that_changes_nothing_writes_nothing(pair: list[Desk]) -> None:
    desk, _other = pair
    desk.do(EditNote(LOG, "", "鍵"))
    assert desk.do(EditNote(LOG, "鍵", "鍵")).entries == ()
    assert desk.do(EditNote(LOG, "", "鍵")).entries != ()


def test_a_run_that_writes_nothing_leaves_no_journal(pair: list[Desk]) -> None:
    desk, other = pair
    other.reserve("sato")
    for _run in range(3):
        desk.pull(other)
        desk.restart()
    assert len(desk.replica.vector) == 1
    with desk.store.transaction() as transaction:
        assert len(transaction.journals()) == 1


def test_a_new_run_writes_a_journal_that_continues_the_last_one(pair: list[Desk]) -> None:
    desk, _other = pair
    journals = [desk.do(SetRoomCondition("201", HK_CONDITION, "clean")).entries[0].dot.journal]
    for _run in range(2):
        desk.restart()
        entry = desk.do(SetRoomCondition("201", HK_CONDITION, "clean")).entries[0]
        certificate = desk.replica.certificate(entry.dot.journal)
        assert certificate is not None
        assert certificate.previous is not None
        assert certificate.previous[:2] == (journals[-1], 1)
        journals.append(entry.dot.journal)
    assert len(set(journals)) == 3
    assert desk.replica.alerts() == []


def test_no_stamp_runs_backwards_over_a_restart_with_a_clock_put_back(pair: list[Desk]) -> None:
    desk, other = pair
    desk.do(SetRoomCondition("201", HK_CONDITION, "clean"))
    desk.now_ms -= 3_600_000
    desk.restart()
    desk.do(SetRoomCondition("201", HK_CONDITION, "dirty"))
    other.pull(desk)
    assert other.replica.view().room_board("201").condition.value == "dirty"


# Failed transactions


@pytest.mark.parametrize("after_commit", [False, True], ids=["not committed", "committed unheard"])
def test_after_a_failed_transaction_the_disk_is_right(pair: list[Desk], *, after_commit: bool) -> None:
    desk, _other = pair
    desk.reserve("sato", room="202")
    before = shown(desk)
    error = CommitOutcomeUnknown("the answer was lost") if after_commit else StoreFull("the disk is full")
    desk.replica._store = FailingStore(desk.store, error, after_commit=after_commit)
    with pytest.raises(type(error)):
        desk.reserve("tanaka", room="203")
    assert desk.replica.is_broken
    with pytest.raises(ReplicaBroken):
        desk.reserve("ito", room="204")
    with pytest.raises(ReplicaBroken):
        desk.replica.receive([], START_MS)
    desk.restart()
    assert (shown(desk) == before) is not after_commit
    assert (desk.replica.view().stay("tanaka") is not None) is after_commit
    desk.reserve("ito", room="204")


def test_a_batch_that_could_not_be_saved_is_taken_the_next_time(pair: list[Desk]) -> None:
    desk, other = pair
    other.reserve("sato", room="202")
    other.do(EditNote(LOG, "", "鍵を確認。"))
    desk.replica._store = FailingStore(desk.store, StoreFull("the disk is full"))
    with pytest.raises(StoreFull):
        desk.pull(other)
    desk.restart()
    assert dict(desk.replica.vector) == {}
    desk.pull(other)
    assert shown(desk) == shown(other)


# Restarts


def test_memory_after_a_restart_is_the_memory_before(pair: list[Desk]) -> None:
    left, right = pair
    disagree(left, right)
    meet(left, right)
    Rogue().give(left)
    rogue = Rogue(7)
    rogue.operation(b"nonsense")
    rogue.document("note/room/201", b"nonsense")
    rogue.give(left)
    left.now_ms += 1
    before = shown(left)
    assert before["conflicts"]
    assert before["alerts"]
    assert before["quarantine"]
    left.restart()
    assert shown(left) == before
    assert left.replica.note_text(LOG) == right.replica.note_text(LOG)


def test_a_restart_between_any_two_steps_changes_nothing(four: list[Desk]) -> None:
    left, right, restarting, other = four
    disagree(left, right)
    meet(left, right)
    certificates = certificates_of(left)
    for desk in (restarting, other):
        desk.replica.receive_certificates(certificates)
    for entry in log_of(left):
        restarting.replica.receive([entry], START_MS)
        restarting.restart()
    deliver(other, [], log_of(left), Random(3))
    assert shown(restarting) == shown(other) == shown(left)


def test_a_board_that_was_stored_as_a_snapshot_reads_the_same(
    pair: list[Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crdt_pms.state.documents.BOARD_UPDATES_BETWEEN_SNAPSHOTS", 3)
    left, right = pair
    for step in range(5):
        for desk in pair:
            desk.do(SetRoomCondition(str(201 + step), HK_CONDITION, "clean" if step % 2 else "dirty"))
            desk.restart()
        meet(left, right)
    with left.store.transaction() as transaction:
        assert transaction.document_snapshot("board") is not None
    before = shown(left)
    left.restart()
    assert shown(left) == before
    assert before == shown(right)


# Receiving


def test_a_repeat_is_nothing_new(pair: list[Desk]) -> None:
    left, right = pair
    disagree(left, right)
    meet(left, right)
    before = shown(right)
    received = right.replica.receive(log_of(left), START_MS)
    assert received.entries == ()
    assert received.duplicates == len(log_of(left))
    assert shown(right) == before


def test_a_repeat_of_what_came_lately_costs_no_transaction(pair: list[Desk]) -> None:
    left, right = pair
    disagree(left, right)
    meet(left, right)
    right.replica._store = FailingStore(right.store, StoreFull("no transaction was to begin"))
    assert right.replica.receive(log_of(left), START_MS).duplicates == len(log_of(left))
    assert not right.replica.is_broken


@pytest.mark.parametrize("seed", range(6))
def test_any_order_that_respects_what_authors_had_seen_ends_alike(four: list[Desk], seed: int) -> None:
    left, right, *others = four
    disagree(left, right)
    meet(left, right)
    for number, desk in enumerate(others):
        deliver(desk, certificates_of(left), log_of(left), Random(seed * 10 + number))
    expected = shown(left)
    assert expected["tables"]["conflict"]
    for desk in (right, *others):
        assert shown(desk) == expected


def test_nobody_writes_because_of_a_merge(pair: list[Desk]) -> None:
    left, right = pair
    disagree(left, right)
    written = written_by_journal(left) | written_by_journal(right)
    for desk, own in ((left, written_by_journal(left)), (right, written_by_journal(right))):
        for journal, seq in own.items():
            written[journal] = max(written[journal], seq)
        del desk
    for _again in range(3):
        meet(left, right)
        tables(left), tables(right)
    assert left.replica.state.ledger.conflicts()
    assert written_by_journal(left) == written_by_journal(right) == written


def test_a_conflict_that_a_person_decided_is_decided_everywhere(pair: list[Desk]) -> None:
    left, right = pair
    disagree(left, right)
    meet(left, right)
    standing = next(one for one in left.replica.state.ledger.conflicts() if one.register.row == "tanaka")
    chosen = standing.losing[0].dot
    left.do(Resolve(standing.register.group, standing.register.row, f"{chosen.journal.hex()}:{chosen.seq}"))
    meet(left, right)
    assert standing.register not in {one.register for one in right.replica.state.ledger.conflicts()}
    assert shown(left) == shown(right)


def test_a_refused_batch_leaves_the_replica_usable(pair: list[Desk]) -> None:
    desk, _other = pair
    desk.reserve("sato")
    rogue = Rogue()
    rogue.operation(b"one")
    forged = Rogue(7)
    forged.writer._key = Rogue(6).writer._key
    entry = forged.operation(b"two")
    desk.replica.receive_certificates([rogue.certificate, forged.certificate])
    before = shown(desk)
    with pytest.raises(SignatureInvalid):
        desk.replica.receive([*rogue.entries, entry], START_MS)
    early = rogue.write(rogue.entries[0].kind, b"three", context={JournalId(b"f" * 16): 1})
    with pytest.raises(ContextMissing):
        desk.replica.receive([*rogue.entries[:1], early], START_MS)
    assert shown(desk) == before
    assert not desk.replica.is_broken


def test_two_certificates_of_one_journal_in_one_batch_are_refused_and_harm_nothing(pair: list[Desk]) -> None:
    desk, _other = pair
    honest = Rogue()
    twin = type(honest.certificate).create(honest.certificate.journal, enrolled(7), None, honest.certificate.opened)
    before = shown(desk)
    with pytest.raises(CertificateRefused, match="two certificates"):
        desk.replica.receive_certificates([honest.certificate, twin])
    assert not desk.replica.is_broken
    assert shown(desk) == before
    assert desk.replica.certificate(honest.certificate.journal) is None


# The relay's committed order


def committed(desk: Desk, count: int) -> CommittedRun:
    """The first entries of the desk's only journal at the start of the order."""
    (journal,) = desk.replica.vector
    return CommittedRun(1, journal, 1, count)


def test_what_the_relay_committed_is_no_longer_tentative(pair: list[Desk]) -> None:
    desk, _other = pair
    for stay in ("sato", "ito", "kato"):
        desk.reserve(stay)
    run = committed(desk, 2)
    acknowledge(desk.replica, b"one", [run])
    assert known(desk.replica) == (b"one", 2)
    assert desk.replica.tentative_count() == 1
    desk.restart()
    assert known(desk.replica) == (b"one", 2)
    assert desk.replica.committed_runs(0, 100) == [run]


def test_a_gap_or_an_unknown_entry_in_the_order_is_refused(pair: list[Desk]) -> None:
    desk, _other = pair
    for stay in ("sato", "ito", "kato"):
        desk.reserve(stay)
    run = committed(desk, 1)
    acknowledge(desk.replica, b"one", [run])
    for wrong in (
        run._replace(position=4, first_seq=3),
        run._replace(position=2, first_seq=2, count=9),
        run._replace(position=3, journal=JournalId(b"u" * 16)),
    ):
        with pytest.raises(CommittedUnknown):
            acknowledge(desk.replica, b"one", [run._replace(position=2, first_seq=2), wrong])
        assert known(desk.replica) == (b"one", 1)
        assert desk.replica.tentative_count() == 2
    assert not desk.replica.is_broken


def test_an_order_that_contradicts_the_known_one_is_refused(pair: list[Desk]) -> None:
    desk, other = pair
    for stay in ("sato", "ito"):
        desk.reserve(stay)
        other.reserve(f"{stay}-2")
    mine = committed(desk, 2)
    theirs = committed(other, 2)
    meet(desk, other)
    acknowledge(desk.replica, b"one", [mine])
    for wrong in (theirs._replace(position=2), mine._replace(position=3)):
        with pytest.raises(CommittedUnknown):
            acknowledge(desk.replica, b"one", [wrong])
        assert known(desk.replica) == (b"one", 2)
        assert desk.replica.committed_runs(0, 100) == [mine]
    assert not desk.replica.is_broken


def test_runs_that_do_not_lead_to_the_order_that_the_relay_signed_are_refused(pair: list[Desk]) -> None:
    desk, other = pair
    for stay in ("sato", "ito"):
        desk.reserve(stay)
    other.reserve("kato")
    mine, theirs = committed(desk, 2), committed(other, 1)
    meet(desk, other)
    order = [mine, theirs._replace(position=3)]
    for wrong in (
        [theirs, mine._replace(position=2)],
        [mine._replace(count=1), theirs._replace(position=2), mine._replace(position=3, first_seq=2, count=1)],
    ):
        with pytest.raises(CommittedUnknown):
            desk.replica.acknowledge(end_of(desk.replica, b"one", order), wrong)
        with pytest.raises(CommittedUnknown):
            desk.replica.acknowledge(replace(end_of(desk.replica, b"one", order), digest=b"w" * 32), order)
        assert known(desk.replica) == (None, 0)
        assert desk.replica.tentative_count() == 3
    assert acknowledge(desk.replica, b"one", order)
    assert not desk.replica.is_broken


def test_checkpoints_are_passed_on_as_the_relay_signed_them(pair: list[Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "CHECKPOINT_POSITIONS", 2)
    desk, _other = pair
    for stay in ("sato", "ito", "kato", "goto"):
        desk.reserve(stay)
    run = committed(desk, 4)
    ends = [end_of(desk.replica, b"one", [run._replace(count=count)]) for count in (2, 4)]
    for end in ends:
        desk.replica.acknowledge(end, [run._replace(count=end.through)])
    desk.restart()
    assert [desk.replica.checkpoint(position) for position in (2, 4, 6)] == [*ends, None]
    marks = desk.replica.order_marks()
    assert [mark.position for mark in marks] == [4, 2]
    desk.replica.follow(signed_end(b"two", 4), [OrderMark(4, b"o" * 32), marks[1]])
    assert desk.replica.checkpoint(2) == ends[0]
    assert desk.replica.checkpoint(4) is None
    assert desk.replica.order_marks() == [marks[1]]
    assert desk.replica.tentative_count() == 2
    assert desk.replica.take_order_cuts() == [2]


def test_a_longer_run_over_what_is_known_continues_it(pair: list[Desk]) -> None:
    desk, _other = pair
    for stay in ("sato", "ito", "kato"):
        desk.reserve(stay)
    acknowledge(desk.replica, b"one", [committed(desk, 1)])
    acknowledge(desk.replica, b"one", [committed(desk, 1)])
    acknowledge(desk.replica, b"one", [committed(desk, 3)])
    assert known(desk.replica) == (b"one", 3)
    assert desk.replica.tentative_count() == 0


def test_a_new_generation_forgets_the_old_order(pair: list[Desk]) -> None:
    desk, _other = pair
    for stay in ("sato", "ito", "kato"):
        desk.reserve(stay)
    acknowledge(desk.replica, b"one", [committed(desk, 3)])
    acknowledge(desk.replica, b"two", [committed(desk, 1)])
    assert known(desk.replica) == (b"two", 1)
    assert desk.replica.tentative_count() == 2
    desk.replica.follow(signed_end(b"three", 9), [])
    assert known(desk.replica) == (b"three", 0)
    assert desk.replica.tentative_count() == 3


def test_a_wrong_piece_of_a_new_generation_forgets_nothing(pair: list[Desk]) -> None:
    desk, _other = pair
    desk.reserve("sato")
    acknowledge(desk.replica, b"one", [committed(desk, 1)])
    with pytest.raises(CommittedUnknown):
        acknowledge(desk.replica, b"two", [committed(desk, 1)._replace(position=2)])
    assert known(desk.replica) == (b"one", 1)
    assert desk.replica.tentative_count() == 0


def test_a_double_booking_alerts_everybody_and_ends_for_everybody(pair: list[Desk]) -> None:
    left, right = pair
    disagree(left, right)
    meet(left, right)
    matters = {alert.matter for alert in left.replica.alerts()}
    assert Matter.ALERT_ROOM_DOUBLE_BOOKED in matters
    assert tables(left)["alert"] == tables(right)["alert"] != []
