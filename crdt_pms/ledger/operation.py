"""An operation: what one person or system did, as writes of whole registers. The payload of an entry.

    payload = msgpack [version = 1, action, origin, reason,
                       [[group, row, {field: scalar, keys sorted}, [index, …], base | nil, resolution], …]]

An index points into the dependencies of the entry's header, which hold the dots of all the writes that the
operation names. What does not decode is `OperationMalformed`, a pure function of the entry: every replica
quarantines the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import PAYLOAD_BYTES_MAX
from crdt_pms.journal.wire import FieldWrong as WireFieldWrong
from crdt_pms.journal.wire import pack, take_list, take_text, unpack_array
from crdt_pms.ledger.errors import OperationMalformed
from crdt_pms.ledger.fields import FieldWrong, Value, require_row_id
from crdt_pms.ledger.limits import (
    ACTION_CHARACTERS_MAX,
    NAMES_MAX,
    REASON_CHARACTERS_MAX,
    ROW_CHARACTERS_MAX,
    WRITES_MAX,
)
from crdt_pms.ledger.matters import Policy
from crdt_pms.ledger.policies import FIELD_GROUPS, ORIGINS, FieldGroup

OPERATION_VERSION: Final = 1
OPERATION_FORMAT: Final = 1
"""The newest format of payloads that this version reads; it reads all former ones."""


class Register(NamedTuple):
    """The unit of merging: one field group of one row."""

    group: str
    row: str


@dataclass(frozen=True, slots=True)
class Write:
    """One register written whole.

    `names` holds the dots of the writes that the author read and replaces, sorted; `base` the value that it
    saw (asked for where a person decides conflicts); `resolution` marks a person's choice among the writes
    that it names.
    """

    register: Register
    value: Value
    names: tuple[Dot, ...] = ()
    base: Value | None = None
    resolution: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What was done, by which system, and why (may be empty), as writes that apply together."""

    action: str
    origin: str
    reason: str
    writes: tuple[Write, ...]


def encode_operation(operation: Operation) -> tuple[bytes, tuple[Dot, ...]]:
    """The payload of an entry and the dependencies of its header.

    Raises `OperationMalformed` where `decode_operation` would: nothing must be written then.
    """
    dependencies = tuple(sorted({dot for write in operation.writes for dot in write.names}))
    if len(dependencies) > NAMES_MAX:
        raise OperationMalformed(f"it names {len(dependencies)} writes, at most {NAMES_MAX} are allowed")
    position = {dot: index for index, dot in enumerate(dependencies)}
    try:
        _require_heading(operation.action, operation.origin, operation.reason, len(operation.writes))
        writes = [_encode_write(write, position) for write in operation.writes]
        _require_distinct([write.register for write in operation.writes])
        payload = pack([OPERATION_VERSION, operation.action, operation.origin, operation.reason, writes])
    except (FieldWrong, WireFieldWrong, UnicodeError) as error:
        raise OperationMalformed(str(error)) from error
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise OperationMalformed(f"{len(payload)} bytes, at most {PAYLOAD_BYTES_MAX} are allowed")
    return payload, dependencies


def decode_operation(payload: bytes, dependencies: tuple[Dot, ...]) -> Operation:
    """The operation of an entry with these header dependencies. Raises `OperationMalformed`."""
    try:
        version, action, origin, reason, items = unpack_array(payload, 5, PAYLOAD_BYTES_MAX)
        if type(version) is not int or version != OPERATION_VERSION:
            raise FieldWrong(f"version {_said(version)} is not known")
        listed = take_list(items, "writes", WRITES_MAX)
        heading = _require_heading(action, origin, reason, len(listed))
        used: set[int] = set()
        writes = tuple([_decode_write(item, dependencies, used) for item in listed])
        _require_distinct([write.register for write in writes])
        if len(used) != len(dependencies):
            raise FieldWrong("its header names writes that no register of it replaces")
    except (FieldWrong, WireFieldWrong) as error:
        raise OperationMalformed(str(error)) from error
    return Operation(*heading, writes)


def _said(wrong: object) -> str:
    """A wrong value in a message: short text or an integer itself, of anything else the type.

    The value comes from outside. A deep nest cannot even be written out without exhausting the stack.
    """
    if isinstance(wrong, int) or (isinstance(wrong, str) and len(wrong) <= ROW_CHARACTERS_MAX):
        return repr(wrong)
    return f"of type {type(wrong).__name__}"


def _require_heading(action: object, origin: object, reason: object, writes: int) -> tuple[str, str, str]:
    if not 1 <= writes <= WRITES_MAX:
        raise FieldWrong(f"it has {writes} writes, 1 to {WRITES_MAX} are allowed")
    if origin not in ORIGINS:
        raise FieldWrong(f"the origin {_said(origin)} is none of {', '.join(ORIGINS)}")
    words = take_text(action, "action", ACTION_CHARACTERS_MAX)
    if not words:
        raise FieldWrong("it does not say which action it is")
    return words, cast("str", origin), take_text(reason, "reason", REASON_CHARACTERS_MAX)


def _require_distinct(registers: list[Register]) -> None:
    if len(registers) > 1 and len(set(registers)) != len(registers):
        raise FieldWrong("it writes one register twice")


def _require_group(name: object) -> FieldGroup:
    group = FIELD_GROUPS.get(name) if isinstance(name, str) else None
    if group is None:
        raise FieldWrong(f"there is no field group {_said(name)}")
    return group


def _require_names(group: FieldGroup, names: int, resolution: object) -> bool:
    if type(resolution) is not bool:
        raise FieldWrong("resolution is neither true nor false")
    if resolution and names < 2:
        raise FieldWrong(f"a resolution of {group.name} names {names} writes: there is nothing to choose between")
    if group.policy is Policy.IDENTITY and names and not resolution:
        # Law 8: a posting never changes. It is corrected by a reversing posting, under a row id of its own.
        raise FieldWrong(f"{group.name} never changes: only a resolution may replace writes of it")
    return resolution


def _encode_write(write: Write, position: Mapping[Dot, int]) -> list[object]:
    group = _require_group(write.register.group)
    row = require_row_id(write.register.row)
    indices = sorted({position[dot] for dot in write.names})
    resolution = _require_names(group, len(indices), write.resolution)
    base = None if write.base is None else group.require(write.base)
    return [group.name, row, group.require(write.value), indices, base, resolution]


def _decode_write(item: object, dependencies: tuple[Dot, ...], used: set[int]) -> Write:
    parts = take_list(item, "write", 6)
    if len(parts) != 6:
        raise FieldWrong("a write has six parts")
    name, row, value, indices, base, resolution = parts
    group = _require_group(name)
    names: list[Dot] = []
    previous = -1
    for index in take_list(indices, "names", NAMES_MAX):
        if type(index) is not int or not previous < index < len(dependencies):
            raise FieldWrong("names are not ascending positions in the header's dependencies")
        names.append(dependencies[index])
        used.add(index)
        previous = index
    return Write(
        Register(group.name, require_row_id(row)),
        group.require(value),
        tuple(names),
        None if base is None else group.require(base),
        _require_names(group, len(names), resolution),
    )
