"""An operation: what one person or system did, as writes of whole registers. Payload format 1 of an entry.

    content  = msgpack [origin, reason, [[content | nil, [index, …], [index, …], base | nil, resolution], …]]
    personal = 16 bytes of salt + msgpack [[index of a write, content, base | nil], …], ascending

The writes stand in the order of the header's `keys`, which name their registers; the indices point into its
`supersedes` and `reads`. A content is `{wire name: scalar}`. That of a group declared personal stands in the personal
part, so that it can be erased; in the content part it is nil.

Whether an operation is one depends on its structure alone, on the limits of `crdt_pms.ledger.limits`, and on nothing
that this version knows of groups and fields: every version applies the same ones. What does not fit is `OperationMalformed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, Self, cast

from crdt_pms.journal.entry import ActionMark, KeyFlag, PartDigest, PartRole, RegisterKey, RowConcerned
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import GROUP_CHARACTERS_MAX, PAYLOAD_BYTES_MAX, ROWS_MAX, SALT_BYTES
from crdt_pms.journal.wire import FieldWrong as WireFieldWrong
from crdt_pms.journal.wire import pack, take_int, take_list, take_text, unpack_any_array, unpack_array
from crdt_pms.ledger.errors import OperationMalformed
from crdt_pms.ledger.fields import Content, FieldWrong, Scalar, Value, require_row_id
from crdt_pms.ledger.levels import LEVEL_FIRST
from crdt_pms.ledger.limits import (
    FIELD_NAME_CHARACTERS_MAX,
    FIELDS_MAX,
    INTEGER_MAX,
    NAMES_MAX,
    ORIGIN_CHARACTERS_MAX,
    READS_MAX,
    REASON_CHARACTERS_MAX,
    SCALAR_CHARACTERS_MAX,
    WRITES_MAX,
)
from crdt_pms.ledger.policies import FIELD_GROUPS, rows_named

OPERATION_FORMAT: Final = 1
"""The newest format of payloads that this version reads; it reads all former ones."""
DIGEST_BYTES: Final = 16
_Personal = dict[int, tuple[object, object]]
_FLAGS: Final = int(KeyFlag.APPEND | KeyFlag.ADMINISTRATORS)


class _Key(NamedTuple):
    group: str
    row: str
    flags: int


class Register(_Key):
    """The unit of merging: one field group of one row.

    `flags` (`KeyFlag`) say how it merges and belong to its identity; without them those that this version declares.
    """

    __slots__ = ()

    def __new__(cls, group: str, row: str, flags: int | None = None) -> Self:
        """A register."""
        if flags is None:
            declared = FIELD_GROUPS.get(group)
            flags = 0 if declared is None else declared.flags
        return super().__new__(cls, group, row, flags)

    @property
    def is_append(self) -> bool:
        """Whether its writes are never superseded."""
        return bool(self.flags & KeyFlag.APPEND)


@dataclass(frozen=True, slots=True)
class Write:
    """One register written whole.

    `content` is what is on the wire; None once it was erased. `names` holds the dots of the writes that the author read
    and replaces, sorted; `reads` those of other registers of a declared pair that it saw; `base` the content that it
    saw (asked for where a person decides conflicts); `resolution` marks a person's choice among the writes
    that it names. `sealed` is the digest of a personal content, known once it has its salt.
    """

    register: Register
    content: Content | None
    names: tuple[Dot, ...] = ()
    reads: tuple[Dot, ...] = ()
    base: Content | None = None
    resolution: bool = False
    sealed: bytes = field(default=b"", compare=False)

    @classmethod
    def of(
        cls,
        register: Register,
        value: Value,
        names: tuple[Dot, ...] = (),
        reads: tuple[Dot, ...] = (),
        base: Value | None = None,
        *,
        resolution: bool = False,
    ) -> Self:
        """A write of a declared group from the values of its fields. Raises `FieldWrong` and KeyError."""
        group = FIELD_GROUPS[register.group]
        seen = None if base is None else group.content_of(base)
        return cls(register, group.content_of(value), names, reads, seen, resolution)

    @property
    def digest(self) -> bytes:
        """What the write says, for comparing: personal content by the digest of its salted part."""
        return self.sealed or digest_of(self.content)


@dataclass(frozen=True, slots=True)
class Operation:
    """What was done, by which system, and why (may be empty), as writes that apply together."""

    action: str
    origin: str
    reason: str
    writes: tuple[Write, ...]


class EncodedOperation(NamedTuple):
    """Everything that the header of an entry needs of an operation, and the parts of the payload by role."""

    parts: tuple[tuple[int, bytes], ...]
    supersedes: tuple[Dot, ...]
    reads: tuple[Dot, ...]
    keys: tuple[RegisterKey, ...]
    rows: tuple[RowConcerned, ...]
    format: int = OPERATION_FORMAT
    level: int = LEVEL_FIRST


class OperationEntry(Protocol):
    """What of an entry an operation is read from (`crdt_pms.journal.entry.Entry`)."""

    @property
    def action(self) -> ActionMark: ...
    @property
    def supersedes(self) -> tuple[Dot, ...]: ...
    @property
    def reads(self) -> tuple[Dot, ...]: ...
    @property
    def keys(self) -> tuple[RegisterKey, ...]: ...
    @property
    def part_digests(self) -> tuple[PartDigest, ...]: ...
    @property
    def parts(self) -> tuple[bytes | None, ...]: ...


def digest_of(content: Content | None) -> bytes:
    """What a content says, in few bytes: equal for equal contents only."""
    canonical = None if content is None else sorted(content.items())
    return hashlib.sha256(pack(canonical)).digest()[:DIGEST_BYTES]


def encode_operation(operation: Operation, salt: bytes, level: int = LEVEL_FIRST) -> EncodedOperation:
    """What an entry holds of an operation. `salt`: 16 fresh random bytes; `level`: that of the property.

    Raises `OperationMalformed` where `decode_operation` would, and where a declared group is written with what has no
    meaning in this version or at this level: nothing must be written then.
    """
    supersedes = tuple(sorted({dot for write in operation.writes for dot in write.names}))
    reads = tuple(sorted({dot for write in operation.writes for dot in write.reads}))
    try:
        _require_lists(len(operation.writes), len(supersedes), len(reads))
        _require_heading(operation.origin, operation.reason)
        if not operation.action:
            raise FieldWrong("it does not say which action it is")
        keys = tuple([RegisterKey(*write.register) for write in operation.writes])
        _require_registers(keys)
        named = {dot: index for index, dot in enumerate(supersedes)}
        read = {dot: index for index, dot in enumerate(reads)}
        listed: list[object] = []
        personal: list[list[object]] = []
        for index, write in enumerate(operation.writes):
            content, base = _require_written(write, level)
            indices = sorted({named[dot] for dot in write.names}), sorted({read[dot] for dot in write.reads})
            group = FIELD_GROUPS.get(write.register.group)
            if group is not None and group.is_personal:
                personal.append([index, content, base])
                content = base = None
            listed.append([content, *indices, base, write.resolution])
        parts = [(int(PartRole.CONTENT), pack([operation.origin, operation.reason, listed]))]
        if personal:
            if len(salt) != SALT_BYTES:
                raise FieldWrong(f"a salt of {len(salt)} bytes, {SALT_BYTES} are needed")
            parts.append((int(PartRole.PERSONAL), salt + pack(personal)))
    except (FieldWrong, WireFieldWrong, UnicodeError) as error:
        raise OperationMalformed(str(error)) from error
    size = sum(len(part) for _role, part in parts)
    if size > PAYLOAD_BYTES_MAX:
        raise OperationMalformed(f"{size} bytes, at most {PAYLOAD_BYTES_MAX} are allowed")
    return EncodedOperation(tuple(parts), supersedes, reads, keys, _rows_of(operation.writes), level=level)


def decode_operation(entry: OperationEntry) -> Operation:
    """The operation of an entry with a payload of format 1. Raises `OperationMalformed`."""
    try:
        content, personal, seal = _parts(entry)
        origin, reason, items = unpack_array(content, 3, PAYLOAD_BYTES_MAX)
        listed = take_list(items, "writes", WRITES_MAX)
        _require_lists(len(listed), len(entry.supersedes), len(entry.reads))
        if len(listed) != len(entry.keys):
            raise FieldWrong(f"{len(listed)} writes, the header names {len(entry.keys)} registers")
        heading = _require_heading(origin, reason)
        _require_registers(entry.keys)
        reader = _Reader(entry, personal, seal)
        writes = tuple([reader.write(index, item) for index, item in enumerate(listed)])
        reader.require_all_used()
    except (FieldWrong, WireFieldWrong) as error:
        raise OperationMalformed(str(error)) from error
    return Operation(entry.action.name, *heading, writes)


def content_from(content: object) -> Content | None:
    """A content that a store holds; None for none. Raises `FieldWrong`."""
    return None if content is None else _require_content(content)


class _Reader:
    """Reads the writes of one operation, and notes what of header and personal part they use."""

    def __init__(self, entry: OperationEntry, personal: _Personal | None, seal: bytes) -> None:
        self._entry = entry
        self._personal = personal
        self._seal = seal
        self._names: set[int] = set()
        self._reads: set[int] = set()
        self._sealed: set[int] = set()

    def write(self, index: int, item: object) -> Write:
        """The write at that place."""
        parts = take_list(item, "write", 5)
        if len(parts) != 5:
            raise FieldWrong("a write has five parts")
        content, names, reads, base, resolution = parts
        register = Register(*self._entry.keys[index])
        named = _dots(names, self._entry.supersedes, self._names)
        read = _dots(reads, self._entry.reads, self._reads)
        sealed = b""
        if content is None:
            sealed = _sealed(self._seal, index)
            content, base = self._unseal(index, base)
        return Write(
            register,
            content_from(content),
            named,
            read,
            content_from(base),
            _require_names(register, len(named), resolution),
            sealed,
        )

    def require_all_used(self) -> None:
        """FieldWrong where header or personal part hold what belongs to no write."""
        if len(self._names) != len(self._entry.supersedes):
            raise FieldWrong("its header names writes that no register of it replaces")
        if len(self._reads) != len(self._entry.reads):
            raise FieldWrong("its header names reads that no register of it has")
        if self._personal is not None and self._sealed != self._personal.keys():
            raise FieldWrong("its personal part holds what belongs to no write")

    def _unseal(self, index: int, base: object) -> tuple[object, object]:
        if not self._seal or base is not None:
            raise FieldWrong("a write has no content")
        if self._personal is None:
            return None, None
        found = self._personal.get(index)
        if found is None or found[0] is None:
            raise FieldWrong("a write has no personal content")
        self._sealed.add(index)
        return found


def _parts(entry: OperationEntry) -> tuple[bytes, _Personal | None, bytes]:
    """The content part, what the personal part holds (None without one, or once it was erased), and its digest."""
    roles = [role for role, _digest in entry.part_digests]
    if roles not in ([PartRole.CONTENT], [PartRole.CONTENT, PartRole.PERSONAL]):
        raise FieldWrong("its payload is not a content part, with a personal part after it or not")
    content = entry.parts[0]
    if content is None:
        raise FieldWrong("its content part is absent")
    if len(roles) == 1:
        return content, None, b""
    seal, part = entry.part_digests[1].digest, entry.parts[1]
    if part is None:
        return content, None, seal
    if len(part) < SALT_BYTES:
        raise FieldWrong("its personal part has no salt")
    return content, _personal(part[SALT_BYTES:]), seal


def _personal(part: bytes) -> _Personal:
    found: _Personal = {}
    previous = -1
    for item in unpack_any_array(part, PAYLOAD_BYTES_MAX):
        triple = take_list(item, "personal content", 3)
        if len(triple) != 3:
            raise FieldWrong("a personal content is the place of a write, a content and a base")
        previous = take_int(triple[0], "place of a personal content", previous + 1, WRITES_MAX)
        found[previous] = triple[1], triple[2]
    return found


def _sealed(part_digest: bytes, index: int) -> bytes:
    return hashlib.sha256(part_digest + index.to_bytes(4, "big")).digest()[:DIGEST_BYTES]


def _said(wrong: object) -> str:
    """A wrong value in a message: short text or an integer itself, of anything else the type.

    The value comes from outside. A deep nest cannot even be written out without exhausting the stack.
    """
    if isinstance(wrong, int) or (isinstance(wrong, str) and len(wrong) <= FIELD_NAME_CHARACTERS_MAX):
        return repr(wrong)
    return f"of type {type(wrong).__name__}"


def _require_lists(writes: int, names: int, reads: int) -> None:
    if not 1 <= writes <= WRITES_MAX:
        raise FieldWrong(f"it has {writes} writes, 1 to {WRITES_MAX} are allowed")
    if names > NAMES_MAX:
        raise FieldWrong(f"it names {names} writes, at most {NAMES_MAX} are allowed")
    if reads > READS_MAX:
        raise FieldWrong(f"it reads {reads} writes, at most {READS_MAX} are allowed")


def _require_heading(origin: object, reason: object) -> tuple[str, str]:
    system = take_text(origin, "origin", ORIGIN_CHARACTERS_MAX)
    if not system:
        raise FieldWrong("it does not say which system it comes from")
    return system, take_text(reason, "reason", REASON_CHARACTERS_MAX)


def _require_registers(keys: Sequence[RegisterKey]) -> None:
    for group, row, flags in keys:
        if not 1 <= len(group) <= GROUP_CHARACTERS_MAX:
            raise FieldWrong(f"the field group {_said(group)} has no name of 1 to {GROUP_CHARACTERS_MAX} characters")
        require_row_id(row)
        if not 0 <= flags <= _FLAGS:
            raise FieldWrong(f"the flags {flags} are not known")
    if len(keys) > 1 and len({(group, row) for group, row, _flags in keys}) != len(keys):
        raise FieldWrong("it writes one register twice")


def _require_names(register: Register, names: int, resolution: object) -> bool:
    if type(resolution) is not bool:
        raise FieldWrong("resolution is neither true nor false")
    if resolution and not names:
        raise FieldWrong(f"a resolution of {register.group} names no write: there is nothing to choose between")
    if register.is_append and names:
        # Law 8: a posting never changes. It is corrected by a reversing posting, under a row id of its own.
        raise FieldWrong(f"{register.group} never changes: no write of it is replaced")
    return resolution


def _require_content(content: object) -> dict[str, Scalar]:
    if not isinstance(content, dict):
        raise FieldWrong("a content is not a mapping of fields")
    given = cast("dict[object, object]", content)
    if len(given) > FIELDS_MAX:
        raise FieldWrong(f"a content of {len(given)} fields, at most {FIELDS_MAX} are allowed")
    for name, scalar in given.items():
        if not isinstance(name, str) or not 1 <= len(name) <= FIELD_NAME_CHARACTERS_MAX:
            raise FieldWrong(f"the field name {_said(name)} is not text of 1 to {FIELD_NAME_CHARACTERS_MAX} characters")
        _require_scalar(scalar)
    return cast("dict[str, Scalar]", given)


def _require_scalar(scalar: object) -> None:
    if isinstance(scalar, str):
        if len(scalar) > SCALAR_CHARACTERS_MAX:
            raise FieldWrong(f"text of {len(scalar)} characters, at most {SCALAR_CHARACTERS_MAX} are allowed")
    elif type(scalar) is int:
        if not -INTEGER_MAX <= scalar <= INTEGER_MAX:
            raise FieldWrong(f"an integer is not within {-INTEGER_MAX}..{INTEGER_MAX}")
    elif scalar is not None and type(scalar) is not bool:
        raise FieldWrong(f"a field holds a value {_said(scalar)}")


def _require_written(write: Write, level: int) -> tuple[Content, Content | None]:
    """What an author writes: of the right structure, and where this version knows the group also of its types and level."""
    if write.content is None:
        raise FieldWrong("an erased content cannot be written")
    _require_names(write.register, len(write.names), write.resolution)
    content = dict(sorted(_require_content(dict(write.content)).items()))
    base = None if write.base is None else dict(sorted(_require_content(dict(write.base)).items()))
    group = FIELD_GROUPS.get(write.register.group)
    if group is not None:
        if write.register.flags != group.flags:
            raise FieldWrong(f"{group.name} is of another kind than {write.register.flags}")
        group.require_meaning(content)
        if group.level_of(content) > level:
            raise FieldWrong(f"{group.name} says what the property's level {level} does not have yet")
    return content, base


def _dots(indices: object, listed: tuple[Dot, ...], used: set[int]) -> tuple[Dot, ...]:
    dots: list[Dot] = []
    previous = -1
    for index in take_list(indices, "names", len(listed)):
        if type(index) is not int or not previous < index < len(listed):
            raise FieldWrong("names are not ascending positions in the header's lists")
        dots.append(listed[index])
        used.add(index)
        previous = index
    return tuple(dots)


def _rows_of(writes: Sequence[Write]) -> tuple[RowConcerned, ...]:
    """The rows that the writes are about beside those of their keys; a header holds only so many."""
    found = {
        RowConcerned(kind, row)
        for write in writes
        if write.content is not None
        for kind, row in rows_named(write.register.group, write.content)
    }
    return tuple(sorted(found)[:ROWS_MAX])
