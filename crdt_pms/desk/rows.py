"""Rows of the ledger as the desk reads and writes them: typed on this side, field groups on the other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from crdt_pms.hotel.folio import Posting, WindowStatus
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.ledger.fields import Value

FIRST_WINDOW: Final = "1"


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Where a stay is in its life, and in which room. Times are UTC milliseconds."""

    status: StayStatus
    room: str | None = None
    arrived_at: int | None = None
    departed_at: int | None = None
    note: str | None = None

    @classmethod
    def of(cls, value: Value) -> "Occupancy":
        """Read a shown value of `stay.occupancy`."""
        return cls(
            StayStatus(cast("str", value["status"])),
            cast("str | None", value["room"]),
            cast("int | None", value["arrived_at"]),
            cast("int | None", value["departed_at"]),
            cast("str | None", value["note"]),
        )

    def value(self) -> Value:
        """The value to write."""
        return {
            "status": self.status.value,
            "room": self.room,
            "arrived_at": self.arrived_at,
            "departed_at": self.departed_at,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed: dates, type, rate a night in minor units, guests, where the booking came from."""

    arrival: str
    nights: int
    room_type: str
    rate_minor: int
    adults: int
    children: int
    source: str
    segment: str | None = None
    do_not_move: bool = False

    @classmethod
    def of(cls, value: Value) -> "Terms":
        """Read a shown value of `stay.terms`."""
        return cls(
            cast("str", value["arrival"]),
            cast("int", value["nights"]),
            cast("str", value["room_type"]),
            cast("int", value["rate_minor"]),
            cast("int", value["adults"]),
            cast("int", value["children"]),
            cast("str", value["source"]),
            cast("str | None", value["segment"]),
            cast("bool", value["do_not_move"]),
        )

    @property
    def departure(self) -> str:
        """The date on which the stay leaves."""
        return days_after(self.arrival, self.nights)

    def value(self) -> Value:
        """The value to write."""
        return {
            "arrival": self.arrival,
            "nights": self.nights,
            "room_type": self.room_type,
            "rate_minor": self.rate_minor,
            "adults": self.adults,
            "children": self.children,
            "source": self.source,
            "segment": self.segment,
            "do_not_move": self.do_not_move,
        }


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay as the desk sees it: the shown values of its three registers."""

    stay_id: str
    occupancy: Occupancy
    terms: Terms
    guest: str

    @property
    def status(self) -> StayStatus:
        """Where the stay is in its life."""
        return self.occupancy.status

    @property
    def room(self) -> str | None:
        """The room that the stay names, whether or not it keeps it (`crdt_pms.desk.holding`)."""
        return self.occupancy.room

    @property
    def folio(self) -> str:
        """The row id of the stay's folio."""
        return f"{self.stay_id}/{FIRST_WINDOW}"

    @property
    def in_house(self) -> bool:
        """Whether the guest is here."""
        return self.status is StayStatus.IN_HOUSE

    def in_room(self, room: str | None) -> "Stay":
        """The same stay in another room."""
        return replace(self, occupancy=replace(self.occupancy, room=room))


def profile_value(profile: Mapping[str, str | None]) -> Value:
    """The value to write of `guest.profile`: every field of the card, empty ones as None."""
    value: dict[str, str | None] = {name: profile.get(name) or None for name in PROFILE_FIELDS}
    value["name"] = profile.get("name") or ""
    return value


def window_value(stay: str, status: WindowStatus, note: str | None = None) -> Value:
    """The value to write of `folio.window`."""
    return {"stay": stay, "status": status.value, "note": note}


def posting_of(row: str, value: Value) -> Posting:
    """Read a shown value of `posting.content`."""
    return Posting(
        row=row,
        stay=cast("str", value["stay"]),
        folio=cast("str", value["folio"]),
        kind=PostingKind(cast("str", value["kind"])),
        code=cast("str", value["code"]),
        amount_minor=cast("int", value["amount_minor"]),
        business_date=cast("str", value["business_date"]),
        revenue_date=cast("str", value["revenue_date"]),
        reverses=cast("str | None", value["reverses"]),
        reference=cast("str | None", value["reference"]),
        description=cast("str", value["description"]),
    )


def posting_value(posting: Posting) -> Value:
    """The value to write of `posting.content`."""
    return {
        "stay": posting.stay,
        "folio": posting.folio,
        "kind": posting.kind.value,
        "code": posting.code,
        "amount_minor": posting.amount_minor,
        "business_date": posting.business_date,
        "revenue_date": posting.revenue_date,
        "reverses": posting.reverses,
        "reference": posting.reference,
        "description": posting.description,
    }
