"""The façade: what the rows of a property show, their conflicts and alerts.

These are pure functions of the set of operations applied and of the room plan; a ledger asks no clock, draws no randomness and
stores nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.alerts import Alert, RoomOccupant, in_order
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.conflicts import (
    Conflict,
    ConflictState,
    closed_at,
    decided_by,
    ended_conflict,
    ended_conflicts,
    standing_conflict,
)
from crdt_pms.ledger.fields import Content, Value
from crdt_pms.ledger.levels import level_of
from crdt_pms.ledger.limits import PROPOSED_ROOMS_MAX
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import (
    FIELD_GROUPS,
    GROUPS_OF_KIND,
    OCCUPANCY,
    POSTING,
    POSTING_DECISION,
    PROPERTY_LEVEL,
)
from crdt_pms.ledger.register import Closing
from crdt_pms.ledger.residence import (
    FOLIO,
    POSTING_ROW,
    STAY,
    RowKey,
)
from crdt_pms.ledger.rows import Rows
from crdt_pms.ledger.stays import overruled


class Ledger(Rows):
    """The rows of one property. See the module.

    The caller must apply each operation once, and only after the operations that it names (law 4); any order
    that keeps to this gives the same ledger. Values and tuples that are handed out are the ledger's own and
    must not be changed.
    """

    # The property

    def set_property(self, rooms: RoomPlan, retired_rooms: Collection[str], opening_date: str) -> None:
        """Take over what the property is by now: its rooms, those that it had, and the date on which it opened."""
        self._opening_date = opening_date
        self._holdings.set_rooms(rooms, retired_rooms)
        if (business_date := self.business_date()) is not None:
            self._holdings.set_business_date(business_date)

    # Registers

    def siblings(self, register: Register) -> tuple[AppliedWrite, ...]:
        """Every write of the register that no other applied write names, sorted by dot."""
        state = self._state(register)
        return () if state is None else state.siblings

    def shown(self, register: Register) -> Value | None:
        """What the register shows; None when it was never written, or this version does not know its group."""
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
        state = self._state(register)
        return () if state is None else state.sibling_dots

    def superseded(self, register: Register) -> tuple[AppliedWrite, ...]:
        """The register's earlier writes as far as they are held whole (the newest 32), oldest first."""
        state = self._state(register)
        return () if state is None else state.superseded

    def find(self, register: Register, dot: Dot) -> AppliedWrite | None:
        """The register's write of that entry, if it is still held whole."""
        state = self._state(register)
        return None if state is None else state.find(dot)

    def revision(self, row_kind: str, row: str) -> str:
        """Sixteen hexadecimal digits that change with every write to a group of that row.

        The same on every replica that holds the same writes of it. Raises KeyError for a kind of row that is not
        declared.
        """
        states = (self._state(Register(group.name, row)) for group in GROUPS_OF_KIND[row_kind])
        siblings = sum(state.sibling_sum for state in states if state is not None)
        return (siblings % 2**256).to_bytes(32, "big").hex()[:16]

    def rows(self, group: str) -> Iterable[tuple[str, Value]]:
        """Row id and shown value of every row in memory that has the group: all that are live, and some at rest.

        Raises KeyError for an undeclared group.
        """
        return [(row, state.shown.value) for row, state in self._rows[group].items()]

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

    def newest_closed(self, amount: int) -> list[Conflict]:
        """The conflicts that were closed last, the newest first, at most that many."""
        concerned = {*self._with_closings, *self._in_conflict, *self._stored.newest_closed(amount)}
        closed = [conflict for register in concerned for conflict in self.closed_conflicts(register)]
        return sorted(closed, key=closed_at, reverse=True)[:amount]

    def closed_conflicts(self, register: Register | None = None) -> list[Conflict]:
        """Every conflict of a register that a person ended, oldest closing first; without one of all in memory."""
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
        state = self._state(register)
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
        return [ended_conflict(register, state, group, ended) for ended in state.take_ended()]

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
        self._bring(RowKey(STAY, stay))
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
        self._bring(RowKey(FOLIO, folio))
        return self._folios.balance(folio)

    def postings_of_folio(self, folio: str) -> tuple[str, ...]:
        """The row ids of the postings that show the folio as theirs, sorted."""
        self._bring(RowKey(FOLIO, folio))
        return self._folios.rows_of_folio(folio)

    def postings_of_stay(self, stay: str) -> tuple[str, ...]:
        """The row ids of all postings on the folios that belong to the stay, by folio."""
        return tuple([row for folio in self.folios_of_stay(stay) for row in self.postings_of_folio(folio)])

    def folios_of_stay(self, stay: str) -> tuple[str, ...]:
        """The folios that belong to the stay, by row id."""
        self._bring(RowKey(STAY, stay))
        return self._folios.folios_of_stay(stay)

    def reversals_of(self, posting: str) -> tuple[str, ...]:
        """The row ids of the postings that cite this one as their original, sorted."""
        self._bring(RowKey(POSTING_ROW, posting))
        return self._folios.reversals_of(posting)

    def take_touched_folios(self) -> set[str]:
        """The folios to which postings came, or from which they went, since the last call."""
        return self._folios.take_touched()

    def _standing(self) -> list[Conflict]:
        found = (self.conflict(register) for register in sorted(self._in_conflict))
        return [conflict for conflict in found if conflict is not None]

    def _decision(self, register: Register) -> AppliedWrite | None:
        """What a person decided about a posting, as the decision's own register shows it."""
        return self.shown_write(Register(POSTING_DECISION, register.row)) if register.group == POSTING else None

    def _check_outs_overruled(self) -> list[Alert]:
        contested = (register for register in self._in_conflict if register.group == OCCUPANCY)
        return [found for register in contested for found in overruled(register.row, self._states[register])]
