"""A device that opens very many journals is delayed in its own sessions: never refused, and no other device waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.session import limits
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.session import Session
from tests.crdt_pms.replica.terminals import Desk
from tests.crdt_pms.replica.terminals import desks as hotel
from tests.crdt_pms.session.paces import HandedTime, openings
from tests.crdt_pms.session.test_exchange import Side, meet

ONE, OTHER = "device-1", "device-2"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three journals at once, and one every ten seconds after that."""
    monkeypatch.setattr(limits, "JOURNALS_OPENED_AT_ONCE_MAX", 3)
    monkeypatch.setattr(limits, "JOURNALS_OPENED_PER_SECOND", 0.1)


def test_a_few_journals_are_taken_at_once_and_the_next_ones_in_their_time() -> None:
    time = HandedTime()
    pace = openings(time)
    assert pace.wait_seconds(ONE, 3) == 0
    assert pace.wait_seconds(ONE, 1) == 10
    assert pace.wait_seconds(OTHER, 3) == 0, "another device has an allowance of its own"
    time.seconds = 10
    assert pace.wait_seconds(ONE, 2) == 20


def test_a_device_that_was_quiet_may_open_a_few_again_and_no_more_than_at_first() -> None:
    time = HandedTime()
    pace = openings(time)
    assert pace.wait_seconds(ONE, 3) == 0
    time.seconds = 1_000_000
    assert pace.wait_seconds(ONE, 3) == 0
    assert pace.wait_seconds(ONE, 1) > 0


@given(st.lists(st.tuples(st.floats(0, 1_000), st.integers(1, 50)), max_size=30))
def test_over_any_time_no_more_is_admitted_than_was_allowed(visits: list[tuple[float, int]]) -> None:
    time, admitted, done_at = HandedTime(), 0, 0.0
    pace = openings(time)
    for passed, journals in visits:
        time.seconds = max(time.seconds + passed, done_at)
        done_at = time.seconds + pace.wait_seconds(ONE, journals)
        admitted += journals
        assert admitted <= 3 + 0.1 * done_at + 1e-6


def side_of(desk: Desk, time: HandedTime) -> Side:
    side = Side(desk)
    side.node.openings = openings(time)
    side.exchange = Exchange(side.node, Session(side.node.identity, bytes([desk.number]) * 32))
    side.said = [side.exchange.begin()]
    return side


def restarted(desk: Desk, times: int) -> None:
    """Open that many journals, with one entry each."""
    for number in range(times):
        desk.reserve(f"stay-{desk.number}-{number}")
        desk.restart()


def test_a_device_that_opens_many_waits_and_brings_everything_in_the_end(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as (many, other):
        restarted(many, 20)
        time = HandedTime()
        reader = side_of(other, time)
        meet(Side(many), reader)
        assert reader.node.vector() == many.replica.vector
        assert time.seconds == pytest.approx((20 - 3) * 10)
        assert reader.node.counters["openings_put_off"] == len(time.pauses) > 0


def test_what_a_neighbour_forwards_of_it_is_taken_at_once(tmp_path: Path) -> None:
    with hotel(tmp_path, 3) as (many, neighbour, other):
        restarted(many, 20)
        neighbour.pull(many)
        time = HandedTime()
        meet(Side(neighbour), side_of(other, time))
        assert other.replica.vector == many.replica.vector
        assert time.pauses == []


def test_an_honest_device_is_not_put_off_by_one_that_opens_many(tmp_path: Path) -> None:
    with hotel(tmp_path, 3) as (many, honest, other):
        restarted(many, 20)
        restarted(honest, 2)
        time = HandedTime()
        reader = side_of(other, time)
        meet(Side(many), reader)
        waited = list(time.pauses)
        reader.exchange = Exchange(reader.node, Session(reader.node.identity, b"n" * 32))
        reader.said = [reader.exchange.begin()]
        meet(Side(honest), reader)
        assert time.pauses == waited
