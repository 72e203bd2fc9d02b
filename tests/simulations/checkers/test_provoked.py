"""A conflict that was provoked on purpose stands on the desk of the relay, or of the first node."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from simulations.checkers.witnessed import Scheduled
from tests.simulations.checkers.tampering import again, found, nodes_of
from tests.simulations.checkers.witnessed_run import CANCELLED, TWIN, TWIN_ROOM

CHECKER = "provoked"
HAPPENED = (
    Scheduled("room", ("alert_room_double_booked",), (f"{TWIN}-1", f"{TWIN}-2", TWIN_ROOM)),
    Scheduled("cancellation", ("conflict_occupancy", "conflict_terms"), (CANCELLED,)),
)
NEVER = Scheduled("card", ("conflict_guest",), (CANCELLED,))


def test_what_happened_is_found_with_and_without_a_relay(good: Evidence) -> None:
    assert found(again(good, scheduled=HAPPENED), CHECKER) == []
    assert found(again(good, nodes=good.nodes[1:], scheduled=HAPPENED), CHECKER) == []


def test_what_never_happened(good: Evidence) -> None:
    assert nodes_of(found(again(good, scheduled=(*HAPPENED, NEVER)), CHECKER)) == {"relay"}
    assert nodes_of(found(again(good, nodes=good.nodes[1:], scheduled=[NEVER]), CHECKER)) == {"desk-1"}


def test_a_part_of_a_word_is_no_mention(good: Evidence) -> None:
    part = Scheduled("room", ("alert_room_double_booked",), (TWIN_ROOM[:2],))
    assert found(again(good, scheduled=[part]), CHECKER) != []
