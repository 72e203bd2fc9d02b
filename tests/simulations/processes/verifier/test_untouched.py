"""A run on which nothing is wrong has no violation, whatever contradicted whatever, and whatever was quarantined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from crdt_pms.documents.gate import client_id_of
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, EntryKind
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.operation import Operation, Register, Write, encode_operation
from simulations.checkers.contents import NodeContents
from simulations.processes.verifier.laws import verify
from simulations.processes.verifier.reading import read_sqlite
from simulations.processes.verifier.record import RunRecord
from tests.crdt_pms.journal.journals import append, device, enrolled
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS
from tests.simulations.processes.verifier.finished_run import Driver, finished
from tests.simulations.processes.verifier.random_history import random_history

DAY = Register("property.day", PROPERTY_ID)


def contents(record: RunRecord) -> NodeContents:
    return read_sqlite("desk-1", record.terminals["desk-1"], PROPERTY_ID)


def test_an_untouched_run_has_no_violation(finished_run: RunRecord) -> None:
    assert verify(finished_run) == []


@pytest.mark.parametrize("seed", [2, 15])
def test_a_random_run_has_no_violation(seed: int, tmp_path: Path, postgres_url: str) -> None:
    with finished(tmp_path, postgres_url, random_history(seed, 250)) as record:
        assert verify(replace(record, scheduled=())) == []
        tables = contents(record).tables
    assert {row["state"] for row in tables["conflict"].values()} >= {"closed", "settled_by_policy"}
    assert tables["alert"]


def test_quarantined_entries_are_judged_alike(tmp_path: Path, postgres_url: str) -> None:
    with finished(tmp_path, postgres_url, bad_entries) as record:
        assert verify(replace(record, scheduled=())) == []
        reasons = sorted(contents(record).quarantine.values())
    assert reasons == [
        "OperationMalformed", "UpdateRefused", "names_quarantined", "names_quarantined", "subject_unknown",
        "subject_unknown",
    ]  # fmt: skip


def bad_entries(driver: Driver) -> None:
    """A device whose program is wrong writes one bad entry after the other, and a good one behind them."""
    journal = JournalId(b"bad".ljust(16, b"\0"))
    certificate = Certificate.create(journal, enrolled(7), None, Stamp(START_MS, 0))
    writer = JournalWriter(certificate, device(7))
    day = Operation("roll", "hotel-pms", "", (Write.of(DAY, {"date": "2026-07-02"}),))
    named = replace(day, writes=(replace(day.writes[0], names=(Dot(journal, 1),)),))
    note: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id_of(journal))
    note.get("text", type=pycrdt.Text).insert(0, "hello")
    entries = [
        written(writer, EntryKind.OPERATION, b"\xc1"),
        acted(writer, named),
        acted(writer, day, document="board"),
        written(writer, EntryKind.DOCUMENT, note.get_update(), document="note/nowhere"),
        written(writer, EntryKind.DOCUMENT, b"\xff", document="note/room/201"),
        written(writer, EntryKind.DOCUMENT, note.get_update(), document="note/room/201"),
        written(writer, EntryKind.DOCUMENT, note.get_update(), document="note/room/202"),
        acted(writer, day),
    ]
    desk = driver.desks[0]
    desk.reserve("stay-a")
    desk.replica.receive_certificates([certificate])
    desk.replica.receive(entries, START_MS)


def acted(writer: JournalWriter, operation: Operation, document: str = "") -> Entry:
    encoded = encode_operation(operation, writer.salt())
    return append(
        writer,
        stamp=Stamp(START_MS, writer.head.seq),
        kind=EntryKind.OPERATION,
        author="nobody",
        document=document,
        parts=encoded.parts,
        supersedes=encoded.supersedes,
        keys=encoded.keys,
    )


def written(
    writer: JournalWriter, kind: EntryKind, payload: bytes, document: str = "", supersedes: tuple[Dot, ...] = ()
) -> Entry:
    stamp = Stamp(START_MS, writer.head.seq)
    return append(writer, payload, stamp=stamp, kind=kind, author="nobody", document=document, supersedes=supersedes)
