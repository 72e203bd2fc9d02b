"""Strict reading of msgpack arrays that came from elsewhere.

msgpack would happily return other types than the format asks for; each `take_*` names the field that is wrong.
"""

from __future__ import annotations

from typing import cast

import msgpack


class FieldWrong(ValueError):
    """A field is absent, of another type, or out of its bounds. The caller turns it into its own typed error."""


def unpack_array(data: bytes, length: int, bytes_max: int) -> list[object]:
    """Decode exactly one array of `length` fields, refusing anything larger than `bytes_max` before decoding."""
    fields = unpack_any_array(data, bytes_max)
    if len(fields) != length:
        raise FieldWrong(f"{len(fields)} fields, expected {length}")
    return fields


def unpack_any_array(data: bytes, bytes_max: int) -> list[object]:
    """Decode exactly one array, refusing anything larger than `bytes_max` before decoding."""
    if len(data) > bytes_max:
        raise FieldWrong(f"{len(data)} bytes, at most {bytes_max} are allowed")
    # unpackb itself refuses any inner length larger than the data, so a length bomb cannot allocate.
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=False)
    except Exception as error:  # msgpack raises ValueError, UnicodeDecodeError, RecursionError and its own kinds
        raise FieldWrong(f"not msgpack: {type(error).__name__}") from error
    if not isinstance(value, list):
        raise FieldWrong("not an array")
    return cast(list[object], value)


def take_bytes(value: object, field: str, length: int) -> bytes:
    """`value` as a byte string of exactly `length` bytes."""
    if not isinstance(value, bytes) or len(value) != length:
        raise FieldWrong(f"{field} is not {length} bytes")
    return value


def take_bytes_up_to(value: object, field: str, bytes_max: int) -> bytes:
    """`value` as a byte string of at most `bytes_max` bytes."""
    if not isinstance(value, bytes) or len(value) > bytes_max:
        raise FieldWrong(f"{field} is not at most {bytes_max} bytes")
    return value


def take_int(value: object, field: str, low: int, high: int) -> int:
    """`value` as an integer within `low..high`, booleans refused."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise FieldWrong(f"{field} is not an integer in {low}..{high}")
    return value


def take_text(value: object, field: str, characters_max: int) -> str:
    """`value` as text of at most `characters_max` characters."""
    if not isinstance(value, str) or len(value) > characters_max:
        raise FieldWrong(f"{field} is not text of at most {characters_max} characters")
    if "\0" in value:
        raise FieldWrong(f"{field} holds NUL, which PostgreSQL has no place for")
    return value


def take_list(value: object, field: str, items_max: int) -> list[object]:
    """`value` as a list of at most `items_max` items."""
    if not isinstance(value, list):
        raise FieldWrong(f"{field} is not a list")
    items = cast(list[object], value)
    if len(items) > items_max:
        raise FieldWrong(f"{field} has {len(items)} items, at most {items_max} are allowed")
    return items


def take_mapping(value: object, field: str, items_max: int) -> dict[object, object]:
    """`value` as a mapping of at most `items_max` items."""
    if not isinstance(value, dict):
        raise FieldWrong(f"{field} is not a mapping")
    items = cast(dict[object, object], value)
    if len(items) > items_max:
        raise FieldWrong(f"{field} has {len(items)} items, at most {items_max} are allowed")
    return items


def pack(value: object) -> bytes:
    """Encode with byte strings kept apart from text."""
    return msgpack.packb(value, use_bin_type=True)
