"""What a store keeps of snapshots, what it reads to make one, and what a node puts away because a snapshot holds it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgpack
from sqlalchemy import Dialect, bindparam, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from crdt_pms.journal.certificate import Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, unpack_parts
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import PREFIX_BYTES, SEQ_MAX
from crdt_pms.journal.positions import Checkpoint
from crdt_pms.journal.wire import pack
from crdt_pms.ports.records import CoveredEntry, CoveredJournal, EntryName, WriteRecord
from crdt_pms.store.sql_journals import SqlJournals
from crdt_pms.store.statements import Row, Statement, delete_from, upsert_into
from crdt_pms.store.tables import (
    BRANCH_ENTRY,
    COVERED_ENTRY,
    ENTRY,
    JOURNAL,
    ORDER_CHECKPOINT,
    REGISTER_WRITE,
    SNAPSHOT,
    SNAPSHOT_CHUNK,
)

_PROPERTY = bindparam("property_id")


class SnapshotStatements:
    """The statements about snapshots, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        def compiled(clause: Any) -> Statement:
            return Statement(clause, dialect)

        entry, journal, write = ENTRY.c, JOURNAL.c, REGISTER_WRITE.c
        self.heads = compiled(
            select(SNAPSHOT.c.head).where(SNAPSHOT.c.property_id == _PROPERTY).order_by(SNAPSHOT.c.through)
        )
        self.put_head = compiled(upsert_into(SNAPSHOT, dialect))
        self.remove_head = compiled(delete_from(SNAPSHOT))
        chunk = SNAPSHOT_CHUNK.c
        self.chunk = compiled(select(chunk.body).where(chunk.property_id == _PROPERTY, chunk.name == bindparam("name")))
        self.chunk_names = compiled(select(chunk.name).where(chunk.property_id == _PROPERTY))
        self.put_chunk = compiled(upsert_into(SNAPSHOT_CHUNK, dialect, keep_existing=True))
        self.remove_chunk = compiled(delete_from(SNAPSHOT_CHUNK))
        # Making one
        self.begun_at = compiled(
            select(func.min(write.position)).where(
                write.property_id == _PROPERTY,
                write.field_group == bindparam("field_group"),
                write.row_id == bindparam("row_id"),
                write.flags == bindparam("flags"),
            )
        )
        of_one = (write.field_group, write.row_id, write.flags)
        self.written_within = compiled(
            select(*of_one)
            .where(
                write.property_id == _PROPERTY,
                write.position > bindparam("after"),
                write.position <= bindparam("last"),
                write.position > 0,
            )
            .distinct()
        )
        self.of_register = compiled(
            select(write.journal, write.seq, write.standing, write.state)
            .where(
                write.property_id == _PROPERTY,
                write.field_group == bindparam("field_group"),
                write.row_id == bindparam("row_id"),
                write.flags == bindparam("flags"),
            )
            .order_by(write.journal, write.seq)
        )
        after = tuple_(bindparam("after_group"), bindparam("after_row"), bindparam("after_flags"))
        self.registers_after = compiled(
            select(*of_one)
            .where(write.property_id == _PROPERTY, tuple_(*of_one) > after)
            .distinct()
            .order_by(*of_one)
            .limit(bindparam("limit"))
        )
        within = (
            entry.property_id == _PROPERTY,
            entry.committed > bindparam("after"),
            entry.committed <= bindparam("last"),
        )
        self.journals_written = compiled(select(entry.journal).where(*within).distinct())
        self.journals_begun = compiled(select(entry.journal).where(*within, entry.seq == 1).order_by(entry.journal))
        self.first_of_journal = compiled(
            select(entry.committed).where(
                entry.property_id == _PROPERTY, entry.journal == bindparam("journal"), entry.seq == 1
            )
        )
        self.head_at = compiled(
            select(entry.seq, entry.hash, entry.stamp_ms, entry.stamp_counter)
            .where(
                entry.property_id == _PROPERTY,
                entry.journal == bindparam("journal"),
                entry.committed <= bindparam("last"),
            )
            .order_by(entry.seq.desc())
            .limit(1)
        )
        self.documents_written = compiled(
            select(entry.document).where(*within, entry.document != "").distinct().order_by(entry.document)
        )
        self.first_of_document = compiled(
            select(func.min(entry.position)).where(
                entry.property_id == _PROPERTY, entry.document == bindparam("document"), entry.document != ""
            )
        )
        checkpoint = ORDER_CHECKPOINT.c
        self.checkpoints = compiled(
            select(checkpoint.position, checkpoint.digest)
            .where(
                checkpoint.property_id == _PROPERTY,
                checkpoint.position > bindparam("after"),
                checkpoint.position <= bindparam("last"),
            )
            .order_by(checkpoint.position)
        )
        branch = BRANCH_ENTRY.c
        self.all_branches = compiled(
            select(branch.header, branch.parts, branch.signature)
            .where(branch.property_id == _PROPERTY)
            .order_by(branch.journal, branch.seq, branch.hash)
        )
        # Taking one over
        self.cover = compiled(
            update(JOURNAL)
            .where(journal.property_id == _PROPERTY, journal.journal == bindparam("of_journal"))
            .values(covered_seq=bindparam("covered"))
        )
        self.raise_head = compiled(
            update(JOURNAL)
            .where(
                journal.property_id == _PROPERTY,
                journal.journal == bindparam("of_journal"),
                journal.head_seq < bindparam("seq"),
            )
            .values(
                head_seq=bindparam("seq"),
                head_hash=bindparam("hash"),
                head_stamp_ms=bindparam("stamp_ms"),
                head_stamp_counter=bindparam("stamp_counter"),
            )
        )
        self.covered_of = compiled(
            select(journal.covered_seq).where(
                journal.property_id == _PROPERTY, journal.journal == bindparam("of_journal")
            )
        )
        self.prunable = compiled(
            select(entry.position, entry.committed, entry.journal, entry.seq, entry.document)
            .where(*within)
            .order_by(entry.committed)
            .limit(bindparam("limit"))
        )
        self.covered_entries = compiled(
            select(entry.position, entry.committed, entry.journal, entry.seq, entry.document).where(
                entry.property_id == _PROPERTY, entry.journal == bindparam("journal"), entry.seq <= bindparam("last")
            )
        )
        covered = COVERED_ENTRY.c
        make = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        self.remember = compiled(
            make(COVERED_ENTRY)
            .from_select(
                [column.name for column in COVERED_ENTRY.columns if column is not covered.whole],
                select(
                    entry.property_id,
                    entry.journal,
                    entry.seq,
                    func.substr(entry.hash, 1, PREFIX_BYTES),
                    entry.stamp_ms,
                    entry.stamp_counter,
                ).where(entry.property_id == _PROPERTY, entry.position == bindparam("position")),
            )
            .on_conflict_do_nothing()
        )
        self.put_name = compiled(upsert_into(COVERED_ENTRY, dialect, keeping=("whole",)))
        self.put_whole = compiled(upsert_into(COVERED_ENTRY, dialect))
        self.whole = compiled(
            select(covered.whole).where(
                covered.property_id == _PROPERTY,
                covered.journal == bindparam("journal"),
                covered.seq == bindparam("seq"),
            )
        )
        self.covered_entry = compiled(
            select(covered.prefix, covered.stamp_ms, covered.stamp_counter).where(
                covered.property_id == _PROPERTY,
                covered.journal == bindparam("journal"),
                covered.seq == bindparam("seq"),
            )
        )
        self.of_entry = compiled(
            select(func.substr(entry.hash, 1, PREFIX_BYTES), entry.stamp_ms, entry.stamp_counter).where(
                entry.property_id == _PROPERTY, entry.journal == bindparam("journal"), entry.seq == bindparam("seq")
            )
        )
        self.remove_checkpoint = compiled(delete_from(ORDER_CHECKPOINT))
        self.remove_entry = compiled(delete_from(ENTRY))


class SqlSnapshots(SqlJournals):
    """The part of `crdt_pms.ports.store.Transaction` that is about snapshots."""

    _snapshots: SnapshotStatements

    def snapshot_heads(self) -> list[bytes]:
        return [bytes(head) for (head,) in self._found(self._snapshots.heads)]

    def put_snapshot_head(self, through: int, head: bytes) -> None:
        self._snapshots.put_head.run(self.cursor, property_id=self._property, through=through, head=head)

    def remove_snapshot_head(self, through: int) -> None:
        self._snapshots.remove_head.run(self.cursor, property_id=self._property, through=through)

    def snapshot_chunk(self, name: bytes) -> bytes | None:
        rows = self._found(self._snapshots.chunk, name=name)
        return bytes(rows[0][0]) if rows else None

    def snapshot_chunk_names(self) -> set[bytes]:
        return {bytes(name) for (name,) in self._found(self._snapshots.chunk_names)}

    def put_snapshot_chunk(self, name: bytes, body: bytes) -> None:
        self._snapshots.put_chunk.run(self.cursor, property_id=self._property, name=name, body=body)

    def remove_snapshot_chunks(self, names: Collection[bytes]) -> None:
        self._snapshots.remove_chunk.run_many(
            self.cursor, [{"property_id": self._property, "name": name} for name in sorted(names)]
        )

    def register_segments(self, after: int, width: int) -> set[int]:
        written = self._found(self._snapshots.written_within, after=after, last=SEQ_MAX)
        return {(self._begun_at(*register) - 1) // width for register in written}

    def registers_begun(self, after: int, last: int) -> Iterator[WriteRecord]:
        # One question for each register: a join has SQLite walk through all of them.
        for group, row, flags in sorted(self._found(self._snapshots.written_within, after=after, last=last)):
            if self._begun_at(group, row, flags) <= after:
                continue
            writes = self._found(self._snapshots.of_register, field_group=group, row_id=row, flags=flags)
            for journal, seq, standing, state in writes:
                yield WriteRecord(group, row, flags, Dot(JournalId(bytes(journal)), seq), standing, bytes(state))

    def _begun_at(self, group: str, row: str, flags: int) -> int:
        return self._found(self._snapshots.begun_at, field_group=group, row_id=row, flags=flags)[0][0]

    def journal_segments(self, after: int, last: int, width: int) -> set[int]:
        written = self._found(self._snapshots.journals_written, after=after, last=last)
        first = (self._found(self._snapshots.first_of_journal, journal=journal)[0][0] for (journal,) in written)
        return {(position - 1) // width for position in first}

    def journals_begun(self, after: int, last: int, through: int) -> list[CoveredJournal]:
        found: list[CoveredJournal] = []
        for (name,) in self._found(self._snapshots.journals_begun, after=after, last=last):
            journal = JournalId(bytes(name))
            certificate = self.certificate(journal)
            assert certificate is not None, "an entry comes after the certificate of its journal"
            ((seq, digest, ms, counter),) = self._found(self._snapshots.head_at, journal=journal, last=through)
            found.append(CoveredJournal(certificate, Head(journal, seq, bytes(digest)), Stamp(ms, counter)))
        return found

    def document_segments(self, after: int, last: int, width: int) -> set[int]:
        return {(first - 1) // width for first in self._first_of_documents(after, last).values()}

    def documents_begun(self, after: int, last: int) -> list[str]:
        return sorted(
            document for document, first in self._first_of_documents(after, last).items() if after < first <= last
        )

    def _first_of_documents(self, after: int, last: int) -> dict[str, int]:
        written = self._found(self._snapshots.documents_written, after=after, last=last)
        return {
            document: self._found(self._snapshots.first_of_document, document=document)[0][0] for (document,) in written
        }

    def registers_after(self, register: tuple[str, str, int] | None, registers_max: int) -> list[tuple[str, str, int]]:
        group, row, flags = register or ("", "", -1)
        found = self._found(
            self._snapshots.registers_after, after_group=group, after_row=row, after_flags=flags, limit=registers_max
        )
        return [(group, row, flags) for group, row, flags in found]

    def checkpoints_within(self, after: int, last: int) -> list[Checkpoint]:
        rows = self._found(self._snapshots.checkpoints, after=after, last=last)
        return [Checkpoint(position, bytes(digest)) for position, digest in rows]

    def remove_checkpoint(self, position: int) -> None:
        self._snapshots.remove_checkpoint.run(self.cursor, property_id=self._property, position=position)

    def all_branch_entries(self) -> list[Entry]:
        return [
            Entry.decode(bytes(header), unpack_parts(bytes(parts)), bytes(signature))
            for header, parts, signature in self._found(self._snapshots.all_branches)
        ]

    def cover_journals(self, journals: Iterable[CoveredJournal]) -> None:
        covered = list(journals)
        for one in covered:
            self.add_journal(one.certificate)
        rows: list[Row] = [
            {
                "property_id": self._property,
                "of_journal": one.head.journal,
                "seq": one.head.seq,
                "hash": one.head.hash,
                "stamp_ms": one.stamp.milliseconds,
                "stamp_counter": one.stamp.counter,
            }
            for one in covered
        ]
        self._snapshots.raise_head.run_many(self.cursor, rows)
        self.note_covered({one.head.journal: one.head.seq for one in covered})

    def note_covered(self, numbers: Mapping[JournalId, int]) -> None:
        self._snapshots.cover.run_many(
            self.cursor,
            [
                {"property_id": self._property, "of_journal": journal, "covered": seq}
                for journal, seq in sorted(numbers.items())
                if seq > self.covered(journal)
            ],
        )

    def covered(self, journal: JournalId) -> int:
        rows = self._found(self._snapshots.covered_of, of_journal=journal)
        return rows[0][0] if rows else 0

    def is_covered(self, dot: Dot) -> bool:
        """Whether a snapshot holds what follows from an entry, which may be absent from the log."""
        return self.covered(dot.journal) >= dot.seq

    def prunable(self, after: int, last: int, entries_max: int) -> list[CoveredEntry]:
        rows = self._found(self._snapshots.prunable, after=after, last=last, limit=entries_max)
        return [_covered(row) for row in rows]

    def entries_up_to(self, journal: JournalId, seq: int) -> list[CoveredEntry]:
        rows = self._found(self._snapshots.covered_entries, journal=journal, last=seq)
        return [_covered(row) for row in rows]

    def entry_name(self, dot: Dot) -> EntryName | None:
        rows = self._found(self._snapshots.of_entry, journal=dot.journal, seq=dot.seq)
        rows = rows or self._found(self._snapshots.covered_entry, journal=dot.journal, seq=dot.seq)
        return EntryName(bytes(rows[0][0]), Stamp(rows[0][1], rows[0][2])) if rows else None

    def put_entry_names(self, names: Mapping[Dot, EntryName]) -> None:
        rows: list[Row] = [self._covered_row(dot, name, None) for dot, name in names.items()]
        self._snapshots.put_name.run_many(self.cursor, rows)

    def put_losing_values(self, entries: Iterable[Entry]) -> None:
        rows: list[Row] = [
            self._covered_row(
                one.dot, EntryName(one.prefix, one.stamp), pack([one.header, pack(list(one.parts)), one.signature])
            )
            for one in entries
        ]
        self._snapshots.put_whole.run_many(self.cursor, rows)

    def losing_value(self, dot: Dot) -> Entry | None:
        rows = self._found(self._snapshots.whole, journal=dot.journal, seq=dot.seq)
        if not rows or rows[0][0] is None:
            return None
        header, parts, signature = cast(list[bytes], msgpack.unpackb(bytes(rows[0][0])))
        return Entry.decode(header, unpack_parts(parts), signature)

    def _covered_row(self, dot: Dot, name: EntryName, whole: bytes | None) -> dict[str, Any]:
        return {
            "property_id": self._property,
            "journal": dot.journal,
            "seq": dot.seq,
            "prefix": name.prefix,
            "stamp_ms": name.stamp.milliseconds,
            "stamp_counter": name.stamp.counter,
            "whole": whole,
        }

    def remove_entries(self, positions: Sequence[int]) -> None:
        for position in positions:
            self._snapshots.remember.run(self.cursor, property_id=self._property, position=position)
        self._snapshots.remove_entry.run_many(
            self.cursor, [{"property_id": self._property, "position": position} for position in positions]
        )


def _covered(row: Any) -> CoveredEntry:
    position, committed, journal, seq, document = row
    return CoveredEntry(position, committed, Dot(JournalId(bytes(journal)), seq), document)
