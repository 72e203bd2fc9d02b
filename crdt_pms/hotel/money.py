"""Money is an integer number of minor units of the property's currency. There are no fractions anywhere.

The yen has no minor unit: one minor unit is one yen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crdt_pms.hotel.errors import MoneyInvalid

AMOUNT_MINOR_MAX = 10**12
"""No single amount is larger, in either direction: it is a slip of the finger long before."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: ISO 4217 code, decimal digits of its minor unit, the signs written before an amount."""

    code: str
    minor_digits: int
    sign_ja: str
    sign_en: str


JPY = Currency("JPY", 0, "\N{FULLWIDTH YEN SIGN}", "\N{YEN SIGN}")
EUR = Currency("EUR", 2, "\N{EURO SIGN}", "\N{EURO SIGN}")
USD = Currency("USD", 2, "$", "$")

CURRENCIES: Mapping[str, Currency] = MappingProxyType({currency.code: currency for currency in (JPY, EUR, USD)})


def currency_of(code: str) -> Currency:
    """The currency with that ISO 4217 code. Raises `MoneyInvalid`."""
    found = CURRENCIES.get(code)
    if found is None:
        raise MoneyInvalid(f"the currency {code!r} is not known: use one of {', '.join(CURRENCIES)}")
    return found


def require_minor(amount_minor: object) -> int:
    """The amount, if it is a plain integer within bounds. Raises `MoneyInvalid`, for floats and truth values too."""
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int):
        raise MoneyInvalid(f"{amount_minor!r} is not an amount: give an integer number of minor units")
    if abs(amount_minor) > AMOUNT_MINOR_MAX:
        raise MoneyInvalid(f"the amount {amount_minor} is beyond {AMOUNT_MINOR_MAX} minor units")
    return amount_minor


def total_minor(amounts: Iterable[int]) -> int:
    """The sum of amounts."""
    return sum(amounts)


def written(amount_minor: int, currency: Currency, language: str = "ja") -> str:
    """An amount as a person reads it: `￥12,346` in Japanese, `¥12,346` otherwise; `-` before a negative one."""
    sign = currency.sign_ja if language == "ja" else currency.sign_en
    minus = "-" if amount_minor < 0 else ""
    if not currency.minor_digits:
        return f"{minus}{sign}{abs(amount_minor):,}"
    major, minor = divmod(abs(amount_minor), 10**currency.minor_digits)
    return f"{minus}{sign}{major:,}.{minor:0{currency.minor_digits}}"
