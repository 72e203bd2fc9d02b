"""What one entry cannot say is said in several, and comes to the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.limits import NAMES_MAX, READS_MAX, WRITES_MAX
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FOLIO_WINDOW, OCCUPANCY, POSTING, TERMS
from crdt_pms.ledger.splitting import after_parts, split_operation
from tests.crdt_pms.ledger.histories import (
    PLAN,
    Record,
    journal_id,
    occupancy,
    posting,
    record_of,
    terms,
    window,
)


def act_of(*writes: Write) -> Operation:
    return Operation("act", "hotel-pms", "because", writes)


def said_in_parts(operation: Operation) -> list[Record]:
    """The entries of an operation, as its author writes them one after the other."""
    written: dict[Register, Dot] = {}
    records: list[Record] = []
    for part in split_operation(operation):
        dot = Dot(journal_id(9), len(records) + 1)
        records.append(record_of(dot, Stamp(1_000 + len(records), 0), "suzuki", after_parts(part, written)))
        written.update({write.register: dot for write in part.writes})
    return records


def strangers(number: int, group: str = OCCUPANCY, row: str = "stay") -> list[Record]:
    """So many authors who wrote one register without knowing each other."""
    write = Write.of(Register(group, row), occupancy() if group == OCCUPANCY else terms())
    return [record_of(Dot(journal_id(100 + n), 1), Stamp(n, 0), "x", act_of(write)) for n in range(number)]


def apply(ledger: Ledger, *records: Record) -> None:
    for record in records:
        ledger.apply(record.dot, record.stamp, record.author, record.operation)


def test_what_fits_into_one_entry_is_one() -> None:
    operation = act_of(Write.of(Register(OCCUPANCY, "stay"), occupancy()))
    assert split_operation(operation) == (operation,)


@pytest.mark.parametrize("siblings", [NAMES_MAX, NAMES_MAX + 1, 3 * NAMES_MAX])
@pytest.mark.parametrize("resolution", [True, False])
def test_a_write_that_replaces_more_than_a_header_names_replaces_all_of_it(siblings: int, resolution: bool) -> None:
    before = strangers(siblings)
    names = tuple(sorted(record.dot for record in before))
    base = Write.of(Register(OCCUPANCY, "stay"), occupancy("in_house", "101"), names, resolution=resolution)
    ledger = Ledger(PLAN)
    apply(ledger, *before, *(parts := said_in_parts(act_of(base))))
    assert ledger.names(Register(OCCUPANCY, "stay")) == (parts[-1].dot,)
    (sibling,) = ledger.siblings(Register(OCCUPANCY, "stay"))
    assert sibling.write.resolution is resolution


def test_who_holds_a_part_only_shows_what_was_meant() -> None:
    before = strangers(NAMES_MAX + 5)
    names = tuple(sorted(record.dot for record in before))
    first, *_rest = said_in_parts(act_of(Write.of(Register(OCCUPANCY, "stay"), occupancy("cancelled"), names)))
    ledger = Ledger(PLAN)
    apply(ledger, *before, first)
    assert (ledger.shown(Register(OCCUPANCY, "stay")) or {})["status"] == "cancelled"


@pytest.mark.parametrize("postings", [READS_MAX, READS_MAX + 1, 2 * READS_MAX + 7])
def test_a_folio_is_closed_over_more_postings_than_a_header_reads(postings: int) -> None:
    charged = [
        record_of(
            Dot(journal_id(100 + n), 1),
            Stamp(n, 0),
            "x",
            act_of(Write.of(Register(POSTING, f"charge:{n}"), posting("stay", 1 if n % 2 else -1, "charge"))),
        )
        for n in range(postings)
    ]
    reads = tuple(sorted(record.dot for record in charged))
    closing = Write.of(Register(FOLIO_WINDOW, "stay/1"), window("stay", "closed", "city ledger"), (), reads)
    parts = said_in_parts(act_of(closing))
    ledger = Ledger(PLAN)
    apply(ledger, *charged, *parts)
    assert [alert.matter for alert in ledger.alerts() if "closed" in alert.matter.value] == []
    loaded = Ledger(PLAN)
    loaded.load(ledger.all_stored())
    assert loaded.alerts() == ledger.alerts()
    late = Write.of(Register(POSTING, "charge:late"), posting("stay", 5))
    apply(ledger, record_of(Dot(journal_id(99), 1), Stamp(1, 0), "x", act_of(late)))
    assert "alert_posting_into_closed_window" in [alert.matter.value for alert in ledger.alerts()]


dots = st.builds(Dot, st.integers(1, 400).map(journal_id), st.integers(1, 9))


@st.composite
def large_operations(draw: st.DrawFn) -> Operation:
    writes = [
        Write.of(
            Register(*row),
            terms(),
            tuple(sorted(draw(st.sets(dots, max_size=draw(st.sampled_from([3, 700])))))),
            tuple(sorted(draw(st.sets(dots, max_size=draw(st.sampled_from([3, 700])))))),
        )
        for row in draw(st.sets(st.tuples(st.just(TERMS), st.sampled_from("abcdefgh")), min_size=1, max_size=5))
    ]
    return act_of(*writes)


@settings(max_examples=25, deadline=None)
@given(large_operations())
def test_every_part_is_an_entry_and_together_they_say_what_was_to_be_said(operation: Operation) -> None:
    records = said_in_parts(operation)
    said: dict[Register, list[Write]] = {}
    for record in records:
        for write in record.operation.writes:
            said.setdefault(write.register, []).append(write)
    own = {record.dot for record in records}
    for write in operation.writes:
        pieces = said[write.register]
        assert {piece.digest for piece in pieces} == {write.digest}
        assert {dot for piece in pieces for dot in piece.names} - own == set(write.names)
        assert {dot for piece in pieces for dot in piece.reads} == set(write.reads)


def test_more_writes_than_a_header_has_keys_for_are_several_entries() -> None:
    writes = tuple(Write.of(Register(TERMS, f"{'row' * 60}-{n}"), terms()) for n in range(WRITES_MAX + 1))
    records = said_in_parts(act_of(*writes))
    assert sum(len(record.keys) for record in records) == len(writes)
    ledger = Ledger(PLAN)
    apply(ledger, *records)
    assert len(list(ledger.rows(TERMS))) == len(writes)


def test_many_long_notes_are_several_entries() -> None:
    writes = tuple(Write.of(Register(OCCUPANCY, f"{n}"), occupancy(note="客" * 2_000)) for n in range(100))
    records = said_in_parts(act_of(*writes))
    assert len(records) > 1
    assert sum(len(record.keys) for record in records) == len(writes)


def test_a_posting_that_had_more_to_read_than_a_header_names_says_less() -> None:
    reads = tuple(Dot(journal_id(n), 1) for n in range(1, READS_MAX + 10))
    (record,) = said_in_parts(act_of(Write.of(Register(POSTING, "a"), posting("stay", 1), (), reads)))
    assert len(record.reads) == READS_MAX


def test_reads_are_inherited_from_parts_of_the_same_write_only() -> None:
    reads = tuple(Dot(journal_id(n), 1) for n in range(1, READS_MAX + 1))
    first = Write.of(Register(FOLIO_WINDOW, "f"), window("stay"), (), reads)
    ledger = Ledger(PLAN)
    apply(ledger, record_of(Dot(journal_id(900), 1), Stamp(1, 0), "x", act_of(first)))
    other = Write.of(Register(FOLIO_WINDOW, "f"), window("stay", "closed"), (Dot(journal_id(900), 1),))
    apply(ledger, record_of(Dot(journal_id(900), 2), Stamp(2, 0), "x", act_of(other)))
    shown = ledger.shown_write(Register(FOLIO_WINDOW, "f"))
    assert isinstance(shown, AppliedWrite)
    assert shown.inherited == frozenset()
    assert replace(shown, inherited=frozenset(reads)) == shown
