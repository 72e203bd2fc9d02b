"""What people do follows from the seed of their work and from what they see, and from nothing else."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from simulations.checkers.history import Acted, Answered, Asked
from simulations.world.disk_faults import Fault as DiskFault
from simulations.world.hotel import Hotel
from simulations.world.people import ATTEMPTS_MAX, PATIENCE_MS
from simulations.world.plan import WorkKind
from tests.simulations.faults.small_world import SmallWorld, small_plan, small_world


def acted(small: SmallWorld) -> list[Acted]:
    return [event for event in small.world.history if isinstance(event, Acted)]


def worked(seed: int, times: int, kind: WorkKind = WorkKind.STAFF) -> list[str]:
    """What is told of that much work at one desk."""
    with small_world() as small:
        for number in range(times):
            small.world.people.work(Random(f"{seed}/{number}"), small.desk(1), kind)
            small.pass_ms(1_000)
        return [line.words for line in small.world.trace.lines if line.node == "desk-1"]


def test_the_same_seeds_and_the_same_screen_make_the_same_work() -> None:
    assert worked(1, 10) == worked(1, 10)
    assert worked(1, 10) != worked(2, 10)


def test_staff_does_many_kinds_of_things_and_signs_with_its_own_name() -> None:
    with small_world() as small:
        members = {member.staff_id for member in small.world.hotel.definition.staff}
        for number in range(60):
            small.world.people.work(Random(number), small.desk(1), WorkKind.STAFF)
            members |= {member.staff_id for member in small.desk(1).node.replica.view().definition.staff}
            assert {one.staff for one in acted(small)} <= members, "a newcomer acts once the hotel knows them"
            small.pass_ms(2_000)
        done = acted(small)
        assert len(Counter(one.action for one in done)) >= 6
        assert len({one.staff for one in done}) > 1


def test_a_manager_has_nothing_to_do_where_there_is_nothing_to_decide() -> None:
    with small_world() as small:
        small.book(1)
        for number in range(5):
            small.world.people.work(Random(number), small.desk(1), WorkKind.MANAGER)
        assert small.world.counts["idle"] == 5
        assert len(acted(small)) == 1


def test_other_systems_ask_the_relay_and_change_what_they_were_told() -> None:
    with small_world() as small:
        for number in range(30):
            small.world.people.request(Random(number), small.relay)
            small.pass_ms(3_000)
        done = acted(small)
        assert {one.node for one in done} == {"relay"}
        assert {one.action.split()[0] for one in done} >= {"creates", "changes"}
        assert small.world.counts["origin_requests"] >= len(done)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("outcome", [DiskFault.OUTCOME_UNKNOWN_KEPT, DiskFault.OUTCOME_UNKNOWN_LOST])
def test_what_was_not_answered_is_asked_again_under_its_key_and_done_once(outcome: DiskFault, times: int) -> None:
    with small_world() as small:
        small.relay.disk.faults.fail_next(outcome, times)
        small.world.people.request(Random(1), small.relay)
        small.pass_ms(ATTEMPTS_MAX * PATIENCE_MS)
        asked = Counter(event.key for event in small.world.history if isinstance(event, Asked))
        answered = Counter(event.key for event in small.world.history if isinstance(event, Answered))
        assert list(asked.values()) == [1 + times]
        assert answered == dict.fromkeys(asked, 1)
        assert len(small.stays(0)) == 1


def test_another_system_gives_up_in_the_end() -> None:
    with small_world() as small:
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        small.world.people.request(Random(1), small.relay)
        small.pass_ms(10 * PATIENCE_MS)
        assert len([event for event in small.world.history if isinstance(event, Asked)]) == ATTEMPTS_MAX


def test_nobody_asks_a_relay_that_is_down() -> None:
    with small_world() as small:
        small.relay.kill()
        small.world.people.request(Random(1), small.relay)
        assert acted(small) == []


def test_callers_are_those_of_the_bookings_that_were_given() -> None:
    plan = small_plan()
    with small_world(plan) as small:
        nobody = Hotel(plan, bookings=[]).people(plan)
        somebody = Hotel(plan).people(plan)
        for number in range(20):
            nobody.request(Random(number), small.relay)
        assert small.world.counts["idle"] == 20
        for number in range(20):
            somebody.request(Random(number), small.relay)
        assert small.world.counts["origin_requests"] > 0
