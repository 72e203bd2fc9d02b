"""The typed fields of which field groups are made: what an author may write, and what a reader makes of anything.

Values are flat: text, integers, truth values, nothing. No fractions exist, and no order of keys. On the wire a
field stands under its `wire` name, and not at all where it has its default; so a version that does not know the
field writes the same bytes as one that does and leaves it alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from crdt_pms.ledger.limits import INTEGER_MAX, ROW_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, YEAR_MAX, YEAR_MIN

_UNUSABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line separators and surrogates. Written out, since `str.isprintable` follows the Unicode tables of each
Python, and replicas must judge alike."""

INDEPENDENT_MARK: Final = "+"
"""Begins the wire name of a field that has a meaning of its own: an author that does not know it carries it on."""

Scalar = str | int | bool | None
Content = Mapping[str, Scalar]
"""What is on the wire of one write: wire name → scalar, fields that this version does not know included."""
Value = Mapping[str, Scalar]
"""What a version reads in a content: one scalar for each declared field, by its name."""


class FieldWrong(ValueError):
    """A value is not of its declared type; the text says what is."""


class Presence(Enum):
    """What a field has in place of a default."""

    ALWAYS_WRITTEN = "always written"
    """Every author writes the field; where it is absent it has no meaning."""


Default = Scalar | Presence


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field. `check` raises `FieldWrong`; None is accepted only where it is the default.

    `default` is what absence means; it is never written and never changes. `safe` is shown for what this version cannot make
    sense of: the value that keeps guests and money safe. `independent` fields are carried on by authors that do not know
    them; the others are bound to their group and dropped when such an author changes it. `since` is the level of the property
    from which authors write anything but the default, `words_since` that of words that came later than the field.
    """

    name: str
    check: Callable[[object], None]
    safe: Scalar
    default: Default = Presence.ALWAYS_WRITTEN
    independent: bool = False
    since: int = 1
    words_since: Mapping[str, int] | None = None
    kind: str = ""
    """What `check` accepts, in words: another text for another check."""

    def level_of(self, written: Scalar) -> int:
        """The level that a property must have for an author to write this."""
        if written == self.default:
            return 1
        later = self.words_since or {}
        return max(self.since, later.get(written, 1) if isinstance(written, str) else 1)

    @property
    def wire(self) -> str:
        """The field's name on the wire."""
        return INDEPENDENT_MARK + self.name if self.independent else self.name

    def require(self, value: object) -> None:
        """FieldWrong unless an author may write `value`."""
        if value is not None or self.default is not None:
            self.check(value)


def text(
    name: str,
    *,
    optional: bool = False,
    characters_max: int = TEXT_CHARACTERS_MAX,
    independent: bool = False,
    since: int = 1,
) -> Field:
    """A field of text. Optional text may be empty, required text may be too: emptiness is the desk's rule."""

    def check(value: object) -> None:
        if not isinstance(value, str):
            raise FieldWrong("is not text")
        if "\0" in value:
            raise FieldWrong("holds NUL, which PostgreSQL has no place for")
        if len(value) > characters_max:
            raise FieldWrong(f"is longer than {characters_max} characters")

    return Field(
        name, check, None if optional else "", _default(optional), independent, since, kind=f"text {characters_max}"
    )


def row_id(name: str, *, optional: bool = False) -> Field:
    """A field that names another row. Where it has no meaning it names none."""

    def check(value: object) -> None:
        require_row_id(value)

    return Field(name, check, None if optional else "", _default(optional), kind="row id")


def integer(
    name: str, *, safe: int | None, optional: bool = False, low: int = -INTEGER_MAX, high: int = INTEGER_MAX
) -> Field:
    """A field of an integer within `low..high`; a truth value is none."""

    def check(value: object) -> None:
        if type(value) is not int:
            raise FieldWrong("is not an integer")
        if not low <= value <= high:
            raise FieldWrong(f"is not within {low}..{high}")

    return Field(name, check, safe, _default(optional), kind=f"integer {low}..{high}")


def flag(name: str, *, safe: bool, default: bool, since: int = 1) -> Field:
    """A field that is true or false."""

    def check(value: object) -> None:
        if type(value) is not bool:
            raise FieldWrong("is neither true nor false")

    return Field(name, check, safe, default, since=since, kind="truth value")


def choice(name: str, values: Iterable[str], *, safe: str, words_since: Mapping[str, int] | None = None) -> Field:
    """A field with a fixed set of words. A later version may know more of them, which `words_since` levels."""
    words = frozenset(str(value) for value in values)
    listed = ", ".join(sorted(words))

    def check(value: object) -> None:
        if not isinstance(value, str) or value not in words:
            raise FieldWrong(f"is none of {listed}")

    return Field(name, check, str(safe), words_since=words_since, kind=f"one of {listed}")


def iso_date(name: str, *, safe: str) -> Field:
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

    return Field(name, check, safe, kind="date")


def require_row_id(value: object) -> str:
    """`value` as the id of a row. Raises `FieldWrong`."""
    if not isinstance(value, str) or not value or len(value) > ROW_CHARACTERS_MAX or _UNUSABLE.search(value):
        raise FieldWrong(f"is not a row id (1 to {ROW_CHARACTERS_MAX} printable characters)")
    return value


def _default(optional: bool) -> Default:
    return None if optional else Presence.ALWAYS_WRITTEN
