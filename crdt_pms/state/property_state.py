"""What follows from the applied entries: rows, board, notes, quarantine, and what of it is not yet written to the store.

Terminals keep it in step with every transaction; the relay's projector lets it follow the committed order. It is a pure
function of the entry set and the property's rooms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from crdt_pms.desk.view import DeskView
from crdt_pms.documents.board import Board
from crdt_pms.documents.notes import Note
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.hotel.statuses import MAINTENANCE, Maintenance
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import KnownForks
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId, VersionVector
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.alerts import (
    Alert,
    ForkFact,
    QuarantineFact,
    alerts_of_board,
    alerts_of_journals,
    alerts_of_versions,
    in_order,
)
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Operation, Register, decode_operation
from crdt_pms.ledger.policies import FIELD_GROUPS, GROUPS_OF_KIND, table_digest
from crdt_pms.ledger.property_definition import definition_of
from crdt_pms.ledger.property_groups import PROPERTY_GROUP_NAMES
from crdt_pms.ledger.residence import RESTING_KINDS, RowKey, key_of
from crdt_pms.ledger.succession import Succession
from crdt_pms.log.errors import SnapshotMalformed
from crdt_pms.ports.records import HeldRecord, QuarantineRecord, RowChange, WriteRecord
from crdt_pms.ports.store import Transaction
from crdt_pms.state.clock_evidence import ClockEvidence
from crdt_pms.state.content_digest import BOARD_GROUP, NOTE_GROUP, ContentDigest, RowName, note_sum, room_sum
from crdt_pms.state.documents import DocumentDump, PropertyDocuments
from crdt_pms.state.frontier import Frontier
from crdt_pms.state.projection import (
    FOLLOWING_TABLES,
    ROWS_VERSION,
    Projector,
    ReadBack,
    board_values,
    storable_text,
)
from crdt_pms.state.quarantine import (
    CLIENT_ID_TAKEN,
    DocumentUpdate,
    Quarantine,
    Withheld,
    is_administrators_only,
    rows_concerned,
)
from crdt_pms.state.snapshot_base import Base
from crdt_pms.state.stored_rows import StoredRows, written
from crdt_pms.state.subjects import BOARD

_ROWS_AT_ONCE: Final = 256
"""How many registers of a snapshot are followed at a time."""
_TABLE: Final = "table"
"""Which table of fields, and which version of the rows, the readable rows were written by."""


class PropertyState:
    """Rows, board and notes of one property as of `position` of the node's own log.

    `journal` is the one that this process run alone writes. After a failed transaction the state is ahead of the store and
    must be dropped.
    """

    def __init__(
        self,
        opening: PropertyDefinition,
        journal: JournalId,
        stored: StoredRows | None = None,
        own_class: DeviceClass = DeviceClass.TERMINAL,
    ) -> None:
        """`opening` is what the property is until rows say otherwise; `own_class` is that of the journal's device.

        `stored` gives the rows at rest; without it every row stays in memory.
        """
        self._opening = opening
        self._definition = opening
        self._is_redefined = False
        self.ledger = Ledger(opening.rooms, opening.opening_date, stored)
        self._lets_go = stored is not None
        self.vector: dict[JournalId, int] = {}
        self.position = 0
        self.quarantine = Quarantine()
        self.quarantine.device_classes[journal] = own_class
        self.documents = PropertyDocuments(journal, self.quarantine)
        self.clock_evidence = ClockEvidence()
        self.frontier = Frontier()
        self.projector = Projector(self.ledger, self.board)
        self.digest = ContentDigest()
        """The content digest as of the last flush."""
        self._room_sums: dict[str, int] = {}
        self.forks = KnownForks()
        self.is_stale = False
        """Whether what is applied must be computed anew: an entry came that a quarantined one waited for."""
        self.is_of_order = False
        """Whether the node's own log is the committed order, as on a relay: then registers note where they began in it."""
        self._positions: dict[Dot, int] = {}
        """Where the entries stand in the order that were applied since the last flush."""
        self._new_withheld: list[Withheld] = []
        self._of_newer_groups: dict[Dot, frozenset[tuple[str, str]]] = {}

    @classmethod
    def load(
        cls,
        transaction: Transaction,
        definition: PropertyDefinition,
        journal: JournalId,
        vector: VersionVector,
        position: int,
        stored: StoredRows,
        own_class: DeviceClass = DeviceClass.TERMINAL,
        stamps: Mapping[JournalId, Stamp] | None = None,
    ) -> PropertyState:
        """Read back what `flush` wrote when the state stood at `position` of the log and `vector`: what is live of the rows.

        `stamps` are those of the entries that `vector` names, where the log may not hold these.
        """
        state = cls(definition, journal, stored, own_class)
        state.position = position
        state.vector = dict(vector)
        for kind, groups in GROUPS_OF_KIND.items():
            names = [group.name for group in groups]
            if kind in RESTING_KINDS:
                state.ledger.load_live(map(written, transaction.live_writes(kind, names)))
            else:
                state.ledger.load(written(one) for name in names for one in transaction.writes_of_group(name))
        state._is_redefined = True
        state.forks = KnownForks(transaction.fork_proofs())
        for record in (*transaction.quarantine(), *transaction.held()):
            placed = transaction.entry(record.dot)
            if placed is not None:
                state.quarantine.load(record, placed.entry)
        state._load_newer_groups(transaction)
        state.quarantine.client_ids.claim_all(vector)
        state.documents.load(transaction, position)
        state.digest = ContentDigest(transaction.content_sums())
        state._room_sums = {room: room_sum(room, content) for room, content in state.board.content().items()}
        state.clock_evidence = ClockEvidence.load(transaction, vector, stamps)
        state.frontier = Frontier.load(transaction, vector)
        state.projector = Projector(state.ledger, state.board)
        state.projector.load(transaction)
        state._follow_table(transaction)
        return state

    def _follow_table(self, transaction: Transaction) -> None:
        """Write every readable row anew if a program with another table of fields, or other rows, wrote what is there."""
        digest = table_digest() + ROWS_VERSION.to_bytes(2, "big")
        if transaction.get_state(_TABLE) == digest:
            return
        if self.position:
            # What the other program thought to be at rest may be live by this one's table.
            self.ledger.load_all(map(written, transaction.writes()))
            for table in FOLLOWING_TABLES:
                transaction.clear_projected(table)
            self.projector.forget_rows()
            registers = list(self.ledger.registers())
            transaction.project(self.projector.changes_of(registers, self.board.rooms(), _reader_of(transaction)))
            self._settle(transaction)
        transaction.put_state(_TABLE, digest)

    def apply(self, entry: Entry, transaction: Transaction) -> Withheld | None:
        """Apply one entry, in an order that respects contexts; the caller guarantees exactly once.

        Returns why it was quarantined or is held, or None when it was applied.
        """
        # What another journal wrote into documents does not count any more if it has to give up its client id.
        self.is_stale |= self._claim_client_id(entry) not in (None, entry.dot.journal)
        withheld = self._judge_and_apply(entry, transaction)
        self._advance(entry, transaction)
        return withheld

    def apply_again(self, entry: Entry, transaction: Transaction) -> None:
        """Merge an update of a document that a snapshot stands for: one that waits for others is in no document's state."""
        if not self.quarantine.withholds(entry.dot):
            self.documents.apply(DocumentUpdate(entry.document, entry.content), transaction, self.position)

    def reconsider_held(self, transaction: Transaction) -> bool:
        """Apply what a former version of the program could not read, as far as this one can. The caller flushes.

        Returns whether this version read any of it.
        """
        is_any_read = False
        for dot in self.quarantine.forget_held():
            placed = transaction.entry(dot)
            assert placed is not None, "what is held is stored"
            if not isinstance(self._judge_and_apply(placed.entry, transaction), HeldRecord):
                transaction.remove_held(dot)
                is_any_read = True
                if self.is_of_order:
                    self._positions[dot] = placed.position
                if placed.entry.document and not self.quarantine.withholds(dot):
                    # The stored snapshot may stand behind this entry, and loading would not look before it.
                    self.documents.save_soon(placed.entry.document)
        return is_any_read

    @property
    def definition(self) -> PropertyDefinition:
        """What the property is by now."""
        self._redefine()
        return self._definition

    def _redefine(self) -> None:
        """Make the definition anew if a row of it has changed."""
        if not self._is_redefined:
            return
        self._definition = definition_of(self.ledger, self._opening)
        self.ledger.set_property(self._definition.rooms, self._definition.retired_rooms, self._definition.opening_date)
        self._is_redefined = False

    def _judge_and_apply(self, entry: Entry, transaction: Transaction) -> Withheld | None:
        self._learn_class(entry, transaction)
        judged = self.quarantine.judge(entry, self._names_losing_branch(entry, transaction))
        if isinstance(judged, DocumentUpdate):
            judged = self._apply_update(entry, judged, transaction)
        elif isinstance(judged, Operation):
            self.ledger.apply(entry.dot, entry.stamp, entry.author, judged)
            self._is_redefined |= any(write.register.group in PROPERTY_GROUP_NAMES for write in judged.writes)
            if _writes_newer_group(entry):
                self._of_newer_groups[entry.dot] = rows_concerned(entry)
                transaction.put_of_newer_group(entry.dot)
        if isinstance(judged, Withheld):
            self._new_withheld.append(judged)
            return judged
        return None

    def _learn_class(self, entry: Entry, transaction: Transaction) -> None:
        classes, journal = self.quarantine.device_classes, entry.dot.journal
        if journal not in classes and is_administrators_only(entry):
            certificate = transaction.certificate(journal)
            assert certificate is not None, "an entry comes after the certificate of its journal"
            classes[journal] = certificate.device_class

    def _names_losing_branch(self, entry: Entry, transaction: Transaction) -> Dot | None:
        """What the entry supersedes of a branch that is not the one applied here."""
        for dot in entry.supersedes:
            if self.forks.is_uncertain(dot):
                held = transaction.entry_name(dot) if self.vector.get(dot.journal, 0) >= dot.seq else None
                if held is None or held.prefix != entry.prefixes[dot]:
                    return dot
        return None

    def take_own_update(self, entry: Entry, transaction: Transaction) -> Withheld | None:
        """Note an update that this process run's own edit already made to the document.

        Returns why every reader would withhold it, and then it must not be stored, or None.
        """
        if self._claim_client_id(entry) is not None:
            # By chance, once in 2⁵³: this run ends, the next one has another id.
            return QuarantineRecord(entry.dot, CLIENT_ID_TAKEN, "another journal has the same Yjs client id")
        self._learn_class(entry, transaction)
        judged = self.quarantine.judge(entry)
        if isinstance(judged, Withheld):
            return judged
        self._advance(entry, transaction)
        self.documents.touch(entry.document)
        return None

    @property
    def board(self) -> Board:
        """The room board."""
        return self.documents.board

    @property
    def notes_held(self) -> int:
        """How many documents other than the board are kept decoded."""
        return self.documents.notes_held

    def withholds(self, dot: Dot) -> bool:
        """Whether an entry must stay whole because this program does not apply it, or not all of it."""
        return self.quarantine.withholds(dot) or dot in self._of_newer_groups

    def dump_document(self, document: str, transaction: Transaction) -> DocumentDump:
        """A document as it stands, for a snapshot."""
        return self.documents.dump(document, transaction, self.position)

    def stand_on(self, base: Base, content: bytes, transaction: Transaction) -> None:
        """Write what follows from the registers and documents of a snapshot, which were stored and loaded: readable rows, what
        is live, the content digest.

        It reads every row, a part at a time. Raises SnapshotMalformed when the content is not the one that the snapshot's head
        vouches for.
        """
        self.digest = base.registers
        for room, summed in self._room_sums.items():
            self.digest.add(RowName(BOARD_GROUP, room), summed)
        for document in base.documents:
            if document != BOARD:
                text = storable_text(self.note(document, transaction).text)
                self.digest.add(RowName(NOTE_GROUP, document), note_sum(document, text))
                transaction.project([RowChange("note", {"document": document}, {"text": text})])
        if self.digest.total() != content:
            raise SnapshotMalformed("what the snapshot holds is not what its head says")
        transaction.put_content_sums(self.digest.take_changed())
        read_back = _reader_of(transaction)
        kept = list(self.ledger.registers())
        transaction.project(self.projector.changes_of(kept, self.board.rooms(), read_back))
        done: set[RowKey] = set()
        page: list[Register] = []
        while page := [
            Register(*one) for one in transaction.registers_after(page[-1] if page else None, _ROWS_AT_ONCE)
        ]:
            keys = (key for register in page if (key := key_of(register)) is not None and key not in done)
            found = self.ledger.read_anew(dict.fromkeys(keys))
            done.update(found)
            registers = sorted(one for registers in found.values() for one in registers)
            transaction.project(self.projector.changes_of(registers, (), read_back))
            self._settle(transaction)

    def note(self, subject: str, transaction: Transaction) -> Note:
        """The document of that id, empty when it was never written."""
        return self.documents.note(subject, transaction, self.position)

    def finish_rebuild(self, position: int, out_of_order: Collection[str], transaction: Transaction) -> None:
        """Stand at `position` of a log that was replayed. Updates of the documents in `out_of_order` were applied in another
        order than they stand in, so stored snapshots of these may lack some."""
        self.position = position
        self.is_stale = False
        for document in sorted(out_of_order):
            self.documents.rebuild(document, transaction, position)

    def flush(self, transaction: Transaction) -> None:
        """Write everything that changed since the last flush: registers, readable rows, quarantine, snapshots."""
        writes = self.ledger.take_changes()
        transaction.put_writes(
            (WriteRecord(*one.register, one.dot, one.standing, one.state) for one in self.ledger.stored(writes)),
            self._positions,
        )
        self._positions = {}
        for record in self._new_withheld:
            if isinstance(record, QuarantineRecord):
                transaction.add_quarantine(record)
            else:
                transaction.put_held(record)
        rooms, notes = self.documents.flush(transaction, self.position)
        self._sum_up(rooms, notes, transaction)
        transaction.project(self.projector.changes(writes, rooms, notes, _reader_of(transaction)))
        if self.clock_evidence.take_changed():
            self.clock_evidence.save(transaction)
        self.frontier.save(transaction)
        self._new_withheld = []
        self._settle(transaction)

    def _settle(self, transaction: Transaction) -> None:
        """Mark in the store what became live and what is at rest, and put away what nothing asked for lately."""
        changes = self.ledger.settle()
        for key in changes.live:
            transaction.put_live(*key)
        for key in changes.at_rest:
            transaction.remove_live(*key)
        self._let_go()

    def _let_go(self) -> None:
        if self._lets_go:
            self.ledger.let_go()

    def follow(self, transaction: Transaction) -> None:
        """Take what was applied since the last flush for written: another process of this node wrote it, up to here."""
        writes = self.ledger.take_changes()
        self.ledger.take_content_changes()
        self._new_withheld, self._positions = [], {}
        rooms, notes = self.documents.flush(transaction, self.position)
        self._room_sums |= {room: room_sum(room, self.board.content_of(room)) for room in rooms}
        self.digest = ContentDigest(transaction.content_sums())
        self.projector.changes(writes, rooms, notes, _reader_of(transaction))
        self.ledger.settle()
        self._let_go()

    def view(
        self,
        device_names: Mapping[str, str] = MappingProxyType({}),
        device: DeviceId | None = None,
        device_class: DeviceClass = DeviceClass.TERMINAL,
    ) -> DeskView:
        """The desk as of `position`, as it is shown on a device.

        `device_names` are what devices are called, by device id.
        """
        self._let_go()
        is_administrator = device_class is DeviceClass.ADMINISTRATOR
        return DeskView(
            self.ledger,
            self.board,
            self.definition,
            self.vector,
            device_names,
            device,
            is_administrator,
            self.newer_rows(),
        )

    def newer_rows(self) -> frozenset[tuple[str, str]]:
        """Kind and id of the rows about which a newer program has written what this one cannot read."""
        return frozenset[tuple[str, str]]().union(*self._of_newer_groups.values(), *self.quarantine.rows_held.values())

    def _load_newer_groups(self, transaction: Transaction) -> None:
        """Take over what a former run noted, as far as this program still does not know the groups."""
        for dot in transaction.of_newer_groups():
            placed = transaction.entry(dot)
            if placed is not None and _writes_newer_group(placed.entry):
                self._of_newer_groups[dot] = rows_concerned(placed.entry)
            else:
                transaction.remove_of_newer_group(dot)

    def alerts(self, journals: Succession) -> list[Alert]:
        """Everything that needs a person's eye beside the conflicts. `journals` are all of which an entry is held."""
        self._redefine()
        board = board_values(self.board, self.board.rooms())
        out_of_order = {
            room
            for room, fields in board.items()
            if fields.get(MAINTENANCE) and fields[MAINTENANCE][0].value == Maintenance.OUT_OF_ORDER
        }
        forked = [
            ForkFact(device, journal, seq, proof.lower.hash, proof.higher.hash)
            for proof in self.forks
            for journal, seq, _previous in [proof.point]
            if (device := journals.device(journal)) is not None
        ]
        # Which of two branches an author had seen, and so what it proves of a clock, no context says.
        stamps = [fact for fact in self.clock_evidence.facts() if self.forks.first(fact.journal) is None]
        quarantined = [QuarantineFact(record.dot, record.reason) for record in self.quarantine.records.values()]
        held = [QuarantineFact(record.dot, record.reason) for record in self.quarantine.held.values()]
        return in_order(
            [
                *self.ledger.alerts(out_of_order),
                *alerts_of_board(board, self.ledger.occupants()),
                *alerts_of_journals(journals.standing_out(), stamps, quarantined, forked),
                *alerts_of_versions(held, self.ledger.level),
            ]
        )

    def refresh_alerts(self, transaction: Transaction, journals: Succession) -> None:
        """Bring the readable alert rows up to date."""
        transaction.project(self.projector.alert_changes(self.alerts(journals)))

    def content_hash(self) -> bytes:
        """Digest of the canonical content of rows, board and notes, as of the last `flush`.

        Equal on all replicas that hold the same entries (law 1).
        """
        return self.digest.total()

    def _sum_up(self, rooms: Iterable[str], notes: Mapping[str, str], transaction: Transaction) -> None:
        """Bring the content digest up to what changed, before the readable rows of the notes are written."""
        for register, difference in self.ledger.take_content_changes().items():
            self.digest.add(RowName(register.group, register.row), difference)
        for room in rooms:
            before, after = self._room_sums.get(room, 0), room_sum(room, self.board.content_of(room))
            self._room_sums[room] = after
            self.digest.add(RowName(BOARD_GROUP, room), after - before)
        for document, text in notes.items():
            row = transaction.projected_row("note", {"document": document})
            before = note_sum(document, None if row is None else str(row["text"]))
            self.digest.add(RowName(NOTE_GROUP, document), note_sum(document, storable_text(text)) - before)
        transaction.put_content_sums(self.digest.take_changed())

    def _advance(self, entry: Entry, transaction: Transaction) -> None:
        self.is_stale |= self.forks.is_uncertain(entry.dot) and self.quarantine.waits_for(entry.dot)
        self.clock_evidence.weigh(entry, transaction)
        self.vector[entry.dot.journal] = entry.dot.seq
        self.frontier.add(entry)
        self.position += 1
        if self.is_of_order:
            self._positions[entry.dot] = self.position

    def _apply_update(self, entry: Entry, update: DocumentUpdate, transaction: Transaction) -> QuarantineRecord | None:
        """Merge a checked update; what the library refuses all the same is quarantined, so that nothing waits behind it."""
        refused = self.documents.apply(update, transaction, self.position)
        if refused is None:
            return None
        record = QuarantineRecord(entry.dot, "update_inapplicable", str(refused))
        self.quarantine.load(record, entry)
        self.projector.replace_board(self.board)
        return record

    def _claim_client_id(self, entry: Entry) -> JournalId | None:
        """Let a journal have its Yjs client id with its first entry. Returns a journal that may not have it, if one may not."""
        return self.quarantine.client_ids.claim(entry.dot.journal) if entry.dot.seq == 1 else None


def _reader_of(transaction: Transaction) -> ReadBack:
    """Reads writes that the ledger no longer holds whole from their entries."""

    def read(dot: Dot, register: Register) -> AppliedWrite | None:
        placed = transaction.entry(dot)
        return _written(transaction.losing_value(dot) if placed is None else placed.entry, register)

    return read


def _writes_newer_group(entry: Entry) -> bool:
    return any(key.group not in FIELD_GROUPS for key in entry.keys)


def _written(entry: Entry | None, register: Register) -> AppliedWrite | None:
    """What an entry wrote to a register, read from the entry itself."""
    if entry is None:
        return None
    operation = decode_operation(entry)
    for write in operation.writes:
        if write.register == register:
            return AppliedWrite(
                entry.dot, entry.stamp, entry.author, write, operation.origin, operation.action, operation.reason
            )
    return None
