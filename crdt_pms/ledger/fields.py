"""The typed fields of which field groups are made, and the check that a value is exactly of them.

Values are flat: text, integers, truth values, nothing. No fractions exist, and no order of keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from crdt_pms.ledger.limits import INTEGER_MAX, ROW_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, YEAR_MAX, YEAR_MIN

_UNUSABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line separators and surrogates. Written out, since `str.isprintable` follows the Unicode tables of each
Python, and replicas must judge alike."""

Scalar = str | int | bool | None
Value = Mapping[str, Scalar]
"""A field group's content, written whole: one scalar for each declared field."""


class FieldWrong(ValueError):
    """A value is not of its declared type; the text says what is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field. `check` raises `FieldWrong`; None is accepted only where `optional`."""

    name: str
    check: Callable[[object], None]
    optional: bool = False


def text(name: str, *, optional: bool = False, characters_max: int = TEXT_CHARACTERS_MAX) -> Field:
    """A field of text. Optional text may be empty, required text may be too: emptiness is the desk's rule."""

    def check(value: object) -> None:
        if not isinstance(value, str):
            raise FieldWrong("is not text")
        if "\0" in value:
            raise FieldWrong("holds NUL, which PostgreSQL has no place for")
        if len(value) > characters_max:
            raise FieldWrong(f"is longer than {characters_max} characters")

    return Field(name, check, optional)


def row_id(name: str, *, optional: bool = False) -> Field:
    """A field that names another row."""

    def check(value: object) -> None:
        require_row_id(value)

    return Field(name, check, optional)


def integer(name: str, *, optional: bool = False, low: int = -INTEGER_MAX, high: int = INTEGER_MAX) -> Field:
    """A field of an integer within `low..high`; a truth value is none."""

    def check(value: object) -> None:
        if type(value) is not int:
            raise FieldWrong("is not an integer")
        if not low <= value <= high:
            raise FieldWrong(f"is not within {low}..{high}")

    return Field(name, check, optional)


def flag(name: str) -> Field:
    """A field that is true or false."""

    def check(value: object) -> None:
        if type(value) is not bool:
            raise FieldWrong("is neither true nor false")

    return Field(name, check)


def choice(name: str, values: Iterable[str]) -> Field:
    """A field with a fixed set of words."""
    words = frozenset(str(value) for value in values)
    listed = ", ".join(sorted(words))

    def check(value: object) -> None:
        if not isinstance(value, str) or value not in words:
            raise FieldWrong(f"is none of {listed}")

    return Field(name, check)


def iso_date(name: str) -> Field:
    """A field of a calendar date `YYYY-MM-DD`."""

    def check(value: object) -> None:
        if not isinstance(value, str):
            raise FieldWrong("is not a date YYYY-MM-DD")
        try:
            parsed = date.fromisoformat(value)
        except ValueError:
            raise FieldWrong("is not a date YYYY-MM-DD") from None
        # Newer Pythons read week dates and dates without dashes too; the format has one spelling.
        if parsed.isoformat() != value or not YEAR_MIN <= parsed.year <= YEAR_MAX:
            raise FieldWrong(f"is not a date YYYY-MM-DD of the years {YEAR_MIN} to {YEAR_MAX}")

    return Field(name, check)


def require_row_id(value: object) -> str:
    """`value` as the id of a row. Raises `FieldWrong`."""
    if not isinstance(value, str) or not value or len(value) > ROW_CHARACTERS_MAX or _UNUSABLE.search(value):
        raise FieldWrong(f"is not a row id (1 to {ROW_CHARACTERS_MAX} printable characters)")
    return value
