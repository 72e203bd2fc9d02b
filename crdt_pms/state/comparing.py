"""Where two nodes differ: from the sums of the content digest down to a row, and to a field of it.

Both nodes are asked the same: the buckets, then the rows of a bucket that differs, then the fields of a row that differs.
Fields are told as digests, so that an operator sees where two nodes differ without reading what guests have told the hotel.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from operator import attrgetter
from typing import Final

from crdt_pms.documents.board_values import BoardValue
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.register import RegisterState
from crdt_pms.ports.store import Transaction
from crdt_pms.state.content_digest import BOARD_GROUP, NOTE_GROUP, RowName, encoded_sum, note_sum, room_sum
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.stored_rows import written

HISTORY: Final = "(history)"
"""Stands for what no field shows: which writes were superseded, and how earlier conflicts ended."""
TEXT: Final = "text"


def rows_of_bucket(state: PropertyState, bucket: int, transaction: Transaction) -> dict[RowName, bytes]:
    """Every row of a bucket with its sum, 32 bytes. It reads every row of the property: for an operator's question."""
    sums: dict[RowName, int] = {}
    for register, writes in groupby(map(written, transaction.writes()), key=attrgetter("register")):
        name = RowName(register.group, register.row)
        sums[name] = sums.get(name, 0) + RegisterState.load(register, writes).content_sum
    for room, content in state.board.content().items():
        sums[RowName(BOARD_GROUP, room)] = room_sum(room, content)
    for row in transaction.projected("note"):
        document = str(row["document"])
        sums[RowName(NOTE_GROUP, document)] = note_sum(document, str(row["text"]))
    return {name: encoded_sum(summed) for name, summed in sorted(sums.items()) if name.bucket == bucket}


def fields_of_row(state: PropertyState, name: RowName, transaction: Transaction) -> dict[str, bytes]:
    """For each field of a row a digest of all its values that stand, with the entries that wrote them; empty for no row.

    Rows of field groups have one more, `HISTORY`.
    """
    if name.group == BOARD_GROUP:
        content = state.board.content_of(name.row)
        return {field: _digest([_board_item(value) for value in values]) for field, values in content.items()}
    if name.group == NOTE_GROUP:
        row = transaction.projected_row("note", {"document": name.row})
        return {} if row is None else {TEXT: _digest(str(row["text"]))}
    return _fields_of_registers(name, transaction)


def _fields_of_registers(name: RowName, transaction: Transaction) -> dict[str, bytes]:
    values: dict[str, list[object]] = {}
    summed = 0
    stored = map(written, transaction.writes_of_row([name.group], name.row))
    for register, writes in groupby(stored, key=attrgetter("register")):
        state = RegisterState.load(register, writes)
        summed += state.content_sum
        for sibling in state.siblings:
            for field, value in (sibling.write.content or {}).items():
                values.setdefault(field, []).append([*sibling.dot, value])
    found = {field: _digest(listed) for field, listed in sorted(values.items())}
    return found | ({HISTORY: encoded_sum(summed)} if summed else {})


def _board_item(value: BoardValue) -> list[object]:
    return [value.value, *value.stamp, value.journal, value.seq, value.author]


def _digest(value: object) -> bytes:
    return hashlib.sha256(pack(value)).digest()
