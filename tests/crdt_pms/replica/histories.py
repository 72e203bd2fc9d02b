"""What replicas are compared by, entries in every order that contexts allow, and a device that writes nonsense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from pycrdt import write_var_uint

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.folio import PostPayment
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.documents.board import Board
from crdt_pms.documents.gate import client_id_of
from crdt_pms.hotel.statuses import HK_CONDITION, MAINTENANCE
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import ActionMark, Entry, EntryKind
from crdt_pms.journal.identifiers import Dot, JournalId, covers
from crdt_pms.ledger.operation import Operation, Register, Write, encode_operation
from crdt_pms.ledger.policies import TERMS
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.sqlite import open_sqlite
from tests.crdt_pms.journal.journals import append, enrolled
from tests.crdt_pms.ledger.histories import terms
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS, Desk, desks

_JOURNALS = count(1_000_000)


@cache
def _empty_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        open_sqlite(path, PROPERTY_ID).close()
        return path.read_bytes()


@contextmanager
def hotel(folder: Path, amount: int) -> Iterator[list[Desk]]:
    """That many terminals, not connected. Their tables are copied, since making them takes longer than most tests."""
    for number in range(1, amount + 1):
        (folder / f"desk-{number}.sqlite").write_bytes(_empty_file())
    with desks(folder, amount) as made:
        yield made


def tables(desk: Desk) -> Mapping[str, object]:
    """All readable rows, alerts brought up to date."""
    desk.replica.refresh_alerts()
    with desk.store.transaction() as transaction:
        return {table: transaction.projected(table) for table in READABLE_TABLES}


def shown(desk: Desk) -> Mapping[str, Any]:
    """Everything that two replicas of the same entries must agree on."""
    state = desk.replica.state
    return {
        "content": state.content_hash(),
        "vector": dict(desk.replica.vector),
        "alerts": desk.replica.alerts(),
        "conflicts": state.ledger.conflicts(),
        "board": state.board.conflicts(),
        "quarantine": dict(sorted(state.quarantine.records.items())),
        "tables": tables(desk),
    }


def written_by_journal(desk: Desk) -> dict[JournalId, int]:
    """How many entries of each journal there are."""
    return dict(desk.replica.vector)


def meet(*desks: Desk) -> None:
    """Everybody hears everything of everybody."""
    for _round in range(2):
        for desk in desks:
            for other in desks:
                if other is not desk:
                    desk.pull(other)


def log_of(desk: Desk) -> list[Entry]:
    """All entries in the order in which this desk took them."""
    return [placed.entry for placed in desk.replica.read(0, 100_000, 2**40)]


def certificates_of(desk: Desk) -> list[Certificate]:
    """Those of all journals that entries are held of."""
    return [found for journal in desk.replica.vector if (found := desk.replica.certificate(journal)) is not None]


def another_order(entries: Iterable[Entry], random: Random) -> list[Entry]:
    """The entries in a random order in which each comes after all that its author had seen."""
    waiting: dict[JournalId, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.dot):
        waiting.setdefault(entry.dot.journal, []).append(entry)
    vector: dict[JournalId, int] = {}
    ordered: list[Entry] = []
    while waiting:
        ready = [
            journal
            for journal, queue in waiting.items()
            if covers(vector, queue[0].context)
            and all(vector.get(dot.journal, 0) >= dot.seq for dot in queue[0].supersedes)
        ]
        journal = random.choice(ready)
        entry = waiting[journal].pop(0)
        if not waiting[journal]:
            del waiting[journal]
        vector[journal] = entry.dot.seq
        ordered.append(entry)
    return ordered


def in_batches(entries: Sequence[Entry], random: Random) -> Iterator[Sequence[Entry]]:
    """The entries cut into pieces of random length."""
    at = 0
    while at < len(entries):
        size = random.randint(1, 9)
        yield entries[at : at + size]
        at += size


def deliver(desk: Desk, certificates: Sequence[Certificate], entries: Sequence[Entry], random: Random) -> None:
    """Have the desk receive the entries in another order, in pieces."""
    desk.replica.receive_certificates(certificates)
    for batch in in_batches(another_order(entries, random), random):
        desk.replica.receive(batch, desk.now_ms)


def disagree(left: Desk, right: Desk) -> None:
    """Two desks that know each other's past do the same things differently while they are cut apart."""
    left.reserve("tanaka", room="202")
    left.do(EditNote("shift-log/2026-07-01", "", "朝番: 鍵を確認。"))
    meet(left, right)
    for desk, staff in ((left, "suzuki"), (right, "ito")):
        room = str(202 + desk.number)
        desk.do(SetRoomCondition(room, HK_CONDITION, "clean"), staff)
        desk.do(SetRoomCondition("210", MAINTENANCE, "out_of_order", f"水漏れ {staff}"), staff)
        desk.do(AssignRoom("tanaka", room), staff)
        desk.do(CheckIn("tanaka"), staff)
        desk.do(PostPayment("tanaka", 24_000, "cash", f"key-{desk.number}", 0, deposit=True), staff)
        desk.reserve(f"walk-in-{staff}", room="206")
        base = desk.replica.note_text("shift-log/2026-07-01")
        desk.do(EditNote("shift-log/2026-07-01", base, f"{base}{staff}: 両替 二万円。"), staff)


@contextmanager
def failing(store: Store, error: BaseException, *, after_commit: bool = False) -> Iterator[Transaction]:
    """A transaction that does not commit, or that commits without anybody hearing of it."""
    with store.transaction() as transaction:
        yield transaction
        if not after_commit:
            raise error
    raise error


@dataclass
class FailingStore:
    """A store whose next transaction fails."""

    store: Store
    error: BaseException
    after_commit: bool = False

    def transaction(self, *, durable: bool = True) -> Any:
        return failing(self.store, self.error, after_commit=self.after_commit)

    def close(self) -> None:
        self.store.close()


def delete_set(client_id: int, clock: int, length: int) -> bytes:
    """The second half of an update that deletes one range of one client."""
    return b"".join(map(write_var_uint, (1, client_id, 1, clock, length)))


@dataclass
class Rogue:
    """An enrolled device whose program is wrong: its entries are authentic, and nonsense."""

    number: int = 8
    entries: list[Entry] = field(default_factory=list[Entry])

    def __post_init__(self) -> None:
        journal = JournalId(next(_JOURNALS).to_bytes(16, "big"))
        own = enrolled(self.number)
        self.certificate = Certificate.create(journal, own, None, Stamp(START_MS, 0))
        self.writer = JournalWriter(self.certificate, own.key)

    def write(
        self, kind: int, payload: bytes, document: str = "", supersedes: tuple[Dot, ...] = (), **fields: Any
    ) -> Entry:
        values: dict[str, Any] = {"stamp": Stamp(START_MS + len(self.entries), 0), "author": "nobody", "kind": kind}
        entry = append(self.writer, payload, document=document, supersedes=supersedes, **(values | fields))
        self.entries.append(entry)
        return entry

    def operation(self, payload: bytes, document: str = "", supersedes: tuple[Dot, ...] = ()) -> Entry:
        return self.write(EntryKind.OPERATION, payload, document, supersedes)

    def act(self, operation: Operation, **fields: Any) -> Entry:
        """A well-formed operation, which an author's checks of meaning need not have passed."""
        encoded = encode_operation(operation, self.writer.salt())
        named = {"reads": encoded.reads, "keys": encoded.keys, "rows": encoded.rows, "parts": encoded.parts}
        values = {"action": ActionMark(operation.action, self.writer.head.seq + 1), **named, **fields}
        return self.write(EntryKind.OPERATION, b"", **{"supersedes": encoded.supersedes, **values})

    def document(self, document: str, payload: bytes) -> Entry:
        return self.write(EntryKind.DOCUMENT, payload, document)

    def report(self, room: str, condition: str) -> Entry:
        """An honest report of a room's condition, by a run that has seen nothing."""
        journal = self.certificate.journal
        stamp, seq = Stamp(START_MS + len(self.entries), 0), len(self.entries) + 1
        writes = [(room, HK_CONDITION, condition)]
        ((_signed, update),) = Board(client_id_of(journal)).set_many(writes, lambda: stamp, journal, seq, "nobody")
        return self.write(EntryKind.DOCUMENT, update, "board", stamp=stamp)

    def delete_ahead(self, document: str, journal: bytes, clock: int) -> Entry:
        """Delete what another journal is yet to write: of the board with a report of its own, as the gate wants it."""
        deletion = delete_set(client_id_of(journal), clock, 1)
        if document != "board":
            return self.document(document, b"\0" + deletion)
        stamp, own = Stamp(START_MS + len(self.entries), 0), self.certificate.journal
        writes = [("212", HK_CONDITION, "clean")]
        ((_signed, update),) = Board(client_id_of(own)).set_many(writes, lambda: stamp, own, 1, "nobody")
        return self.document("board", update[:-1] + deletion)

    def give(self, desk: Desk) -> None:
        """Hand everything over that the desk lacks."""
        desk.replica.receive_certificates([self.certificate])
        held = desk.replica.vector.get(self.certificate.journal, 0)
        desk.replica.receive(self.entries[held:], desk.now_ms)


def strangers(number: int) -> list[Rogue]:
    """So many journals that each wrote the terms of one stay without knowing of the others."""
    found = [Rogue() for _ in range(number)]
    for rogue in found:
        rate = int.from_bytes(rogue.certificate.journal, "big")
        rogue.act(Operation("amend_terms", "hotel-pms", "", (Write.of(Register(TERMS, "s1"), terms(rate_minor=rate)),)))
    return found
