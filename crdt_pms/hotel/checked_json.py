"""JSON that people write, read with the place of every wrong value, such as `rooms[3].number`, and what to write there."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from crdt_pms.hotel.errors import PropertyInvalid

FILE_CHARACTERS_MAX: Final = 4_000_000
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Check = Callable[[str], str | None]
"""Says what to write instead of a text; None when the text can stand."""


def read_json(text: str) -> "Place":
    """The whole content. Raises `PropertyInvalid` when it is too long or no JSON."""
    if len(text) > FILE_CHARACTERS_MAX:
        raise PropertyInvalid("", f"longer than {FILE_CHARACTERS_MAX} characters")
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PropertyInvalid("", f"not JSON: {error}") from error
    return Place("", loaded)


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the file and the path to it."""

    path: str
    value: object

    def table(self, keys: tuple[str, ...], misplaced: Check | None = None) -> "Table":
        """This value as an object with no keys but those. A misspelt key is an error, not an ignored wish.

        `misplaced` says of a key where its value belongs. Raises `PropertyInvalid`.
        """
        if not isinstance(self.value, dict):
            raise PropertyInvalid(self.path, "give an object")
        content = cast("dict[str, Any]", self.value)
        for key in content:
            if key not in keys:
                advice = misplaced(key) if misplaced is not None else None
                only = f"not a key of this object: {', '.join(keys)}"
                raise PropertyInvalid(_path(self.path, key), only if advice is None else f"{only}; {advice}")
        return Table(self.path, content)

    def as_text(self, check: Check | None = None) -> str:
        """This value as a text with something in it. Raises `PropertyInvalid`."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise PropertyInvalid(self.path, "give a text")
        if self.value != self.value.strip():
            raise PropertyInvalid(self.path, "give the text without spaces around it")
        problem = check(self.value) if check is not None else None
        if problem is not None:
            raise PropertyInvalid(self.path, problem)
        return self.value


@dataclass(frozen=True, slots=True)
class Table:
    """An object of the file and the path to it."""

    path: str
    content: dict[str, Any]

    def has(self, key: str) -> bool:
        """Whether something is given under that key."""
        return self.content.get(key) is not None

    def place(self, key: str) -> Place:
        """What is given under that key. Raises `PropertyInvalid` when the key is missing."""
        if key not in self.content:
            raise PropertyInvalid(_path(self.path, key), "missing")
        return Place(_path(self.path, key), self.content[key])

    def text(self, key: str, check: Check | None = None) -> str:
        """The text under that key. Raises `PropertyInvalid`."""
        return self.place(key).as_text(check)

    def integer(self, key: str) -> int:
        """The integer under that key. Raises `PropertyInvalid`."""
        place = self.place(key)
        if isinstance(place.value, bool) or not isinstance(place.value, int):
            raise PropertyInvalid(place.path, "give an integer")
        return place.value

    def items(self, key: str) -> list[Place]:
        """The members of a list; a key that is absent is an empty list. Raises `PropertyInvalid`."""
        listed: object = self.content.get(key, [])
        path = _path(self.path, key)
        if not isinstance(listed, list):
            raise PropertyInvalid(path, "give a list")
        return [Place(f"{path}[{at}]", value) for at, value in enumerate(cast("list[object]", listed))]

    def rows(self, key: str, keys: tuple[str, ...]) -> "list[Table]":
        """The members of a list of objects. Raises `PropertyInvalid`."""
        return [place.table(keys) for place in self.items(key)]

    def distinct_rows(self, key: str, keys: tuple[str, ...], identity: str) -> "list[Table]":
        """The same; no two of them may have the same text under the key `identity`. Raises `PropertyInvalid`."""
        seen: dict[str, str] = {}
        rows = self.rows(key, keys)
        for row in rows:
            named = row.text(identity)
            if named in seen:
                raise PropertyInvalid(_path(row.path, identity), f"{named!r} is also at {seen[named]}")
            seen[named] = row.path
        return rows


def identifier(text: str) -> str | None:
    """A check of ids that stand in file names and addresses."""
    if _IDENTIFIER.fullmatch(text):
        return None
    return "give 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"


def _path(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
