"""The readable tables: merged state as ordinary columns, for other systems and people to SELECT from.

The same on SQLite and PostgreSQL. Written by the projection only; reading them never blocks the desk. Money is in minor units,
instants are UTC milliseconds, dates are ISO 8601 text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from crdt_pms.store.tables import METADATA

_TYPES: Final = {"text": Text, "int": Integer, "big": BigInteger, "bool": Boolean}


def _readable(name: str, key: str, /, *further: str, **columns: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("property_id", Text, primary_key=True),
        *(Column(each, Text, primary_key=True) for each in (key, *further)),
        *(Column(column, _TYPES[kind]) for column, kind in columns.items()),
        sqlite_with_rowid=False,
    )


ROOM_STATUS: Final = _readable(
    "room_status",
    "room",
    hk_condition="text",
    hk_occupancy="text",
    maintenance="text",
    maintenance_reason="text",
    guest_service="text",
    updated_ms="big",
    updated_by="text",
)
NOTE: Final = _readable("note", "document", text="text")
RESERVATION: Final = _readable(
    "reservation",
    "stay",
    status="text",
    room="text",
    arrived_at="big",
    departed_at="big",
    status_note="text",
    arrival="text",
    nights="int",
    room_type="text",
    rate_minor="big",
    adults="int",
    children="int",
    source="text",
    segment="text",
    do_not_move="bool",
    guest="text",
    revision="text",
)
GUEST: Final = _readable(
    "guest",
    "guest",
    name="text",
    kana="text",
    contact="text",
    address="text",
    nationality="text",
    passport="text",
    member="text",
    revision="text",
)
FOLIO: Final = _readable("folio", "folio", stay="text", status="text", note="text", balance_minor="big")
POSTING: Final = _readable(
    "posting",
    "posting",
    stay="text",
    folio="text",
    kind="text",
    code="text",
    amount_minor="big",
    business_date="text",
    revenue_date="text",
    reverses="text",
    reference="text",
    description="text",
)
CONFLICT: Final = _readable(
    "conflict",
    "identity",
    matter="text",
    state="text",
    field_group="text",
    row_id="text",
    shown="text",
    decided_by="text",
    decided_at_ms="big",
)
CONFLICT_VALUE: Final = _readable(
    "conflict_value",
    "identity",
    "entry",
    value="text",
    author="text",
    origin="text",
    at_ms="big",
)
"""What stands, or stood, against each other in a conflict: a row for each write concerned."""
ALERT: Final = _readable("alert", "identity", matter="text", facts="text", proposal="text")
BUSINESS_DAY: Final = _readable("business_day", "name", date="text")

READABLE_TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (ROOM_STATUS, NOTE, RESERVATION, GUEST, FOLIO, POSTING, CONFLICT, CONFLICT_VALUE, ALERT, BUSINESS_DAY)
}

Index("reservation_by_arrival", RESERVATION.c.property_id, RESERVATION.c.arrival)
Index("posting_by_folio", POSTING.c.property_id, POSTING.c.folio)
Index("posting_by_stay", POSTING.c.property_id, POSTING.c.stay, POSTING.c.folio)
Index(
    "posting_by_original",
    POSTING.c.property_id,
    POSTING.c.reverses,
    sqlite_where=POSTING.c.reverses.is_not(None),
    postgresql_where=POSTING.c.reverses.is_not(None),
)
Index("folio_by_stay", FOLIO.c.property_id, FOLIO.c.stay)
Index(
    "conflict_by_decision",
    CONFLICT.c.property_id,
    CONFLICT.c.decided_at_ms,
    sqlite_where=CONFLICT.c.decided_at_ms.is_not(None),
    postgresql_where=CONFLICT.c.decided_at_ms.is_not(None),
)
