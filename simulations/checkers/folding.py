"""Folds a set of entries: which are quarantined, what every register, room and note shows, which conflicts there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pycrdt

from simulations.checkers.bookings import DoubleBooking, double_bookings
from simulations.checkers.documents import (
    BOARD,
    board_of,
    conflicts_of_board,
    text_of,
)
from simulations.checkers.entries import Entry
from simulations.checkers.grammar import (
    ADMINISTRATORS,
    DECISION,
    FIELDS,
    OCCUPANCY,
    POSTING,
    TERMS,
    Operation,
    decode_operation,
    read,
    said_by,
    senseless,
)
from simulations.checkers.merging import UpdateInapplicable, merge
from simulations.checkers.registers import OwnConflict, Register, Written, conflicts_of, fold_register
from simulations.checkers.rows import Registers, business_date, expected_rows
from simulations.checkers.tables import Rows
from simulations.checkers.violation import Dot
from simulations.checkers.wire import DOCUMENT, OPERATION, STATEMENT, FormatWrong
from simulations.checkers.yjs import require_update, without_client

ADMINISTRATORS_ONLY: Final = "administrators_only"
MALFORMED: Final = "OperationMalformed"
SUBJECT_UNKNOWN: Final = "subject_unknown"
NAMES_QUARANTINED: Final = "names_quarantined"
STATEMENT_MALFORMED: Final = "statement_malformed"
UPDATE_INAPPLICABLE: Final = "update_inapplicable"
UPDATE_REFUSED: Final = "UpdateRefused"
CLIENT_ID_TAKEN: Final = "client_id_taken"

_SUBJECT: Final = re.compile(r"board|note/(?:room|stay)/[^/@\s]{1,80}|shift-log/\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Fold:
    """What a set of entries must have led to. `rows` holds the readable tables, conflicts and alerts aside."""

    registers: Registers
    rows: Mapping[str, Rows]
    conflicts: Mapping[str, OwnConflict]
    bookings: frozenset[DoubleBooking]
    quarantine: Mapping[Dot, str]


def fold(entries: Sequence[Entry], opening_date: str, administrators: Collection[bytes] = ()) -> Fold:
    """Fold entries that stand in an order in which each comes after what it names.

    `opening_date` is the business date until somebody rolled the day, `administrators` the journals of their devices.
    """
    sorted_out = _SortedOut(without_client([*{entry.dot.journal for entry in entries}]), administrators)
    for entry in entries:
        sorted_out.add(entry)
    registers = _registers(sorted_out.operations)
    documents = {subject: sorted_out.merged(subject) for subject in sorted(sorted_out.updates)}
    board = board_of(documents[BOARD]) if BOARD in documents else {}
    notes = {subject: text_of(document) for subject, document in documents.items() if subject != BOARD}
    conflicts: dict[str, OwnConflict] = dict(conflicts_of_board(board))
    for rows in registers.values():
        for register in rows.values():
            conflicts.update(conflicts_of(register))
    occupancies = {stay: register.shown for stay, register in registers[OCCUPANCY].items()}
    terms = {stay: register.shown for stay, register in registers[TERMS].items()}
    bookings = double_bookings(occupancies, terms, business_date(registers) or opening_date)
    rows = expected_rows(registers, board, notes)
    return Fold(registers, rows, conflicts, frozenset(bookings), sorted_out.quarantine)


class _SortedOut:
    """Operations, updates by document, and what of the entries is quarantined."""

    def __init__(self, without_documents: frozenset[bytes], administrators: Collection[bytes]) -> None:
        """`without_documents` are the journals that may write none, `administrators` those that may define the property."""
        self._administrators = administrators
        self.operations: list[tuple[Entry, Operation]] = []
        self.updates: dict[str, list[tuple[Dot, bytes]]] = {}
        self.quarantine: dict[Dot, str] = {}
        self._without_documents = without_documents
        self._closed: set[tuple[bytes, str]] = set()

    def add(self, entry: Entry) -> None:
        """Judge the next entry."""
        if entry.header.dot.journal not in self._administrators and any(
            flags & ADMINISTRATORS for _group, _row, flags in entry.header.keys
        ):
            self.quarantine[entry.dot] = ADMINISTRATORS_ONLY
            return
        judge = {OPERATION: self._operation, DOCUMENT: self._update, STATEMENT: self._statement}[entry.header.kind]
        reason = judge(entry)
        if reason is not None:
            self.quarantine[entry.dot] = reason
            if entry.header.kind == DOCUMENT:
                self._closed.update((entry.dot.journal, document) for document in entry.header.documents)

    def merged(self, subject: str) -> pycrdt.Doc[Any]:
        """The document of that id. What the library refuses is quarantined, with what its journal wrote there afterwards."""
        while True:
            try:
                return merge(self.updates[subject])
            except UpdateInapplicable as refused:
                journal, seq = refused.dot
                kept: list[tuple[Dot, bytes]] = []
                for dot, update in self.updates[subject]:
                    if dot.journal == journal and dot.seq >= seq:
                        self.quarantine[dot] = UPDATE_INAPPLICABLE if dot.seq == seq else NAMES_QUARANTINED
                    else:
                        kept.append((dot, update))
                self.updates[subject] = kept

    def _operation(self, entry: Entry) -> str | None:
        if any(dot in self.quarantine for dot in entry.header.supersedes):
            return NAMES_QUARANTINED
        if entry.header.documents:
            return SUBJECT_UNKNOWN
        try:
            self.operations.append((entry, decode_operation(entry.header, entry.parts)))
        except FormatWrong:
            return MALFORMED
        return None

    def _update(self, entry: Entry) -> str | None:
        header = entry.header
        is_behind = any((header.dot.journal, document) in self._closed for document in header.documents)
        if is_behind or any(dot in self.quarantine for dot in header.supersedes):
            return NAMES_QUARANTINED
        if not _SUBJECT.fullmatch(header.document):
            return SUBJECT_UNKNOWN
        if header.dot.journal in self._without_documents:
            return CLIENT_ID_TAKEN
        try:
            require_update(entry.content, header.document, header.dot, header.stamp, header.author)
        except FormatWrong:
            return UPDATE_REFUSED
        self.updates.setdefault(header.document, []).append((header.dot, entry.content))
        return None

    def _statement(self, entry: Entry) -> str | None:
        header = entry.header
        if any(dot in self.quarantine for dot in header.supersedes):
            return NAMES_QUARANTINED
        return STATEMENT_MALFORMED if header.parts or header.keys or header.documents or header.supersedes else None


def _registers(operations: Sequence[tuple[Entry, Operation]]) -> Registers:
    writes: dict[tuple[str, str], list[Written]] = {}
    for entry, operation in operations:
        header = entry.header
        for write in operation.writes:
            if not write.is_declared:
                continue
            writes.setdefault((write.group, write.row), []).append(
                Written(
                    header.dot,
                    header.stamp,
                    header.author,
                    operation.origin,
                    read(write.group, write.content),
                    write.names,
                    None if write.base is None else read(write.group, write.base),
                    write.resolution,
                    write.reads,
                    write.said,
                    None if write.base is None else said_by(write.base),
                    senseless(write.group, write.content),
                )
            )
    registers: dict[str, dict[str, Register]] = {group: {} for group in FIELDS}
    # Decisions about postings come first: what a posting shows rests on them.
    for (group, row), written in sorted(writes.items(), key=lambda item: item[0][0] != DECISION):
        decision = registers[DECISION].get(row) if group == POSTING else None
        registers[group][row] = fold_register(group, row, written, decision)
    return registers
