"""The façade: apply operations, read rows, conflicts and alerts.

A ledger holds the rows of one property. Its content, conflicts and alerts are pure functions of the set of
operations applied and of the room plan; it asks no clock, draws no randomness and stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter

from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.alerts import Alert, RoomOccupant, dot_written, in_order
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.conflicts import (
    Conflict,
    ConflictState,
    decided_by,
    ended_conflict,
    ended_conflicts,
    standing_conflict,
)
from crdt_pms.ledger.days import BusinessDays
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.fields import Content, Value
from crdt_pms.ledger.folios import FolioIndex
from crdt_pms.ledger.holdings import HoldingIndex
from crdt_pms.ledger.levels import level_of
from crdt_pms.ledger.limits import PROPOSED_ROOMS_MAX
from crdt_pms.ledger.meanings import MeaningIndex
from crdt_pms.ledger.operation import Operation, Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FIELD_GROUPS,
    FOLIO_SETTLEMENT,
    FOLIO_WINDOW,
    GROUPS_OF_KIND,
    OCCUPANCY,
    POSTING,
    POSTING_DECISION,
    PROPERTY_LEVEL,
    STAY_GUEST,
    TERMS,
    require_complete,
)
from crdt_pms.ledger.register import Closing, RegisterState, StoredWrite
from crdt_pms.ledger.stays import StayIndex, overruled


class Ledger:
    """The rows of one property. See the module.

    The caller must apply each operation once, and only after the operations that it names (law 4); any order
    that keeps to this gives the same ledger. Values and tuples that are handed out are the ledger's own and
    must not be changed.
    """

    def __init__(self, rooms: RoomPlan, opening_date: str | None = None) -> None:
        """An empty ledger. `opening_date` is the business date until the first night audit.

        Raises `PolicyTableIncomplete` when a field group has no policy.
        """
        require_complete()
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
        self._followers: dict[str, Callable[[str, RegisterState], None]] = {
            OCCUPANCY: self._follow_occupancy,
            TERMS: self._follow_terms,
            STAY_GUEST: self._follow_guest,
            FOLIO_WINDOW: self._follow_window,
            FOLIO_SETTLEMENT: self._follow_settlement,
            POSTING: self._follow_posting,
            BUSINESS_DAY: self._follow_day,
        }

    # Writing

    def set_property(self, rooms: RoomPlan, retired_rooms: Collection[str], opening_date: str) -> None:
        """Take over what the property is by now: its rooms, those that it had, and the date on which it opened."""
        self._opening_date = opening_date
        self._holdings.set_rooms(rooms, retired_rooms)
        if (business_date := self.business_date()) is not None:
            self._holdings.set_business_date(business_date)

    def apply(self, dot: Dot, stamp: Stamp, author: str, operation: Operation) -> None:
        """Merge one operation, decoded and therefore valid."""
        for write in operation.writes:
            register = write.register
            state = self._states.get(register)
            if state is None:
                state = self._add(RegisterState(register))
            before = state.content_sum
            applied = AppliedWrite(dot, stamp, author, write, operation.origin, operation.action, operation.reason)
            state.apply(applied)
            if register.group == BUSINESS_DAY and self._is_known(register):
                self._days.note(applied)
            changed = self._content_changes.get(register, 0) + state.content_sum - before
            self._content_changes[register] = changed
            self._index(register, state)
            self._touched.add(register)

    # Registers

    def siblings(self, register: Register) -> tuple[AppliedWrite, ...]:
        """Every write of the register that no other applied write names, sorted by dot."""
        state = self._states.get(register)
        return () if state is None else state.siblings

    def shown(self, register: Register) -> Value | None:
        """What the register shows; None when nobody ever wrote it, or this version does not know its group."""
        state = self._known(register)
        return None if state is None else state.shown.value

    def shown_write(self, register: Register) -> AppliedWrite | None:
        """The sibling whose value is shown.

        None for an unwritten register, and where an open conflict shows what both sides started from.
        """
        state = self._known(register)
        return None if state is None else state.shown.write

    def names(self, register: Register) -> tuple[Dot, ...]:
        """What a writer that reads the register now must name: every sibling."""
        state = self._states.get(register)
        return () if state is None else state.sibling_dots

    def superseded(self, register: Register) -> tuple[AppliedWrite, ...]:
        """The register's earlier writes as far as they are held whole (the newest 32), oldest first."""
        state = self._states.get(register)
        return () if state is None else state.superseded

    def find(self, register: Register, dot: Dot) -> AppliedWrite | None:
        """The register's write of that entry, if it is still held whole."""
        state = self._states.get(register)
        return None if state is None else state.find(dot)

    def revision(self, row_kind: str, row: str) -> str:
        """Sixteen hexadecimal digits that change with every write to a group of that row.

        The same on every replica that holds the same writes of it. Raises KeyError for a kind of row that is not
        declared.
        """
        states = (self._states.get(Register(group.name, row)) for group in GROUPS_OF_KIND[row_kind])
        siblings = sum(state.sibling_sum for state in states if state is not None)
        return (siblings % 2**256).to_bytes(32, "big").hex()[:16]

    def rows(self, group: str) -> Iterable[tuple[str, Value]]:
        """Row id and shown value of every row that has the group. Raises KeyError for an undeclared group."""
        return [(row, state.shown.value) for row, state in self._rows[group].items()]

    def registers(self) -> Iterable[Register]:
        """Every register ever written, those of unknown groups too."""
        return list(self._states)

    def shown_content(self, register: Register) -> Content | None:
        """What is shown as it is on the wire, fields that this version does not know included; None where nothing is."""
        state = self._known(register)
        return None if state is None else state.shown.content

    # Conflicts and alerts

    def conflict(self, register: Register) -> Conflict | None:
        """The conflict among the register's siblings, settled by policy, open or decided; None where they agree."""
        state = self._known(register)
        if state is None:
            return None
        return standing_conflict(register, state, FIELD_GROUPS[register.group], self._decision(register))

    def conflicts(self) -> list[Conflict]:
        """Every standing conflict, settled by policy or open, by register."""
        return [one for one in self._standing() if one.state is not ConflictState.CLOSED]

    def closed_conflicts(self, register: Register | None = None) -> list[Conflict]:
        """Every conflict that somebody ended, by register, oldest closing first; of one register, if given."""
        ended = [
            conflict
            for one in (sorted(self._with_closings) if register is None else [register])
            if (state := self._known(one)) is not None
            for conflict in ended_conflicts(one, state, FIELD_GROUPS[one.group])
        ]
        decided = self._standing() if register is None else [self.conflict(register)]
        return ended + [one for one in decided if one is not None and one.state is ConflictState.CLOSED]

    def in_conflict(self, register: Register) -> bool:
        """Whether the register's siblings differ; False for a group that this version does not know."""
        return register in self._in_conflict

    def registers_in_conflict(self) -> frozenset[Register]:
        """Every register of a known group whose siblings differ."""
        return frozenset(self._in_conflict)

    def is_sibling(self, register: Register, dot: Dot) -> bool:
        """Whether the register's write of that entry stands."""
        state = self._states.get(register)
        return state is not None and state.is_sibling(dot)

    def decided(self, register: Register) -> Closing | None:
        """How a person closed the conflict of a register whose writes are never superseded, if one did."""
        state = self._known(register)
        return None if state is None else decided_by(state, self._decision(register))

    def take_ended(self, register: Register) -> list[Conflict]:
        """The conflicts of the register that writes ended which were applied since the last call."""
        state = self._known(register)
        if state is None:
            return []
        group = FIELD_GROUPS[register.group]
        return [ended_conflict(register, state, group, closing) for closing in state.take_ended()]

    def alerts(self, unavailable_rooms: Collection[str] = ()) -> list[Alert]:
        """Every alert across rows, in the order of `Matter`.

        Rooms that the board has out of order should be given, so that they are not proposed.
        """
        return in_order(
            [
                *self._holdings.alerts(unavailable_rooms),
                *self._folios.alerts(),
                *self._stays.alerts(),
                *self._meanings.alerts(),
                *self._check_outs_overruled(),
                *self._days.alerts(),
            ]
        )

    # Rooms

    def shown_room(self, stay: str) -> str | None:
        """The room that the stay is shown in: None without one, or when another stay is shown in it."""
        holding = self._holdings.holding(stay)
        return None if holding is None or stay in self._holdings.displaced() else holding.room

    def displaced_stays(self) -> frozenset[str]:
        """The stays that show as unassigned, because another one is shown in the room that they hold."""
        return self._holdings.displaced()

    def stays_of_room(self, room: str) -> tuple[str, ...]:
        """The stays that hold the room on some night, displaced ones too, by arrival."""
        return tuple(holding.stay for holding in self._holdings.in_room(room))

    def occupants(self) -> dict[str, tuple[RoomOccupant, ...]]:
        """For each room the stays that are in it, or assigned to it tonight by the business date."""
        return self._holdings.occupants()

    def free_rooms(
        self,
        arrival: str,
        nights: int,
        room_type: str,
        unavailable_rooms: Collection[str] = (),
        rooms_max: int = PROPOSED_ROOMS_MAX,
    ) -> tuple[str, ...]:
        """Rooms that no stay holds on those nights (the date itself for day use), those of the type first."""
        first = date.fromisoformat(arrival).toordinal()
        return self._holdings.free_rooms(first, first + max(nights, 1), room_type, unavailable_rooms, rooms_max)

    def business_date(self) -> str | None:
        """The business date that is shown; until the first night audit the opening date, None without one."""
        return self._days.date()

    @property
    def level(self) -> int:
        """The level of the property: what its administrators raised it to."""
        return level_of({int(row) for row in self._rows[PROPERTY_LEVEL] if row.isascii() and row.isdecimal()})

    # Folios

    def folio_balance(self, folio: str) -> int:
        """The sum of the folio's postings in minor units: what the guest owes, or below zero is owed."""
        return self._folios.balance(folio)

    def postings_of_folio(self, folio: str) -> tuple[str, ...]:
        """The row ids of the postings that show the folio as theirs, sorted."""
        return self._folios.rows_of_folio(folio)

    def postings_of_stay(self, stay: str) -> tuple[str, ...]:
        """The row ids of all postings on the folios that belong to the stay, by folio."""
        return tuple([row for folio in self.folios_of_stay(stay) for row in self.postings_of_folio(folio)])

    def folios_of_stay(self, stay: str) -> tuple[str, ...]:
        """The folios that belong to the stay, by row id."""
        return self._folios.folios_of_stay(stay)

    def reversals_of(self, posting: str) -> tuple[str, ...]:
        """The row ids of the postings that cite this one as their original, sorted."""
        return self._folios.reversals_of(posting)

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
            state = RegisterState.load(register, writes)
            if register in self._states:
                raise RegisterCorrupt(f"the stored register {register.group} {register.row} is there twice")
            self._add(state)
            self._index(register, state)

    def take_content_changes(self) -> dict[Register, int]:
        """By how much the content sum of each register is another one than at the last call; loading is no change."""
        changes, self._content_changes = self._content_changes, {}
        return changes

    def content_sums(self) -> dict[Register, int]:
        """A number for each register: equal wherever the same writes of it were applied (law 1), on every version."""
        return {register: state.content_sum for register, state in self._states.items()}

    def _add(self, state: RegisterState) -> RegisterState:
        register = self._states.setdefault(state.register, state).register
        if self._is_known(register):
            self._rows[register.group][register.row] = state
            if register.group == BUSINESS_DAY:
                self._days.add(register.row, state)
        return state

    def _known(self, register: Register) -> RegisterState | None:
        return self._states.get(register) if self._is_known(register) else None

    @staticmethod
    def _is_known(register: Register) -> bool:
        group = FIELD_GROUPS.get(register.group)
        return group is not None and group.flags == register.flags

    def _standing(self) -> list[Conflict]:
        found = (self.conflict(register) for register in sorted(self._in_conflict))
        return [conflict for conflict in found if conflict is not None]

    def _decision(self, register: Register) -> AppliedWrite | None:
        """What a person decided about a posting, as the decision's own register shows it."""
        return self.shown_write(Register(POSTING_DECISION, register.row)) if register.group == POSTING else None

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
            self._index(posting, state)
            self._touched.add(posting)

    def _chosen(self, row: str) -> Dot | None:
        """The write of the posting that a person chose; None without a decision, and for one that says nothing known."""
        decision = self.shown(Register(POSTING_DECISION, row))
        state = self._states.get(Register(POSTING, row))
        if decision is None or state is None:
            return None
        dot = dot_written(str(decision["entry"]))
        return dot if dot is not None and state.is_sibling(dot) else None

    def _check_outs_overruled(self) -> list[Alert]:
        contested = (register for register in self._in_conflict if register.group == OCCUPANCY)
        return [found for register in contested for found in overruled(register.row, self._states[register])]
