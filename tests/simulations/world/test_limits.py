"""Bounds that a small world reaches: a full queue, a memory that forgets, a window that is used up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields, replace
from random import Random

import pytest

from crdt_pms.session import codec, exchange
from relay_server import intake, limits
from simulations.checkers.history import Applied, Queued
from simulations.world.limits import BOUNDS, TIGHT, USUAL, Limits, draw_limits, kept
from simulations.world.plan import MINUTE_MS, SECOND_MS
from tests.simulations.faults.small_world import SmallWorld, small_plan, small_world


@contextmanager
def tight_world() -> Iterator[SmallWorld]:
    with kept(TIGHT), small_world(replace(small_plan(mesh=()), limits=TIGHT)) as small:
        yield small


def deepest(small: SmallWorld, what: str) -> int:
    return max(
        (event.size for event in small.world.history if isinstance(event, Queued) and event.what == what), default=0
    )


def test_tight_limits_are_smaller_and_stand_to_each_other_as_the_products_do() -> None:
    everything = draw_limits(Random(1), share=1.0)
    assert all(small < usual for small, usual in zip(astuple(everything), astuple(USUAL), strict=True))
    assert set(everything.small) == {field.name for field in fields(Limits)} == set(BOUNDS)
    assert set(BOUNDS) - set(TIGHT.small) == {"queued_bytes", "forwarded_bytes", "projected_bytes", "sent_bytes"}
    assert TIGHT.committed_at_once <= TIGHT.queued < TIGHT.forwarded_from_memory
    assert Limits() == USUAL
    assert (USUAL.queued, USUAL.forwarded_from_memory) == (limits.QUEUED_ENTRIES_MAX, limits.TAIL_ENTRIES_MAX)


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_each_limit_holds_as_long_as_it_is_kept(name: str) -> None:
    one = replace(USUAL, **{name: 1})
    with kept(one):
        assert Limits() == USUAL
        assert (intake.QUEUED_ENTRIES_MAX == 1) is (name == "queued")
        assert (exchange.ENTRIES_PER_FRAME_MAX == 1) is (name == "sent_at_once")
        assert (codec.ENTRIES_PER_FRAME_MAX == 1) is (name == "sent_at_once")
    assert (USUAL.queued, USUAL.sent_at_once) == (intake.QUEUED_ENTRIES_MAX, exchange.ENTRIES_PER_FRAME_MAX)


def test_a_full_queue_lets_sessions_wait_and_takes_everything_in_the_end() -> None:
    with tight_world() as small:
        small.suffer("database_down", 0, lasts_ms=MINUTE_MS)
        stays = small.book(1, 12)
        small.pass_ms(MINUTE_MS - SECOND_MS)
        relay = small.relay
        assert TIGHT.queued <= relay.process.intake.queued <= TIGHT.queue_deepest
        assert relay.node.counters["waits_for_room"] == 1
        assert not small.agree()
        small.pass_ms()
        assert small.agree()
        assert [small.stays(number) for number in small.everybody] == [set(stays)] * 3
        assert deepest(small, "entries to commit") <= TIGHT.queue_deepest
        assert deepest(small, "frames of entries under way") == TIGHT.frames_under_way


def test_while_one_session_waits_the_others_are_heard() -> None:
    with tight_world() as small:
        small.suffer("database_down", 0, lasts_ms=MINUTE_MS)
        small.book(1, 12)
        small.pass_ms(2 * SECOND_MS)
        small.desk(2).kill()
        small.pass_ms(20 * SECOND_MS)
        assert small.desk(2).endpoints[2, 0].exchange.is_open
        assert small.stays(2)


def test_what_came_while_a_session_waited_is_forgotten_with_its_link() -> None:
    with tight_world() as small:
        small.suffer("database_down", 0, lasts_ms=MINUTE_MS)
        stays = small.book(1, 12)
        small.pass_ms(2 * SECOND_MS)
        waiting = small.relay.endpoints[1, 0]
        small.desk(1).kill()
        small.pass_ms(2 * MINUTE_MS)
        assert not waiting.is_standing
        applied = [
            dot for one in small.world.history if isinstance(one, Applied) and one.node == "relay" for dot in one.dots
        ]
        assert len(applied) == len(set(applied))
        assert small.stays(0) == set(stays)
        assert small.agree()


def test_a_relay_that_ends_lets_nobody_in() -> None:
    with tight_world() as small:
        small.suffer("database_down", 0, lasts_ms=MINUTE_MS)
        stays = small.book(1, 12)
        small.pass_ms(2 * SECOND_MS)
        room = small.relay.process.room
        small.relay.kill()
        room.let_through()
        assert not small.relay.is_up
        small.pass_ms(2 * MINUTE_MS)
        assert small.stays(0) == set(stays)


def test_what_is_behind_the_memory_is_read_from_disk() -> None:
    with tight_world() as small:
        small.desk(2).stays_down = True
        small.desk(2).kill()
        stays = small.book(1, 20)
        small.pass_ms()
        small.desk(2).stays_down = False
        small.desk(2).start()
        small.pass_ms()
        for number in (2, 1, 2, 1):
            stays += small.book(number)
            small.pass_ms()
        assert small.stays(2) == set(stays)
        assert deepest(small, "entries at hand") == TIGHT.entries_at_hand
        assert deepest(small, "runs at hand") == TIGHT.runs_at_hand
        assert TIGHT.forwarded_from_memory <= deepest(small, "entries in memory") <= TIGHT.forwarded_deepest
