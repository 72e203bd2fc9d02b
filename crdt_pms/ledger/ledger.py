"""The façade: apply operations, read rows, conflicts and alerts.

A ledger holds the rows of one property. Its content, conflicts and alerts are pure functions of the set of
operations applied and of the room plan; it asks no clock, draws no randomness and stores nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date

from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.alerts import Alert, RoomOccupant, alert, in_order, written_dot
from crdt_pms.ledger.conflicts import Conflict, closed_conflicts, standing_conflict
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.folios import FolioIndex
from crdt_pms.ledger.holdings import HoldingIndex
from crdt_pms.ledger.limits import PROPOSED_ROOMS_MAX
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Operation, Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FIELD_GROUPS,
    FOLIO_SETTLEMENT,
    FOLIO_WINDOW,
    GROUPS_OF_KIND,
    OCCUPANCY,
    POSTING,
    TERMS,
    require_complete,
)
from crdt_pms.ledger.register import AppliedWrite, RegisterState


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
        self._states: dict[str, dict[str, RegisterState]] = {group: {} for group in FIELD_GROUPS}
        self._in_conflict: set[Register] = set()
        self._with_closings: set[Register] = set()
        self._changed_since_hash: set[Register] = set()
        self._digests: dict[Register, bytes] = {}
        self._holdings = HoldingIndex(rooms)
        self._opening_date = opening_date
        if opening_date is not None:
            self._holdings.set_business_date(opening_date)
        self._folios = FolioIndex()

    # Writing

    def apply(self, dot: Dot, stamp: Stamp, author: str, operation: Operation) -> frozenset[Register]:
        """Merge one operation, decoded and therefore valid. Returns the registers that it wrote."""
        touched: list[Register] = []
        for write in operation.writes:
            register = write.register
            rows = self._states[register.group]
            state = rows.get(register.row)
            if state is None:
                state = rows[register.row] = RegisterState(FIELD_GROUPS[register.group])
            state.apply(AppliedWrite(dot, stamp, author, write, operation.origin, operation.action, operation.reason))
            self._index(register, state)
            touched.append(register)
        return frozenset(touched)

    # Registers

    def siblings(self, register: Register) -> tuple[AppliedWrite, ...]:
        """Every write of the register that no other applied write names, sorted by dot."""
        state = self._state(register)
        return () if state is None else state.siblings

    def shown(self, register: Register) -> Value | None:
        """What the register shows; None when nobody ever wrote it."""
        state = self._state(register)
        return None if state is None else state.shown.value

    def shown_write(self, register: Register) -> AppliedWrite | None:
        """The sibling whose value is shown.

        None for an unwritten register, and where an open conflict shows what both sides started from.
        """
        state = self._state(register)
        return None if state is None else state.shown.write

    def names(self, register: Register) -> tuple[Dot, ...]:
        """What a writer that reads the register now must name: every sibling."""
        return tuple([sibling.dot for sibling in self.siblings(register)])

    def superseded(self, register: Register) -> tuple[AppliedWrite, ...]:
        """The register's earlier writes as far as they are held whole (the newest 32), oldest first."""
        state = self._state(register)
        return () if state is None else state.superseded

    def revision(self, row_kind: str, row: str) -> str:
        """Sixteen hexadecimal digits that change with every write to a group of that row.

        The same on every replica that shows the same siblings. Raises KeyError for a kind of row that is not
        declared.
        """
        digest = hashlib.sha256()
        for group in GROUPS_OF_KIND[row_kind]:
            for sibling in self.siblings(Register(group.name, row)):
                digest.update(pack([group.name, *sibling.dot]))
        return digest.hexdigest()[:16]

    def rows(self, group: str) -> Iterable[tuple[str, Value]]:
        """Row id and shown value of every row that has the group. Raises KeyError for an undeclared group."""
        return [(row, state.shown.value) for row, state in self._states[group].items()]

    def registers(self) -> Iterable[Register]:
        """Every register ever written."""
        return [Register(group, row) for group, rows in self._states.items() for row in rows]

    # Conflicts and alerts

    def conflict(self, register: Register) -> Conflict | None:
        """The register's standing conflict, settled by policy or open; None where its siblings agree."""
        state = self._state(register)
        return None if state is None else standing_conflict(register, state)

    def conflicts(self) -> list[Conflict]:
        """Every standing conflict, settled by policy or open, by register."""
        found = (self.conflict(register) for register in sorted(self._in_conflict))
        return [conflict for conflict in found if conflict is not None]

    def closed_conflicts(self, register: Register | None = None) -> list[Conflict]:
        """Every conflict that a write ended, by register, oldest closing first; of one register, if given."""
        registers = sorted(self._with_closings) if register is None else [register]
        return [
            conflict
            for one in registers
            if (state := self._state(one)) is not None
            for conflict in closed_conflicts(one, state)
        ]

    def alerts(self, unavailable_rooms: Collection[str] = ()) -> list[Alert]:
        """Every alert across rows, in the order of `Matter`.

        Rooms that the board has out of order should be given, so that they are not proposed.
        """
        return in_order(
            [*self._holdings.alerts(unavailable_rooms), *self._folios.alerts(), *self._check_outs_overruled()]
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
        shown = [str(state.shown.value["date"]) for state in self._states[BUSINESS_DAY].values()]
        return max(shown, default=self._opening_date)

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

    def dump(self, register: Register) -> bytes:
        """The canonical state of a register, for a store. Raises KeyError when nobody ever wrote it."""
        return self._states[register.group][register.row].dump()

    def load(self, register: Register, blob: bytes) -> None:
        """Take over a register's state that `dump` gave, in place of what is held of it. Raises
        `RegisterCorrupt`.

        Loading every dumped register, in any order, gives the ledger that dumped them.
        """
        state = RegisterState.load(FIELD_GROUPS[register.group], register, blob)
        self._states[register.group][register.row] = state
        self._index(register, state)

    def content_hash(self) -> bytes:
        """SHA-256 over all registers: equal wherever the same operations were applied (law 1).

        Registers that did not change since the last call are not encoded anew.
        """
        for register in self._changed_since_hash:
            self._digests[register] = hashlib.sha256(pack([*register, self.dump(register)])).digest()
        self._changed_since_hash.clear()
        return hashlib.sha256(b"".join([digest for _register, digest in sorted(self._digests.items())])).digest()

    def _state(self, register: Register) -> RegisterState | None:
        rows = self._states.get(register.group)
        return None if rows is None else rows.get(register.row)

    def _index(self, register: Register, state: RegisterState) -> None:
        """Follow a register that changed: conflicts, closings, and the indexes behind the alerts."""
        self._changed_since_hash.add(register)
        if state.in_conflict:
            self._in_conflict.add(register)
        else:
            self._in_conflict.discard(register)
        if state.closings:
            self._with_closings.add(register)
        group, row = register
        shown = state.shown
        if group == POSTING:
            self._folios.set_posting(row, shown)
        elif group == OCCUPANCY:
            self._holdings.set_occupancy(row, shown.value, _first_written(state))
            self._folios.set_status(row, str(shown.value["status"]))
        elif group == TERMS:
            self._holdings.set_terms(row, shown.value)
        elif group == FOLIO_WINDOW:
            self._folios.set_window(row, shown, state.siblings)
        elif group == FOLIO_SETTLEMENT:
            self._folios.set_settlement(row)
        elif group == BUSINESS_DAY and (business_date := self.business_date()) is not None:
            self._holdings.set_business_date(business_date)

    def _check_outs_overruled(self) -> list[Alert]:
        """`alert_check_out_overruled`: a stay shows in house although a concurrent write has it checked out.

        Somebody saw the guest leave, somebody else had the guest in house without knowing: one of them must
        look.
        """
        found: list[Alert] = []
        for register in self._in_conflict:
            if register.group != OCCUPANCY:
                continue
            state = self._states[OCCUPANCY][register.row]
            shown, winner = state.shown
            if winner is None or shown["status"] != StayStatus.IN_HOUSE:
                continue
            found += [
                alert(
                    Matter.ALERT_CHECK_OUT_OVERRULED,
                    {
                        "stay": register.row,
                        "check_in": written_dot(winner.dot),
                        "check_out": written_dot(sibling.dot),
                    },
                    {"room": str(shown["room"] or ""), "checked_out_by": sibling.author},
                )
                for sibling in state.siblings
                if sibling.value["status"] == StayStatus.CHECKED_OUT
            ]
        return found


def _first_written(state: RegisterState) -> tuple[Stamp, Dot]:
    """When what is shown was written; of siblings that agree the first one counts."""
    if len(state.siblings) == 1:
        only = state.siblings[0]
        return only.stamp, only.dot
    value = state.shown.value
    return min((sibling.stamp, sibling.dot) for sibling in state.siblings if sibling.value == value)
