"""A relay in a simulated world: the product's intake, commit, projection and origin desk on a simulated machine.

Its database is SQLite behind the product's store port, with the faults of a PostgreSQL that is down or
does not answer a commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from crdt_pms.desk.refusals import Refused
from crdt_pms.journal.identifiers import Dot as ProductDot
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.ports.errors import StoreCorrupt, StoreError, StoreUnavailable
from crdt_pms.ports.records import Placed
from crdt_pms.reading.reading import Reading
from crdt_pms.session.clock import AgreedClock
from relay_server.commit import load_order
from relay_server.committing import Begun, Committing
from relay_server.errors import RelayError
from relay_server.generation import GENERATION_BYTES
from relay_server.idempotency import Answer, KeyReused, RequestKey
from relay_server.intake import Committed as CommitOutcome
from relay_server.intake import Intake, Wakers
from relay_server.node import Around, RelayNode
from relay_server.order import vector_of
from relay_server.origin_desk import OriginDesk, RevisionStale
from relay_server.projecting import Next, Projecting
from relay_server.projection import Projection
from relay_server.snapshots import SnapshotMaker
from simulations.checkers.history import Acted, Answered, Applied, Asked, Committed, Opened, Renewed
from simulations.checkers.violation import Dot
from simulations.world.disk import DiskCopy
from simulations.world.disk_faults import Crash
from simulations.world.driving import Turnstile
from simulations.world.faulty_store import FaultyStore
from simulations.world.machine import Machine
from simulations.world.relay_database import Database, OrderReader
from simulations.world.trace import Weight

COMMIT_MS: Final = 3
"""From being woken to taking a batch."""
TRANSACTION_MS_MAX: Final = 12
"""A commit takes so long at most to reach the database, and as long again to be heard of."""
PROJECT_MS: Final = 2_000
PROJECT_STEP_MS: Final = 5


REFUSED: Final = Answer(HTTPStatus.CONFLICT, b"{}", "")
"""Whatever the reason."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request of another system: in words, by whom, what is asked of the desk.

    `forms` are the revisions that it carries, `key` its idempotency key, `creates` the id of the stay that it wants made.
    """

    what: str
    origin: str
    ask: Callable[[OriginDesk], Answer]
    forms: tuple[str, ...] = ()
    key: RequestKey | None = None
    creates: str | None = None


@dataclass
class _Process:
    """What a running relay process is made of."""

    store: Database
    intake: Intake
    node: RelayNode
    committing: Committing
    projecting: Projecting
    room: Turnstile
    committed: dict[JournalId, int]
    """What the committer has found or written in the database."""


class Relay(Machine):
    """See the module."""

    _process: _Process | None = None
    _is_committing = False
    """From being woken until the outcome is heard."""
    _is_woken = False
    """Whether the committer was woken while it did something else."""
    _is_projection_due = False

    @property
    def node(self) -> RelayNode:
        """The node of the running process."""
        return self.process.node

    @property
    def process(self) -> _Process:
        """The running process."""
        assert self._process is not None, "a process runs"
        return self._process

    @property
    def holds(self) -> VersionVector:
        """What its database holds, as far as the process knows."""
        return self.process.committed

    @property
    def store(self) -> FaultyStore:
        """The store of the running process."""
        return self.process.store.store

    @property
    def is_idle(self) -> bool:
        """Whether everything that came in is committed and projected, and no step that derives alerts is to come."""
        process = self.process
        is_projected = process.projecting.projection.position == process.intake.order.through
        is_at_rest = not (process.intake.has_work or self._is_committing or self._is_projection_due)
        return is_projected and is_at_rest

    def content_hash(self) -> bytes:
        """See Machine."""
        return self.process.projecting.projection.content_hash()

    def open(self) -> None:
        """Begin a process run: read the order, queue nothing."""
        store = Database(self.disk.open())
        order, journals, forks = load_order(store, self._new_generation())
        clock = AgreedClock(self.machine_ms)
        room = Turnstile()
        wakers = Wakers(self.notify, self._commit_later, lambda: self._let_in_later(room))
        intake = Intake(self.definition, journals, order, wakers, lambda: self.around.time.now_ms / 1_000, forks)
        committing = Committing(store, intake, self.random, self._new_generation, self._project_later, _tell_nobody)
        retention = self.around.retention
        maker = None if retention is None else SnapshotMaker(self.device, retention)
        projection = Projection(store, self.definition, clock, self._new_journal, lambda: committing.looks, maker)
        around = Around(
            self.notify,
            lambda: room,
            self._renew_generation,
            nullcontext(),
            self.openings(),
            is_removed=lambda device: device in projection.removed_devices,
            snapshot=lambda: None if maker is None else maker.handed_out,
        )
        node = RelayNode(self.definition, self.device, clock, intake, OrderReader(store), around)
        node.identity = replace(node.identity, versions=self.versions)
        desk = OriginDesk(projection, self.device, lambda: self.random.randbytes(8).hex(), Reading(store))
        self._process = _Process(
            store, intake, node, committing, Projecting(projection, desk), room, vector_of(journals)
        )
        self._own: dict[Dot, None] = {}
        """What was written down before the committer heard of it."""
        self._is_committing = self._is_woken = self._is_projection_due = False
        self._project_later()

    def note_clock(self) -> None:
        """The relay's clock is the one that others are judged by."""

    def forget(self) -> None:
        """The process is gone, and with it what it had not committed."""
        self._process = None

    def ask(self, asking: Asking) -> Answer | None:
        """Let another system do something at the origin desk. None when it was not answered, REFUSED when it was refused."""
        answers: list[Answer | None] = []
        self.when_awake(lambda: self.within(lambda: answers.append(self._ask(asking))))
        return answers[0] if answers else None

    def _ask(self, asking: Asking) -> Answer | None:
        process, origin, key = self.process, asking.origin, asking.key
        process.intake.poke()
        if key is not None:
            self.around.history.append(Asked(self.around.time.now_ms, self.name, origin, key.key))
        if self.disk.faults.waits_for_origin:
            # What is to be projected is projected first: then the second commit is the request's own.
            while process.projecting.step() is Next.STEP:
                pass
            self.disk.faults.spare(1)
            self.disk.faults.fail_next(self.disk.faults.waits_for_origin.popleft())
        try:
            answer = process.projecting.ask(asking.ask)
        except (Refused, RevisionStale, KeyReused) as refused:
            self.around.count("origin_refused")
            self.tell(f"{origin} {asking.what}: refused, {type(refused).__name__}")
            self._note_answer(asking, REFUSED, (), type(refused).__name__)
            return REFUSED
        except StoreError as error:
            self.around.count("origin_not_answered")
            self.tell(f"{origin} {asking.what}: not answered, {error.reason}")
            return None
        self.around.count("origin_requests")
        self.tell(f"{origin} {asking.what}: {answer.status}")
        dots = tuple(Dot(bytes.fromhex(journal), seq) for journal, seq in json.loads(answer.body).get("entries", ()))
        if dots and not answer.repeated:
            self._own.update(dict.fromkeys(dots))
            self._note_unheard()
            acted = Acted(self.around.time.now_ms, self.name, asking.what, origin, dots, asking.forms)
            self.around.history.append(acted)
        self._note_answer(asking, answer, dots)
        return answer

    def _note_answer(self, asking: Asking, answer: Answer, dots: tuple[Dot, ...], refusal: str = "") -> None:
        if asking.key is None:
            return
        self.around.count("origin_repeats" if answer.repeated else "origin_answers")
        said = None if answer is REFUSED else repr((answer.status, answer.body, answer.etag)).encode()
        now_ms, key = self.around.time.now_ms, asking.key
        self.around.history.append(
            Answered(now_ms, self.name, asking.origin, key.key, key.fingerprint, said, dots, refusal, asking.creates)
        )

    def _note_unheard(self) -> None:
        """Write down what the database holds although the commit was not heard to succeed: the origin desk builds on it."""
        through = self.process.intake.order.through
        rows = self.store.select("SELECT journal, seq FROM entry WHERE position > ? ORDER BY position", (through,))
        unheard = [dot for dot in (Dot(bytes(journal), seq) for journal, seq in rows) if dot not in self._own]
        if unheard:
            self._own.update(dict.fromkeys(unheard))
            self.around.history.append(Applied(self.around.time.now_ms, self.name, tuple(unheard), ()))

    def put_back(self, copy: DiskCopy) -> None:
        """An operator restores a backup of the database, under the running process if there is one."""
        self.tell("its database is put back to a backup")
        process = self._process if self.is_up else None
        if process is None:
            self.disk.restore(copy)
            self.is_rewound = True
            return
        process.store.close()
        self.disk.restore(copy)
        try:
            process.store.store = self.disk.open()
            with process.store.transaction() as transaction:
                vector = vector_of(transaction.journals())
        except (StoreError, Crash) as error:
            self.is_rewound = True
            self._killed(f"ends: {type(error).__name__}")
            return
        self.around.history.append(Opened(self.around.time.now_ms, self.name, {**vector}, rewound=True))
        self._commit_later()

    def _let_in_later(self, room: Turnstile) -> None:
        """Sessions that wait for room go on when what is being done is done."""
        self.around.time.after(0, lambda: self.when_awake(room.let_through))

    def _commit_later(self, pause_seconds: float = 0.0) -> None:
        """Wake the committer: it takes a batch, the transaction happens, its outcome is heard, each at a time of its own."""
        if self._is_committing:
            self._is_woken = True
            return
        self._is_committing, self._is_woken = True, False
        self._in_process(COMMIT_MS + round(pause_seconds * 1_000), self._begin_commit)

    def _begin_commit(self) -> None:
        process = self.process
        self.note_depth("entries to commit", process.intake.queued, self.around.limits.queue_deepest)
        if not process.intake.has_room:
            is_by_number = process.intake.queued >= self.around.limits.queued
            self.around.count("queue_full" if is_by_number else "queue_full_of_bytes")
        begun = process.committing.begin()
        self._in_process(self._transaction_ms(), lambda: self._write(begun))

    def _write(self, begun: Begun) -> None:
        order = self.process.intake.order
        generation = order.generation
        try:
            outcome = self.process.committing.write(begun)
        except RelayError as error:
            if order.generation != generation:
                self._note_renewed(generation, order.through)
            self.tell(f"ends: {type(error).__name__}")
            self.around.count(f"relay_ended_{type(error).__name__}")
            self._end_process()
            self._restart_later()
            return
        if isinstance(outcome, StoreCorrupt):
            raise outcome
        self._in_process(self._transaction_ms(), lambda: self._end_commit(begun, outcome))

    def _end_commit(self, begun: Begun, outcome: CommitOutcome | StoreError) -> None:
        process = self.process
        is_taken = process.committing.end(begun, outcome)
        if not isinstance(outcome, StoreError):
            process.committed.update(placed.entry.dot for placed in outcome.placed)
        self._is_committing = False
        if not is_taken:
            assert isinstance(outcome, StoreError), "only that is no success"
            self.around.count(f"commit_failed_{outcome.reason}")
            self.tell(f"cannot commit {len(begun.batch.entries)} entries: {outcome.reason}", Weight.DETAIL)
            if not (isinstance(outcome, StoreUnavailable) and self.disk.faults.armed):
                self._commit_later(process.committing.next_pause_seconds())
            return
        assert not isinstance(outcome, StoreError), "what is taken over is a success"
        self.note_depth("entries in memory", process.intake.log.held, self.around.limits.forwarded_deepest)
        self._note_committed(outcome.placed)
        if self._is_woken or process.intake.has_work:
            self._commit_later()

    def database_answers(self) -> None:
        """PostgreSQL answers again: the retry that would have come anyway comes now."""
        if self._process is not None and self.is_up:
            self._commit_later()
            self._project_later()

    def _in_process(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Have the process that runs now do something after a while, if it still runs then."""
        process = self._process

        def do() -> None:
            if process is self._process:
                self.within(call)

        self.around.time.after(delay_ms, lambda: self.when_awake(do))

    def _transaction_ms(self) -> int:
        return self.random.randint(1, TRANSACTION_MS_MAX)

    def _note_committed(self, placed: Sequence[Placed]) -> None:
        if not placed:
            return
        now_ms = self.around.time.now_ms
        dots = tuple(_dot(one.entry.dot) for one in placed)
        for one in placed:
            self.around.trace.note(one.entry.hash)
        self.tell(f"commits {len(dots)} entries, {placed[-1].position} in all", Weight.DETAIL)
        others = tuple(dot for dot in dots if dot not in self._own)
        self.around.history.append(Applied(now_ms, self.name, others, ()))
        generation = self.process.intake.order.generation
        order = tuple((one.position, dot) for one, dot in zip(placed, dots, strict=True))
        self.around.history.append(Committed(now_ms, self.name, generation, order))

    def _project_later(self, delay_ms: int = PROJECT_MS) -> None:
        if not self._is_projection_due:
            self._is_projection_due = True
            self._in_process(delay_ms, self._project)

    def _project(self) -> None:
        self._is_projection_due = False
        projecting = self.process.projecting
        match projecting.step():
            case Next.STEP:
                self.around.count("projected_in_steps")
                self._project_later(PROJECT_STEP_MS)
            case Next.WAIT:
                assert projecting.failure is not None, "that is what is waited for"
                if isinstance(projecting.failure, StoreCorrupt):
                    raise projecting.failure
                self.tell(f"cannot project: {projecting.failure.reason}", Weight.DETAIL)
                if not self.disk.faults.armed:
                    self._commit_later()  # An idle committer looks every second.
                    self._project_later()
            case Next.STOP:
                self.tell(f"its projection stops: {projecting.alarm}")
                self.around.count("projection_stopped")
            case Next.REST:
                pass

    async def _renew_generation(self, shown: SignedEnd) -> None:
        order, before = self.process.intake.order, self.process.intake.order.generation
        self.process.committing.renew_generation(shown)
        if order.generation != before:
            self.around.count("generation_renewed")
            self._note_renewed(shown.generation, shown.through)

    def _note_renewed(self, generation: bytes, through: int) -> None:
        self.tell("gives its database a new generation")
        self.around.history.append(Renewed(self.around.time.now_ms, self.name, generation, through))

    def _new_generation(self) -> bytes:
        return self.random.randbytes(GENERATION_BYTES)

    def _new_journal(self) -> JournalId:
        return JournalId(self.random.randbytes(JOURNAL_ID_BYTES))


def _tell_nobody() -> None:
    """There is one relay process."""


def _dot(dot: ProductDot) -> Dot:
    return Dot(dot.journal, dot.seq)
