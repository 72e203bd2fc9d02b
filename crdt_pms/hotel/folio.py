"""The arithmetic of a folio.

A posting never changes. What the guest owes is the sum of all postings: charges and taxes are positive, payments and
deposits negative, refunds positive again, a reversal has the sign opposite to what it reverses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from crdt_pms.hotel.errors import MoneyInvalid, ReversalOverOriginal
from crdt_pms.hotel.money import require_minor, total_minor
from crdt_pms.hotel.nights import nights_of
from crdt_pms.hotel.transaction_codes import DAY_USE, ROOM, PostingKind


class WindowStatus(StrEnum):
    """A folio window takes postings while open. A void one never will."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a folio: its row id, and its content as it was written.

    `business_date` is the day on which it was posted, `revenue_date` the day whose revenue it is.
    """

    row: str
    stay: str
    folio: str
    kind: PostingKind
    code: str
    amount_minor: int
    business_date: str
    revenue_date: str
    reverses: str | None
    reference: str | None
    description: str


_SIGNS: Mapping[PostingKind, int] = MappingProxyType(
    {
        PostingKind.PAYMENT: -1,
        PostingKind.DEPOSIT: -1,
        PostingKind.REFUND: 1,
    }
)
"""The kinds whose sign is fixed. A charge can be an allowance, so its sign is not."""


def require_sign(kind: PostingKind, amount_minor: int) -> int:
    """The amount, if a posting of that kind can have it. Raises `MoneyInvalid`.

    A room charge of 0 stands on a folio (a night for nothing is still a night); money of 0 does not change hands.
    """
    require_minor(amount_minor)
    sign = _SIGNS.get(kind)
    if sign is not None and amount_minor * sign <= 0:
        side = "negative" if sign < 0 else "positive"
        raise MoneyInvalid(f"a {kind} of {amount_minor} cannot be posted: its amount is {side}")
    return amount_minor


def balance_minor(postings: Iterable[Posting]) -> int:
    """What the guest still owes; below zero, what the house owes the guest."""
    return total_minor(posting.amount_minor for posting in postings)


def paid_minor(postings: Iterable[Posting]) -> int:
    """What the guest has paid and not got back: payments and deposits less refunds and reversals of any of them."""
    listed = tuple(postings)
    money = {posting.row for posting in listed if posting.kind in _SIGNS}
    return -total_minor(posting.amount_minor for posting in listed if posting.row in money or posting.reverses in money)


def left_to_reverse_minor(original: Posting, postings: Iterable[Posting]) -> int:
    """What of a posting has not been reversed, with the sign of the original; 0 when nothing is left."""
    reversed_minor = total_minor(
        posting.amount_minor for posting in postings if posting.reverses == original.row and posting.row != original.row
    )
    left = original.amount_minor + reversed_minor
    # Two desks that were cut apart may have reversed more than there was: then nothing is left, not a negative rest.
    return left if left * original.amount_minor > 0 else 0


def reversal_minor(original: Posting, postings: Iterable[Posting], part_minor: int) -> int:
    """The signed amount of a reversal of `part_minor` (its size, above 0).

    Raises `ReversalOverOriginal` when less than that is left, `MoneyInvalid` for a part that is not above 0.
    """
    left = left_to_reverse_minor(original, postings)
    part = require_minor(part_minor)
    if part <= 0:
        raise MoneyInvalid(f"a reversal of {part} cannot be posted: give the size of the part, above 0")
    if part > abs(left):
        raise ReversalOverOriginal(part, abs(left))
    return -part if left > 0 else part


def night_charge_row(stay: str, night: str, code: str) -> str:
    """The row id of the room charge of one night: the same on every terminal that audits it."""
    return f"audit:{stay}:{night}:{code}"


def chargeable_nights(arrival: str, nights: int, until: str) -> tuple[tuple[str, str], ...]:
    """What a stay owes for its room before a date: (date, transaction code) for every night begun before `until`.

    Day use owes one day-use charge for its date, and `until` does not matter: it is owed on the spot.
    """
    if nights == 0:
        return ((arrival, DAY_USE),)
    return tuple((night, ROOM) for night in nights_of(arrival, nights) if night < until)
