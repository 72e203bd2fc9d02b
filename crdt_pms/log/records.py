"""The records of a snapshot's chunks: what each kind says, written and read back strictly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from itertools import groupby
from typing import Final, NamedTuple, TypeVar

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, take_parts
from crdt_pms.journal.errors import JournalError
from crdt_pms.journal.forks import ForkProof
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import (
    CERTIFICATE_BYTES_MAX,
    CODE_MAX,
    GROUP_CHARACTERS_MAX,
    HASH_BYTES,
    HEADER_BYTES_MAX,
    JOURNAL_ID_BYTES,
    PREFIX_BYTES,
    ROW_CHARACTERS_MAX,
    SEQ_MAX,
    SIGNATURE_BYTES,
    STAMP_COUNTER_MAX,
    TEXT_CHARACTERS_MAX,
)
from crdt_pms.journal.positions import Checkpoint
from crdt_pms.journal.wire import FieldWrong, take_bytes, take_bytes_up_to, take_int, take_list, take_text
from crdt_pms.log.errors import SnapshotMalformed
from crdt_pms.log.limits import RECORD_BYTES_MAX
from crdt_pms.ports.records import CoveredJournal, EntryName, HeldRecord, QuarantineRecord, WriteRecord

Read = TypeVar("Read")
WRITES_PER_RECORD: Final = 128
"""A register with more writes takes several records, one after the other."""
PIECE_BYTES: Final = 256 * 1024
"""A register, a document or a named value with more takes several records, one after the other."""
_WORDS_MAX: Final = 10_000
"""Longest reason; a longer one is cut where it is written."""


class Why(IntEnum):
    """Why an entry is recorded beside the log."""

    QUARANTINED = 1
    HELD = 2
    OF_NEWER_GROUP = 3


class KeptEntry(NamedTuple):
    """An entry that a snapshot holds whole, and its place in the committed order."""

    entry: Entry
    committed: int


class Piece(NamedTuple):
    """A part of a document's state, or of a named value; parts of one follow each other from 0."""

    name: str
    number: int
    content: bytes


def written_registers(writes: Iterable[WriteRecord]) -> Iterator[list[object]]:
    """Registers, the writes of each together."""
    for register, held in groupby(writes, key=lambda one: one[:3]):
        items: list[list[object]] = []
        size = 0
        for one in held:
            if items and (len(items) == WRITES_PER_RECORD or size + len(one.state) > PIECE_BYTES):
                yield [*register, items]
                items, size = [], 0
            items.append([*one.dot, one.standing, one.state])
            size += len(one.state)
        yield [*register, items]


def read_register(record: list[object]) -> list[WriteRecord]:
    """The writes of one record. Raises SnapshotMalformed."""
    return _read(_read_register, record)


def _read_register(record: list[object]) -> list[WriteRecord]:
    group, row, flags, items = record
    register = (
        take_text(group, "group", GROUP_CHARACTERS_MAX),
        take_text(row, "row", ROW_CHARACTERS_MAX),
        take_int(flags, "flags", 0, CODE_MAX),
    )
    writes: list[WriteRecord] = []
    for item in take_list(items, "writes", WRITES_PER_RECORD):
        journal, seq, standing, state = take_list(item, "write", 4)
        writes.append(
            WriteRecord(
                *register,
                _dot(journal, seq),
                take_int(standing, "standing", 0, 2),
                take_bytes_up_to(state, "state of a write", RECORD_BYTES_MAX),
            )
        )
    return writes


def written_journal(journal: CoveredJournal) -> list[object]:
    """A journal as the snapshot covers it."""
    certificate, head, stamp = journal
    return [certificate.encoded, certificate.signature, head.seq, head.hash, *stamp]


def read_journal(record: list[object]) -> CoveredJournal:
    """Read back `written_journal`. Raises SnapshotMalformed; the certificate is not verified."""
    return _read(_read_journal, record)


def _read_journal(record: list[object]) -> CoveredJournal:
    encoded, signature, seq, digest, milliseconds, counter = record
    certificate = Certificate.decode(
        take_bytes_up_to(encoded, "certificate", CERTIFICATE_BYTES_MAX),
        take_bytes(signature, "signature", SIGNATURE_BYTES),
    )
    head = Head(certificate.journal, take_int(seq, "number", 1, SEQ_MAX), take_bytes(digest, "hash", HASH_BYTES))
    stamp = Stamp(
        take_int(milliseconds, "milliseconds", 0, SEQ_MAX), take_int(counter, "counter", 0, STAMP_COUNTER_MAX)
    )
    return CoveredJournal(certificate, head, stamp)


def pieces(name: str, content: bytes) -> Iterator[list[object]]:
    """A document's state, or a named value, in parts."""
    for number, begin in enumerate(range(0, max(len(content), 1), PIECE_BYTES)):
        yield [name, number, content[begin : begin + PIECE_BYTES]]


def joined_pieces(records: Iterable[list[object]]) -> Iterator[tuple[str, bytes]]:
    """Read back `pieces` of several names. Raises SnapshotMalformed."""
    for name, parts in groupby((_read(_read_piece, record) for record in records), key=lambda one: one.name):
        content: list[bytes] = []
        for part in parts:
            if part.number != len(content):
                raise SnapshotMalformed(f"part {len(content)} of {name!r} is missing")
            content.append(part.content)
        yield name, b"".join(content)


def _read_piece(record: list[object]) -> Piece:
    name, number, content = record
    return Piece(
        take_text(name, "name", TEXT_CHARACTERS_MAX),
        take_int(number, "part", 0, SEQ_MAX),
        take_bytes_up_to(content, "part", PIECE_BYTES),
    )


def written_entry(entry: Entry, committed: int = 0) -> list[object]:
    """An entry whole, and its place in the committed order; 0 for one of another branch."""
    return [entry.header, list(entry.parts), entry.signature, committed]


def read_entry(record: list[object]) -> KeptEntry:
    """Read back `written_entry`. Raises SnapshotMalformed."""
    return _read(_read_entry, record)


def _read_entry(record: list[object]) -> KeptEntry:
    header, parts, signature, committed = record
    entry = Entry.decode(
        take_bytes_up_to(header, "header", HEADER_BYTES_MAX),
        take_parts(parts),
        take_bytes(signature, "signature", SIGNATURE_BYTES),
    )
    return KeptEntry(entry, take_int(committed, "position", 0, SEQ_MAX))


def written_withheld(record: QuarantineRecord | HeldRecord) -> list[object]:
    """Why an entry is not applied."""
    why = Why.QUARANTINED if isinstance(record, QuarantineRecord) else Why.HELD
    words = (text[:_WORDS_MAX].replace("\0", "\ufffd") for text in (record.reason, record.detail))
    return [*record.dot, int(why), *words]


def written_newer(dot: Dot) -> list[object]:
    """That an applied entry writes groups that the maker's program does not know."""
    return [*dot, int(Why.OF_NEWER_GROUP), "", ""]


def read_withheld(record: list[object]) -> QuarantineRecord | HeldRecord | Dot:
    """Read back `written_withheld`, or `written_newer` as a dot. Raises SnapshotMalformed."""
    return _read(_read_withheld, record)


def _read_withheld(record: list[object]) -> QuarantineRecord | HeldRecord | Dot:
    journal, seq, why, reason, detail = record
    dot = _dot(journal, seq)
    words = (take_text(reason, "reason", _WORDS_MAX), take_text(detail, "detail", _WORDS_MAX))
    match take_int(why, "reason", 1, max(Why)):
        case Why.QUARANTINED:
            return QuarantineRecord(dot, *words)
        case Why.HELD:
            return HeldRecord(dot, *words)
        case _:
            return dot


def written_name(dot: Dot, name: EntryName) -> list[object]:
    """What later entries may need of an entry."""
    return [*dot, name.prefix, *name.stamp]


def read_name(record: list[object]) -> tuple[Dot, EntryName]:
    """Read back `written_name`. Raises SnapshotMalformed."""
    return _read(_read_name, record)


def _read_name(record: list[object]) -> tuple[Dot, EntryName]:
    journal, seq, prefix, milliseconds, counter = record
    stamp = Stamp(
        take_int(milliseconds, "milliseconds", 0, SEQ_MAX), take_int(counter, "counter", 0, STAMP_COUNTER_MAX)
    )
    return _dot(journal, seq), EntryName(take_bytes(prefix, "prefix", PREFIX_BYTES), stamp)


def read_fork(record: list[object]) -> ForkProof:
    """A fork proof. Raises SnapshotMalformed; it is not verified."""
    return _read(lambda fields: ForkProof.decode(take_bytes_up_to(fields[0], "proof", RECORD_BYTES_MAX)), record)


def read_checkpoint(record: list[object]) -> Checkpoint:
    """A digest of the order. Raises SnapshotMalformed."""
    return _read(_read_checkpoint, record)


def _read_checkpoint(record: list[object]) -> Checkpoint:
    position, digest = record
    return Checkpoint(take_int(position, "position", 1, SEQ_MAX), take_bytes(digest, "digest", HASH_BYTES))


def _dot(journal: object, seq: object) -> Dot:
    return Dot(JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)), take_int(seq, "number", 1, SEQ_MAX))


def _read(reader: Callable[[list[object]], Read], record: list[object]) -> Read:
    try:
        return reader(record)
    except (ValueError, IndexError, JournalError) as error:
        words = str(error) if isinstance(error, FieldWrong) else type(error).__name__
        raise SnapshotMalformed(f"a record of a snapshot does not read: {words}") from error
