"""The registers of a property: those in memory, how they come there and leave it, and what a store keeps of them.

A row comes into memory with its whole component when something asks for it, and leaves it when it is at rest and nothing asked
for it lately (`crdt_pms.ledger.residence`). So a ledger costs what is live, however long a hotel has been open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.alerts import dot_written
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.components import Components, named_by
from crdt_pms.ledger.days import BusinessDays
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.folios import FolioIndex
from crdt_pms.ledger.guests import GuestIndex
from crdt_pms.ledger.holdings import HoldingIndex
from crdt_pms.ledger.meanings import MeaningIndex
from crdt_pms.ledger.operation import Operation, Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FIELD_GROUPS,
    FOLIO_SETTLEMENT,
    FOLIO_WINDOW,
    OCCUPANCY,
    POSTING,
    POSTING_DECISION,
    STAY_GUEST,
    TERMS,
    require_complete,
)
from crdt_pms.ledger.register import RegisterState, StoredWrite
from crdt_pms.ledger.residence import (
    GUEST,
    STAY,
    LiveChanges,
    NoStoredRows,
    Residence,
    RowKey,
    StoredRows,
    key_of,
    reached_from,
)
from crdt_pms.ledger.stays import StayIndex


class Rows:
    """See the module. What they mean together, `crdt_pms.ledger.ledger.Ledger` says."""

    def __init__(self, rooms: RoomPlan, opening_date: str | None = None, stored: StoredRows | None = None) -> None:
        """A ledger with nothing in memory. `opening_date` is the business date until the first night audit.

        `stored` gives the rows that are not in memory; without it there are none. Raises `PolicyTableIncomplete` when a field
        group has no policy.
        """
        require_complete()
        self._stored = stored or NoStoredRows()
        self._residence = Residence()
        self._unsettled: set[RowKey] = set()
        """Rows that changed, or were linked to one that did, since it was last judged what is live."""
        self._registers_of: dict[RowKey, list[Register]] = {}
        self._guests = GuestIndex()
        self._states: dict[Register, RegisterState] = {}
        self._rows: dict[str, dict[str, RegisterState]] = {group: {} for group in FIELD_GROUPS}
        self._in_conflict: set[Register] = set()
        self._with_closings: set[Register] = set()
        self._touched: set[Register] = set()
        self._content_changes: dict[Register, int] = {}
        self._holdings = HoldingIndex(rooms)
        if opening_date is not None:
            self._holdings.set_business_date(opening_date)
        self._folios = FolioIndex()
        self._stays = StayIndex()
        self._meanings = MeaningIndex()
        self._days = BusinessDays(opening_date)
        self._components = Components(self._folios, self._stays, self._meanings, self._in_conflict)
        self._followers: dict[str, Callable[[str, RegisterState], None]] = {
            OCCUPANCY: self._follow_occupancy,
            TERMS: self._follow_terms,
            STAY_GUEST: self._follow_guest,
            FOLIO_WINDOW: self._follow_window,
            FOLIO_SETTLEMENT: self._follow_settlement,
            POSTING: self._follow_posting,
            BUSINESS_DAY: self._follow_day,
        }

    # Merging

    def apply(self, dot: Dot, stamp: Stamp, author: str, operation: Operation) -> None:
        """Merge one operation, decoded and therefore valid."""
        for write in operation.writes:
            self._merge(
                AppliedWrite(dot, stamp, author, write, operation.origin, operation.action, operation.reason),
                write.register,
            )

    def _merge(self, applied: AppliedWrite, register: Register) -> None:
        state = self._state(register) or self._add(RegisterState(register))
        self._touched.add(register)
        if state.holds(applied.dot):
            # The row was read from a store that another process of this node writes too, and that is further.
            return
        key, before = key_of(register), state.content_sum
        named = set(named_by(register.group, state.shown)) if key is not None else set[RowKey]()
        state.apply(applied)
        if register.group == BUSINESS_DAY and self._is_known(register):
            self._days.note(applied)
        self._content_changes[register] = self._content_changes.get(register, 0) + state.content_sum - before
        if key is not None:
            named.update(named_by(register.group, state.shown))
            for other in named:
                self._bring(other)
            self._unsettled.update((key, *named))
        self._index(register, state)

    # What is in memory

    @property
    def rows_held(self) -> int:
        """How many rows of the kinds that come to rest are in memory."""
        return len(self._residence)

    def settle(self) -> LiveChanges:
        """Judge which of the rows that changed are live, and which at rest. The store is to mark them so.

        A pure function of the merged state; what is in memory does not matter.
        """
        unsettled, self._unsettled = self._unsettled, set()
        judged: set[RowKey] = set()
        guests = {key for key in unsettled if key.kind == GUEST}
        for key in unsettled - guests:
            if key in self._residence and key not in judged:
                guests.update(self._judge(key, judged))
        for guest in guests:
            stays = self._guests.stays_of(guest.row)
            is_needed = any(self._residence.is_live(RowKey(STAY, stay)) for stay in stays)
            if guest in self._residence:
                self._residence.judge(guest, is_live=is_needed or not self._components.is_at_rest(guest))
        return self._residence.take_changes()

    def read_anew(self, keys: Iterable[RowKey]) -> dict[RowKey, list[Register]]:
        """Have rows of the store in memory, each with its component, to be judged by `settle`.

        Returns those that were not there before, with their registers.
        """
        found: dict[RowKey, list[Register]] = {}
        for key in keys:
            brought = self._bring(key)
            found.update({one: list(self._registers_of.get(one, ())) for one in brought})
        self._unsettled.update(found)
        return found

    def let_go(self) -> None:
        """Put rows at rest away that were not asked for lately. Nothing is put away that the caller has yet to store."""
        if self._touched:
            return
        for key in self._residence.outdated():
            if key in self._residence and not (key.kind == GUEST and self._guests.stays_of(key.row)):
                self._put_away(list(reached_from(key, self._links)))

    def load_live(self, stored: Iterable[StoredWrite]) -> None:
        """Take over the live rows from the store, whole components. Raises `RegisterCorrupt`; what was loaded before stays."""
        for register, writes in groupby(stored, key=attrgetter("register")):
            state = self._load(register, writes)
            key = key_of(register)
            assert key is not None, "what does not come to rest is not marked"
            self._residence.enter_live(key)
            self._index(register, state)

    def load_all(self, stored: Iterable[StoredWrite]) -> None:
        """Take over every row that is not in memory yet, to be judged anew by `settle`: for another table of fields."""
        for register, writes in groupby(stored, key=attrgetter("register")):
            key = key_of(register)
            if register not in self._states:
                state = self._load(register, writes)
                if key is not None:
                    self._residence.enter([key])
                self._index(register, state)
            if key is not None:
                self._unsettled.add(key)

    # Persistence

    def take_changes(self) -> dict[Register, frozenset[Dot]]:
        """Which writes of which registers are held otherwise than at the last call: what a store has to write."""
        touched, self._touched = self._touched, set()
        return {register: self._states[register].take_changed() for register in sorted(touched)}

    def stored(self, changes: Mapping[Register, Iterable[Dot]]) -> Iterator[StoredWrite]:
        """What a store keeps of these writes."""
        for register, dots in changes.items():
            state = self._states[register]
            for dot in sorted(dots):
                yield state.stored(dot)

    def all_stored(self) -> Iterator[StoredWrite]:
        """What a store keeps of every write."""
        for _register, state in sorted(self._states.items()):
            for dot in sorted(state.all_dots()):
                yield state.stored(dot)

    def load(self, stored: Iterable[StoredWrite]) -> None:
        """Take over registers that a store kept, whole ones, the writes of each together.

        Raises `RegisterCorrupt`; what was loaded before stays. Loading all that `all_stored` gave, in any order of the
        registers, gives the ledger that gave it.
        """
        for register, writes in groupby(stored, key=attrgetter("register")):
            state = self._load(register, writes)
            if (key := key_of(register)) is not None:
                self._residence.enter([key])
            self._index(register, state)

    def take_content_changes(self) -> dict[Register, int]:
        """By how much the content sum of each register is another one than at the last call; loading is no change."""
        changes, self._content_changes = self._content_changes, {}
        return changes

    def content_sums(self) -> dict[Register, int]:
        """A number for each register: equal wherever the same writes of it were applied (law 1), on every version."""
        return {register: state.content_sum for register, state in self._states.items()}

    def registers(self) -> Iterable[Register]:
        """Every register in memory, those of unknown groups too."""
        return list(self._states)

    def _load(self, register: Register, writes: Iterable[StoredWrite]) -> RegisterState:
        state = RegisterState.load(register, writes)
        if register in self._states:
            raise RegisterCorrupt(f"the stored register {register.group} {register.row} is there twice")
        return self._add(state)

    def _add(self, state: RegisterState) -> RegisterState:
        register = self._states.setdefault(state.register, state).register
        if (key := key_of(register)) is not None:
            self._registers_of.setdefault(key, []).append(register)
        if self._is_known(register):
            self._rows[register.group][register.row] = state
            if register.group == BUSINESS_DAY:
                self._days.add(register.row, state)
        return state

    def _state(self, register: Register) -> RegisterState | None:
        state = self._states.get(register)
        if state is None and (key := key_of(register)) is not None:
            self._bring(key)
            state = self._states.get(register)
        return state

    def _known(self, register: Register) -> RegisterState | None:
        return self._state(register) if self._is_known(register) else None

    def _bring(self, key: RowKey) -> list[RowKey]:
        """Have a row in memory, with its whole component. Returns the rows that were not there before."""
        if key in self._residence:
            self._residence.touch(key)
            return []
        found: dict[RowKey, list[RegisterState]] = {}
        waiting = [key]
        while waiting:
            one = waiting.pop()
            if one in found or one in self._residence:
                continue
            found[one] = list(self._stored.registers_of(one))
            waiting.extend(self._stored.naming(one))
            for state in found[one]:
                if self._is_known(state.register):
                    waiting.extend(named_by(state.register.group, state.shown))
        return [*found, *self._take_in(found)]

    def _take_in(self, found: Mapping[RowKey, Sequence[RegisterState]]) -> list[RowKey]:
        """Index rows that were read. What a person chose of a posting may name others than the posting itself: these are
        returned."""
        self._residence.enter(found)
        touched, self._touched = self._touched, set()
        states = [self._add(state) for states in found.values() for state in states]
        for state in states:
            self._index(state.register, state)
        self._touched = touched
        return [
            further
            for state in states
            if self._is_known(state.register)
            for other in named_by(state.register.group, state.shown)
            for further in self._bring(other)
        ]

    def _links(self, key: RowKey) -> list[RowKey]:
        return [other for other in self._components.links(key) if other in self._residence]

    def _judge(self, key: RowKey, judged: set[RowKey]) -> list[RowKey]:
        """Judge the component of a row. Returns the guests of its stays, as far as these are not known to be needed already."""
        component: list[RowKey] = []
        for one in reached_from(key, self._links):
            component.append(one)
            if not self._components.is_at_rest(one):
                is_live = True
                break
        else:
            is_live = False
        if is_live:
            # Around a row that was live before, everything is marked already.
            component = list(reached_from(key, lambda one: [] if self._was_live(one, key) else self._links(one)))
        judged.update(component if not is_live else [key])
        for one in component:
            self._residence.judge(one, is_live=is_live)
        guests = (self._stays.guest_of(one.row) for one in component if one.kind == STAY)
        return [RowKey(GUEST, guest) for guest in guests if guest is not None]

    def _was_live(self, key: RowKey, start: RowKey) -> bool:
        return key != start and self._residence.is_live(key)

    def _put_away(self, component: Iterable[RowKey]) -> None:
        for key in component:
            for register in self._registers_of.pop(key, ()):
                del self._states[register]
                self._with_closings.discard(register)
                self._meanings.forget(register)
                if self._is_known(register):
                    del self._rows[register.group][register.row]
            self._residence.leave([key])
            match key.kind:
                case "stay":
                    self._holdings.forget(key.row)
                    self._folios.forget_stay(key.row)
                    self._stays.forget(key.row)
                    self._let_guest_go(key.row)
                case "folio":
                    self._folios.forget_folio(key.row)
                case "posting":
                    self._folios.forget_posting(key.row)
                case _:
                    pass

    def _let_guest_go(self, stay: str) -> None:
        """Put the guest of a stay away with it, unless the guest is needed otherwise."""
        guest = self._guests.forget(stay)
        if guest is not None and not self._guests.stays_of(guest):
            key = RowKey(GUEST, guest)
            if key in self._residence and not self._residence.is_live(key):
                self._put_away([key])

    @staticmethod
    def _is_known(register: Register) -> bool:
        group = FIELD_GROUPS.get(register.group)
        return group is not None and group.flags == register.flags

    def _index(self, register: Register, state: RegisterState) -> None:
        """Follow a register that changed: conflicts, closings, and the indexes behind the alerts."""
        if not self._is_known(register):
            return
        group, row, _flags = register
        if group == POSTING_DECISION:
            self._decide(row)
        elif group == POSTING:
            state.choose(self._chosen(row))
        if state.in_conflict:
            self._in_conflict.add(register)
        else:
            self._in_conflict.discard(register)
        if state.has_closings:
            self._with_closings.add(register)
        self._meanings.set_shown(register, state.shown)
        if (follow := self._followers.get(group)) is not None:
            follow(row, state)

    def _follow_occupancy(self, stay: str, state: RegisterState) -> None:
        written = state.first_written()
        assert written is not None, "where no person decides a sibling is shown"
        self._holdings.set_occupancy(stay, state.shown.value, written)
        self._folios.set_status(stay, str(state.shown.value["status"]))
        self._stays.set_shown(OCCUPANCY, stay, state.shown)

    def _follow_terms(self, stay: str, state: RegisterState) -> None:
        self._holdings.set_terms(stay, state.shown.value)
        self._stays.set_shown(TERMS, stay, state.shown)

    def _follow_guest(self, stay: str, state: RegisterState) -> None:
        self._stays.set_shown(STAY_GUEST, stay, state.shown)
        self._guests.set_guest(stay, str(state.shown.value["guest"]))

    def _follow_window(self, folio: str, state: RegisterState) -> None:
        self._folios.set_window(folio, state.shown)

    def _follow_settlement(self, folio: str, _state: RegisterState) -> None:
        self._folios.set_settlement(folio)

    def _follow_posting(self, posting: str, state: RegisterState) -> None:
        self._folios.set_posting(posting, state.shown)

    def _follow_day(self, _row: str, _state: RegisterState) -> None:
        if (business_date := self._days.date()) is not None:
            self._holdings.set_business_date(business_date)

    def _decide(self, row: str) -> None:
        """A decision about a posting changed: follow it there."""
        posting = Register(POSTING, row)
        state = self._states.get(posting)
        if state is not None:
            named = set(named_by(POSTING, state.shown))
            state.choose(self._chosen(row))
            named.update(named_by(POSTING, state.shown))
            for other in named:
                self._bring(other)
            self._index(posting, state)
            self._touched.add(posting)
            self._unsettled.update(named)

    def _chosen(self, row: str) -> Dot | None:
        """The write of the posting that a person chose; None without a decision, and for one that says nothing known."""
        decision = self._known(Register(POSTING_DECISION, row))
        state = self._states.get(Register(POSTING, row))
        if decision is None or state is None:
            return None
        dot = dot_written(str(decision.shown.value["entry"]))
        return dot if dot is not None and state.is_sibling(dot) else None
