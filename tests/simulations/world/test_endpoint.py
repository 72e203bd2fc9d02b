"""Links of simulated machines are made, fall silent and end as the product's own do."""

from __future__ import annotations

from crdt_pms.session.limits import PING_SECONDS, SILENCE_SECONDS_MAX
from simulations.world.endpoint import PING_MS, SILENCE_MS
from simulations.world.plan import MINUTE_MS
from tests.simulations.faults.small_world import SETTLED_MS, small_plan, small_world

STEP_MS = 100


def test_links_are_made_by_themselves_when_machines_run() -> None:
    with small_world(small_plan(3)) as small:
        for number, machine in small.world.machines.items():
            assert [line.ends for line in small.world.network.of(number)] == sorted(
                machine.endpoints, key=list(small.world.network.lines).index
            )
            assert all(endpoint.exchange.is_open for endpoint in machine.endpoints.values())


def test_a_silent_peer_is_given_up_within_the_time_that_the_product_waits() -> None:
    assert (PING_SECONDS * 1_000, SILENCE_SECONDS_MAX * 1_000) == (PING_MS, SILENCE_MS)
    with small_world(small_plan(has_relay=False)) as small:
        line = small.line(1, 2)
        for end in line.ends:
            small.world.network.cut(line, end)
        small.pass_ms(SILENCE_MS - STEP_MS)
        assert [len(small.desk(number).endpoints) for number in (1, 2)] == [1, 1]
        small.pass_ms(PING_MS + STEP_MS)
        assert [len(small.desk(number).endpoints) for number in (1, 2)] == [0, 0]
        assert small.world.counts["link_ended_peer_silent"] == 2


def test_a_short_silence_is_forgiven() -> None:
    with small_world(small_plan(has_relay=False)) as small:
        line, endpoint = small.line(1, 2), small.desk(2).endpoints[1, 2]
        small.world.network.cut(line, 1)
        small.pass_ms(SILENCE_MS // 2)
        small.world.network.mend(line, 1)
        small.pass_ms(MINUTE_MS)
        assert small.desk(2).endpoints[1, 2] is endpoint


def test_a_link_over_a_line_that_was_cut_is_made_anew_when_the_line_is_whole() -> None:
    with small_world(small_plan(has_relay=False)) as small:
        line = small.line(1, 2)
        small.world.network.cut(line, 1, loudly=True)
        stays = small.book(1)
        small.pass_ms(MINUTE_MS)
        assert small.desk(1).endpoints == {}
        assert small.stays(2) == set()
        small.world.network.mend(line, 1)
        small.pass_ms()
        assert small.stays(2) == set(stays)


def test_a_half_open_link_is_superseded_by_the_next_one() -> None:
    with small_world(small_plan(has_relay=False)) as small:
        believed = small.desk(2).endpoints[1, 2]
        small.desk(1).endpoints[1, 2].drop_silently()
        assert small.desk(2).endpoints[1, 2] is believed
        small.pass_ms()
        assert small.desk(2).endpoints[1, 2] is not believed
        assert small.world.counts["link_ended_link_exists"] == 1
        stays = small.book(1)
        small.pass_ms()
        assert small.stays(2) == set(stays)


def test_desks_write_down_what_happens_and_which_frames_go_over_the_wire() -> None:
    with small_world() as small:
        small.book(1)
        small.desk(1).kill()
        small.pass_ms(SETTLED_MS)
        words = [(line.node, line.words) for line in small.world.trace.lines]
    assert [line for line in words if line[0] == "desk-1" and line[1] in ("runs", "is killed")] == [
        ("desk-1", "runs"),
        ("desk-1", "is killed"),
        ("desk-1", "runs"),
    ]
