"""What stands on the conflict desk about a room, by room: so that the board does not show it as any other room."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.said import NamedValue, Said, said
from crdt_pms.desk.views.stays import guest_name
from crdt_pms.hotel.words import Words
from crdt_pms.ledger.alerts import Alert
from crdt_pms.ledger.conflicts import Conflict
from crdt_pms.ledger.matters import Matter


@dataclass(frozen=True, slots=True)
class DoubleBooking:
    """Two stays that hold one room from one date until another: `shown` is shown in it, `other` needs another room.

    `is_now`: the business date is among those nights.
    """

    identity: str
    shown: NamedValue
    other: NamedValue
    from_date: str
    until_date: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class RoomMatter:
    """An alert or conflict that concerns a room, or a stay that is in it or arrives in it today."""

    identity: str
    matter: Matter
    words: Said


@dataclass(frozen=True, slots=True)
class RoomMatters:
    """Everything that stands about one room."""

    double_bookings: tuple[DoubleBooking, ...] = ()
    others: tuple[RoomMatter, ...] = ()


def room_matters(view: DeskView, alerts: Sequence[Alert]) -> Mapping[str, RoomMatters]:
    """What stands about each room that something stands about. `alerts` are all of them, in the order of the list."""
    double: dict[str, list[DoubleBooking]] = {}
    others: dict[str, list[RoomMatter]] = {}
    for one in alerts:
        if one.matter is Matter.ALERT_ROOM_DOUBLE_BOOKED:
            double.setdefault(str(one.fact("room")), []).append(_double_booking(view, one))
            continue
        for room in dict.fromkeys(_rooms_of_alert(view, one)):
            others.setdefault(room, []).append(_matter(one.identity, one.matter))
    for conflict in view.ledger.conflicts():
        for room in _rooms_of_conflict(view, conflict):
            others.setdefault(room, []).append(_matter(conflict.identity, conflict.matter))
    rooms = dict.fromkeys([*double, *others])
    return {room: RoomMatters(tuple(double.get(room, ())), tuple(others.get(room, ()))) for room in rooms}


def _double_booking(view: DeskView, found: Alert) -> DoubleBooking:
    first, until = str(found.fact("from_date")), str(found.fact("until_date"))
    return DoubleBooking(
        identity=found.identity,
        shown=_named(view, str(found.detail("shown_stay"))),
        other=_named(view, str(found.detail("other_stay"))),
        from_date=first,
        until_date=until,
        is_now=first <= view.business_date < until,
    )


def _named(view: DeskView, stay: str) -> NamedValue:
    found = view.stay(stay)
    name = stay if found is None else guest_name(view, found.guest)
    return NamedValue(stay, Said(f"{name} 様", name))


def _matter(identity: str, matter: Matter) -> RoomMatter:
    return RoomMatter(identity, matter, said(Words(matter.japanese, matter.english)))


def _rooms_of_alert(view: DeskView, found: Alert) -> Iterator[str]:
    facts = dict(found.facts)
    if "room" in facts:
        yield str(facts["room"])
    if "stay" in facts:
        yield from _room_of_stay(view, str(facts["stay"]))


def _rooms_of_conflict(view: DeskView, conflict: Conflict) -> Iterator[str]:
    group, row, _flags = conflict.register
    kind = group.partition(".")[0]
    if kind == "stay":
        yield from _room_of_stay(view, row)
    elif kind == "folio":
        yield from _room_of_stay(view, row.rpartition("/")[0])


def _room_of_stay(view: DeskView, stay_id: str) -> Iterator[str]:
    stay = view.stay(stay_id)
    if stay is not None and stay.room is not None and _is_at_hand(view, stay):
        yield stay.room


def _is_at_hand(view: DeskView, stay: Stay) -> bool:
    return stay.in_house or (stay.status.is_due and stay.terms.arrival <= view.business_date)
