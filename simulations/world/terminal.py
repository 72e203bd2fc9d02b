"""A front desk in a simulated world: the product's terminal node on a simulated machine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, Protocol, cast

from clients.terminal.node import TerminalNode
from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.refusals import Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views import alert_lines, arrivals, in_house
from crdt_pms.documents.errors import DocumentError
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot as ProductDot
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.ports.errors import StoreError
from crdt_pms.replica.replica import Replica
from crdt_pms.session.clock import AgreedClock
from crdt_pms.session.session import Peer
from simulations.checkers.history import Acted, Applied, ClockRead, Committed, Edited, Lodged, Opened, Showed
from simulations.checkers.violation import Dot
from simulations.world.faulty_store import FaultyStore
from simulations.world.machine import Machine
from simulations.world.trace import Weight
from simulations.world.versions import OLDER

PRUNE_MS: Final = 40
PRUNE_AFTER_MS: Final = 60_000
"""So long a desk that got a snapshot does something else first; by then it may be cut off."""
_COVERED: Final = "SELECT journal, covered_seq FROM journal WHERE covered_seq > 0"
READ_EVERY: Final = 16
"""Before and after every so many actions the content is read."""


class Chooser(Protocol):
    """Somebody at the desk: sees the screen and knows what to do next."""

    def __call__(self, view: DeskView, now_ms: int, terminal: Terminal) -> Action | None:
        """The action, or None when there is nothing to do."""
        ...


class Terminal(Machine):
    """See the module."""

    _node: TerminalNode | None = None
    _clock_read: tuple[int, int | None] | None = None
    _skews_compared: tuple[int, int] | None = None
    """How far this machine's clock and the relay's were ahead when a session last compared the two."""
    _attempts = 0

    @property
    def node(self) -> TerminalNode:
        """The node of the running process."""
        assert self._node is not None, "a process runs"
        return self._node

    @property
    def holds(self) -> VersionVector:
        """What the running process holds."""
        return self.node.vector()

    def content_hash(self) -> bytes:
        """See Machine."""
        return self.node.replica.state.content_hash()

    def open(self) -> None:
        """Begin a process run: a new journal, a clock that has learned nothing."""
        accepted_at_ms = self.machine_ms() if self.accepts_loss else None
        self._store = self.disk.open_witnessed(self.device.device_id, accepted_at_ms)
        self._agreed = AgreedClock(self.machine_ms)
        self._clock_read = self._skews_compared = None
        self._node = _Observed(self)
        self._node.identity = replace(self._node.identity, versions=self.versions)

    @property
    def store(self) -> FaultyStore:
        """The store of the running process."""
        return self._store

    def forget(self) -> None:
        """The process is gone."""
        self._node = None

    def open_replica(self) -> Replica:
        """Read the property back from the disk."""
        journal = JournalId(self.random.randbytes(JOURNAL_ID_BYTES))
        replica = Replica.open(self._store, self.definition, self.device, journal, self._agreed.now_ms())
        if self.is_up:
            # The product read itself back after a transaction that failed.
            self.around.count("replica_reopened")
            self.note_clock()
            held = frozenset(map(_dot, replica.state.quarantine.held))
            now_ms = self.around.time.now_ms
            self.around.history.append(
                Opened(now_ms, self.name, {**replica.vector}, rewound=False, held=held, forked=_forked(replica))
            )
        return replica

    @property
    def forked(self) -> Mapping[bytes, int]:
        """See Machine."""
        return _forked(self.node.replica)

    @property
    def waiting(self) -> frozenset[Dot]:
        """See Machine."""
        return frozenset(map(_dot, self.node.replica.state.quarantine.held))

    @property
    def agreed_clock(self) -> AgreedClock:
        """The clock as corrected by what the sessions learned."""
        return self._agreed

    def become_clone_of(self, original: Terminal) -> None:
        """From now on this machine is a copy of another one: its disk, its key."""
        self.kill()
        self.disk.restore(original.disk.copy())
        self.device = original.device
        self.is_rewound = self.is_replaced = True

    def read(self, *, with_rows: bool) -> None:
        """Write down the content of the process, and what its screens show of rooms.

        An older program shows of the same content what it has words for, and is asked for its digest only.
        """
        is_judged = self.program is not OLDER
        super().read(with_rows=with_rows and is_judged)
        if is_judged:
            self.around.history.append(_lodged(self.around.time.now_ms, self.name, {**self.holds}, self.node.replica))

    def act(self, choose: Chooser, staff: str) -> None:
        """Let somebody do something here, if the process runs."""
        self.when_awake(lambda: self.within(lambda: self._act(choose, staff)))

    def new_id(self) -> str:
        """A fresh row id."""
        return self.random.randbytes(8).hex()

    def note_form(self, form: str) -> None:
        """Write down what a form shows that somebody takes from the screen."""
        self.around.history.append(Showed(self.around.time.now_ms, self.name, form))

    def _act(self, choose: Chooser, staff: str) -> None:
        now_ms = self._agreed.now_ms()
        action = choose(self.node.replica.view(), now_ms, self)
        if action is None:
            self.around.count("idle")
            return
        name = type(action).name
        self._count_alerts_of_older()
        self._attempts += 1
        is_read = self._attempts % READ_EVERY == 0
        if is_read:
            self.read(with_rows=True)
        before = self.node.replica.note_text(action.document) if isinstance(action, EditNote) else ""
        try:
            acted = self.node.act(action, staff, now_ms, self.new_id)
        except (Refused, DocumentError) as refused:
            code = refused.code if isinstance(refused, Refused) else type(refused).__name__
            self.around.count("refused")
            self.around.count(f"refused_{code}")
            self.tell(f"{staff} {told(action)}: refused, {code}")
            return
        except StoreError as error:
            self.around.count("not_saved")
            self.tell(f"{staff} {told(action)}: not saved, {error.reason}")
            raise
        self.around.count("actions")
        self.around.count(f"action_{name}")
        self.tell(f"{staff} {told(action)}")
        for entry in acted.entries:
            self.around.trace.note(entry.hash)
        dots = tuple(_dot(entry.dot) for entry in acted.entries)
        self.note_clock()
        seen: int | None = getattr(action, "seen_balance_minor", None)
        acted_ms, forms = self.around.time.now_ms, _forms(action)
        self.around.history.append(Acted(acted_ms, self.name, name, staff, dots, forms, seen, self.program is OLDER))
        if isinstance(action, EditNote):
            self._note_edit(action, before)
        if is_read:
            self.read(with_rows=True)
        self.note_depths(self.node.replica)
        if acted.entries:
            self.notify()

    def _count_alerts_of_older(self) -> None:
        """Count what only a program tells of that is older than others: it is over when the program is updated."""
        if self.program is OLDER:
            for kind in {alert.matter.value for alert in self.node.replica.alerts()}:
                self.around.count(kind)

    def _note_edit(self, edit: EditNote, before: str) -> None:
        """Write down what became of a note at the desk where it was edited."""
        after = self.node.replica.note_text(edit.document)
        texts = (edit.base_text, edit.new_text, before, after)
        self.around.history.append(Edited(self.around.time.now_ms, self.name, edit.document, *texts))

    def note_clock(self) -> None:
        """See Machine."""
        relay_ms = self.around.relay_skew_ms
        is_compared = self._skews_compared == (self.clock.skew_ms, relay_ms)
        read = (self._agreed.now_ms() - self.around.time.now_ms, relay_ms if is_compared else None)
        if read != self._clock_read:
            self._clock_read = read
            self.around.history.append(ClockRead(self.around.time.now_ms, self.name, *read))

    def note_comparison(self) -> None:
        """A session just compared this machine's clock with the relay's."""
        self._skews_compared = (self.clock.skew_ms, self.around.relay_skew_ms)

    def prune_later(self, pause_ms: int = PRUNE_MS) -> None:
        """Put a part of the log away for which a snapshot stands, and go on with the next one, while the process runs."""
        node = self._node

        def prune() -> None:
            if node is self._node and node is not None and node.prune():
                self.around.count("entries_pruned")
                self.prune_later()

        self.around.time.after(pause_ms, lambda: self.when_awake(lambda: self.within(prune)))

    def note_installed(self, head: SnapshotHead) -> None:
        """Write down what the desk holds now, by the snapshot."""
        replica = self.node.replica
        held = frozenset(map(_dot, replica.state.quarantine.held))
        now_ms = self.around.time.now_ms
        self.around.history.append(
            Opened(
                now_ms,
                self.name,
                {**replica.vector},
                rewound=False,
                held=held,
                forked=_forked(replica),
                covered={bytes(journal): seq for journal, seq in self.store.select(_COVERED)},
            )
        )

    def note_depths(self, replica: Replica) -> None:
        """Write down how much the process keeps in memory."""
        limits = self.around.limits
        entries, runs = replica.at_hand
        self.note_depth("entries at hand", entries, limits.entries_at_hand)
        self.note_depth("runs at hand", runs, limits.runs_at_hand)
        self.note_depth("notes in memory", replica.state.notes_held, limits.notes_held)


class _Observed(TerminalNode):
    """The product's node, and somebody who writes down what it takes."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        super().__init__(
            terminal.definition,
            terminal.device,
            terminal.agreed_clock,
            terminal.open_replica,
            terminal.notify,
            terminal.openings(),
        )

    def receive_slice(self, entries: Sequence[Entry], peer: Peer, *, durable: bool) -> Collection[JournalId]:
        """See the product; what is new is written down."""
        before = dict(self.replica.vector)
        left_out = super().receive_slice(entries, peer, durable=durable)
        entries = [entry for entry in entries if entry.dot.journal not in left_out]
        fresh = [entry for entry in entries if entry.dot.seq > before.get(entry.dot.journal, 0)]
        # Not `self.replica`, which may open another one: what was applied was applied by this one.
        around, replica = self._terminal.around, self._replica
        if not fresh:
            around.count("batches_repeated")
            return left_out
        for entry in fresh:
            around.trace.note(entry.hash)
        self._terminal.tell(f"takes {len(fresh)} of {len(entries)} entries", Weight.DETAIL)
        quarantined = tuple(_dot(one.dot) for one in fresh if one.dot in replica.state.quarantine.records)
        dots = tuple(dict.fromkeys(_dot(entry.dot) for entry in fresh))
        self._terminal.note_clock()
        held = frozenset(_dot(one.dot) for one in fresh if one.dot in replica.state.quarantine.held)
        around.history.append(Applied(around.time.now_ms, self._terminal.name, dots, quarantined, held))
        self._terminal.note_depths(replica)
        return left_out

    async def take_snapshot(self, head: SnapshotHead, is_needed: bool) -> bool:
        """See the product; what a desk stands on is written down, and it is pruned when it does nothing else."""
        around, terminal = self._terminal.around, self._terminal
        before = self.counters["snapshots_kept"]
        is_installed = await super().take_snapshot(head, is_needed)
        if is_installed:
            around.count("snapshots_installed")
            terminal.tell(f"stands on the snapshot at position {head.through}")
            terminal.note_installed(head)
        elif self.counters["snapshots_kept"] > before:
            around.count("snapshots_kept")
            terminal.tell(f"keeps the snapshot at position {head.through}")
            terminal.prune_later(PRUNE_AFTER_MS)
        return is_installed

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """See the product; that the relay's clock was heard is remembered."""
        super().note_offset(peer, offset_ms)
        if peer.is_relay:
            self._terminal.note_comparison()

    async def receive_committed(self, end: SignedEnd, runs: Sequence[CommittedRun], peer: Peer) -> None:
        """See the product; what was taken over is written down."""
        before = self.replica.standing
        await super().receive_committed(end, runs, peer)
        after = self.replica.standing
        known = before.through if before.generation == after.generation else 0
        order = tuple(placed for placed in _order(runs) if known < placed[0] <= after.through)
        if order and after.generation == end.generation:
            around = self._terminal.around
            around.history.append(Committed(around.time.now_ms, self._terminal.name, end.generation, order))


def _forked(replica: Replica) -> Mapping[bytes, int]:
    """The journals that are known to have been written twice, and the first number that was."""
    points = sorted((proof.point.journal, -proof.point.seq) for proof in replica.forks)
    return {journal: -seq for journal, seq in points}


def _lodged(now_ms: int, name: str, vector: Mapping[bytes, int], replica: Replica) -> Lodged:
    """What the lists and the buttons of a desk show of rooms."""
    view = replica.view()
    lines = [*arrivals(view), *in_house(view)]
    buttons = [request.fields for line in alert_lines(view, replica.alerts()) for request in line.remedies]
    proposals = tuple((fields["stay"], fields["room"]) for fields in buttons if "room" in fields)
    return Lodged(now_ms, name, vector, {line.stay: line.room_shown for line in lines}, proposals)


def _order(runs: Sequence[CommittedRun]) -> list[tuple[int, Dot]]:
    return [(run.position + step, Dot(run.journal, run.first_seq + step)) for run in runs for step in range(run.count)]


def _dot(dot: ProductDot) -> Dot:
    return Dot(dot.journal, dot.seq)


def _forms(action: Action) -> tuple[str, ...]:
    """The revisions of the forms that the action was filled in on."""
    values = (getattr(action, name, None) for name in ("revision", "other_revision"))
    return tuple(value for value in values if value is not None)


def told(action: Action) -> str:
    """An action with what it names."""
    values = ((field.name, getattr(action, field.name)) for field in fields(cast(Any, action)))
    given = {name: value for name, value in values if value not in (None, "", False) and name != "revision"}
    return f"{type(action).name}({', '.join(f'{name}={value!r}' for name, value in given.items())})"
