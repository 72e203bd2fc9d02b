"""The booking engine and the member system ask what such systems ask: late, twice, and with what they saw earlier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.view import DeskView
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import BOOKING_ENGINE, HOTEL_MEMBER
from relay_server.origin_desk import Change, StayRevision
from simulations.world.staff import ActionMix
from simulations.world.work.origins import OriginRequest, Origins, Seen
from tests.simulations.world.working_hotel import WorkingHotel, bookings, working_hotel

WEB = tuple(replace(booking, booking_id=f"web-{booking.booking_id}") for booking in bookings())


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[WorkingHotel]:
    with working_hotel(tmp_path, 5, ActionMix.usual(0.8)) as made:
        yield made


def seen_now(view: DeskView, stay: str) -> Seen:
    return Seen(revision_of(view, "stay", stay), revision_of(view, "guest", view.require_stay(stay).guest))


def take(hotel: WorkingHotel, request: OriginRequest, random: Random, origins: Origins) -> None:
    """The first desk takes the request in the place of a relay."""
    stay = hotel.desks[0].view().stay(request.stay)
    guest = "" if stay is None else stay.guest
    taken = [hotel.do(0, action, request.origin) for action in request.actions(guest, request.seen)]
    is_named = request.creates is None or request.creates.stay is not None
    if all(taken) and is_named and random.random() < 0.7:
        origins.answered(request, seen_now(hotel.desks[0].view(), request.stay))


def requests_of(hotel: WorkingHotel, steps: int = 250) -> list[OriginRequest]:
    """What both systems ask while the desks work."""
    origins, random = Origins(WEB), Random(9)
    asked: list[OriginRequest] = []
    for step in range(steps):
        hotel.work_everywhere(1)
        request = origins.choose(random, hotel.desks[0].view())
        if request is not None:
            asked.append(request)
            take(hotel, request, random, origins)
        if step % 25 == 24:
            hotel.meet()
    return asked


def test_both_systems_create_change_and_cancel(hotel: WorkingHotel) -> None:
    asked = requests_of(hotel)
    kinds = Counter(
        (request.origin, action.name) for request in asked for action in request.actions("somebody", request.seen)
    )
    assert {name for origin, name in kinds if origin == BOOKING_ENGINE} == {
        "create_stay",
        "amend_terms",
        "amend_guest",
        "cancel_stay",
    }
    assert {name for origin, name in kinds if origin == HOTEL_MEMBER} == {"amend_guest"}


def test_most_requests_are_taken(hotel: WorkingHotel) -> None:
    asked = requests_of(hotel)
    refused = sum(count for name, count in hotel.refused.items() if "origin" not in name)
    assert len(asked) > 150
    assert refused < 0.25 * (hotel.accepted.total() + refused)
    assert not any("origin_not_allowed" in name for name in hotel.refused)


def test_a_repeat_is_the_same_request_under_the_same_key(hotel: WorkingHotel) -> None:
    by_key: dict[tuple[str, str], list[OriginRequest]] = {}
    for request in requests_of(hotel):
        by_key.setdefault((request.origin, request.key), []).append(request)
    assert any(len(requests) > 1 for requests in by_key.values())
    assert all(len({replace(request).fingerprint for request in requests}) == 1 for requests in by_key.values())


def test_other_systems_disagree_with_the_desk(hotel: WorkingHotel) -> None:
    requests_of(hotel)
    closed = {conflict.matter for conflict in hotel.desks[0].state.ledger.closed_conflicts()}
    assert {Matter.CONFLICT_TERMS, Matter.CONFLICT_GUEST} <= closed | set(hotel.seen)


def test_if_match_is_current_stale_or_missing(hotel: WorkingHotel) -> None:
    hotel.work_everywhere(40)
    origins, random = Origins(WEB), Random(2)
    view = hotel.desks[0].view()
    stays = [stay.stay_id for stay in view.stays() if stay.status.is_due]
    old = {stay: Seen("old", "older") for stay in stays}
    for stay, seen in old.items():
        origins.answered(OriginRequest(BOOKING_ENGINE, "first", stay), seen)
    carried = Counter[str]()
    for _ in range(300):
        request = origins.choose(random, view)
        if request is None or request.creates is not None:
            continue
        if request.seen is None:
            carried["missing"] += 1
        else:
            carried["current" if request.seen == seen_now(view, request.stay) else "stale"] += 1
    assert min(carried["missing"], carried["current"], carried["stale"]) >= 5


def test_a_request_fits_the_relays_desk_for_other_systems(hotel: WorkingHotel) -> None:
    hotel.work_everywhere(40)
    view = hotel.desks[0].view()
    stay = next(stay.stay_id for stay in view.stays())
    seen = seen_now(view, stay)
    relays = StayRevision(seen.stay, seen.guest)
    assert seen.etag == relays.etag
    request = next(
        found
        for _ in range(100)
        if (found := Origins(WEB).choose(Random(_), view)) is not None and found.terms is not None
    )
    change = Change(request.stay, request.etags, request.actions)
    assert change.actions("guest", relays)[0] == replace(request.terms, revision=seen.stay)


def test_both_systems_happen_to_choose_one_key(hotel: WorkingHotel) -> None:
    origins_of_key: dict[str, set[str]] = {}
    for request in requests_of(hotel, 400):
        origins_of_key.setdefault(request.key, set()).add(request.origin)
    assert {BOOKING_ENGINE, HOTEL_MEMBER} in origins_of_key.values()
    assert any(request.seen is None and request.creates is None for request in requests_of(hotel))
