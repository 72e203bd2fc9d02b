"""Random concurrent histories: the outcome is that of the naive oracle, whichever way the operations arrive."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.register import RegisterState, StoredWrite
from tests.crdt_pms.ledger.histories import PLAN, Record, Step, in_arrival_order, ledger_of, play
from tests.crdt_pms.ledger.oracle import alerts_of, outcome_of, writes_of

small = st.integers(0, 3)
steps = st.lists(st.builds(Step, small, st.integers(0, 51), small, st.integers(0, 11)), min_size=4, max_size=40)
numbers = st.permutations([1, 2, 3, 4])
skews_ms = st.lists(st.integers(-50, 50), min_size=4, max_size=4)
records = st.builds(play, steps, numbers, skews_ms)
priorities = st.lists(st.integers(0, 50), min_size=1, max_size=40)


def everything(ledger: Ledger) -> tuple[object, ...]:
    """All that a ledger derives."""
    return (
        ledger.content_sums(),
        ledger.conflicts(),
        ledger.closed_conflicts(),
        ledger.alerts(),
        ledger.displaced_stays(),
    )


@settings(max_examples=120, deadline=None)
@given(records, priorities, priorities)
def test_every_arrival_order_gives_the_same_rows_conflicts_and_alerts(
    history: list[Record], first: list[int], second: list[int]
) -> None:
    one = ledger_of(in_arrival_order(history, first))
    other = ledger_of(in_arrival_order(history, second))
    assert everything(one) == everything(other)


@settings(max_examples=120, deadline=None)
@given(records, priorities)
def test_what_stands_and_what_is_shown_is_what_the_naive_oracle_finds(history: list[Record], order: list[int]) -> None:
    ledger = ledger_of(in_arrival_order(history, order))
    expected = outcome_of(history)
    assert {register: ledger.names(register) for register in ledger.registers()} == expected.siblings
    for register, value in expected.shown.items():
        assert ledger.shown(register) == value
    assert {
        (conflict.register, conflict.dots, conflict.state.value) for conflict in ledger.conflicts()
    } == expected.standing
    closed = ledger.closed_conflicts()
    assert len(closed) == len(expected.closed)
    assert {
        (conflict.register, conflict.closing.dot, conflict.dots) for conflict in closed if conflict.closing
    } == expected.closed


@settings(max_examples=120, deadline=None)
@given(records, priorities)
def test_alerts_are_exactly_those_that_the_naive_oracle_finds(history: list[Record], order: list[int]) -> None:
    ledger = Ledger(PLAN)
    for record in in_arrival_order(history, order):
        ledger.apply(record.dot, record.stamp, record.author, record.operation)
        ledger.alerts()  # asked all along, so that what is derived step by step is what is judged
    found = [(alert.matter.value, alert.facts) for alert in ledger.alerts()]
    assert len(found) == len(set(found))
    assert set(found) == alerts_of(history)


@settings(max_examples=80, deadline=None)
@given(records)
def test_every_losing_value_can_be_read_back(history: list[Record]) -> None:
    ledger = ledger_of(history)
    writes = writes_of(history)
    for conflict in [*ledger.conflicts(), *ledger.closed_conflicts()]:
        assert conflict.is_complete
        stands = conflict.chosen if conflict.state is ConflictState.CLOSED else conflict.shown
        losing = {
            written.dot: dict(written.value)
            for written in writes[conflict.register]
            if written.dot in conflict.dots and dict(written.value) != stands
        }
        lost = {applied.dot: dict(applied.value) for applied in conflict.losing}
        if conflict.register.group == "guest.profile":
            lost = {dot: value for dot, value in lost.items() if value != stands}
        assert lost == losing


@settings(max_examples=80, deadline=None)
@given(records, priorities)
def test_a_cancelled_stay_does_not_come_back_by_a_write_that_did_not_know(
    history: list[Record], order: list[int]
) -> None:
    ledger = ledger_of(in_arrival_order(history, order))
    for stay, shown in ledger.rows("stay.occupancy"):
        siblings = ledger.siblings(Register("stay.occupancy", stay))
        if any(sibling.write.resolution for sibling in siblings):
            continue
        statuses = {sibling.value["status"] for sibling in siblings}
        if statuses & {"cancelled", "no_show"}:
            assert shown["status"] in {"cancelled", "no_show", "in_house", "checked_out"}


@settings(max_examples=60, deadline=None)
@given(records, st.randoms(use_true_random=False))
def test_a_ledger_read_back_from_its_dumps_is_the_live_one(history: list[Record], chance: random.Random) -> None:
    live = Ledger(PLAN)
    stored: dict[tuple[Register, Dot], StoredWrite] = {}
    for record in history:
        live.apply(record.dot, record.stamp, record.author, record.operation)
        stored.update({(one.register, one.dot): one for one in live.stored(live.take_changes())})
    rebuilt = Ledger(PLAN)
    kept = [list(writes) for _key, writes in groupby(sorted(stored.values()), key=lambda one: one.register)]
    chance.shuffle(kept)
    rebuilt.load(one for writes in kept for one in writes)
    assert list(rebuilt.all_stored()) == list(live.all_stored()) == sorted(stored.values())
    assert everything(rebuilt) == everything(live)


# Ablations: without one of its safeguards the register must be caught by the checker above.


def _keep_winner_only(original: Callable[[RegisterState, AppliedWrite], None]) -> Callable[..., None]:
    def apply(self: RegisterState, applied: AppliedWrite) -> None:
        original(self, applied)
        for dot in self.sibling_dots:
            if self.shown.write is not None and dot != self.shown.write.dot:
                self._siblings.remove(dot)  # pyright: ignore[reportPrivateUsage] - that is the ablation

    return apply


def _let_the_last_arrival_win(original: Callable[[RegisterState, AppliedWrite], None]) -> Callable[..., None]:
    def apply(self: RegisterState, applied: AppliedWrite) -> None:
        original(self, applied)
        self.shown = type(self.shown)(applied.value, applied, applied.write.content, applied.digest)

    return apply


def _forget_what_was_superseded(original: Callable[[RegisterState, AppliedWrite], None]) -> Callable[..., None]:
    def apply(self: RegisterState, applied: AppliedWrite) -> None:
        original(self, applied)
        self._kept.clear()  # pyright: ignore[reportPrivateUsage] - that is the ablation
        self._whole.clear()  # pyright: ignore[reportPrivateUsage] - that is the ablation

    return apply


@pytest.mark.parametrize("ablation", [_keep_winner_only, _let_the_last_arrival_win, _forget_what_was_superseded])
def test_without_a_safeguard_arrival_order_shows(
    monkeypatch: pytest.MonkeyPatch, ablation: Callable[..., Callable[..., None]]
) -> None:
    monkeypatch.setattr(RegisterState, "apply", ablation(RegisterState.apply))
    assert any(_diverges(seed) for seed in range(150))


def test_with_all_safeguards_the_same_histories_do_not_diverge() -> None:
    assert not any(_diverges(seed) for seed in range(150))


def _diverges(seed: int) -> bool:
    chance = random.Random(seed)
    chosen = [
        Step(chance.randrange(4), chance.randrange(52), chance.randrange(4), chance.randrange(12)) for _ in range(40)
    ]
    history = play(chosen)
    orders = [[chance.randrange(50) for _ in history] or [0] for _ in range(2)]
    one, other = (ledger_of(in_arrival_order(history, order)) for order in orders)
    shown = [{register: ledger.shown(register) for register in ledger.registers()} for ledger in (one, other)]
    return shown[0] != shown[1] or one.closed_conflicts() != other.closed_conflicts()
