"""The readable tables: merged state as ordinary columns, for other systems and people to SELECT from.

The same on SQLite and PostgreSQL. Written by the projection only; reading them never blocks the desk. Money is in minor units,
instants are UTC milliseconds, dates are ISO 8601 text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Index, Integer, Table, Text, literal_column
from sqlalchemy.dialects.postgresql import TEXT

from crdt_pms.hotel.search_keys import GUEST_KEYS
from crdt_pms.store.tables import METADATA

_TYPES: Final = {
    "text": Text(),
    "int": Integer(),
    "big": BigInteger(),
    "bool": Boolean(),
    # SQLite compares by code points anyway; where a range begins and ends must not depend on the database's language.
    "key": Text().with_variant(TEXT(collation="C"), "postgresql"),
}


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
    departure="text",
)
"""`departure` follows from arrival and nights; empty where these give no date."""
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
    **dict.fromkeys(GUEST_KEYS, "key"),
)
"""The keys, by which a guest is found, are empty where nothing is known; see `crdt_pms.hotel.search_keys`."""
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

LONG_NIGHTS: Final = 31
"""A longer stay is found by an index of its own, so that a question about a range of dates reads no year around it."""

for _name in ("arrival", "departure"):
    Index(f"reservation_by_{_name}", RESERVATION.c.property_id, RESERVATION.c[_name], RESERVATION.c.stay)
for _name in ("status", "room", "guest"):
    Index(
        f"reservation_by_{_name}",
        RESERVATION.c.property_id, RESERVATION.c[_name], RESERVATION.c.arrival, RESERVATION.c.stay,
    )  # fmt: skip


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> None:
    Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial(
    "reservation_long",
    RESERVATION.c.property_id,
    RESERVATION.c.departure,
    RESERVATION.c.stay,
    where=RESERVATION.c.nights > literal_column(str(LONG_NIGHTS)),
)
_partial("folio_not_settled", FOLIO.c.property_id, FOLIO.c.stay, where=FOLIO.c.balance_minor != literal_column("0"))
for _name in GUEST_KEYS:
    _partial(f"guest_by_{_name}", GUEST.c.property_id, GUEST.c[_name], where=GUEST.c[_name].is_not(None))
Index("posting_by_folio", POSTING.c.property_id, POSTING.c.folio)
Index("posting_by_stay", POSTING.c.property_id, POSTING.c.stay, POSTING.c.folio)
_partial("posting_by_original", POSTING.c.property_id, POSTING.c.reverses, where=POSTING.c.reverses.is_not(None))
Index("folio_by_stay", FOLIO.c.property_id, FOLIO.c.stay)
_partial(
    "conflict_by_decision",
    CONFLICT.c.property_id,
    CONFLICT.c.decided_at_ms,
    where=CONFLICT.c.decided_at_ms.is_not(None),
)
