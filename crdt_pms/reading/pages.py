"""Pages of long lists: a page, and the cursor that leads from one to the next.

A cursor names the last row of a page by its sort key. Rows that come or go between two pages neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

Row = TypeVar("Row")
Key = tuple[str | int, ...]

PAGE_ROWS: Final = 200
"""The rows of a page when the caller does not say."""
PAGE_ROWS_MAX: Final = 500
CURSOR_CHARACTERS_MAX: Final = 1_000
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


class CursorInvalid(ValueError):
    """The caller's fault: the cursor is none that this list gave. Begin with the first page, without a cursor."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list. `following` is the cursor of the next page, None on the last one."""

    rows: tuple[Row, ...]
    following: str | None


def encode_cursor(key: Sequence[str | int]) -> str:
    """The cursor of a row with that sort key: opaque, safe in an address."""
    text = json.dumps(list(key), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, like: Key) -> Key:
    """The sort key in a cursor; it has the length and types of `like`. Raises CursorInvalid."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key: object = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise CursorInvalid("the cursor is not one of this list") from error
    if not isinstance(key, list):
        raise CursorInvalid("the cursor is not one of this list")
    found = tuple(cast("list[str | int]", key))
    if [type(one) for one in found] != [type(one) for one in like]:
        raise CursorInvalid("the cursor is not one of this list")
    if not all(_is_storable(one) for one in found):
        raise CursorInvalid("the cursor is not one of this list")
    return found


def _is_storable(one: str | int) -> bool:
    """Whether a database takes the value: JSON also writes half of a surrogate pair, and integers of any size."""
    if isinstance(one, int):
        return abs(one) < 2**63
    return not _UNSTORABLE.search(one)
