"""Law 9: while a cancellation stands, only somebody who is or was in the house is shown in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import OCCUPANCY, ORIGINS
from simulations.checkers.no_resurrection import ENDED, TO_COME
from simulations.checkers.registers import Written, fold_register
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import changed, found, nodes_of, put
from tests.simulations.checkers.witnessed_run import CANCELLED

CHECKER = "no_resurrection"
STATUSES = ("in_house", "checked_out", *sorted(ENDED), *sorted(TO_COME))


def write(seq: int, status: str, *names: int, resolution: bool = False, origin: str = "hotel-pms") -> Written:
    value = {"status": status, "room": None, "arrived_at": None, "departed_at": None, "note": None}
    named = tuple(Dot(bytes(16), name) for name in names)
    return Written(Dot(bytes(16), seq), (seq, 0), "suzuki", origin, value, named, None, resolution)


def shown(good: Evidence, writes: Sequence[Written], status: str | None = None) -> Evidence:
    """A desk that shows, of these writes, this status; without one, the one that the policy shows."""
    register = fold_register(OCCUPANCY, CANCELLED, writes)
    node = good.node("desk-1")
    fold = good.folds[node.name]
    fold = replace(fold, registers={**fold.registers, OCCUPANCY: {CANCELLED: register}})
    row = put("reservation", CANCELLED, status=status or register.shown["status"])
    return replace(good, nodes=[row(node)], folds={node.name: fold}, twins={node.name: 0})


@pytest.mark.parametrize("status", sorted(TO_COME))
def test_a_cancelled_stay_that_is_shown_as_still_to_come(status: str, good: Evidence) -> None:
    violations = found(changed(good, put("reservation", CANCELLED, status=status), "desk-2"), CHECKER)
    assert nodes_of(violations) == {"desk-2"}
    assert f"{status}, although the cancelled of" in violations[0].words


def test_a_cancellation_is_in_conflict_with_a_room_given_at_the_same_time_and_stays(good: Evidence) -> None:
    register = good.folds["relay"].registers[OCCUPANCY][CANCELLED]
    assert {written.value["status"] for written in register.siblings} == {"cancelled", "reserved"}
    assert good.reference.tables["reservation"][CANCELLED]["status"] == "cancelled"


@pytest.mark.parametrize("status", ["in_house", "checked_out"])
def test_whoever_was_in_the_house_outranks_a_cancellation(status: str, good: Evidence) -> None:
    assert found(shown(good, [write(1, status), write(2, "cancelled")]), CHECKER) == []


def test_a_reinstatement_that_knew_of_the_cancellation(good: Evidence) -> None:
    assert found(shown(good, [write(1, "cancelled"), write(2, "reserved", 1)]), CHECKER) == []


def test_a_reinstatement_that_knew_of_one_cancellation_of_two(good: Evidence) -> None:
    writes = [write(1, "cancelled"), write(2, "no_show"), write(3, "reserved", 1)]
    assert found(shown(good, writes), CHECKER) == []
    assert found(shown(good, writes, "reserved"), CHECKER) != []


def test_a_resolution_is_somebodys_word(good: Evidence) -> None:
    writes = [
        write(1, "cancelled"),
        write(2, "reserved"),
        write(3, "cancelled"),
        write(4, "reserved", 1, 2, resolution=True),
    ]
    assert found(shown(good, writes), CHECKER) == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.tuples(st.sampled_from(STATUSES), st.sets(st.integers(1, 6)), st.sampled_from(ORIGINS)),
        min_size=1,
        max_size=7,
    )
)
def test_the_declared_policy_never_brings_a_cancelled_stay_back(
    good: Evidence, parts: list[tuple[str, set[int], str]]
) -> None:
    writes = [
        write(seq, status, *sorted(name for name in names if name < seq), origin=origin)
        for seq, (status, names, origin) in enumerate(parts, 1)
    ]
    assert found(shown(good, writes), CHECKER) == []
    siblings = fold_register(OCCUPANCY, CANCELLED, writes).siblings
    if any(written.value["status"] in ENDED for written in siblings):
        assert found(shown(good, writes, "reserved"), CHECKER) != []
