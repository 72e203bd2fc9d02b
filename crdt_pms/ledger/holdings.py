"""Which stays hold which room on which nights: behind double-booked rooms, proposals and free rooms.

A stay holds a room when its shown occupancy is in house, or reserved with a room assigned, and its terms are
known. It holds the nights `[arrival, arrival + nights)`; day use (0 nights) holds the room on its date.
A guest in house who has outstayed the terms also holds every night before the business date. Dates are day
ordinals inside, ISO text outside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import combinations, islice
from typing import NamedTuple, cast

from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.alerts import Alert, RoomOccupant, alert
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.limits import PROPOSED_ROOMS_MAX
from crdt_pms.ledger.matters import Matter

_LONG_AGO = date.min.toordinal()
_ARRIVAL_UNKNOWN = 2**63


class Holding(NamedTuple):
    """One stay's hold on one room, from the night of day `first` to before that of day `until`."""

    stay: str
    room: str
    in_house: bool
    first: int
    until: int
    room_type: str
    precedence: tuple[int, int, int, Dot]
    """The lower one is shown in the room where two collide."""


class DoubleBooking(NamedTuple):
    """Two stays that hold one room on one night at least; `shown` is the one that is shown in it."""

    shown: Holding
    other: Holding
    first: int
    until: int


class _Calendar:
    """Which nights each room is held, one bit a night: hundreds of proposals ask about hundreds of rooms."""

    def __init__(self, holdings: Iterable[tuple[Holding, int]]) -> None:
        listed = list(holdings)
        self._begin = min((holding.first for holding, _until in listed), default=0)
        self._nights: dict[str, int] = {}
        for holding, until in listed:
            held = self._nights.get(holding.room, 0)
            self._nights[holding.room] = held | self._bits(holding.first, until)

    def free(self, rooms: Iterable[Room], first: int, until: int) -> Iterator[str]:
        """Those rooms that no stay holds from the night of `first` to before that of `until`."""
        asked = self._bits(first, until)
        held = self._nights.get
        return (room.number for room in rooms if not held(room.number, 0) & asked)

    def _bits(self, first: int, until: int) -> int:
        begin = max(first - self._begin, 0)
        return ((1 << max(until - self._begin - begin, 0)) - 1) << begin


class HoldingIndex:
    """All holdings of a property, by stay and by room, and the pairs of them that collide."""

    def __init__(self, plan: RoomPlan) -> None:
        self._plan = plan
        self._retired: frozenset[str] = frozenset()
        self._occupancy: dict[str, tuple[Value, tuple[Stamp, Dot]]] = {}
        self._terms: dict[str, Value] = {}
        self._of_stay: dict[str, Holding] = {}
        self._in_room: dict[str, dict[str, Holding]] = {}
        self._rooms_changed: set[str] = set()
        self._collisions: dict[str, list[DoubleBooking]] = {}
        self._displaced: dict[str, frozenset[str]] = {}
        self._today = _LONG_AGO
        """The business date, or a day before all others while none was declared."""

    def set_rooms(self, plan: RoomPlan, retired: Collection[str]) -> None:
        """Take over the rooms that there are, and those that there were."""
        self._plan = plan
        self._retired = frozenset(retired)

    def set_occupancy(self, stay: str, occupancy: Value, written: tuple[Stamp, Dot]) -> None:
        """Take over the occupancy that a stay shows, and when that was first written."""
        self._occupancy[stay] = (occupancy, written)
        self._update(stay)

    def set_terms(self, stay: str, terms: Value) -> None:
        """Take over the terms that a stay shows."""
        self._terms[stay] = terms
        self._update(stay)

    def forget(self, stay: str) -> None:
        """Put away what is known of a stay."""
        self._occupancy.pop(stay, None)
        self._terms.pop(stay, None)
        self._update(stay)

    def set_business_date(self, business_date: str) -> None:
        """Take over the business date: who is in house and overdue holds one night more."""
        self._today = date.fromisoformat(business_date).toordinal()
        for room, holdings in self._in_room.items():
            if any(holding.in_house for holding in holdings.values()):
                self._rooms_changed.add(room)

    def holding(self, stay: str) -> Holding | None:
        """What the stay holds, whether or not another one collides with it."""
        return self._of_stay.get(stay)

    def in_room(self, room: str) -> list[Holding]:
        """Every hold on a room, the earliest first."""
        return sorted(self._in_room.get(room, {}).values(), key=lambda holding: (holding.first, holding.stay))

    def occupants(self) -> dict[str, tuple[RoomOccupant, ...]]:
        """For each room the stays that are in it, or assigned to it tonight by the business date."""
        found: dict[str, tuple[RoomOccupant, ...]] = {}
        for room, holdings in self._in_room.items():
            tonight = [
                RoomOccupant(holding.stay, (StayStatus.IN_HOUSE if holding.in_house else StayStatus.RESERVED).value)
                for holding in holdings.values()
                if holding.in_house or holding.first <= self._today < holding.until
            ]
            if tonight:
                found[room] = tuple(sorted(tonight))
        return found

    def double_bookings(self) -> list[DoubleBooking]:
        """Every pair of stays that collide, by room."""
        self._judge_changed_rooms()
        return [pair for _room, pairs in sorted(self._collisions.items()) for pair in pairs]

    def displaced(self) -> frozenset[str]:
        """The stays that show as unassigned, because another one is shown in the room that they hold."""
        self._judge_changed_rooms()
        return frozenset[str]().union(*self._displaced.values())

    def alerts(self, unavailable: Collection[str]) -> list[Alert]:
        """`alert_room_double_booked`: one for each pair of stays that hold one room on one night.

        In house comes before reserved; of two in house the one who arrived earlier keeps the room, of two
        reserved the one whose assignment was written earlier; then the lower dot. A stay that collides with a
        stay that keeps the room is displaced: it shows as unassigned beside a proposal of rooms that are free
        for its nights. `unavailable` rooms are not proposed.
        """
        pairs = self.double_bookings()
        stranded = self._in_retired_rooms()
        if not pairs and not stranded:
            return []
        calendar = _Calendar(self._holdings_with_end())
        return [
            *(self._alert(pair, unavailable, calendar) for pair in pairs),
            *(self._stranded_alert(holding, unavailable, calendar) for holding in stranded),
        ]

    def free_rooms(
        self, first: int, until: int, room_type: str, unavailable: Collection[str], rooms_max: int
    ) -> tuple[str, ...]:
        """Rooms that no stay holds on any night from `first` to before `until`; those of the type first."""
        calendar = _Calendar(self._holdings_with_end())
        return tuple(islice(self._free(calendar, first, until, room_type, unavailable), rooms_max))

    def _occupied(self) -> set[str]:
        return {holding.room for holding in self._of_stay.values() if holding.in_house}

    def _free(
        self, calendar: _Calendar, first: int, until: int, room_type: str, unavailable: Collection[str]
    ) -> Iterator[str]:
        same = self._plan.of_type(room_type)
        others = (room for room in self._plan.rooms if room.room_type != room_type)
        for rooms in (same, others):
            yield from (room for room in calendar.free(rooms, first, until) if room not in unavailable)

    def _holdings_with_end(self) -> Iterator[tuple[Holding, int]]:
        return ((holding, self._until(holding)) for holding in self._of_stay.values())

    def _until(self, holding: Holding) -> int:
        return max(holding.until, self._today) if holding.in_house else holding.until

    def _update(self, stay: str) -> None:
        before = self._of_stay.get(stay)
        after = self._derive(stay)
        if before == after:
            return
        if before is not None:
            del self._in_room[before.room][stay]
            self._rooms_changed.add(before.room)
        if after is None:
            self._of_stay.pop(stay, None)
            return
        self._of_stay[stay] = after
        self._in_room.setdefault(after.room, {})[stay] = after
        self._rooms_changed.add(after.room)

    def _derive(self, stay: str) -> Holding | None:
        known = self._occupancy.get(stay)
        terms = self._terms.get(stay)
        if known is None or terms is None:
            return None
        occupancy, (stamp, dot) = known
        status, room = occupancy["status"], cast("str | None", occupancy["room"])
        in_house = status == StayStatus.IN_HOUSE
        if not room or not (in_house or status == StayStatus.RESERVED):
            return None
        first = date.fromisoformat(cast("str", terms["arrival"])).toordinal()
        arrived_at = cast("int | None", occupancy["arrived_at"])
        if in_house:
            precedence = (0, _ARRIVAL_UNKNOWN if arrived_at is None else arrived_at, 0, dot)
        else:
            precedence = (1, stamp.milliseconds, stamp.counter, dot)
        return Holding(
            stay,
            room,
            in_house,
            first,
            first + max(cast("int", terms["nights"]), 1),
            cast("str", terms["room_type"]),
            precedence,
        )

    def _judge_changed_rooms(self) -> None:
        for room in self._rooms_changed:
            collisions = self._collide(self._in_room.get(room, {}).values())
            displaced = _displaced(collisions)
            if collisions:
                self._displaced[room] = frozenset(displaced)
                self._collisions[room] = [_shown_first(pair, displaced) for pair in collisions]
            else:
                self._displaced.pop(room, None)
                self._collisions.pop(room, None)
        self._rooms_changed.clear()

    def _collide(self, holdings: Iterable[Holding]) -> list[DoubleBooking]:
        in_order = sorted(holdings, key=lambda holding: (holding.first, holding.stay))
        found: list[DoubleBooking] = []
        for position, holding in enumerate(in_order):
            until = self._until(holding)
            for other in in_order[position + 1 :]:
                if other.first >= until:
                    break
                found.append(DoubleBooking(holding, other, other.first, min(until, self._until(other))))
        for earlier, later in combinations([holding for holding in in_order if holding.in_house], 2):
            if later.first >= self._until(earlier):
                # Two guests stand in one room now, and their terms do not matter.
                tonight = max(self._today, later.first)
                found.append(DoubleBooking(earlier, later, tonight, tonight + 1))
        return found

    def _in_retired_rooms(self) -> list[Holding]:
        """The stays that are in a room that is none any more, or that are to come to one."""
        return [
            holding
            for room in sorted(self._retired & self._in_room.keys())
            for holding in self.in_room(room)
            if holding.in_house or holding.until > self._today
        ]

    def _stranded_alert(self, holding: Holding, unavailable: Collection[str], calendar: _Calendar) -> Alert:
        """`alert_room_retired_with_stay`: a desk assigned the room while another one retired it."""
        first = max(holding.first, self._today) if holding.in_house else holding.first
        occupied = self._occupied() if holding.in_house else ()
        free = self._free(calendar, first, max(holding.until, first + 1), holding.room_type, {*unavailable, *occupied})
        return alert(
            Matter.ALERT_ROOM_RETIRED_WITH_STAY,
            {"stay": holding.stay, "room": holding.room},
            {"in_house": int(holding.in_house)},
            islice(free, PROPOSED_ROOMS_MAX),
        )

    def _alert(self, pair: DoubleBooking, unavailable: Collection[str], calendar: _Calendar) -> Alert:
        shown, other = pair.shown, pair.other
        stays = sorted((shown.stay, other.stay))
        leaves_from = max(other.first, self._today) if other.in_house else other.first
        # A guest who stands at the desk cannot wait until a departing guest has left.
        occupied = self._occupied() if other.in_house else ()
        return alert(
            Matter.ALERT_ROOM_DOUBLE_BOOKED,
            {
                "first_stay": stays[0],
                "second_stay": stays[1],
                "room": shown.room,
                "from_date": iso_date(pair.first),
                "until_date": iso_date(pair.until),
            },
            {
                "shown_stay": shown.stay,
                "other_stay": other.stay,
                "shown_in_house": int(shown.in_house),
                "other_in_house": int(other.in_house),
                "nights": pair.until - pair.first,
            },
            islice(
                self._free(
                    calendar,
                    leaves_from,
                    max(other.until, leaves_from + 1),
                    other.room_type,
                    {*unavailable, *occupied, shown.room},
                ),
                PROPOSED_ROOMS_MAX,
            ),
        )


def _displaced(pairs: Iterable[DoubleBooking]) -> set[str]:
    """The stays of colliding pairs that do not keep the room: those that collide with one that does."""
    rivals: dict[Holding, set[str]] = {}
    for pair in pairs:
        rivals.setdefault(pair.shown, set()).add(pair.other.stay)
        rivals.setdefault(pair.other, set()).add(pair.shown.stay)
    keeping: set[str] = set()
    for holding in sorted(rivals, key=lambda holding: (holding.precedence, holding.stay)):
        if not rivals[holding] & keeping:
            keeping.add(holding.stay)
    return {holding.stay for holding in rivals} - keeping


def _shown_first(pair: DoubleBooking, displaced: set[str]) -> DoubleBooking:
    """The pair with the stay in front that keeps the room, or would if a third one did not."""
    one, another, first, until = pair
    order = sorted((one, another), key=lambda each: (each.stay in displaced, each.precedence, each.stay))
    return DoubleBooking(order[0], order[1], first, until)


def iso_date(ordinal: int) -> str:
    """A day ordinal as ISO text."""
    return date.fromordinal(ordinal).isoformat()
