"""Lists that are answered from the readable rows: by page, filter and range. Past stays are among them."""

from typing import Annotated

from fastapi import APIRouter, Query

from clients.terminal.terminal import Terminal
from crdt_pms.desk import views
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.reading.ranges import require_range
from crdt_pms.reading.rows import ClosedConflictRow, DebtRow, Found, PostingRow, StayRow
from crdt_pms.runtime.paging import First, Paged, Until
from crdt_pms.runtime.text_route import TextRoute

SEARCH_CHARACTERS_MAX = 100


def lists_router(terminal: Terminal) -> APIRouter:
    """The endpoints of one terminal."""
    router = APIRouter(route_class=TextRoute)
    reading = terminal.reading

    @router.get("/stays")
    async def stays(paging: Paged, status: StayStatus) -> tuple[StayRow, ...]:
        """The stays of a status, by arrival."""
        return paging.answer(reading.stays(status, cursor=paging.cursor, rows_max=paging.rows))

    @router.get("/stays-arriving")
    async def arriving(paging: Paged, first: First, until: Until) -> tuple[StayRow, ...]:
        """The stays of any status that arrive in a range of dates, by arrival."""
        return paging.answer(reading.arriving(*require_range(first, until), paging.cursor, paging.rows))

    @router.get("/stays-departing")
    async def departing(paging: Paged, first: First, until: Until) -> tuple[StayRow, ...]:
        """The stays of any status that depart in a range of dates, by departure."""
        return paging.answer(reading.departing(*require_range(first, until), paging.cursor, paging.rows))

    @router.get("/chart")
    async def chart(paging: Paged, first: First, until: Until) -> tuple[StayRow, ...]:
        """The stays that are here on a day of a range, for a tape chart."""
        return paging.answer(reading.chart(*require_range(first, until), paging.cursor, paging.rows))

    @router.get("/availability")
    async def availability(first: First, until: Until) -> tuple[views.TypeAvailability, ...]:
        """How many rooms of each type are free in each night, as far as this terminal knows."""
        dates = require_range(first, until)
        return views.availability(terminal.replica.view(), *dates, reading.held(*dates))

    @router.get("/search")
    async def search(text: Annotated[str, Query(min_length=1, max_length=SEARCH_CHARACTERS_MAX)]) -> Found:
        """Stays by the guest's name in kanji, kana or romaji, telephone or reservation number, room or date of arrival."""
        return reading.search(text)

    @router.get("/debts")
    async def debts(paging: Paged) -> tuple[DebtRow, ...]:
        """The folios of guests who have left that are not settled."""
        return paging.answer(reading.debts(paging.cursor, paging.rows))

    @router.get("/postings")
    async def postings(paging: Paged, folio: Annotated[str, Query(max_length=200)]) -> tuple[PostingRow, ...]:
        """The postings of a folio; none for one that is not here."""
        return paging.answer(reading.postings(folio, paging.cursor, paging.rows))

    @router.get("/conflicts/closed")
    async def closed_conflicts(paging: Paged) -> tuple[ClosedConflictRow, ...]:
        """The conflicts that have ended, the newest first."""
        return paging.answer(reading.closed_conflicts(paging.cursor, paging.rows))

    return router
