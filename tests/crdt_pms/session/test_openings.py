"""A device that opens very many journals is delayed in its own sessions: never refused, and no other device waits for it."""

from __future__ import annotations

import secrets
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.certificate import Certificate
from crdt_pms.session import limits
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.messages import Certificates
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Session
from tests.crdt_pms.replica.terminals import Desk
from tests.crdt_pms.replica.terminals import desks as hotel
from tests.crdt_pms.session.paces import HandedTime, openings
from tests.crdt_pms.session.test_exchange import Side, meet, opened

ONE, OTHER = "device-1", "device-2"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three journals at once, and one every ten seconds after that."""
    monkeypatch.setattr(limits, "JOURNALS_OPENED_AT_ONCE_MAX", 3)
    monkeypatch.setattr(limits, "JOURNALS_OPENED_PER_SECOND", 0.1)


def test_a_few_journals_are_taken_at_once_and_the_next_ones_in_their_time() -> None:
    time = HandedTime()
    pace = openings(time)
    assert pace.take(ONE, 2) == 2
    assert pace.take(ONE, 5) == 1
    assert pace.wait_seconds(ONE) == 10
    assert pace.take(OTHER, 3) == 3, "another device has an allowance of its own"
    time.seconds = 10
    assert pace.wait_seconds(ONE) == 0
    assert pace.take(ONE, 2) == 1


def test_what_waits_is_not_counted() -> None:
    time = HandedTime()
    pace = openings(time)
    assert pace.take(ONE, 3) == 3
    assert {pace.wait_seconds(ONE) for _visit in range(100)} == {10}
    assert pace.take(ONE, 250) == 0
    assert pace.wait_seconds(ONE) == 10


def test_a_device_that_was_quiet_may_open_a_few_again_and_no_more_than_at_first() -> None:
    time = HandedTime()
    pace = openings(time)
    assert pace.take(ONE, 3) == 3
    time.seconds = 1_000_000
    assert pace.take(ONE, 10) == 3
    assert pace.wait_seconds(ONE) > 0


@given(st.lists(st.tuples(st.floats(0, 1_000), st.integers(1, 50)), max_size=30))
def test_over_any_time_no_more_is_taken_than_was_allowed(visits: list[tuple[float, int]]) -> None:
    time, taken = HandedTime(), 0
    pace = openings(time)
    for passed, journals in visits:
        time.seconds += passed
        taken += pace.take(ONE, journals)
        assert taken <= 3 + 0.1 * time.seconds + 0.01
        time.seconds += pace.wait_seconds(ONE)
        assert pace.wait_seconds(ONE) == 0
        assert pace.take(ONE, 1) == 1
        taken += 1


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


def known(desk: Desk, of: Desk) -> list[Certificate]:
    """The certificates at one desk of those journals that another one wrote or took entries of."""
    found = (desk.replica.certificate(journal) for journal in of.replica.vector)
    return [certificate for certificate in found if certificate is not None]


class Held:
    """A pause that lasts until a test lets it end."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def held(reader: Side, time: HandedTime) -> None:
    """Let every pause of the node last until a test goes on with the call that waits."""

    async def pause(seconds: float) -> None:
        await Held()
        time.seconds += seconds

    reader.node.openings = Openings(time.monotonic, pause)


def waiting(many: Side, reader: Side) -> Coroutine[Any, Any, object]:
    """The session in which a device brings its journals, up to where the reader puts it off."""
    opened(many, reader)
    many.say_more()
    frames = [many.exchange.session.seal(message) for message in many.said]
    taking = reader.exchange.take(frames[0])
    taking.send(None)
    return taking


def again(reader: Side) -> Side:
    """Another session of the same node."""
    side = Side(reader.desk)
    side.node = reader.node
    side.exchange = Exchange(reader.node, Session(reader.node.identity, secrets.token_bytes(32)))
    side.said = [side.exchange.begin()]
    return side


def test_while_one_device_waits_another_one_brings_what_it_has(tmp_path: Path) -> None:
    with hotel(tmp_path, 3) as (many, honest, other):
        restarted(many, 20)
        restarted(honest, 2)
        reader = Side(other)
        held(reader, HandedTime())
        taking = waiting(Side(many), reader)
        meet(Side(honest), again(reader))
        assert {**reader.node.vector()} == {**honest.replica.vector}
        assert reader.node.counters["openings_put_off"] == 1
        taking.close()


def test_what_others_bring_while_a_device_waits_is_not_counted(tmp_path: Path) -> None:
    with hotel(tmp_path, 3) as (many, neighbour, other):
        restarted(many, 20)
        neighbour.pull(many)
        time = HandedTime()
        reader = Side(other)
        held(reader, time)
        taking = waiting(Side(many), reader)
        meet(Side(neighbour), again(reader))
        time.seconds += 30
        with pytest.raises(StopIteration):
            taking.send(None)
        device = reader.exchange.peer.device_id
        assert reader.node.openings.take(device, 3) == 3


def test_a_link_that_ends_in_a_pause_loses_only_what_waits(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as (many, other):
        restarted(many, 20)
        time = HandedTime()
        reader = Side(other)
        held(reader, time)
        for number in range(17):
            waiting(Side(many), again(reader)).close()
            assert len(known(other, many)) == 3 + number
            time.seconds += 10
        meet(Side(many), again(reader))
        assert reader.node.vector() == many.replica.vector
        assert reader.node.counters["openings_put_off"] == 17


def test_certificates_without_entries_cost_as_much(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as (many, other):
        restarted(many, 20)
        certificates = known(many, many)
        time = HandedTime()
        reader = side_of(other, time)
        sender = Side(many)
        opened(sender, reader)
        sender.said = [Certificates(tuple(certificates))]
        reader.hear(sender)
        assert time.seconds == pytest.approx((len(certificates) - 3) * 10)
