"""A snapshot: everything that a later judgement needs of the committed order up to a position, in chunks.

    head     signed by a relay: an end of the order, the content digest there, the hash of the index
    index    for each section the hashes of its chunks
    section  a kind of records, of what began in one range of the committed order
    chunk    zlib of a msgpack list of records; its name is its SHA-256

A chunk is known by its hash. So two snapshots share what did not change between them, on disk and on the wire, and a node asks
for no more than it lacks. What old parts of the history hold changes seldom: a section is made anew only when something that
began there was touched.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from crdt_pms.journal.keys import is_signed
from crdt_pms.journal.limits import HASH_BYTES, SEQ_MAX, SIGNATURE_BYTES
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list, unpack_any_array
from crdt_pms.log.errors import SnapshotMalformed, SnapshotNewer, SnapshotTooLarge
from crdt_pms.log.limits import (
    CHUNK_BYTES_MAX,
    CHUNK_PLAIN_BYTES,
    CHUNK_PLAIN_BYTES_MAX,
    RECORD_BYTES_MAX,
    SECTION_CHUNKS_MAX,
    SECTIONS_MAX,
)

FORMAT: Final = 1
"""Raised when a reader of the format before could not install what is written now."""
_DOMAIN: Final = b"crdt-pms snapshot v1\0"


class Kind(IntEnum):
    """What the records of a section are; `records` gives their shapes."""

    REGISTERS = 1
    JOURNALS = 2
    DOCUMENTS = 3
    ENTRIES = 4
    """Entries that stay in the log: those that are not applied, and forked ones."""
    WITHHELD = 5
    FORKS = 6
    BRANCHES = 7
    CHECKPOINTS = 8
    VALUES = 9
    NAMES = 10
    """By which bytes the standing writes of registers are named, and when these were written."""
    LOSING = 11
    """Entries with values that conflicts were about and that registers hold as digests."""


class SectionKey(NamedTuple):
    """Kind, and which range of the order its records began in; 0 for what is not parted by ranges."""

    kind: int
    segment: int


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """What a relay says of a snapshot, in its own signature.

    `end` is the end of the order that it stands at; `content` the content digest there; `made_ms` when the order ended there,
    by the relay's clock (UTC milliseconds). It is proven only where `is_proven` says so.
    """

    end: SignedEnd
    content: bytes
    index: bytes
    made_ms: int
    format: int
    signature: bytes

    @classmethod
    def sign(cls, relay: EnrolledDevice, end: SignedEnd, content: bytes, index: bytes, made_ms: int) -> SnapshotHead:
        """Vouch for a snapshot, as the relay that signed the end."""
        unsigned = cls(end, content, index, made_ms, FORMAT, b"")
        return cls(end, content, index, made_ms, FORMAT, relay.key.sign(unsigned._signed()))

    @classmethod
    def from_wire(cls, value: object) -> SnapshotHead:
        """Read back `to_wire`, without verifying it. FieldWrong when malformed, CertificateRefused for its chain."""
        end, content, index, made_ms, format_, signature = take_list(value, "head of a snapshot", 6)
        return cls(
            SignedEnd.from_wire(end),
            take_bytes(content, "content digest", HASH_BYTES),
            take_bytes(index, "hash of an index", HASH_BYTES),
            take_int(made_ms, "time", 0, SEQ_MAX),
            take_int(format_, "format", 1, 2**16 - 1),
            take_bytes(signature, "signature", SIGNATURE_BYTES),
        )

    def to_wire(self) -> list[object]:
        """What is packed into a message or a store."""
        return [self.end.to_wire(), self.content, self.index, self.made_ms, self.format, self.signature]

    @property
    def through(self) -> int:
        """The position of the committed order up to which it holds everything."""
        return self.end.through

    def is_proven(self, property_id: str, root_key: bytes) -> bool:
        """Whether a relay of that property, under that root, signed it."""
        is_end_proven = self.end.is_proven(property_id, root_key)
        return is_end_proven and is_signed(self.end.device_key, self.signature, self._signed())

    def require_readable(self) -> None:
        """SnapshotNewer for a format that this program does not know."""
        if self.format > FORMAT:
            raise SnapshotNewer(
                f"the snapshot at position {self.through} has format {self.format}, this program reads {FORMAT}: update it"
            )

    def _signed(self) -> bytes:
        return _DOMAIN + pack([self.end.to_wire(), self.content, self.index, self.made_ms, self.format])


@dataclass(frozen=True, slots=True)
class Index:
    """The chunks of every section. `width` is how many positions of the order a segment has."""

    width: int
    sections: Mapping[SectionKey, tuple[bytes, ...]] = field(default_factory=dict[SectionKey, tuple[bytes, ...]])

    def encode(self) -> bytes:
        """The index as one chunk. Equal indexes give equal bytes."""
        sections = [[*key, list(hashes)] for key, hashes in sorted(self.sections.items()) if hashes]
        return zlib.compress(pack([self.width, sections]))

    @classmethod
    def decode(cls, chunk: bytes) -> Index:
        """Read back `encode`. Raises SnapshotMalformed."""
        try:
            width, items = unpack_any_array(_unfolded(chunk), CHUNK_PLAIN_BYTES_MAX)
            sections: dict[SectionKey, tuple[bytes, ...]] = {}
            for item in take_list(items, "sections", SECTIONS_MAX):
                kind, segment, hashes = take_list(item, "section", 3)
                key = SectionKey(take_int(kind, "kind", 1, 2**16 - 1), take_int(segment, "segment", 0, SEQ_MAX))
                named = take_list(hashes, "chunks", SECTION_CHUNKS_MAX)
                sections[key] = tuple([take_bytes(one, "hash of a chunk", HASH_BYTES) for one in named])
            return cls(take_int(width, "width of a segment", 1, SEQ_MAX), sections)
        except ValueError as error:
            raise SnapshotMalformed(f"the index of a snapshot does not read: {error}") from error

    @property
    def chunks(self) -> list[bytes]:
        """The hashes of all chunks, each once, in the order of the sections."""
        return list(dict.fromkeys(one for _key, hashes in sorted(self.sections.items()) for one in hashes))

    def of_kind(self, kind: Kind) -> list[bytes]:
        """The hashes of the chunks of one kind."""
        return [one for key, hashes in sorted(self.sections.items()) if key.kind == kind for one in hashes]

    def require_readable(self) -> None:
        """SnapshotNewer for a kind of records that this program does not know."""
        unknown = sorted({key.kind for key in self.sections} - set(Kind))
        if unknown:
            raise SnapshotNewer(
                f"the snapshot has records of kind {unknown[0]}, which this program does not know: update it"
            )


def name_of(chunk: bytes) -> bytes:
    """The name under which a chunk, or an index, is stored and asked for."""
    return hashlib.sha256(chunk).digest()


def chunks_of(records: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Records in as many chunks as they need, in their order. Equal records give equal chunks. Raises SnapshotTooLarge."""
    waiting: list[bytes] = []
    size = 0
    for record in records:
        encoded = pack(list(record))
        if len(encoded) > RECORD_BYTES_MAX:
            raise SnapshotTooLarge(f"a record of a snapshot has {len(encoded)} bytes, {RECORD_BYTES_MAX} are the most")
        # Encoded apart, since the records themselves are what is counted; the list's head is put before them.
        if waiting and size + len(encoded) > CHUNK_PLAIN_BYTES:
            yield _chunk(waiting)
            waiting, size = [], 0
        waiting.append(encoded)
        size += len(encoded)
    if waiting:
        yield _chunk(waiting)


def records_in(chunk: bytes) -> list[list[object]]:
    """The records of a chunk. Raises SnapshotMalformed."""
    try:
        items = unpack_any_array(_unfolded(chunk), CHUNK_PLAIN_BYTES_MAX)
        return [unpack_any_array(take_bytes_of(item), CHUNK_PLAIN_BYTES_MAX) for item in items]
    except ValueError as error:
        raise SnapshotMalformed(f"a chunk of a snapshot does not read: {error}") from error


def take_bytes_of(item: object) -> bytes:
    """The bytes of a record. Raises FieldWrong."""
    if not isinstance(item, bytes):
        raise FieldWrong("a record of a snapshot is no bytes")
    return item


def require_chunk(name: bytes, chunk: bytes) -> None:
    """SnapshotMalformed unless the chunk has that name and no more than the largest size."""
    if len(chunk) > CHUNK_BYTES_MAX or name_of(chunk) != name:
        raise SnapshotMalformed("a chunk of a snapshot is not the one that was asked for")


def _chunk(records: list[bytes]) -> bytes:
    return zlib.compress(pack(records))


def _unfolded(chunk: bytes) -> bytes:
    reader = zlib.decompressobj()
    try:
        plain = reader.decompress(chunk, CHUNK_PLAIN_BYTES_MAX)
    except zlib.error as error:
        raise SnapshotMalformed(f"a chunk of a snapshot does not unfold: {error}") from error
    if not reader.eof or reader.unused_data:
        raise SnapshotMalformed("a chunk of a snapshot is too large, cut short, or followed by something")
    return plain
