"""What a store keeps of forked journals: the proofs, and the entries of branches that do not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Dialect, bindparam, delete, func, select, update

from crdt_pms.journal.certificate import Head
from crdt_pms.journal.entry import Entry, unpack_parts
from crdt_pms.journal.forks import ForkProof
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.wire import pack
from crdt_pms.ports.records import Placed
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.statements import Cursor, Statement, upsert_into
from crdt_pms.store.tables import BRANCH_ENTRY, DERIVED_TABLES, ENTRY, FORK_PROOF, JOURNAL

_PROPERTY = bindparam("property_id")


class ForkStatements:
    """The statements about forks, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        def compiled(clause: Any) -> Statement:
            return Statement(clause, dialect)

        branch = BRANCH_ENTRY.c
        self.proofs = compiled(
            select(FORK_PROOF.c.proof)
            .where(FORK_PROOF.c.property_id == _PROPERTY)
            .order_by(FORK_PROOF.c.journal, FORK_PROOF.c.seq, FORK_PROOF.c.previous_hash)
        )
        self.put_proof = compiled(upsert_into(FORK_PROOF, dialect))
        in_log = select(ENTRY.c.hash).where(
            ENTRY.c.property_id == branch.property_id,
            ENTRY.c.journal == branch.journal,
            ENTRY.c.seq == branch.seq,
            ENTRY.c.hash == branch.hash,
        )
        self.branches = compiled(
            select(branch.header, branch.parts, branch.signature)
            .where(branch.property_id == _PROPERTY, branch.journal == bindparam("journal"), ~in_log.exists())
            .order_by(branch.seq, branch.hash)
        )
        self.keep_branch = compiled(upsert_into(BRANCH_ENTRY, dialect, keep_existing=True))
        self.put_branch = compiled(upsert_into(BRANCH_ENTRY, dialect))
        self.withdrawn_at = compiled(
            select(branch.hash).where(branch.property_id == _PROPERTY, branch.position == bindparam("position"))
        )
        self.newest_withdrawn = compiled(
            select(branch.position, branch.hash)
            .where(branch.property_id == _PROPERTY, branch.position.is_not(None))
            .order_by(branch.position.desc())
            .limit(1)
        )
        self.withdraw = compiled(
            delete(ENTRY).where(
                ENTRY.c.property_id == _PROPERTY,
                ENTRY.c.journal == bindparam("journal"),
                ENTRY.c.seq >= bindparam("first_seq"),
            )
        )
        at_head = (
            ENTRY.c.property_id == _PROPERTY,
            ENTRY.c.journal == bindparam("of_journal"),
            ENTRY.c.seq == bindparam("seq"),
        )
        self.put_head = compiled(
            update(JOURNAL)
            .where(JOURNAL.c.property_id == _PROPERTY, JOURNAL.c.journal == bindparam("of_journal"))
            .values(
                head_seq=bindparam("seq"),
                head_hash=bindparam("hash"),
                head_stamp_ms=func.coalesce(select(ENTRY.c.stamp_ms).where(*at_head).scalar_subquery(), 0),
                head_stamp_counter=func.coalesce(select(ENTRY.c.stamp_counter).where(*at_head).scalar_subquery(), 0),
            )
        )
        self.of_journal = compiled(
            select(ENTRY.c.position, ENTRY.c.header, ENTRY.c.parts, ENTRY.c.signature, ENTRY.c.committed)
            .where(
                ENTRY.c.property_id == _PROPERTY,
                ENTRY.c.journal == bindparam("journal"),
                ENTRY.c.seq >= bindparam("first_seq"),
            )
            .order_by(ENTRY.c.seq)
            .limit(bindparam("limit"))
        )
        self.forget = [
            compiled(delete(table).where(table.c.property_id == _PROPERTY))
            for table in (*DERIVED_TABLES, *READABLE_TABLES.values())
        ]


class SqlForks:
    """The part of `crdt_pms.ports.store.Transaction` that is about forks."""

    cursor: Cursor
    _forks: ForkStatements
    _property: str

    def fork_proofs(self) -> list[ForkProof]:
        return [ForkProof.decode(bytes(encoded)) for (encoded,) in self._rows(self._forks.proofs)]

    def put_fork_proof(self, proof: ForkProof) -> None:
        self._forks.put_proof.run(self.cursor, property_id=self._property, **proof.point._asdict(), proof=proof.encoded)

    def branch_entries(self, journal: JournalId) -> list[Entry]:
        return [
            Entry.decode(bytes(header), unpack_parts(bytes(parts)), bytes(signature))
            for header, parts, signature in self._rows(self._forks.branches, journal=journal)
        ]

    def journal_entries(self, journal: JournalId, first_seq: int, entries_max: int) -> list[Placed]:
        rows = self._rows(self._forks.of_journal, journal=journal, first_seq=first_seq, limit=entries_max)
        return [
            Placed(position, Entry.decode(bytes(header), unpack_parts(bytes(parts)), bytes(signature)), committed)
            for position, header, parts, signature, committed in rows
        ]

    def put_branch_entries(self, entries: Sequence[Entry]) -> None:
        self._forks.keep_branch.run_many(self.cursor, [self._branch_row(entry, None) for entry in entries])

    def withdraw_entries(self, head: Head) -> None:
        leaving = self.journal_entries(head.journal, head.seq + 1, SEQ_MAX)
        self._forks.put_branch.run_many(self.cursor, [self._branch_row(one.entry, one.position) for one in leaving])
        self._forks.withdraw.run(self.cursor, property_id=self._property, journal=head.journal, first_seq=head.seq + 1)
        self._forks.put_head.run(
            self.cursor, property_id=self._property, of_journal=head.journal, seq=head.seq, hash=head.hash
        )

    def withdrawn_at(self, position: int) -> bytes | None:
        """The hash of an entry that stood at that position and was withdrawn."""
        rows = self._rows(self._forks.withdrawn_at, position=position)
        return bytes(rows[0][0]) if rows else None

    def newest_withdrawn(self) -> tuple[int, bytes] | None:
        """Of all withdrawn entries the highest position at which one stood, and its hash."""
        rows = self._rows(self._forks.newest_withdrawn)
        return (rows[0][0], bytes(rows[0][1])) if rows else None

    def _branch_row(self, entry: Entry, position: int | None) -> dict[str, Any]:
        return {
            "property_id": self._property,
            "journal": entry.dot.journal,
            "seq": entry.dot.seq,
            "hash": entry.hash,
            "header": entry.header,
            "parts": pack(list(entry.parts)),
            "signature": entry.signature,
            "position": position,
        }

    def forget_derived(self) -> None:
        for statement in self._forks.forget:
            statement.run(self.cursor, property_id=self._property)

    def _rows(self, statement: Statement, **parameters: Any) -> list[Any]:
        return cast(list[Any], statement.run(self.cursor, property_id=self._property, **parameters).fetchall())
