"""What is at rest costs disk and nothing else, and a ledger that puts it away says what one says that keeps everything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.ledger import limits
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.residence import RowKey
from tests.crdt_pms.ledger.histories import (
    PLAN,
    Desk,
    Record,
    in_arrival_order,
    occupancy,
    play,
    posting,
    profile,
    terms,
    window,
)
from tests.crdt_pms.ledger.resting import MemoryRows, apply, outcome
from tests.crdt_pms.ledger.test_histories import numbers, priorities, skews_ms, steps

records = st.builds(play, steps, numbers, skews_ms)


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is at rest is put away at once."""
    monkeypatch.setattr(limits, "ROWS_AT_HAND_MAX", 0)


@settings(max_examples=150, deadline=None)
@given(records, priorities, st.integers(1, 5))
def test_putting_away_what_is_at_rest_changes_nothing(
    history: list[Record], order: list[int], between_flushes: int
) -> None:
    rows, whole = MemoryRows(), Ledger(PLAN)
    resting = rows.opened()
    for number, record in enumerate(in_arrival_order(history, order)):
        apply(whole, record)
        apply(resting, record)
        if number % between_flushes == 0:
            rows.keep(resting)
            assert resting.alerts() == whole.alerts()
    rows.keep(resting)
    registers = set(whole.registers())
    assert outcome(resting, registers) == outcome(whole, registers)
    reopened = rows.opened()
    assert reopened.alerts() == whole.alerts()
    assert reopened.conflicts() == whole.conflicts()
    assert outcome(reopened, registers) == outcome(whole, registers)


@settings(max_examples=150, deadline=None)
@given(records, priorities, st.integers(1, 5))
def test_being_live_follows_from_what_is_merged_and_not_from_what_is_in_memory(
    history: list[Record], order: list[int], between_flushes: int
) -> None:
    one, other = MemoryRows(), MemoryRows()
    resting, again = one.opened(), other.opened()
    for number, record in enumerate(in_arrival_order(history, order)):
        apply(resting, record)
        if number % between_flushes == 0:
            one.keep(resting)
    one.keep(resting)
    for record in history:
        apply(again, record)
    other.keep(again)
    assert one.live == other.live


@settings(max_examples=100, deadline=None)
@given(records, priorities, st.data())
def test_a_node_that_reads_rows_which_another_process_wrote_meanwhile_catches_up(
    history: list[Record], order: list[int], data: st.DataObject
) -> None:
    """Two relay processes share one database: the one that follows finds rows at rest as they are further on."""
    rows, whole = MemoryRows(), Ledger(PLAN)
    writing, following = rows.opened(), rows.opened()
    arriving = in_arrival_order(history, order)
    behind: list[Record] = []
    for record in arriving:
        apply(whole, record)
        apply(writing, record)
        behind.append(record)
        rows.keep(writing)
        if data.draw(st.booleans()):
            for late in behind:
                apply(following, late)
            following.take_changes()
            following.settle()
            following.let_go()
            behind = []
    for late in behind:
        apply(following, late)
    registers = set(whole.registers())
    assert outcome(following, registers) == outcome(whole, registers)


def departed(desk: Desk, stay: str, *, guest: str | None = None) -> None:
    """A guest stays a night, pays, and leaves."""
    guest = guest or f"guest-of-{stay}"
    desk.put("guest.profile", guest, profile(stay))
    desk.put("stay.guest", stay, {"guest": guest})
    desk.put("stay.terms", stay, terms(nights=1))
    desk.put("stay.occupancy", stay, occupancy("in_house", "101", arrived_at=1))
    desk.act(desk.over("posting.content", f"room:{stay}", posting(stay, 9_000)))
    desk.act(desk.over("posting.content", f"pay:{stay}", posting(stay, -9_000, "payment")))
    desk.put("stay.occupancy", stay, occupancy("checked_out"))
    desk.put("folio.window", f"{stay}/1", window(stay, "closed"))


def kept_after(stays: int) -> tuple[MemoryRows, Ledger]:
    desk = Desk(1)
    for number in range(stays):
        departed(desk, f"stay-{number}")
    desk.put("stay.guest", "expected", {"guest": "guest-of-expected"})
    desk.put("stay.terms", "expected", terms())
    desk.put("stay.occupancy", "expected", occupancy())
    rows = MemoryRows()
    ledger = rows.opened()
    for record in desk.records:
        apply(ledger, record)
        rows.keep(ledger)
    return rows, ledger


def test_stays_of_which_nothing_is_left_to_do_leave_memory_and_cost_nothing() -> None:
    held: list[int] = []
    asked: list[int] = []
    for stays in (5, 50):
        rows, ledger = kept_after(stays)
        held.append(ledger.rows_held)
        assert {key.row for key in rows.live} == {"expected", "guest-of-expected"}
        reopened = rows.opened()
        rows.asked.clear()
        assert [stay for stay, _shown in reopened.rows("stay.occupancy")] == ["expected"]
        assert reopened.alerts() == []
        asked.append(rows.asked.total())
    assert held == [2, 2]
    assert asked == [0, 0]


def test_a_late_entry_brings_its_stay_back_with_everything_that_its_alerts_depend_on() -> None:
    rows, ledger = kept_after(5)
    late = Desk(2)
    record = late.act(late.over("posting.content", "minibar", posting("stay-3", 800)))
    apply(ledger, record)
    rows.keep(ledger)
    assert ledger.folio_balance("stay-3/1") == 800
    assert {alert.fact("stay") for alert in ledger.alerts()} == {"stay-3"}
    assert {
        RowKey("stay", "stay-3"), RowKey("folio", "stay-3/1"), RowKey("posting", "room:stay-3"),
        RowKey("posting", "pay:stay-3"), RowKey("posting", "minibar"), RowKey("guest", "guest-of-stay-3"),
    } <= rows.live  # fmt: skip
    reopened = rows.opened()
    assert reopened.alerts() == ledger.alerts()


def test_a_reversal_finds_an_original_at_rest() -> None:
    rows, ledger = kept_after(5)
    late = Desk(2)
    record = late.act(late.over("posting.content", "back", posting("stay-3", -10_000, "reversal", "room:stay-3")))
    apply(ledger, record)
    rows.keep(ledger)
    assert "alert_reversal_over_original" in {alert.matter.value for alert in ledger.alerts()}


def test_a_payment_that_is_repeated_after_its_stay_came_to_rest_is_found() -> None:
    _rows, ledger = kept_after(5)
    shown = ledger.shown(Register("posting.content", "pay:stay-2"))
    assert shown is not None
    assert shown["amount_minor"] == -9_000


def test_a_guest_stays_in_memory_as_long_as_one_stay_needs_it() -> None:
    desk = Desk(1)
    departed(desk, "first", guest="regular")
    desk.put("stay.guest", "second", {"guest": "regular"})
    desk.put("stay.terms", "second", terms())
    desk.put("stay.occupancy", "second", occupancy())
    rows = MemoryRows()
    ledger = rows.opened()
    for record in desk.records:
        apply(ledger, record)
        rows.keep(ledger)
    assert RowKey("guest", "regular") in rows.live
    cancelled = desk.put("stay.occupancy", "second", occupancy("cancelled"))
    apply(ledger, cancelled)
    rows.keep(ledger)
    assert rows.live == set()
    assert ledger.rows_held == 0


def test_what_a_person_looks_up_leaves_memory_again() -> None:
    rows, ledger = kept_after(20)
    for stay in range(20):
        assert ledger.shown(Register("stay.terms", f"stay-{stay}")) is not None
        assert ledger.shown(Register("stay.terms", f"no-such-{stay}")) is None
    assert ledger.rows_held > 20
    ledger.let_go()
    assert ledger.rows_held == len(rows.live)


def test_registers_of_unknown_groups_come_to_rest_at_once() -> None:
    newer = Desk(9)
    for number in range(10):
        newer.newer("stay.pets", f"stay-{number}", {"dogs": number})
    rows = MemoryRows()
    ledger = rows.opened()
    for record in newer.records:
        apply(ledger, record)
        rows.keep(ledger)
    assert ledger.rows_held == 0
    assert ledger.names(Register("stay.pets", "stay-3")) == newer.ledger.names(Register("stay.pets", "stay-3"))
