"""Turning what a person decided into entries of this process run's journal."""

from __future__ import annotations

from collections.abc import Mapping

from crdt_pms.desk.decision import Decision
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import HybridLogicalClock, Stamp
from crdt_pms.journal.entry import Entry, EntryKind
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.operation import encode_operation
from crdt_pms.replica.errors import OwnEntryRefused
from crdt_pms.replica.port import Transaction
from crdt_pms.replica.state import PropertyState
from crdt_pms.replica.subjects import BOARD


class Author:
    """Writes the journal of one process run.

    The author's entries are applied to the `PropertyState` as they are written, so that one decision's later entries see its
    earlier ones. The caller must store them in the transaction that it passes, and drop author and state when that fails.
    """

    def __init__(self, writer: JournalWriter, clock: HybridLogicalClock) -> None:
        self._writer = writer
        self._clock = clock
        self._seen: dict[JournalId, int] = {}

    @property
    def clock(self) -> HybridLogicalClock:
        """The clock that stamps the entries; received stamps are to be merged into it."""
        return self._clock

    @property
    def writer(self) -> JournalWriter:
        """The journal that is written."""
        return self._writer

    def compose(
        self, decision: Decision, state: PropertyState, transaction: Transaction, staff: str, now_ms: int
    ) -> list[Entry]:
        """Write the decision's entries: operations first, then the board, then notes."""
        entries: list[Entry] = []
        for operation in decision.operations:
            payload, dependencies = encode_operation(operation)
            entry = self._append(
                EntryKind.OPERATION,
                payload,
                state.frontier.heads,
                staff,
                self._clock.issue(now_ms),
                dependencies=dependencies,
            )
            quarantined = state.apply(entry, transaction)
            if quarantined is not None:
                raise OwnEntryRefused(f"{operation.action} would be quarantined everywhere: {quarantined.detail}")
            entries.append(entry)
        if decision.board_writes:
            stamp = self._clock.issue(now_ms)
            update = state.board.set_many(
                decision.board_writes, stamp, self._writer.head.journal, self._writer.head.seq + 1, staff
            )
            entry = self._append(EntryKind.DOCUMENT, update, state.frontier.heads, staff, stamp, subject=BOARD)
            state.take_own_update(entry, transaction)
            entries.append(entry)
        for edit in decision.note_edits:
            note = state.note(edit.document, transaction)
            update = note.edit(edit.base_text, edit.new_text)
            if not update:
                continue
            stamp = self._clock.issue(now_ms)
            entry = self._append(EntryKind.DOCUMENT, update, state.frontier.heads, staff, stamp, subject=edit.document)
            state.take_own_update(entry, transaction)
            entries.append(entry)
        return entries

    def _append(
        self,
        kind: EntryKind,
        payload: bytes,
        heads: Mapping[JournalId, int],
        staff: str,
        stamp: Stamp,
        *,
        dependencies: tuple[Dot, ...] = (),
        subject: str = "",
    ) -> Entry:
        own = self._writer.head.journal
        context = {
            journal: seq for journal, seq in heads.items() if journal != own and seq > self._seen.get(journal, 0)
        }
        entry = self._writer.append(
            stamp=stamp,
            kind=kind,
            author=staff,
            context=context,
            dependencies=dependencies,
            subject=subject,
            payload=payload,
        )
        self._seen.update(context)
        return entry
