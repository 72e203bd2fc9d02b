"""What other systems write: checked against the committed state, authored in this process's own journal, committed at once.

One transaction reads in everything committed so far, judges the request, writes the entries, projects them and keeps the answer
under its idempotency key. A crash at any point leaves all of it or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import Refused
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreError
from crdt_pms.ports.store import Transaction
from crdt_pms.reading.pages import Page
from crdt_pms.reading.reading import Reading
from crdt_pms.reading.rows import StayRow
from crdt_pms.replica.authoring import Author
from crdt_pms.state.property_state import PropertyState
from relay_server.commit import place
from relay_server.idempotency import Answer, KeyReused, RequestKey, remember, remembered
from relay_server.projection import Projection

HIDDEN_PROFILE_FIELDS = frozenset({"passport"})
"""What another system may write and has no need to read back."""


class RevisionStale(Exception):
    """The stay is no longer what the caller saw; `etag` is what it is now."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


@dataclass(frozen=True, slots=True)
class StayRevision:
    """What a caller saw of a stay: the revisions of the stay and of its guest, in one entity tag."""

    stay: str
    guest: str

    @property
    def etag(self) -> str:
        """As an HTTP entity tag."""
        return f'"{self.stay}.{self.guest}"'


@dataclass(frozen=True, slots=True)
class Change:
    """A request to change one stay: what the caller saw of it (`etags`), and the actions that follow from its revision."""

    stay: str
    etags: frozenset[str]
    actions: Callable[[str, StayRevision], Sequence[Action]]
    """Of the guest's row id and the current revision."""


class OriginDesk:
    """Acts for other systems. Lives on the projector's thread."""

    def __init__(
        self, projection: Projection, device: EnrolledDevice, new_id: Callable[[], str], reading: Reading
    ) -> None:
        """`reading` is of the same database as the projection."""
        self._projection = projection
        self._reading = reading
        self._device = device
        self._new_id = new_id
        self._author: Author | None = None
        self.written = 0
        """How often entries were written; a transaction of unknown outcome counts."""

    def read(self, stay: str) -> Answer:
        """A stay as committed now, by whichever relay process. Raises Refused when there is none, StoreError."""
        if not self._projection.is_current():
            self._catch_up()
        view = self._projection.view()
        return _answer(200, _stay_body(view, stay), _revision(view, stay))

    def stays(self, status: StayStatus, first: str, until: str, cursor: str | None, rows_max: int) -> Page[StayRow]:
        """The stays of a status that arrive in `[first, until]`, as committed now. Raises CursorInvalid, StoreError."""
        if not self._projection.is_current():
            self._catch_up()
        return self._reading.stays(status, first, until, cursor, rows_max)

    def create(self, origin: str, action: CreateStay, key: RequestKey) -> Answer:
        """Create a stay. Raises Refused, KeyReused, StoreError."""

        def plan(_view: DeskView) -> Sequence[Action]:
            return (action,)

        return self._execute(origin, plan, key, 201)

    def change(self, origin: str, change: Change, key: RequestKey | None) -> Answer:
        """Amend or cancel a stay. Raises Refused, RevisionStale, KeyReused, StoreError."""

        def plan(view: DeskView) -> Sequence[Action]:
            guest = view.require_stay(change.stay).guest
            revision = _revision(view, change.stay)
            if revision.etag not in change.etags:
                raise RevisionStale(revision.etag)
            return change.actions(guest, revision)

        return self._execute(origin, plan, key, 200, change.stay)

    def _execute(
        self,
        origin: str,
        plan: Callable[[DeskView], Sequence[Action]],
        key: RequestKey | None,
        status: int,
        stay: str | None = None,
    ) -> Answer:
        self._catch_up()
        entries: list[Entry] = []
        answer: Answer | None = None
        refusal: Exception | None = None
        try:
            with self._projection.transaction() as (transaction, state):
                # From here on no other process commits: what is judged is what the entries will follow.
                last = transaction.last_position()
                while state.position < last:
                    self._projection.apply_next(transaction, state)
                try:
                    answer = remembered(transaction, key) if key is not None else None
                    decisions = self._decide(origin, plan) if answer is None else []
                except (Refused, RevisionStale, KeyReused) as error:
                    # What was projected on the way stays valid; only the request comes to nothing.
                    refusal, decisions = error, []
                if answer is None and refusal is None:
                    entries = self._write(transaction, state, decisions, origin)
                    written_stay = stay or next(d.stay for d in decisions if d.stay is not None)
                    answer = self._written(written_stay, entries, status if entries else 200)
                    if key is not None:
                        remember(transaction, key, answer, self._projection.wall_clock.now_ms())
        except CommitOutcomeUnknown:
            if not entries or not self._is_stored(entries[-1]):
                raise
        if refusal is not None:
            raise refusal
        assert answer is not None
        return answer

    def _catch_up(self) -> None:
        while not self._projection.catch_up().caught_up:
            pass

    def _decide(self, origin: str, plan: Callable[[DeskView], Sequence[Action]]) -> list[Decision]:
        """Every action is judged before the first is written, so that a refusal leaves nothing behind."""
        view = self._projection.view()
        moment = Moment(now_ms=self._projection.wall_clock.now_ms(), author=origin, origin=origin, new_id=self._new_id)
        return [action.decide(view, moment) for action in plan(view)]

    def _write(
        self, transaction: Transaction, state: PropertyState, decisions: Sequence[Decision], origin: str
    ) -> list[Entry]:
        author = self._require_author(transaction)
        is_new = author.writer.head.seq == 0
        position = state.position
        now_ms = self._projection.wall_clock.now_ms()
        entries = [
            entry for decision in decisions for entry in author.compose(decision, state, transaction, origin, now_ms)
        ]
        if entries:
            if is_new:
                transaction.add_journal(author.writer.certificate)
                transaction.put_state(self._own_journal_name, author.writer.head.journal)
            place(transaction, entries, position)
            self.written += 1
        return entries

    def _written(self, stay: str, entries: Sequence[Entry], status: int) -> Answer:
        view = self._projection.view()
        revision = _revision(view, stay)
        body = {
            "stay": stay,
            "revision": revision.etag.strip('"'),
            "entries": [[entry.dot.journal.hex(), entry.dot.seq] for entry in entries],
        }
        return _answer(status, body, revision)

    def _require_author(self, transaction: Transaction) -> Author:
        """The writer of this run's journal. A new load of the state means a new journal: no number is ever used twice."""
        journal = self._projection.journal
        if self._author is None or self._author.writer.head.journal != journal:
            certificate = Certificate.create(
                journal,
                self._device,
                self._own_head(transaction),
                self._projection.stamps.issue(self._projection.wall_clock.now_ms()),
            )
            self._author = Author(JournalWriter(certificate, self._device.key), self._projection.stamps)
        return self._author

    def _own_head(self, transaction: Transaction) -> Head | None:
        journal = transaction.get_state(self._own_journal_name)
        return None if journal is None else transaction.head(JournalId(journal))

    @property
    def _own_journal_name(self) -> str:
        return f"own_journal/{self._device.device_id}"

    def _is_stored(self, entry: Entry) -> bool:
        """Whether PostgreSQL holds it for certain."""
        try:
            with self._projection.transaction() as (transaction, _state):
                return transaction.entry(entry.dot) is not None
        except StoreError:
            return False


def _revision(view: DeskView, stay: str) -> StayRevision:
    guest = view.require_stay(stay).guest
    return StayRevision(revision_of(view, "stay", stay), revision_of(view, "guest", guest))


def _stay_body(view: DeskView, stay_id: str) -> dict[str, Any]:
    stay = view.require_stay(stay_id)
    profile = view.guest(stay.guest) or {}
    terms = dict(stay.terms.value())
    return {
        "stay": stay.stay_id,
        "revision": _revision(view, stay_id).etag.strip('"'),
        "status": stay.status.value,
        "room": stay.room,
        "terms": terms,
        "guest": {"guest": stay.guest}
        | {name: profile.get(name) for name in PROFILE_FIELDS if name not in HIDDEN_PROFILE_FIELDS},
    }


def _answer(status: int, body: dict[str, Any], revision: StayRevision) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), revision.etag)
