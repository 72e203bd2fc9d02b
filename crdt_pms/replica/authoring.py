"""Turning what a person decided into entries of this process run's journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from crdt_pms.desk.decision import Decision
from crdt_pms.documents.errors import EditUndone
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import HybridLogicalClock, Stamp
from crdt_pms.journal.entry import ActionMark, Content, Entry, EntryKind, PartRole, RegisterKey, RowConcerned
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import CONTEXT_JOURNALS_MAX
from crdt_pms.ledger.levels import LEVEL, LEVEL_FIRST
from crdt_pms.ledger.operation import Operation, Register, encode_operation
from crdt_pms.ledger.splitting import after_parts, split_operation
from crdt_pms.ports.store import Transaction
from crdt_pms.replica.errors import OwnEntryRefused, RunSpoilt
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.subjects import BOARD

NOTE_ACTION = "write_note"
BOARD_ACTION = "set_room"
"""What an action is called that writes no rows."""


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
        """Write the decision's entries: operations first, then the board, then notes. All are marked as one action."""
        act = _Act(self._writer, self._clock, self._seen, state, transaction, staff, now_ms, _name_of(decision))
        for operation in decision.operations:
            act.write_operation(operation)
        if decision.board_writes:
            act.write_board(decision.board_writes)
        for edit in decision.note_edits:
            act.write_note(edit.document, edit.base_text, edit.new_text)
        return act.entries


@dataclass
class _Act:
    """The entries of one decision, while they are written."""

    writer: JournalWriter
    clock: HybridLogicalClock
    seen: dict[JournalId, int]
    """What earlier entries of this journal have named."""
    state: PropertyState
    transaction: Transaction
    staff: str
    now_ms: int
    action: str

    def __post_init__(self) -> None:
        self.entries: list[Entry] = []
        self._first_seq = self.writer.head.seq + 1

    def write_operation(self, operation: Operation) -> None:
        written: dict[Register, Dot] = {}
        for part in split_operation(operation):
            entry = self._write_part(after_parts(part, written))
            written.update({write.register: entry.dot for write in part.writes})

    def _write_part(self, operation: Operation) -> Entry:
        self._name_advances()
        encoded = encode_operation(operation, self.writer.salt(), min(self.state.ledger.level, LEVEL))
        entry = self._append(
            EntryKind.OPERATION,
            encoded.parts,
            supersedes=encoded.supersedes,
            reads=encoded.reads,
            keys=encoded.keys,
            rows=encoded.rows,
            level=encoded.level,
            payload_format=encoded.format,
        )
        refused = self.state.apply(entry, self.transaction)
        if refused is not None:
            raise OwnEntryRefused(f"{operation.action} would be quarantined everywhere: {refused.detail}")
        return entry

    def write_board(self, writes: Iterable[tuple[str, str, str]]) -> None:
        self._name_advances()
        head = self.writer.head
        issue = partial(self.clock.issue, self.now_ms)
        try:
            updates = self.state.board.set_many(writes, issue, head.journal, head.seq + 1, self.staff)
        except EditUndone as error:
            raise RunSpoilt(str(error)) from error
        for signed, update in updates:
            self._write_update(BOARD, update, Stamp(*signed.stamp))

    def write_note(self, document: str, base_text: str, new_text: str) -> None:
        try:
            updates = self.state.note(document, self.transaction).edit(base_text, new_text)
        except EditUndone as error:
            raise RunSpoilt(str(error)) from error
        for update in updates:
            self._write_update(document, update)

    def _write_update(self, document: str, update: bytes, stamp: Stamp | None = None) -> None:
        """Write an update that stands in the document already; it is judged as every reader will judge it."""
        entry = self._append(EntryKind.DOCUMENT, [(PartRole.CONTENT, update)], stamp=stamp, documents=[document])
        refused = self.state.take_own_update(entry, self.transaction)
        if refused is not None:
            raise OwnEntryRefused(f"the edit of {document} would be quarantined everywhere: {refused.detail}")

    def _append(
        self,
        kind: EntryKind,
        parts: Sequence[tuple[int, bytes]],
        *,
        stamp: Stamp | None = None,
        supersedes: Sequence[Dot] = (),
        reads: Sequence[Dot] = (),
        keys: Sequence[RegisterKey] = (),
        rows: Sequence[RowConcerned] = (),
        documents: Sequence[str] = (),
        level: int = LEVEL_FIRST,
        payload_format: int = 1,
    ) -> Entry:
        self._name_advances()
        return self._sign(
            Content(
                stamp=stamp or self.clock.issue(self.now_ms),
                kind=kind,
                author=self.staff,
                parts=parts,
                action=ActionMark(self.action, self._first_seq),
                context=self._advances(),
                supersedes=supersedes,
                reads=reads,
                prefixes={dot: self._prefix_of(dot) for dot in {*supersedes, *reads}},
                keys=keys,
                rows=rows,
                documents=documents,
                level=level,
                format=payload_format,
            )
        )

    def _name_advances(self) -> None:
        """Name in statements what is too much for the context of one entry: a reader would refuse that."""
        while len(advances := self._advances()) > CONTEXT_JOURNALS_MAX:
            some = dict(sorted(advances.items())[:CONTEXT_JOURNALS_MAX])
            statement = self._sign(
                Content(
                    stamp=self.clock.issue(self.now_ms),
                    kind=EntryKind.STATEMENT,
                    author=self.staff,
                    parts=(),
                    action=ActionMark(self.action, self._first_seq),
                    context=some,
                )
            )
            self.state.apply(statement, self.transaction)

    def _advances(self) -> dict[JournalId, int]:
        own = self.writer.head.journal
        return {
            journal: seq
            for journal, seq in self.state.frontier.heads.items()
            if journal != own and seq > self.seen.get(journal, 0)
        }

    def _sign(self, content: Content) -> Entry:
        entry = self.writer.append(content)
        self.seen.update(entry.context)
        self.entries.append(entry)
        return entry

    def _prefix_of(self, dot: Dot) -> bytes:
        for entry in self.entries:
            if entry.dot == dot:
                return entry.prefix
        found = self.transaction.entry_name(dot)
        assert found is not None, "an author names what is held"
        return found.prefix


def _name_of(decision: Decision) -> str:
    if decision.operations:
        return decision.operations[0].action
    return BOARD_ACTION if decision.board_writes else NOTE_ACTION
