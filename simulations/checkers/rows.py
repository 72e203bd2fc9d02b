"""The readable rows that the folded registers, board and notes must give."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Final, cast

from simulations.checkers.documents import Board, room_rows
from simulations.checkers.grammar import (
    DAY,
    OCCUPANCY,
    POSTING,
    PROFILE,
    SETTLEMENT,
    STAY_GUEST,
    TERMS,
    WINDOW,
    Value,
)
from simulations.checkers.registers import GROUPS_OF_KIND, Register, is_far_ahead, revision
from simulations.checkers.tables import Cell, Row, Rows, storable

Registers = Mapping[str, Mapping[str, Register]]
"""Group → row → register."""

_NOTHING: Final[Value] = {}
_BUSINESS_DATE: Final = "business_date"
_TERMS_COLUMNS: Final = (
    "arrival", "nights", "room_type", "rate_minor", "adults", "children", "source", "segment", "do_not_move",
)  # fmt: skip


def expected_rows(registers: Registers, board: Board, notes: Mapping[str, str]) -> dict[str, Rows]:
    """Every row of the readable tables, conflicts and alerts aside."""
    stays = sorted({row for group in GROUPS_OF_KIND["stay"] for row in registers[group]})
    tables: dict[str, Rows] = {
        "reservation": {stay: _with_departure(_reservation(registers, stay)) for stay in stays},
        "guest": {
            guest: {"guest": guest, **register.shown, "revision": _revision(registers, "guest", guest)}
            for guest, register in registers[PROFILE].items()
        },
        "folio": {folio: _folio(registers, folio, balance) for folio, balance in balances(registers).items()},
        "posting": {row: {"posting": row, **register.shown} for row, register in registers[POSTING].items()},
        "business_day": _business_day(registers),
        "room_status": room_rows(board),
        "note": {document: {"document": document, "text": text} for document, text in notes.items()},
    }
    return {table: {key: storable(row) for key, row in rows.items()} for table, rows in tables.items()}


def balances(registers: Registers) -> dict[str, int]:
    """The sum of the shown postings of each folio; 0 for a folio that has a window or a settlement only."""
    sums = dict.fromkeys((*registers[WINDOW], *registers[SETTLEMENT]), 0)
    for register in registers[POSTING].values():
        folio = str(register.shown["folio"])
        sums[folio] = sums.get(folio, 0) + cast("int", register.shown["amount_minor"])
    return sums


def business_date(registers: Registers) -> str | None:
    """The business date that is shown; None until somebody rolled the day."""
    shown = [register.stands for register in registers[DAY].values() if register.stands is not None]
    near = [str(written.value["date"]) for written in shown if not is_far_ahead(written)]
    far = [str(written.value["date"]) for written in shown if is_far_ahead(written)]
    return max(near, default=min(far, default=None))


def _shown(registers: Registers, group: str, row: str) -> Value:
    register = registers[group].get(row)
    return _NOTHING if register is None else register.shown


def _revision(registers: Registers, kind: str, row: str) -> str:
    groups = [(group, registers[group].get(row)) for group in GROUPS_OF_KIND[kind]]
    return revision((group, register.siblings) for group, register in groups if register is not None)


def _with_departure(row: Row) -> Row:
    """The row with the date on which the stay leaves; None where its terms give none."""
    arrival, nights = row["arrival"], row["nights"]
    departure: Cell = None
    if isinstance(arrival, str) and isinstance(nights, int) and nights >= 0:
        with suppress(ValueError, OverflowError):
            departure = (date.fromisoformat(arrival) + timedelta(nights)).isoformat()
    return {**row, "departure": departure}


def _reservation(registers: Registers, stay: str) -> Row:
    occupancy = _shown(registers, OCCUPANCY, stay)
    terms = _shown(registers, TERMS, stay)
    row: dict[str, Cell] = {"stay": stay, "status_note": occupancy.get("note")}
    row.update({name: occupancy.get(name) for name in ("status", "room", "arrived_at", "departed_at")})
    row.update({name: terms.get(name) for name in _TERMS_COLUMNS})
    row["guest"] = _shown(registers, STAY_GUEST, stay).get("guest")
    row["revision"] = _revision(registers, "stay", stay)
    return row


def _folio(registers: Registers, folio: str, balance: int) -> Row:
    window = _shown(registers, WINDOW, folio)
    named: dict[str, Cell] = {name: window.get(name) for name in ("stay", "status", "note")}
    return {"folio": folio, **named, "balance_minor": balance}


def _business_day(registers: Registers) -> Rows:
    shown = business_date(registers)
    return {} if shown is None else {_BUSINESS_DATE: {"name": _BUSINESS_DATE, "date": shown}}
