"""One transaction of the store port on a driver's cursor, for both dialects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Column, Dialect, bindparam, delete, func, literal_column, null, or_, select, update

from crdt_pms.journal.entry import Entry, unpack_parts
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import ORDER_START, Checkpoint, CommittedRun, runs_of
from crdt_pms.journal.wire import pack
from crdt_pms.ports.records import (
    DocumentSnapshot,
    HeldRecord,
    Placed,
    QuarantineRecord,
    RowChange,
    Scalar,
)
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.sql_forks import ForkStatements, SqlForks
from crdt_pms.store.sql_journals import JournalStatements
from crdt_pms.store.sql_rows import RowStatements, SqlRows
from crdt_pms.store.sql_snapshots import SnapshotStatements, SqlSnapshots
from crdt_pms.store.statements import Cursor, Statement, delete_from, insert_into, upsert_into
from crdt_pms.store.tables import (
    CONTENT_SUM,
    DOCUMENT_SNAPSHOT,
    ENTRY,
    HELD,
    JOURNAL,
    NODE_STATE,
    OF_NEWER_GROUP,
    ORDER_CHECKPOINT,
    POSITION_COUNTER,
    QUARANTINE,
    REQUEST_ANSWER,
)

_PROPERTY = bindparam("property_id")
_EMPTY = literal_column("''")
"""Written out, since a parameter would keep the partial index of documents from being used."""
_PAGE = 512


class Statements:
    """Every statement of the port, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        def compiled(clause: Any) -> Statement:
            return Statement(clause, dialect)

        self.forks = ForkStatements(dialect)
        self.rows = RowStatements(dialect)
        self.snapshots = SnapshotStatements(dialect)
        self.journals = JournalStatements(dialect)
        entry, journal = ENTRY.c, JOURNAL.c
        whole = select(entry.position, entry.header, entry.parts, entry.signature, entry.committed)
        of_property = whole.where(entry.property_id == _PROPERTY)
        self.heads = compiled(
            select(journal.journal, journal.head_seq, journal.covered_seq).where(journal.property_id == _PROPERTY)
        )
        self.advance_head = compiled(
            update(JOURNAL)
            .where(journal.property_id == _PROPERTY, journal.journal == bindparam("of_journal"))
            .values(
                head_seq=bindparam("seq"),
                head_hash=bindparam("hash"),
                head_stamp_ms=bindparam("stamp_ms"),
                head_stamp_counter=bindparam("stamp_counter"),
            )
        )
        self.append = compiled(insert_into(ENTRY))
        self.start_counter = compiled(upsert_into(POSITION_COUNTER, dialect, keep_existing=True))
        self.lock_counter = compiled(
            select(POSITION_COUNTER.c.last_position)
            .where(POSITION_COUNTER.c.property_id == _PROPERTY)
            .with_for_update()
        )
        self.put_counter = compiled(upsert_into(POSITION_COUNTER, dialect))
        self.entries_after = compiled(
            of_property.where(entry.position > bindparam("after")).order_by(entry.position).limit(bindparam("limit"))
        )
        is_beyond = or_(entry.committed > bindparam("committed"), entry.committed.is_(None))
        self.entries_beyond = compiled(
            of_property.where(entry.position > bindparam("after"), is_beyond)
            .order_by(entry.position)
            .limit(bindparam("limit"))
        )
        # Two questions, so that each has an index of its own; DISTINCT would have SQLite walk through every journal instead.
        committed_beyond = (entry.property_id == _PROPERTY, entry.committed > bindparam("committed"))
        tentative = (entry.property_id == _PROPERTY, entry.committed.is_(None))
        self.first_committed_beyond = compiled(select(func.min(entry.position)).where(*committed_beyond))
        self.first_tentative = compiled(select(func.min(entry.position)).where(*tentative))
        self.journals_committed_beyond = compiled(select(entry.journal).where(*committed_beyond))
        self.journals_tentative = compiled(select(entry.journal).where(*tentative))
        self.hash_at = compiled(
            select(entry.hash).where(entry.property_id == _PROPERTY, entry.position == bindparam("position"))
        )
        self.lengths = compiled(
            select(entry.journal, func.count(), func.max(entry.seq))
            .join(JOURNAL, (journal.property_id == entry.property_id) & (journal.journal == entry.journal))
            .where(entry.property_id == _PROPERTY, entry.seq > journal.covered_seq)
            .group_by(entry.journal)
        )
        self.newest = compiled(
            select(entry.position, entry.hash)
            .where(entry.property_id == _PROPERTY)
            .order_by(entry.position.desc())
            .limit(1)
        )
        self.entry = compiled(of_property.where(entry.journal == bindparam("journal"), entry.seq == bindparam("seq")))
        self.entry_hash = compiled(
            select(entry.hash).where(
                entry.property_id == _PROPERTY, entry.journal == bindparam("journal"), entry.seq == bindparam("seq")
            )
        )
        self.committed_at = compiled(
            select(entry.committed).where(
                entry.property_id == _PROPERTY, entry.journal == bindparam("journal"), entry.seq == bindparam("seq")
            )
        )
        self.of_document = compiled(
            of_property.where(
                entry.document == bindparam("document"), entry.document != _EMPTY, entry.position > bindparam("after")
            ).order_by(entry.position)
        )
        self.documents = compiled(
            select(entry.document).where(entry.property_id == _PROPERTY, entry.document != _EMPTY).distinct()
        )
        self.mark_committed = compiled(
            update(ENTRY)
            .where(
                entry.property_id == _PROPERTY,
                entry.journal == bindparam("of_journal"),
                entry.seq >= bindparam("first_seq"),
                entry.seq <= bindparam("last_seq"),
                entry.committed.is_(None),
            )
            .values(committed=entry.seq + bindparam("ahead"))
        )
        self.forget_committed = compiled(
            update(ENTRY)
            .where(entry.property_id == _PROPERTY, entry.committed > bindparam("after"))
            .values(committed=null())
        )
        self.committed = compiled(
            select(entry.committed, entry.journal, entry.seq)
            .where(entry.property_id == _PROPERTY, entry.committed > bindparam("after"))
            .order_by(entry.committed)
            .limit(bindparam("limit"))
        )
        self.committed_hashes = compiled(
            select(entry.hash)
            .where(
                entry.property_id == _PROPERTY,
                entry.committed > bindparam("after"),
                entry.committed <= bindparam("last"),
            )
            .order_by(entry.committed)
        )
        checkpoint = ORDER_CHECKPOINT.c
        self.put_checkpoint = compiled(upsert_into(ORDER_CHECKPOINT, dialect))
        self.forget_checkpoints = compiled(
            delete(ORDER_CHECKPOINT).where(
                checkpoint.property_id == _PROPERTY, checkpoint.position > bindparam("after")
            )
        )
        self.checkpoint_before = compiled(
            select(checkpoint.position, checkpoint.digest, checkpoint.proof)
            .where(checkpoint.property_id == _PROPERTY, checkpoint.position <= bindparam("position"))
            .order_by(checkpoint.position.desc())
            .limit(1)
        )
        self.tentative_count = compiled(
            select(func.count()).select_from(ENTRY).where(entry.property_id == _PROPERTY, entry.committed.is_(None))
        )
        self.put_held = compiled(upsert_into(HELD, dialect))
        self.remove_held = compiled(delete_from(HELD))
        self.held = compiled(
            select(HELD.c.journal, HELD.c.seq, HELD.c.reason, HELD.c.detail)
            .join(
                ENTRY,
                (entry.property_id == HELD.c.property_id)
                & (entry.journal == HELD.c.journal)
                & (entry.seq == HELD.c.seq),
            )
            .where(HELD.c.property_id == _PROPERTY)
            .order_by(entry.position)
        )
        self.put_of_newer_group = compiled(upsert_into(OF_NEWER_GROUP, dialect, keep_existing=True))
        self.remove_of_newer_group = compiled(delete_from(OF_NEWER_GROUP))
        self.of_newer_groups = compiled(
            select(OF_NEWER_GROUP.c.journal, OF_NEWER_GROUP.c.seq).where(OF_NEWER_GROUP.c.property_id == _PROPERTY)
        )
        self.add_quarantine = compiled(upsert_into(QUARANTINE, dialect))
        self.quarantine = compiled(
            select(QUARANTINE.c.journal, QUARANTINE.c.seq, QUARANTINE.c.reason, QUARANTINE.c.detail)
            .where(QUARANTINE.c.property_id == _PROPERTY)
            .order_by(QUARANTINE.c.journal, QUARANTINE.c.seq)
        )
        self.content_sums = compiled(
            select(CONTENT_SUM.c.bucket, CONTENT_SUM.c.sum).where(CONTENT_SUM.c.property_id == _PROPERTY)
        )
        self.put_content_sum = compiled(upsert_into(CONTENT_SUM, dialect))
        self.snapshot = compiled(
            select(DOCUMENT_SNAPSHOT.c.position, DOCUMENT_SNAPSHOT.c.state).where(
                DOCUMENT_SNAPSHOT.c.property_id == _PROPERTY, DOCUMENT_SNAPSHOT.c.subject == bindparam("subject")
            )
        )
        self.snapshot_position = compiled(
            select(DOCUMENT_SNAPSHOT.c.position).where(
                DOCUMENT_SNAPSHOT.c.property_id == _PROPERTY, DOCUMENT_SNAPSHOT.c.subject == bindparam("subject")
            )
        )
        self.put_snapshot = compiled(upsert_into(DOCUMENT_SNAPSHOT, dialect))
        self.state = compiled(
            select(NODE_STATE.c.value).where(
                NODE_STATE.c.property_id == _PROPERTY, NODE_STATE.c.key == bindparam("key")
            )
        )
        self.put_state = compiled(upsert_into(NODE_STATE, dialect))
        answer = REQUEST_ANSWER.c
        self.answer = compiled(
            select(answer.answer).where(answer.property_id == _PROPERTY, answer.name == bindparam("name"))
        )
        self.put_answer = compiled(upsert_into(REQUEST_ANSWER, dialect))
        expired = (
            select(answer.name)
            .where(answer.property_id == _PROPERTY, answer.at_ms < bindparam("before_ms"))
            .order_by(answer.at_ms)
            .limit(bindparam("answers_max"))
        )
        self.forget_answers = compiled(
            delete(REQUEST_ANSWER).where(answer.property_id == _PROPERTY, answer.name.in_(expired))
        )
        self.project = {name: compiled(upsert_into(table, dialect)) for name, table in READABLE_TABLES.items()}
        self.unproject = {name: compiled(delete_from(table)) for name, table in READABLE_TABLES.items()}
        self.clear_projected = {
            name: compiled(delete(table).where(table.c.property_id == _PROPERTY))
            for name, table in READABLE_TABLES.items()
        }
        self.projected_row = {
            name: compiled(
                select(*(column for column in table.columns if column.name != "property_id")).where(
                    *(column == bindparam(f"of_{column.name}") for column in table.primary_key.columns)
                )
            )
            for name, table in READABLE_TABLES.items()
        }
        self.projected = {
            name: compiled(
                select(*(column for column in table.columns if column.name != "property_id"))
                .where(table.c.property_id == _PROPERTY)
                .order_by(*table.primary_key.columns)
            )
            for name, table in READABLE_TABLES.items()
        }


class SqlTransaction(SqlForks, SqlRows, SqlSnapshots):
    """See `crdt_pms.ports.store.Transaction`."""

    def __init__(self, cursor: Cursor, statements: Statements, property_id: str, *, commits: bool) -> None:
        """`commits`: this node gives out the committed order, so each entry's position is its committed one."""
        self.cursor = cursor
        self.learned = []
        self.appended: list[Placed] = []
        """Entries that this transaction added."""
        self._do = statements
        self._forks = statements.forks
        self._of_rows = statements.rows
        self._snapshots = statements.snapshots
        self._journals = statements.journals
        self._property = property_id
        self._commits = commits

    def is_log_whole(self) -> bool:
        """Whether the log holds each journal without a gap up to its head. Takes as long as the log is long."""
        lengths = {journal: (count, last) for journal, count, last in self._all(self._do.lengths)}
        heads = {journal: (seq - covered, seq) for journal, seq, covered in self._all(self._do.heads) if seq > covered}
        return lengths == heads

    def append_entries(self, placed: Sequence[Placed]) -> None:
        if not placed:
            return
        self.put_entries(placed)
        heads = {one.entry.dot.journal: one.entry for one in placed}
        self._do.advance_head.run_many(
            self.cursor,
            [
                {
                    "property_id": self._property,
                    "of_journal": journal,
                    "seq": last.dot.seq,
                    "hash": last.hash,
                    "stamp_ms": last.stamp.milliseconds,
                    "stamp_counter": last.stamp.counter,
                }
                for journal, last in heads.items()
            ],
        )

    def put_entries(self, placed: Sequence[Placed]) -> None:
        """See `Transaction`."""
        self.appended.extend(placed)
        self._do.append.run_many(self.cursor, [self._entry_row(one) for one in placed])
        self._run(self._do.put_counter, last_position=placed[-1].position)

    def last_position(self) -> int:
        row = self._one(self._do.lock_counter)
        if row is None:
            self._run(self._do.start_counter, last_position=0)
            row = self._one(self._do.lock_counter)
        return row[0]

    def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        return self._pages(self._do.entries_after, position, entries_max, bytes_max)

    def entries_beyond(self, committed: int, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        return self._pages(self._do.entries_beyond, position, entries_max, bytes_max, committed=committed)

    def first_beyond(self, committed: int) -> int | None:
        committed_one = self._one(self._do.first_committed_beyond, committed=committed)[0]
        tentative = self._one(self._do.first_tentative)[0]
        return min((one for one in (committed_one, tentative) if one is not None), default=None)

    def journals_beyond(self, committed: int) -> list[JournalId]:
        found = self._all(self._do.journals_committed_beyond, committed=committed)
        return sorted({JournalId(bytes(row[0])) for row in [*found, *self._all(self._do.journals_tentative)]})

    def _pages(
        self, statement: Statement, position: int, entries_max: int, bytes_max: int, **parameters: Any
    ) -> list[Placed]:
        found: list[Placed] = []
        size = 0
        while len(found) < entries_max:
            limit = min(_PAGE, entries_max - len(found))
            after = found[-1].position if found else position
            rows = self._all(statement, after=after, limit=limit, **parameters)
            for row in rows:
                placed = _placed(row)
                size += placed.entry.size
                if found and size > bytes_max:
                    return found
                found.append(placed)
            if len(rows) < limit:
                break
        return found

    def hash_at(self, position: int) -> bytes | None:
        """The hash of the entry that was taken at a position, None when there is none."""
        row = self._one(self._do.hash_at, position=position)
        return self.withdrawn_at(position) if row is None else bytes(row[0])

    def newest(self) -> tuple[int, bytes] | None:
        """Position and hash of the entry that was taken last, read without a lock; None when there is none."""
        row = self._one(self._do.newest)
        held = None if row is None else (row[0], bytes(row[1]))
        return max(filter(None, (held, self.newest_withdrawn())), default=None)

    def entry(self, dot: Dot) -> Placed | None:
        row = self._one(self._do.entry, journal=dot.journal, seq=dot.seq)
        return None if row is None else _placed(row)

    def entry_hash(self, dot: Dot) -> bytes | None:
        row = self._one(self._do.entry_hash, journal=dot.journal, seq=dot.seq)
        return None if row is None else bytes(row[0])

    def entries_of_document(self, subject: str, after_position: int) -> list[Placed]:
        return [_placed(row) for row in self._all(self._do.of_document, document=subject, after=after_position)]

    def documents(self) -> list[str]:
        return sorted(row[0] for row in self._all(self._do.documents))

    def mark_committed(self, run: CommittedRun) -> int:
        self._run(
            self._do.mark_committed,
            of_journal=run.journal,
            first_seq=run.first_seq,
            last_seq=run.first_seq + run.count - 1,
            ahead=run.position - run.first_seq,
        )
        return self.cursor.rowcount

    def forget_committed(self, after: int) -> None:
        self._run(self._do.forget_committed, after=after)
        self._run(self._do.forget_checkpoints, after=after)

    def committed_hashes(self, after: int, entries_max: int) -> list[bytes]:
        return [bytes(row[0]) for row in self._all(self._do.committed_hashes, after=after, last=after + entries_max)]

    def put_checkpoint(self, checkpoint: Checkpoint) -> None:
        self._run(self._do.put_checkpoint, **checkpoint._asdict())

    def checkpoint_before(self, position: int) -> Checkpoint:
        row = self._one(self._do.checkpoint_before, position=position)
        return Checkpoint(0, ORDER_START) if row is None else Checkpoint(row[0], bytes(row[1]), bytes(row[2]))

    def committed_runs(self, after: int, entries_max: int) -> list[CommittedRun]:
        rows = self._all(self._do.committed, after=after, limit=entries_max)
        placed = [(position, Dot(JournalId(bytes(journal)), seq)) for position, journal, seq in rows]
        whole = [item for step, item in enumerate(placed, after + 1) if item[0] == step]
        return list(runs_of(whole))

    def tentative_count(self) -> int:
        return self._one(self._do.tentative_count)[0]

    def is_committed(self, dot: Dot) -> bool:
        row = self._one(self._do.committed_at, journal=dot.journal, seq=dot.seq)
        return self.is_covered(dot) if row is None else row[0] is not None

    def put_held(self, record: HeldRecord) -> None:
        self._run(
            self._do.put_held,
            journal=record.dot.journal,
            seq=record.dot.seq,
            reason=record.reason,
            detail=record.detail,
        )

    def remove_held(self, dot: Dot) -> None:
        self._run(self._do.remove_held, journal=dot.journal, seq=dot.seq)

    def held(self) -> list[HeldRecord]:
        return [
            HeldRecord(Dot(JournalId(bytes(journal)), seq), reason, detail)
            for journal, seq, reason, detail in self._all(self._do.held)
        ]

    def put_of_newer_group(self, dot: Dot) -> None:
        self._run(self._do.put_of_newer_group, journal=dot.journal, seq=dot.seq)

    def remove_of_newer_group(self, dot: Dot) -> None:
        self._run(self._do.remove_of_newer_group, journal=dot.journal, seq=dot.seq)

    def of_newer_groups(self) -> list[Dot]:
        return [Dot(JournalId(bytes(journal)), seq) for journal, seq in self._all(self._do.of_newer_groups)]

    def add_quarantine(self, record: QuarantineRecord) -> None:
        self._run(
            self._do.add_quarantine,
            journal=record.dot.journal,
            seq=record.dot.seq,
            reason=record.reason,
            detail=record.detail,
        )

    def quarantine(self) -> list[QuarantineRecord]:
        return [
            QuarantineRecord(Dot(JournalId(bytes(journal)), seq), reason, detail)
            for journal, seq, reason, detail in self._all(self._do.quarantine)
        ]

    def content_sums(self) -> dict[int, bytes]:
        return {bucket: bytes(encoded) for bucket, encoded in self._all(self._do.content_sums)}

    def put_content_sums(self, sums: Mapping[int, bytes]) -> None:
        self._do.put_content_sum.run_many(
            self.cursor,
            [{"property_id": self._property, "bucket": bucket, "sum": encoded} for bucket, encoded in sums.items()],
        )

    def document_snapshot(self, subject: str) -> DocumentSnapshot | None:
        row = self._one(self._do.snapshot, subject=subject)
        return None if row is None else DocumentSnapshot(subject, row[0], bytes(row[1]))

    def document_snapshot_position(self, subject: str) -> int:
        row = self._one(self._do.snapshot_position, subject=subject)
        return 0 if row is None else row[0]

    def put_document_snapshot(self, snapshot: DocumentSnapshot) -> None:
        self._run(self._do.put_snapshot, **snapshot._asdict())

    def get_state(self, key: str) -> bytes | None:
        row = self._one(self._do.state, key=key)
        return None if row is None else bytes(row[0])

    def put_state(self, key: str, value: bytes) -> None:
        self._run(self._do.put_state, key=key, value=value)

    def answer(self, name: str) -> bytes | None:
        row = self._one(self._do.answer, name=name)
        return None if row is None else bytes(row[0])

    def put_answer(self, name: str, answer: bytes, at_ms: int) -> None:
        self._run(self._do.put_answer, name=name, answer=answer, at_ms=at_ms)

    def forget_answers(self, before_ms: int, answers_max: int) -> None:
        self._run(self._do.forget_answers, before_ms=before_ms, answers_max=answers_max)

    def project(self, changes: Iterable[RowChange]) -> None:
        for (table, is_removal), group in groupby(changes, key=lambda change: (change.table, change.values is None)):
            statement = (self._do.unproject if is_removal else self._do.project)[table]
            statement.run_many(
                self.cursor,
                [{"property_id": self._property, **change.key, **(change.values or {})} for change in group],
            )

    def clear_projected(self, table: str) -> None:
        self._run(self._do.clear_projected[table])

    def projected_row(self, table: str, key: Mapping[str, Scalar]) -> dict[str, Scalar] | None:
        named = {f"of_{name}": value for name, value in key.items()}
        row = self._do.projected_row[table].run(self.cursor, of_property_id=self._property, **named).fetchone()
        return None if row is None else _readable_row(_shown_columns(table), row)

    def projected(self, table: str) -> list[dict[str, Scalar]]:
        columns = _shown_columns(table)
        rows = [_readable_row(columns, row) for row in self._all(self._do.projected[table])]
        keys = [column.name for column in columns if column.primary_key]
        return sorted(rows, key=lambda values: [str(values[key]) for key in keys])

    def _entry_row(self, placed: Placed) -> dict[str, Any]:
        entry = placed.entry
        return {
            "property_id": self._property,
            "position": placed.position,
            "journal": entry.dot.journal,
            "seq": entry.dot.seq,
            "kind": int(entry.kind),
            "document": entry.document,
            "author": entry.author,
            "stamp_ms": entry.stamp.milliseconds,
            "stamp_counter": entry.stamp.counter,
            "header": entry.header,
            "parts": pack(list(entry.parts)),
            "signature": entry.signature,
            "hash": entry.hash,
            "committed": placed.position if self._commits else placed.committed,
        }

    def _run(self, statement: Statement, **parameters: Any) -> None:
        statement.run(self.cursor, property_id=self._property, **parameters)

    def _one(self, statement: Statement, **parameters: Any) -> Any:
        return statement.run(self.cursor, property_id=self._property, **parameters).fetchone()

    def _all(self, statement: Statement, **parameters: Any) -> list[Any]:
        return cast(list[Any], statement.run(self.cursor, property_id=self._property, **parameters).fetchall())


def _shown_columns(table: str) -> list[Column[Any]]:
    return [column for column in READABLE_TABLES[table].columns if column.name != "property_id"]


def _readable_row(columns: Sequence[Column[Any]], row: Any) -> dict[str, Scalar]:
    # SQLite has no booleans.
    return {
        column.name: bool(value) if value is not None and column.type.python_type is bool else value
        for column, value in zip(columns, row, strict=True)
    }


def _placed(row: Any) -> Placed:
    position, header, parts, signature, committed = row
    return Placed(position, Entry.decode(bytes(header), unpack_parts(bytes(parts)), bytes(signature)), committed)
