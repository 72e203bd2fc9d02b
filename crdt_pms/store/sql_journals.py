"""What a store keeps of journals: certificates, heads, and which journal follows on which."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Dialect, bindparam, select

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import DeviceId, JournalId
from crdt_pms.ports.records import HeldJournal, JournalRecord
from crdt_pms.store.statements import Cursor, Statement, upsert_into
from crdt_pms.store.tables import JOURNAL

_PROPERTY = bindparam("property_id")


class JournalStatements:
    """The statements about journals, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        def compiled(clause: Any) -> Statement:
            return Statement(clause, dialect)

        journal = JOURNAL.c
        self.journals = compiled(
            select(journal.certificate, journal.certificate_signature, journal.head_seq, journal.head_hash).where(
                journal.property_id == _PROPERTY
            )
        )
        self.held_journals = compiled(
            select(
                journal.journal, journal.device_id, journal.previous_journal, journal.previous_seq, journal.head_seq,
                journal.head_hash,
            ).where(journal.property_id == _PROPERTY)
        )  # fmt: skip
        self.devices = compiled(select(journal.device_id, journal.journal).where(journal.property_id == _PROPERTY))
        self.newest_stamps = compiled(
            select(journal.journal, journal.head_seq, journal.head_stamp_ms, journal.head_stamp_counter).where(
                journal.property_id == _PROPERTY, journal.head_seq > 0
            )
        )
        self.heads_of_device = compiled(
            select(journal.journal, journal.head_seq).where(
                journal.property_id == _PROPERTY, journal.device_id == bindparam("of_device")
            )
        )
        self.certificate = compiled(
            select(journal.certificate, journal.certificate_signature).where(
                journal.property_id == _PROPERTY, journal.journal == bindparam("of_journal")
            )
        )
        self.head = compiled(
            select(journal.head_seq, journal.head_hash).where(
                journal.property_id == _PROPERTY, journal.journal == bindparam("of_journal")
            )
        )
        self.add_journal = compiled(upsert_into(JOURNAL, dialect, keep_existing=True))


class SqlJournals:
    """The part of `crdt_pms.ports.store.Transaction` that is about journals."""

    cursor: Cursor
    learned: list[Certificate]
    """Certificates that this transaction was given to remember."""
    _journals: JournalStatements
    _property: str

    def journals(self) -> list[JournalRecord]:
        records: list[JournalRecord] = []
        for encoded, signature, seq, digest in self._found(self._journals.journals):
            certificate = Certificate.decode(bytes(encoded), bytes(signature))
            records.append(JournalRecord(certificate, Head(certificate.journal, seq, bytes(digest))))
        return records

    def held_journals(self) -> list[HeldJournal]:
        """See `Transaction`."""
        return [
            HeldJournal(
                DeviceId(device),
                None if before is None else (JournalId(bytes(before)), before_seq),
                Head(JournalId(bytes(journal)), seq, bytes(digest)),
            )
            for journal, device, before, before_seq, seq, digest in self._found(self._journals.held_journals)
        ]

    def device_names(self) -> dict[str, str]:
        """See `Transaction`."""
        newest: dict[str, bytes] = {}
        for device, journal in self._found(self._journals.devices):
            newest[device] = max(bytes(journal), newest.get(device, b""))
        certificates = ((device, self.certificate(JournalId(journal))) for device, journal in newest.items())
        return {device: certificate.chain.name for device, certificate in certificates if certificate is not None}

    def newest_stamps(self) -> dict[JournalId, tuple[int, Stamp]]:
        """See `Transaction`."""
        rows = self._found(self._journals.newest_stamps)
        return {JournalId(bytes(journal)): (seq, Stamp(ms, counter)) for journal, seq, ms, counter in rows}

    def heads_of(self, device_id: str) -> dict[JournalId, int]:
        """The last number held of each journal of a device."""
        rows = self._found(self._journals.heads_of_device, of_device=device_id)
        return {JournalId(bytes(journal)): seq for journal, seq in rows}

    def certificate(self, journal: JournalId) -> Certificate | None:
        """See `Transaction`."""
        rows = self._found(self._journals.certificate, of_journal=journal)
        return Certificate.decode(bytes(rows[0][0]), bytes(rows[0][1])) if rows else None

    def head(self, journal: JournalId) -> Head | None:
        """See `Transaction`."""
        rows = self._found(self._journals.head, of_journal=journal)
        return Head(journal, rows[0][0], bytes(rows[0][1])) if rows else None

    def add_journal(self, certificate: Certificate) -> None:
        self.learned.append(certificate)
        self._journals.add_journal.run(
            self.cursor,
            property_id=self._property,
            journal=certificate.journal,
            device_id=certificate.device_id,
            certificate=certificate.encoded,
            certificate_signature=certificate.signature,
            head_seq=0,
            head_hash=certificate.genesis.hash,
            previous_journal=None if certificate.previous is None else certificate.previous.journal,
            previous_seq=None if certificate.previous is None else certificate.previous.seq,
            head_stamp_ms=0,
            head_stamp_counter=0,
            covered_seq=0,
        )

    def _found(self, statement: Statement, **parameters: Any) -> list[Any]:
        return cast(list[Any], statement.run(self.cursor, property_id=self._property, **parameters).fetchall())
