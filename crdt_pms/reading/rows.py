"""What answers are made of: readable rows with types.

Money is in minor units, instants are UTC milliseconds, dates ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StayRow:
    """A stay as its readable row has it, with the name on the guest's card.

    None where no entry that is here says it.
    """

    stay: str
    status: str | None
    room: str | None
    guest: str | None
    guest_name: str | None
    guest_kana: str | None
    arrival: str | None
    departure: str | None
    nights: int | None
    room_type: str | None
    rate_minor: int | None
    adults: int | None
    children: int | None
    source: str | None
    segment: str | None
    arrived_at: int | None
    departed_at: int | None
    revision: str
    do_not_move: bool


@dataclass(frozen=True, slots=True)
class DebtRow:
    """A folio of a guest who has left that is not settled. A negative balance is the hotel's debt."""

    stay: str
    folio: str
    guest_name: str | None
    departure: str | None
    balance_minor: int


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting of a folio."""

    posting: str
    stay: str | None
    kind: str | None
    code: str | None
    amount_minor: int | None
    business_date: str | None
    revenue_date: str | None
    reverses: str | None
    reference: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class ClosedConflictRow:
    """A conflict that a later write ended. `shown` is what was chosen, as JSON."""

    identity: str
    matter: str
    field_group: str
    row_id: str
    shown: str
    decided_by: str | None
    decided_at_ms: int


@dataclass(frozen=True, slots=True)
class HeldRooms:
    """Stays of one kind of room with the same dates: how many rooms they hold in each night of `[arrival, departure)`."""

    room_type: str
    arrival: str
    departure: str
    rooms: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `is_cut`: there is more than is shown, and the person should write more of the name."""

    in_house: tuple[StayRow, ...]
    expected: tuple[StayRow, ...]
    past: tuple[StayRow, ...]
    is_cut: bool
