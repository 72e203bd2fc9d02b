"""Terms that are odd but real: what is accepted as it is, what needs a reason, what is refused.

| oddity | example | rule |
|---|---|---|
| `day_use` | 0 nights | accepted: the guest leaves on the day of arrival |
| `rate_zero` | 0 a night | accepted: a night for nothing is still a night |
| `rate_negative` | -6 a night | accepted with a reason |
| `no_adults` | 0 adults, 2 children | accepted with a reason |
| `no_guests` | 0 adults, 0 children | accepted with a reason |
| `type_unsold` | a type of no room of the plan | accepted with a reason: a booking may ask for what was since rebuilt |

Beyond these tables nothing is accepted: nights outside 0…366, fewer than no guests, more than 99 guests of a kind,
amounts beyond the bound of money.
"""

from enum import StrEnum

GUESTS_MAX = 99


class Oddity(StrEnum):
    """A kind of odd terms. Counted where real bookings are fed in."""

    DAY_USE = "day_use"
    RATE_ZERO = "rate_zero"
    RATE_NEGATIVE = "rate_negative"
    NO_ADULTS = "no_adults"
    NO_GUESTS = "no_guests"
    TYPE_UNSOLD = "type_unsold"

    @property
    def needs_reason(self) -> bool:
        """Whether terms of this kind are accepted only from a person who says why."""
        return self in _NEED_REASON


_NEED_REASON = frozenset({Oddity.RATE_NEGATIVE, Oddity.NO_ADULTS, Oddity.NO_GUESTS, Oddity.TYPE_UNSOLD})


def oddities(nights: int, rate_minor: int, adults: int, children: int, *, type_sold: bool = True) -> tuple[Oddity, ...]:
    """Everything odd about terms, in the order of the table."""
    found: list[Oddity] = []
    if nights == 0:
        found.append(Oddity.DAY_USE)
    if rate_minor == 0:
        found.append(Oddity.RATE_ZERO)
    elif rate_minor < 0:
        found.append(Oddity.RATE_NEGATIVE)
    if adults == 0:
        found.append(Oddity.NO_ADULTS if children else Oddity.NO_GUESTS)
    if not type_sold:
        found.append(Oddity.TYPE_UNSOLD)
    return tuple(found)
