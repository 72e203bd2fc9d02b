"""The façade: every question that screens, the relay's API and reports ask of the readable rows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from crdt_pms.hotel.errors import DateInvalid
from crdt_pms.hotel.nights import days_after, parse_date
from crdt_pms.hotel.search_keys import GUEST_KEYS, searched_keys
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.reading import questions
from crdt_pms.reading.pages import PAGE_ROWS, Key, Page, Row
from crdt_pms.reading.questions import Listing, compiled
from crdt_pms.reading.rows import ClosedConflictRow, DebtRow, Found, HeldRooms, PostingRow, StayRow
from crdt_pms.store.readable import LONG_NIGHTS
from crdt_pms.store.statements import Reader

LAST_DATE: Final = "9999"
FOUND_MAX: Final = 50
"""Stays that a search shows of each kind, and guests of whom it looks up the past."""
STAYS_OF_ONE: Final = 20
"""Stays of one guest or room that a search looks at, the newest."""
_ABOVE_ALL: Final = "\U0010ffff"
_NO_RANGE: Final = {f"{name}_{end}": "" for name in GUEST_KEYS for end in ("low", "high")}


class Readable(Protocol):
    """A store whose readable rows can be asked."""

    def reading(self) -> AbstractContextManager[Reader]:
        """A moment in which all answers are of one state. Never within a transaction. Raises StoreError."""
        ...


class Reading:
    """Answers of one property. Every method raises StoreError; those with a cursor raise CursorInvalid.

    The caller gives valid ISO dates and at most `PAGE_ROWS_MAX` for `rows_max`.
    """

    def __init__(self, store: Readable) -> None:
        self._store = store

    def stays(
        self,
        status: StayStatus,
        first: str = "",
        until: str = LAST_DATE,
        cursor: str | None = None,
        rows_max: int = PAGE_ROWS,
    ) -> Page[StayRow]:
        """The stays of a status that arrive in `[first, until]`, by arrival."""
        start = (first, "")
        return self._page(questions.BY_STATUS, cursor, rows_max, start, status=status.value, until=until)

    def arriving(self, first: str, until: str, cursor: str | None = None, rows_max: int = PAGE_ROWS) -> Page[StayRow]:
        """The stays of any status that arrive in `[first, until]`, by arrival."""
        return self._page(questions.BY_ARRIVAL, cursor, rows_max, (first, ""), until=until)

    def departing(self, first: str, until: str, cursor: str | None = None, rows_max: int = PAGE_ROWS) -> Page[StayRow]:
        """The stays of any status that depart in `[first, until]`, by departure."""
        return self._page(questions.BY_DEPARTURE, cursor, rows_max, (first, ""), until=until)

    def departed(self, day: str) -> tuple[StayRow, ...]:
        """The stays that have left and of which `day` is the date of departure: what a room board has to say of them."""
        return tuple(questions.stay_row(*row) for row in self._rows(questions.DEPARTED, departure=day))

    def chart(self, first: str, until: str, cursor: str | None = None, rows_max: int = PAGE_ROWS) -> Page[StayRow]:
        """The stays, neither cancelled nor no-shows, that are here on a day of `[first, until]`, by arrival."""
        return self._page(questions.CHART, cursor, rows_max, **_range(first, until))

    def held(self, first: str, until: str) -> tuple[HeldRooms, ...]:
        """What reserved and present stays hold of the nights of `[first, until]`, by room type and dates."""
        return tuple(HeldRooms(*row) for row in self._rows(questions.HELD, **_range(first, until)))

    def postings(self, folio: str, cursor: str | None = None, rows_max: int = PAGE_ROWS) -> Page[PostingRow]:
        """The postings of a folio."""
        return self._page(questions.POSTINGS, cursor, rows_max, folio=folio)

    def debts(self, cursor: str | None = None, rows_max: int = PAGE_ROWS) -> Page[DebtRow]:
        """The folios of guests who have left that are not settled."""
        return self._page(questions.DEBTS, cursor, rows_max)

    def closed_conflicts(self, cursor: str | None = None, rows_max: int = PAGE_ROWS) -> Page[ClosedConflictRow]:
        """The conflicts that have ended, the newest first."""
        return self._page(questions.CLOSED_CONFLICTS, cursor, rows_max)

    def search(self, text: str) -> Found:
        """Stays by the guest's name in any script, telephone number, reservation number, room or date of arrival."""
        asked = searched_keys(text)
        ranges: dict[str, Any] = dict(_NO_RANGE)
        for name, key in asked.items():
            ranges |= {f"{name}_low": key, f"{name}_high": key + _ABOVE_ALL}
        with self._store.reading() as reader:
            found: dict[str, StayRow] = {}
            guests = dict.fromkeys(guest for name in asked for guest in _guests(reader, name, ranges))
            is_cut = len(guests) > FOUND_MAX
            for guest in list(guests)[:FOUND_MAX]:
                page = questions.OF_GUEST.page(reader, None, STAYS_OF_ONE, guest=guest)
                found |= {row.stay: row for row in page.rows}
                is_cut |= page.following is not None
            # Of many guests of one name, or many stays of one, who is here and who comes next must not be missed.
            for status in (StayStatus.IN_HOUSE, StayStatus.RESERVED) if is_cut else ():
                page = questions.NAMED_OF_STATUS.page(reader, None, FOUND_MAX, status=status.value, **ranges)
                found |= {row.stay: row for row in page.rows}
            for row in _by_number(reader, text.strip()):
                found[row.stay] = row
        return _in_sections(found.values(), is_cut=is_cut)

    def _page(
        self, listing: Listing[Row], cursor: str | None, rows_max: int, start: Key | None = None, **parameters: Any
    ) -> Page[Row]:
        with self._store.reading() as reader:
            return listing.page(reader, cursor, rows_max, start, **parameters)

    def _rows(self, question: Any, **parameters: Any) -> list[Any]:
        with self._store.reading() as reader:
            statement = compiled(question, reader.dialect)
            return statement.run(reader.cursor, property_id=reader.property_id, **parameters).fetchall()


def _range(first: str, until: str) -> dict[str, Any]:
    return {"first": first, "until": until, "a_long_stay_before": days_after(until, -LONG_NIGHTS)}


def _guests(reader: Reader, name: str, ranges: Mapping[str, Any]) -> list[str]:
    statement = compiled(questions.GUESTS_BY[name], reader.dialect)
    low, high = f"{name}_low", f"{name}_high"
    asked: dict[str, Any] = {low: ranges[low], high: ranges[high]}
    found = statement.run(reader.cursor, property_id=reader.property_id, rows_max=FOUND_MAX + 1, **asked).fetchall()
    return [row[0] for row in found]


def _by_number(reader: Reader, text: str) -> list[StayRow]:
    """Stays of which the text is the reservation number, the room or the date of arrival."""
    if not text or "\0" in text:
        return []
    one = compiled(questions.ONE_STAY, reader.dialect)
    found = [
        questions.stay_row(*row) for row in one.run(reader.cursor, property_id=reader.property_id, stay=text).fetchall()
    ]
    found += questions.OF_ROOM.page(reader, None, STAYS_OF_ONE, room=text).rows
    try:
        parse_date(text)
    except DateInvalid:
        return found
    return [*found, *questions.BY_ARRIVAL.page(reader, None, FOUND_MAX, (text, ""), until=text).rows]


def _in_sections(rows: Any, *, is_cut: bool) -> Found:
    in_house = [row for row in rows if row.status == StayStatus.IN_HOUSE]
    expected = [row for row in rows if row.status == StayStatus.RESERVED]
    past = [row for row in rows if row.status not in (StayStatus.IN_HOUSE, StayStatus.RESERVED)]

    def by_arrival(row: StayRow) -> tuple[str, str]:
        return row.arrival or "", row.stay

    sections = (
        sorted(in_house, key=by_arrival), sorted(expected, key=by_arrival), sorted(past, key=by_arrival, reverse=True),
    )  # fmt: skip
    is_cut |= any(len(section) > FOUND_MAX for section in sections)
    return Found(*(tuple(section[:FOUND_MAX]) for section in sections), is_cut=is_cut)
