"""The statements of all questions. Each follows one index, or a few one after the other, as the tests count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.base import Executable

from crdt_pms.hotel.search_keys import GUEST_KEYS
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.reading.pages import Key, Page, decode_cursor, encode_cursor
from crdt_pms.reading.rows import ClosedConflictRow, DebtRow, PostingRow, StayRow
from crdt_pms.store.readable import CONFLICT, FOLIO, GUEST, LONG_NIGHTS, POSTING, RESERVATION
from crdt_pms.store.statements import Reader, Statement

Row = TypeVar("Row")
_NEWEST: Final = 2**62
_PROPERTY: Final = bindparam("property_id", type_=Text())


@cache
def compiled(clause: Executable, dialect: Dialect) -> Statement:
    """The statement for a database; compiled once."""
    return Statement(clause, dialect)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A list in the order of its key, by pages. `start` is before, or with `is_falling` after, every key."""

    chosen: Any
    key: tuple[ColumnElement[Any], ...]
    start: Key
    make: Callable[..., Row]
    is_falling: bool = False
    statement: Any = field(init=False)

    def __post_init__(self) -> None:
        """Put the page's conditions to the statement."""
        after = tuple_(*(bindparam(f"after_{place}", type_=one.type) for place, one in enumerate(self.key)))
        place = tuple_(*self.key)
        beyond = place < after if self.is_falling else place > after
        order = [one.desc() if self.is_falling else one for one in self.key]
        whole = self.chosen.add_columns(*self.key).where(beyond).order_by(*order).limit(bindparam("rows_max"))
        object.__setattr__(self, "statement", whole)

    def page(
        self, reader: Reader, cursor: str | None, rows_max: int, start: Key | None = None, **parameters: Any
    ) -> Page[Row]:
        """The rows after a cursor, or from `start`. Raises CursorInvalid."""
        after = (start or self.start) if cursor is None else decode_cursor(cursor, self.start)
        found = (
            compiled(self.statement, reader.dialect)
            .run(
                reader.cursor,
                property_id=reader.property_id,
                # One more than asked for says whether there is another page.
                rows_max=rows_max + 1,
                **{f"after_{place}": value for place, value in enumerate(after)},
                **parameters,
            )
            .fetchall()
        )
        width = len(self.key)
        rows = tuple(self.make(*values[:-width]) for values in found[:rows_max])
        following = encode_cursor(found[rows_max - 1][-width:]) if len(found) > rows_max else None
        return Page(rows, following)


def _stay_columns(of: Any) -> list[Any]:
    plain = (
        "arrival", "departure", "nights", "room_type", "rate_minor", "adults", "children", "source", "segment", "arrived_at",
        "departed_at", "revision", "do_not_move",
    )  # fmt: skip
    return [
        of.c.stay, of.c.status, of.c.room, of.c.guest, GUEST.c.name, GUEST.c.kana, *(of.c[name] for name in plain),
    ]  # fmt: skip


def _with_guest(of: Any) -> Any:
    joined = of.outerjoin(GUEST, and_(GUEST.c.property_id == _PROPERTY, GUEST.c.guest == of.c.guest))
    return select(*_stay_columns(of)).select_from(joined)


def stay_row(*values: Any) -> StayRow:
    """A stay from the columns of `_stay_columns`; SQLite keeps truths as numbers."""
    whole: list[Any] = [*values[:-1], bool(values[-1])]
    return StayRow(*whole)


_R: Final = RESERVATION.c
_STAYS: Final = _with_guest(RESERVATION).where(_R.property_id == _PROPERTY)

BY_STATUS: Final = Listing(
    _STAYS.where(_R.status == bindparam("status"), _R.arrival <= bindparam("until")),
    (_R.arrival, _R.stay),
    ("", ""),
    stay_row,
)
BY_ARRIVAL: Final = Listing(_STAYS.where(_R.arrival <= bindparam("until")), (_R.arrival, _R.stay), ("", ""), stay_row)
BY_DEPARTURE: Final = Listing(
    _STAYS.where(_R.departure <= bindparam("until")), (_R.departure, _R.stay), ("", ""), stay_row
)
OF_ROOM: Final = Listing(
    _STAYS.where(_R.room == bindparam("room")), (_R.arrival, _R.stay), ("9999", ""), stay_row, is_falling=True
)
OF_GUEST: Final = Listing(
    _STAYS.where(_R.guest == bindparam("guest")), (_R.arrival, _R.stay), ("9999", ""), stay_row, is_falling=True
)
ONE_STAY: Final = _STAYS.where(_R.stay == bindparam("stay"))
DEPARTED: Final = _STAYS.where(
    _R.departure == bindparam("departure"), _R.status == StayStatus.CHECKED_OUT.value
).order_by(_R.stay)
"""Bounded by the rooms of the house."""


def _is_any(column: ColumnElement[Any], *statuses: StayStatus) -> ColumnElement[bool]:
    # `IN` of SQLAlchemy is expanded when it is executed, and these statements are compiled before.
    return or_(*(column == status.value for status in statuses))


def _within(*columns: Column[Any]) -> Any:
    """Stays of which a night, or the day of departure, lies in `[first, until]`, in three parts that do not overlap."""
    kept = _is_any(_R.status, StayStatus.RESERVED, StayStatus.IN_HOUSE, StayStatus.CHECKED_OUT)
    mine = _R.property_id == _PROPERTY
    ends = select(*columns).where(mine, _R.departure >= bindparam("first"), _R.departure <= bindparam("until"), kept)
    goes_on = select(*columns).where(
        mine,
        _R.arrival >= bindparam("a_long_stay_before"),
        _R.arrival <= bindparam("until"),
        # Through a function, so that the index of departures, half of it to be read, is none to choose.
        func.coalesce(_R.departure, "") > bindparam("until"),
        _R.nights <= literal_column(str(LONG_NIGHTS)),
        kept,
    )
    long = select(*columns).where(
        mine,
        _R.departure > bindparam("until"),
        func.coalesce(_R.arrival, "9999") <= bindparam("until"),
        _R.nights > literal_column(str(LONG_NIGHTS)),
        kept,
    )
    return union_all(ends, goes_on, long).subquery("within")


_CHART: Final = _within(*RESERVATION.columns)
CHART: Final = Listing(_with_guest(_CHART), (_CHART.c.arrival, _CHART.c.stay), ("", ""), stay_row)
_HOLDING: Final = _within(_R.room_type, _R.arrival, _R.departure, _R.status)
HELD: Final = (
    select(_HOLDING.c.room_type, _HOLDING.c.arrival, _HOLDING.c.departure, func.count())
    .where(_is_any(_HOLDING.c.status, StayStatus.RESERVED, StayStatus.IN_HOUSE), _HOLDING.c.room_type.is_not(None))
    .group_by(_HOLDING.c.room_type, _HOLDING.c.arrival, _HOLDING.c.departure)
)


DEBTS: Final = Listing(
    select(FOLIO.c.stay, FOLIO.c.folio, GUEST.c.name, _R.departure, FOLIO.c.balance_minor)
    .select_from(
        FOLIO.join(RESERVATION, and_(_R.property_id == _PROPERTY, _R.stay == FOLIO.c.stay)).outerjoin(
            GUEST, and_(GUEST.c.property_id == _PROPERTY, GUEST.c.guest == _R.guest)
        )
    )
    .where(
        FOLIO.c.property_id == _PROPERTY,
        FOLIO.c.balance_minor != literal_column("0"),
        # Through a function: the list is to follow what is not settled, not all who ever left.
        func.coalesce(_R.status, "") == StayStatus.CHECKED_OUT.value,
    ),
    (FOLIO.c.stay, FOLIO.c.folio),
    ("", ""),
    DebtRow,
)
_P: Final = POSTING.c
POSTINGS: Final = Listing(
    select(
        _P.posting, _P.stay, _P.kind, _P.code, _P.amount_minor, _P.business_date, _P.revenue_date, _P.reverses, _P.reference,
        _P.description,
    ).where(_P.property_id == _PROPERTY, _P.folio == bindparam("folio")),
    (_P.posting,),
    ("",),
    PostingRow,
)  # fmt: skip
_C: Final = CONFLICT.c
CLOSED_CONFLICTS: Final = Listing(
    select(_C.identity, _C.matter, _C.field_group, _C.row_id, _C.shown, _C.decided_by, _C.decided_at_ms).where(
        _C.property_id == _PROPERTY, _C.decided_at_ms.is_not(None)
    ),
    (_C.decided_at_ms, _C.identity),
    (_NEWEST, ""),
    ClosedConflictRow,
    is_falling=True,
)


def _begins(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return and_(column >= bindparam(f"{name}_low"), column < bindparam(f"{name}_high"))


def _guests_by(name: str) -> Any:
    column = GUEST.c[name]
    chosen = select(GUEST.c.guest).where(GUEST.c.property_id == _PROPERTY, _begins(column, name))
    return chosen.order_by(column).limit(bindparam("rows_max"))


GUESTS_BY: Final = {name: _guests_by(name) for name in GUEST_KEYS}
"""By key column, the guests of whom that key begins as asked."""
NAMED_OF_STATUS: Final = Listing(
    _STAYS.where(
        _R.status == bindparam("status"), or_(*(_begins(func.coalesce(GUEST.c[name], ""), name) for name in GUEST_KEYS))
    ),
    (_R.arrival, _R.stay),
    ("", ""),
    stay_row,
)
"""Looks at stays of a status, by arrival, until enough are named so: for names of which there are many."""
