"""The readable rows that follow from what was applied: which rows to write and which to delete."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from crdt_pms.documents.board import Board
from crdt_pms.documents.board_values import BoardValue
from crdt_pms.hotel.errors import DateInvalid
from crdt_pms.hotel.nights import departure_date
from crdt_pms.hotel.search_keys import guest_keys
from crdt_pms.hotel.statuses import BOARD_DEFAULTS
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.alerts import Alert, written_dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.conflicts import Conflict, ConflictState, conflicts_of_board, identity_of
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FIELD_GROUPS,
    FOLIO_SETTLEMENT,
    FOLIO_WINDOW,
    GUEST_PROFILE,
    OCCUPANCY,
    POSTING,
    STAY_GUEST,
    TERMS,
)
from crdt_pms.ledger.register import RegisterState
from crdt_pms.ports.records import RowChange, Scalar
from crdt_pms.ports.store import Transaction

FOLLOWING_TABLES: Final = (
    "reservation", "guest", "folio", "posting", "business_day", "room_status", "conflict", "conflict_value", "alert",
)  # fmt: skip
"""The readable tables that follow from registers, board and journals."""
ROWS_VERSION: Final = 2
"""Raised whenever the same entries give other readable rows than before: an opened database then writes its rows anew."""
BUSINESS_DATE_ROW: Final = "business_date"
ReadBack = Callable[[Dot, Register], AppliedWrite | None]
_Row = Mapping[str, Scalar]


def board_values(board: Board, rooms: Iterable[str]) -> dict[str, dict[str, list[BoardValue]]]:
    """Every standing value of those rooms, by room and field."""
    return {room: {field: board.concurrent(room, field) for field in board.read(room)} for room in rooms}


class Projector:
    """Writes readable rows for what was touched, and remembers which alert rows stand and where conflicts do."""

    def __init__(self, ledger: Ledger, board: Board) -> None:
        self._ledger = ledger
        self._board = board
        self._in_conflict: set[Register] = set()
        self._on_board: dict[Register, set[Dot]] = {}
        self._alerts: dict[str, _Row] = {}

    def load(self, transaction: Transaction) -> None:
        """Take over which rows the store holds."""
        self._in_conflict = set(self._ledger.registers_in_conflict())
        for conflict in conflicts_of_board(board_values(self._board, self._board.rooms())):
            self._on_board[conflict.register] = set(conflict.dots)
        for row in transaction.projected("alert"):
            identity = str(row.pop("identity"))
            self._alerts[identity] = row

    def forget_rows(self) -> None:
        """Take every row for absent, notes aside: they are written anew."""
        self._in_conflict.clear()
        self._on_board.clear()
        self._alerts.clear()

    def changes_of(self, registers: Collection[Register], rooms: Iterable[str], read_back: ReadBack) -> list[RowChange]:
        """Every readable row of those registers and rooms, notes and alerts aside; all are absent (`forget_rows`)."""
        changes = self.changes({one: self._ledger.names(one) for one in registers}, rooms, {}, read_back)
        closed = (conflict for one in registers for conflict in self._ledger.closed_conflicts(one))
        rows = [row for conflict in closed for row in _rows_of(_whole(conflict, read_back))]
        return changes + [_storable_change(one) for one in rows]

    def replace_board(self, board: Board) -> None:
        """Read from another copy of the board from now on."""
        self._board = board

    def changes(
        self,
        writes: Mapping[Register, Collection[Dot]],
        rooms: Iterable[str],
        notes: Mapping[str, str],
        read_back: ReadBack,
    ) -> list[RowChange]:
        """The rows that follow from writes that are held otherwise than before, from touched rooms and notes (document →
        text).

        `read_back` gives a write that the ledger no longer holds whole.
        """
        changes: list[RowChange] = []
        folios = self._ledger.take_touched_folios()
        touched: dict[str, set[str]] = {}
        for register in sorted(writes):
            if self._ledger.shown(register) is None:
                continue
            touched.setdefault(register.group.partition(".")[0], set()).add(register.row)
            changes += self._conflict_changes(register, writes[register])
            for conflict in self._ledger.take_ended(register):
                changes += _rows_of(_whole(conflict, read_back))
        for posting in sorted(touched.get("posting", ())):
            changes.append(RowChange("posting", {"posting": posting}, self._ledger.shown(Register(POSTING, posting))))
        folios |= touched.get("folio", set())
        changes += [
            RowChange("reservation", {"stay": stay}, self._stay_row(stay)) for stay in sorted(touched.get("stay", ()))
        ]
        changes += [
            RowChange("guest", {"guest": guest}, self._guest_row(guest)) for guest in sorted(touched.get("guest", ()))
        ]
        changes += [RowChange("folio", {"folio": folio}, self._folio_row(folio)) for folio in sorted(folios)]
        if any(register.group == BUSINESS_DAY for register in writes):
            changes.append(
                RowChange("business_day", {"name": BUSINESS_DATE_ROW}, {"date": self._ledger.business_date()})
            )
        for room in sorted(rooms):
            changes.append(RowChange("room_status", {"room": room}, self._room_row(room)))
            changes += self._board_conflict_changes(room)
        for document, text in notes.items():
            changes.append(RowChange("note", {"document": document}, {"text": text}))
        return [_storable_change(one) for one in changes]

    def alert_changes(self, alerts: Iterable[Alert]) -> list[RowChange]:
        """The rows that bring the readable alerts to these."""
        wanted = {alert.identity: _alert_row(alert) for alert in alerts}
        changes = [
            RowChange("alert", {"identity": identity}, None) for identity in sorted(self._alerts.keys() - wanted.keys())
        ]
        changes += [
            RowChange("alert", {"identity": identity}, row)
            for identity, row in wanted.items()
            if self._alerts.get(identity) != row
        ]
        self._alerts = wanted
        return changes

    def _conflict_changes(self, register: Register, dots: Collection[Dot]) -> list[RowChange]:
        """The rows of the conflict among a register's siblings; of a standing one those of `dots` only."""
        identity = identity_of(register)
        stood, stands = register in self._in_conflict, self._ledger.in_conflict(register)
        if not stands:
            if not stood:
                return []
            self._in_conflict.discard(register)
            ended = sorted({*dots, *self._ledger.names(register)})
            return [RowChange("conflict", {"identity": identity}, None), *(_no_value(identity, dot) for dot in ended)]
        self._in_conflict.add(register)
        concerned = sorted(dots) if stood else self._ledger.names(register)
        changes = [RowChange("conflict", {"identity": identity}, self._conflict_row(register))]
        for dot in concerned:
            applied = self._ledger.find(register, dot) if self._ledger.is_sibling(register, dot) else None
            changes.append(_no_value(identity, dot) if applied is None else _value(identity, applied))
        return changes

    def _conflict_row(self, register: Register) -> _Row:
        group, decided = FIELD_GROUPS[register.group], self._ledger.decided(register)
        state = ConflictState.OPEN if group.waits_for_person else ConflictState.SETTLED_BY_POLICY
        return {
            "matter": group.conflict.value,
            "state": (state if decided is None else ConflictState.CLOSED).value,
            "field_group": register.group,
            "row_id": register.row,
            "shown": _written(self._ledger.shown(register)),
            "decided_by": None if decided is None else decided.author,
            "decided_at_ms": None if decided is None else decided.stamp.milliseconds,
        }

    def _board_conflict_changes(self, room: str) -> list[RowChange]:
        standing = {conflict.register: conflict for conflict in conflicts_of_board(board_values(self._board, [room]))}
        before = {register for register in self._on_board if register.row == room}
        changes: list[RowChange] = []
        for register in sorted(before | standing.keys()):
            identity, stood = identity_of(register), self._on_board.pop(register, set())
            conflict = standing.get(register)
            if conflict is None:
                changes.append(RowChange("conflict", {"identity": identity}, None))
            else:
                self._on_board[register] = set(conflict.dots)
                changes += _rows_of(conflict)
            changes += [_no_value(identity, dot) for dot in sorted(stood - self._on_board.get(register, set()))]
        return changes

    def _stay_row(self, stay: str) -> _Row:
        occupancy = self._ledger.shown(Register(OCCUPANCY, stay)) or {}
        terms = self._ledger.shown(Register(TERMS, stay)) or {}
        guest = self._ledger.shown(Register(STAY_GUEST, stay)) or {}
        return {
            "status": occupancy.get("status"),
            "room": occupancy.get("room"),
            "arrived_at": occupancy.get("arrived_at"),
            "departed_at": occupancy.get("departed_at"),
            "status_note": occupancy.get("note"),
            **{name: terms.get(name) for name in _TERMS_COLUMNS},
            "guest": guest.get("guest"),
            "departure": _departure(terms),
            "revision": self._ledger.revision("stay", stay),
        }

    def _guest_row(self, guest: str) -> _Row:
        profile = self._ledger.shown(Register(GUEST_PROFILE, guest)) or {}
        return {
            **{name: profile.get(name) for name in _GUEST_COLUMNS},
            **guest_keys(*(_text(profile.get(name)) for name in ("name", "kana", "contact"))),
            "revision": self._ledger.revision("guest", guest),
        }

    def _folio_row(self, folio: str) -> _Row | None:
        """None for a folio that a posting left again before anybody opened it."""
        window = self._ledger.shown(Register(FOLIO_WINDOW, folio))
        is_settled = self._ledger.shown(Register(FOLIO_SETTLEMENT, folio)) is not None
        if window is None and not is_settled and not self._ledger.postings_of_folio(folio):
            return None
        window = window or {}
        return {
            "stay": window.get("stay"),
            "status": window.get("status"),
            "note": window.get("note"),
            "balance_minor": self._ledger.folio_balance(folio),
        }

    def _room_row(self, room: str) -> _Row | None:
        """What the board says of a room; None where nothing stands any more: an update may delete without writing."""
        read = self._board.read(room)
        if not read:
            return None
        newest = max(read.values(), key=lambda value: value.rank)
        return {
            **{field: read[field].value if field in read else default for field, default in BOARD_DEFAULTS.items()},
            "updated_ms": newest.stamp[0],
            "updated_by": newest.author,
        }


def linking_changes(state: RegisterState) -> Iterator[RowChange]:
    """Of a register that stands alone those readable rows by which components find their parts (`StoredRows.naming`)."""
    group, row, flags = state.register
    if group in (FOLIO_WINDOW, POSTING) and FIELD_GROUPS[group].flags == flags:
        value = state.shown.value
        if group == POSTING:
            yield _storable_change(RowChange("posting", {"posting": row}, value))
        else:
            window = {"stay": value["stay"], "status": None, "note": None, "balance_minor": None}
            yield _storable_change(RowChange("folio", {"folio": row}, window))


_TERMS_COLUMNS: Final = (
    "arrival", "nights", "room_type", "rate_minor", "adults", "children", "source", "segment", "do_not_move",
)  # fmt: skip
_GUEST_COLUMNS: Final = ("name", "kana", "contact", "address", "nationality", "passport", "member")


def _departure(terms: _Row) -> str | None:
    """The date of departure; None where the terms, which another program may have written, give none."""
    arrival, nights = terms.get("arrival"), terms.get("nights")
    if not isinstance(arrival, str) or not isinstance(nights, int):
        return None
    try:
        return departure_date(arrival, nights)
    except DateInvalid:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(conflict: Conflict, read_back: ReadBack) -> Conflict:
    """A closed conflict with every value that it was about, however long ago that was (law 5)."""
    if conflict.closing is None or (conflict.is_complete and conflict.chosen is not None):
        return conflict
    held = {sibling.dot: sibling for sibling in conflict.siblings}
    siblings = [held.get(dot) or read_back(dot, conflict.register) for dot in conflict.dots]
    decision = read_back(conflict.closing.dot, conflict.register)
    chosen = decision.value if decision is not None else conflict.chosen
    found = tuple(sibling for sibling in siblings if sibling is not None)
    return replace(conflict, siblings=found, chosen=chosen)


def _rows_of(conflict: Conflict) -> list[RowChange]:
    """The rows of one conflict, with every value that it was about."""
    identity, closing = conflict.identity, conflict.closing
    row = {
        "matter": conflict.matter.value,
        "state": conflict.state.value,
        "field_group": conflict.register.group,
        "row_id": conflict.register.row,
        "shown": _written(conflict.shown if closing is None else conflict.chosen),
        "decided_by": None if closing is None else closing.author,
        "decided_at_ms": None if closing is None else closing.stamp.milliseconds,
    }
    values = [_value(identity, sibling) for sibling in conflict.siblings]
    return [RowChange("conflict", {"identity": identity}, row), *values]


def _value(identity: str, applied: AppliedWrite) -> RowChange:
    row = {
        "value": _written(applied.value),
        "author": applied.author,
        "origin": applied.origin,
        "at_ms": applied.stamp.milliseconds,
    }
    return RowChange("conflict_value", {"identity": identity, "entry": written_dot(applied.dot)}, row)


def _no_value(identity: str, dot: Dot) -> RowChange:
    return RowChange("conflict_value", {"identity": identity, "entry": written_dot(dot)}, None)


def _alert_row(alert: Alert) -> _Row:
    return {
        "matter": alert.matter.value,
        "facts": _written(dict((*alert.facts, *alert.details))),
        "proposal": _written(list(alert.proposal)),
    }


def _storable_change(change: RowChange) -> RowChange:
    if change.values is None:
        return change
    values = _storable(change.values)
    return change if values is change.values else change._replace(values=values)


def _storable(row: _Row) -> _Row:
    for value in row.values():
        if isinstance(value, str) and "\0" in value:
            break
    else:
        return row
    return {name: storable_text(value) if isinstance(value, str) else value for name, value in row.items()}


def storable_text(text: str) -> str:
    """The text without the one character that PostgreSQL's text cannot hold; only a wrong program writes it."""
    return text.replace("\0", "\ufffd")


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=dict)
