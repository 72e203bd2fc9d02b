"""An entry: one numbered, hashed and signed record of a journal. Its bytes are encoded once, by its author.

    header = msgpack [journal, seq, previous hash, kind, milliseconds, counter, author, authentication,
                      {journal: seq}, [[journal, seq, hash prefix], …], [[journal, seq, hash prefix], …],
                      [[group, row, flags], …], [[kind, row], …], [document, …], [action, first seq],
                      [journal, seq] | nil, level, format, [[role, SHA-256], …]]

The header is what is hashed and signed. Its fields never change, so that every version of the program can verify, order,
store, forward and gate every entry; only the parts of the payload are versioned, by `level` and `format`. The header holds
the *digests* of the parts, so that a part with personal data can be erased while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import EntryMalformed
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import (
    ACTION_CHARACTERS_MAX,
    CODE_MAX,
    CONTEXT_JOURNALS_MAX,
    DOCUMENTS_MAX,
    GROUP_CHARACTERS_MAX,
    HASH_BYTES,
    HEADER_BYTES_MAX,
    JOURNAL_ID_BYTES,
    KEYS_MAX,
    PARTS_MAX,
    PAYLOAD_BYTES_MAX,
    PREFIX_BYTES,
    READS_MAX,
    ROW_CHARACTERS_MAX,
    ROWS_MAX,
    SALT_BYTES,
    SEQ_MAX,
    SIGNATURE_BYTES,
    STAMP_COUNTER_MAX,
    SUPERSEDES_MAX,
    TEXT_CHARACTERS_MAX,
)
from crdt_pms.journal.wire import (
    FieldWrong,
    pack,
    take_bytes,
    take_int,
    take_list,
    take_mapping,
    take_text,
    unpack_any_array,
    unpack_array,
)

ENTRY_DOMAIN: Final = b"crdt-pms entry v1\0"
"""Precedes the hash when it is signed, so that the signature cannot be taken for one over anything else."""
HEADER_FIELDS: Final = 19
FRAMING_BYTES: Final = 64
"""What msgpack adds to the parts of a payload at most."""


class EntryKind(IntEnum):
    """What the payload of an entry is. A later version may know more kinds; this version holds their entries."""

    OPERATION = 1
    """Writes to registers of rows (`crdt_pms.ledger.operation`)."""
    DOCUMENT = 2
    """A Yjs v1 update of the one document that the header names."""
    STATEMENT = 3
    """Something about the journal itself, such as what its author has seen."""


class KeyFlag(IntFlag):
    """How a register merges, and who may write it: judged from the header, on every version alike."""

    REPLACE = 0
    """Later writes supersede earlier ones."""
    APPEND = 1
    """A write is never superseded."""
    ADMINISTRATORS = 2
    """Only a journal of the class administrator writes it."""


class PartRole(IntEnum):
    """What a part of a payload holds."""

    CONTENT = 0
    PERSONAL = 1
    """Personal data behind a salt: only this part may be erased."""


class RegisterKey(NamedTuple):
    """A register that an operation writes."""

    group: str
    row: str
    flags: int = KeyFlag.REPLACE


class RowConcerned(NamedTuple):
    """A row that an entry is about beside those of its keys, so that versions that know less can be careful there."""

    kind: str
    row: str


class ActionMark(NamedTuple):
    """The action that an entry belongs to, and the number of the first entry of that action in the same journal."""

    name: str
    first_seq: int


class PartDigest(NamedTuple):
    """What a header says of one part: its role and its SHA-256."""

    role: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What an author wants to write, before it is numbered, chained and signed. See `Entry` for the meaning of the fields.

    `parts` are pairs of a role and its bytes; a personal part begins with `SALT_BYTES` of fresh randomness. `prefixes`
    gives the first bytes of the hash of every entry in `supersedes` and `reads`.
    """

    stamp: Stamp
    kind: int
    author: str
    parts: Sequence[tuple[int, bytes]]
    action: ActionMark
    authentication: str = ""
    context: Mapping[JournalId, int] = field(default_factory=dict[JournalId, int])
    supersedes: Sequence[Dot] = ()
    reads: Sequence[Dot] = ()
    prefixes: Mapping[Dot, bytes] = field(default_factory=dict[Dot, bytes])
    keys: Sequence[RegisterKey] = ()
    rows: Sequence[RowConcerned] = ()
    documents: Sequence[str] = ()
    grant: Dot | None = None
    level: int = 1
    format: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, decoded. `header`, `parts` and `signature` are its bytes as the author made them.

    `context` holds the advances of the author's version vector since its previous entry (for the first entry of a journal the
    whole vector); it says what the author had seen. `supersedes` are the writes that this one replaces and therefore depends
    on, `reads` the writes that its author saw without replacing them; both are sorted. `prefixes` holds the first bytes of the
    hashes of both, which tell two branches of a forked journal apart. `authentication` says how the author proved who it is,
    empty where nothing asked. `grant` is the entry that gave the author the right to do this. A part of the role `PERSONAL`
    is None after it was erased.
    """

    dot: Dot
    previous_hash: bytes
    kind: int
    stamp: Stamp
    author: str
    authentication: str
    context: Mapping[JournalId, int]
    supersedes: tuple[Dot, ...]
    reads: tuple[Dot, ...]
    prefixes: Mapping[Dot, bytes]
    keys: tuple[RegisterKey, ...]
    rows: tuple[RowConcerned, ...]
    documents: tuple[str, ...]
    action: ActionMark
    grant: Dot | None
    level: int
    format: int
    part_digests: tuple[PartDigest, ...]
    header: bytes
    parts: tuple[bytes | None, ...]
    signature: bytes
    hash: bytes

    @classmethod
    def decode(cls, header: bytes, parts: tuple[bytes | None, ...], signature: bytes) -> Entry:
        """Decode what a wire or a database holds. Signature and chain are verified by `chain.verify_range`, not here.

        Raises EntryMalformed when the header is not of this format, too large, or does not belong to the parts.
        """
        try:
            return cls._decode(header, parts, signature)
        except FieldWrong as error:
            raise EntryMalformed(f"entry refused: {error}") from error

    @classmethod
    def _decode(cls, header: bytes, parts: tuple[bytes | None, ...], signature: bytes) -> Entry:
        (
            journal, seq, previous, kind, milliseconds, counter, author, authentication, context, supersedes, reads, keys,
            rows, documents, action, grant, level, payload_format, digests,
        ) = unpack_array(header, HEADER_FIELDS, HEADER_BYTES_MAX)  # fmt: skip
        take_bytes(signature, "signature", SIGNATURE_BYTES)
        dot = _take_dot([journal, seq])
        prefixes: dict[Dot, bytes] = {}
        part_digests = _take_part_digests(digests)
        _require_parts(part_digests, parts)
        return cls(
            dot=dot,
            previous_hash=take_bytes(previous, "previous hash", HASH_BYTES),
            kind=take_int(kind, "kind", 1, CODE_MAX),
            stamp=Stamp(
                take_int(milliseconds, "milliseconds", 0, SEQ_MAX), take_int(counter, "counter", 0, STAMP_COUNTER_MAX)
            ),
            author=take_text(author, "author", TEXT_CHARACTERS_MAX),
            authentication=take_text(authentication, "authentication", TEXT_CHARACTERS_MAX),
            context=_take_vector(context),
            supersedes=_take_named(supersedes, "supersedes", SUPERSEDES_MAX, prefixes),
            reads=_take_named(reads, "reads", READS_MAX, prefixes),
            prefixes=prefixes,
            keys=_take_keys(keys),
            rows=_take_rows(rows),
            documents=tuple(
                [
                    take_text(one, "document", TEXT_CHARACTERS_MAX)
                    for one in take_list(documents, "documents", DOCUMENTS_MAX)
                ]
            ),
            action=_take_action(action, dot.seq),
            grant=None if grant is None else _take_dot(grant),
            level=take_int(level, "level", 1, CODE_MAX),
            format=take_int(payload_format, "format", 1, CODE_MAX),
            part_digests=part_digests,
            header=header,
            parts=parts,
            signature=signature,
            hash=hashlib.sha256(header).digest(),
        )

    @property
    def prefix(self) -> bytes:
        """The first bytes of the hash, by which others name this entry and no other branch's."""
        return self.hash[:PREFIX_BYTES]

    @property
    def document(self) -> str:
        """The document that a document update changes; empty for all else."""
        return self.documents[0] if self.kind == EntryKind.DOCUMENT and len(self.documents) == 1 else ""

    @property
    def content(self) -> bytes:
        """The first part with the role `CONTENT`; empty where the payload has none."""
        return next((part for (role, _), part in self._roles() if role == PartRole.CONTENT and part is not None), b"")

    @property
    def personal(self) -> bytes | None:
        """The personal part without its salt; None where there is none or it was erased."""
        found = next((part for (role, _), part in self._roles() if role == PartRole.PERSONAL), None)
        return None if found is None else found[SALT_BYTES:]

    @property
    def is_erased(self) -> bool:
        """Whether a part is absent."""
        return None in self.parts

    @property
    def size(self) -> int:
        """Bytes that this entry takes on a wire or disk, framing aside."""
        return len(self.header) + sum(len(part) for part in self.parts if part is not None) + len(self.signature)

    def _roles(self) -> zip[tuple[PartDigest, bytes | None]]:
        return zip(self.part_digests, self.parts, strict=True)


def encode_header(dot: Dot, previous_hash: bytes, content: Content) -> bytes:
    """The one encoding of a header: mappings and lists sorted, so that equal content gives equal bytes.

    Raises EntryMalformed for text that no encoding has, and KeyError for a named entry without a prefix.
    """
    try:
        return pack(
            [
                dot.journal,
                dot.seq,
                previous_hash,
                int(content.kind),
                content.stamp.milliseconds,
                content.stamp.counter,
                content.author,
                content.authentication,
                dict(sorted(content.context.items())),
                _named(content.supersedes, content.prefixes),
                _named(content.reads, content.prefixes),
                [[key.group, key.row, int(key.flags)] for key in content.keys],
                [list(row) for row in sorted(set(content.rows))],
                list(content.documents),
                list(content.action),
                None if content.grant is None else list(content.grant),
                content.level,
                content.format,
                [[int(role), hashlib.sha256(part).digest()] for role, part in content.parts],
            ]
        )
    except UnicodeError as error:
        raise EntryMalformed(
            "the entry holds text that cannot be written in UTF-8: leave that character out"
        ) from error


def unpack_parts(encoded: bytes) -> tuple[bytes | None, ...]:
    """The parts of a payload as a store keeps them: a msgpack list, nil for an erased one. Raises EntryMalformed."""
    try:
        return take_parts(unpack_any_array(encoded, PAYLOAD_BYTES_MAX + FRAMING_BYTES))
    except FieldWrong as error:
        raise EntryMalformed(f"entry refused: {error}") from error


def take_parts(value: object) -> tuple[bytes | None, ...]:
    """`value` as the parts of a payload. Raises FieldWrong."""
    parts: list[bytes | None] = []
    for part in take_list(value, "parts", PARTS_MAX):
        if part is not None and not isinstance(part, bytes):
            raise FieldWrong("a part of a payload is no bytes")
        parts.append(part)
    return tuple(parts)


def _named(dots: Sequence[Dot], prefixes: Mapping[Dot, bytes]) -> list[list[object]]:
    return [[*dot, prefixes[dot]] for dot in sorted(set(dots))]


def _take_dot(value: object) -> Dot:
    items = take_list(value, "dot", 2)
    if len(items) != 2:
        raise FieldWrong("a dot is a journal and a number")
    return Dot(JournalId(take_bytes(items[0], "journal", JOURNAL_ID_BYTES)), take_int(items[1], "number", 1, SEQ_MAX))


def _take_vector(value: object) -> dict[JournalId, int]:
    return {
        JournalId(take_bytes(journal, "context journal", JOURNAL_ID_BYTES)): take_int(seq, "context number", 1, SEQ_MAX)
        for journal, seq in take_mapping(value, "context", CONTEXT_JOURNALS_MAX).items()
    }


def _take_named(value: object, name: str, items_max: int, prefixes: dict[Dot, bytes]) -> tuple[Dot, ...]:
    dots: list[Dot] = []
    for item in take_list(value, name, items_max):
        parts = take_list(item, name, 3)
        if len(parts) != 3:
            raise FieldWrong(f"{name}: an entry is named by journal, number and hash prefix")
        dot = _take_dot(parts[:2])
        prefixes[dot] = take_bytes(parts[2], "hash prefix", PREFIX_BYTES)
        dots.append(dot)
    if any(left >= right for left, right in itertools.pairwise(dots)):
        raise FieldWrong(f"{name} are not sorted and unique")
    return tuple(dots)


def _take_keys(value: object) -> tuple[RegisterKey, ...]:
    keys: list[RegisterKey] = []
    for item in take_list(value, "keys", KEYS_MAX):
        parts = take_list(item, "key", 3)
        if len(parts) != 3:
            raise FieldWrong("a key is a group, a row and flags")
        group, row, flags = parts
        keys.append(
            RegisterKey(
                take_text(group, "group", GROUP_CHARACTERS_MAX),
                take_text(row, "row", ROW_CHARACTERS_MAX),
                take_int(flags, "flags", 0, CODE_MAX),
            )
        )
    return tuple(keys)


def _take_rows(value: object) -> tuple[RowConcerned, ...]:
    rows: list[RowConcerned] = []
    for item in take_list(value, "rows", ROWS_MAX):
        parts = take_list(item, "row", 2)
        if len(parts) != 2:
            raise FieldWrong("a row is a kind and an id")
        rows.append(
            RowConcerned(
                take_text(parts[0], "kind", GROUP_CHARACTERS_MAX), take_text(parts[1], "row", ROW_CHARACTERS_MAX)
            )
        )
    return tuple(rows)


def _take_action(value: object, seq: int) -> ActionMark:
    parts = take_list(value, "action", 2)
    if len(parts) != 2:
        raise FieldWrong("an action is a name and the number of its first entry")
    return ActionMark(take_text(parts[0], "action", ACTION_CHARACTERS_MAX), take_int(parts[1], "first entry", 1, seq))


def _take_part_digests(value: object) -> tuple[PartDigest, ...]:
    digests: list[PartDigest] = []
    for item in take_list(value, "parts", PARTS_MAX):
        parts = take_list(item, "part", 2)
        if len(parts) != 2:
            raise FieldWrong("a part is a role and a digest")
        digests.append(
            PartDigest(take_int(parts[0], "role", 0, CODE_MAX), take_bytes(parts[1], "part digest", HASH_BYTES))
        )
    return tuple(digests)


def _require_parts(digests: Sequence[PartDigest], parts: Sequence[bytes | None]) -> None:
    if len(parts) != len(digests):
        raise FieldWrong(f"{len(parts)} parts came, the header names {len(digests)}")
    size = sum(len(part) for part in parts if part is not None)
    if size > PAYLOAD_BYTES_MAX:
        raise FieldWrong(f"parts of {size} bytes, at most {PAYLOAD_BYTES_MAX} are allowed")
    for (role, digest), part in zip(digests, parts, strict=True):
        if part is None:
            if role != PartRole.PERSONAL:
                raise FieldWrong("a part is absent that holds no personal data")
        elif hashlib.sha256(part).digest() != digest:
            raise FieldWrong("a part does not match its digest")
        elif role == PartRole.PERSONAL and len(part) < SALT_BYTES:
            raise FieldWrong("a personal part has no salt")
