"""Lists that are answered from the readable rows: by page, filter and range. Past stays are among them.

A list is a JSON array. Where there is more, the header `Link` names the next page (RFC 8288, `rel="next"`).
"""

import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from clients.terminal.terminal import Terminal
from crdt_pms.desk import views
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.reading.pages import CURSOR_CHARACTERS_MAX, PAGE_ROWS, PAGE_ROWS_MAX, Page
from crdt_pms.reading.ranges import require_range
from crdt_pms.reading.rows import ClosedConflictRow, DebtRow, Found, PostingRow, StayRow
from crdt_pms.runtime.text_route import TextRoute

SEARCH_CHARACTERS_MAX = 100
Row = TypeVar("Row")
First = Annotated[datetime.date, Query(alias="from", description="The first date")]
Until = Annotated[datetime.date, Query(description="The last date, included")]


class Paging:
    """Which page of a list is asked for, and how the answer names the next one."""

    def __init__(
        self,
        request: Request,
        response: Response,
        cursor: Annotated[str | None, Query(max_length=CURSOR_CHARACTERS_MAX, description="As `Link` gave it")] = None,
        rows: Annotated[int, Query(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS,
    ) -> None:
        self.cursor = cursor
        self.rows = rows
        self._url = request.url
        self._response = response

    def answer(self, page: Page[Row]) -> tuple[Row, ...]:
        """The rows of the page; names the next one in the header."""
        if page.following is not None:
            following = self._url.include_query_params(cursor=page.following)
            self._response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return page.rows


Paged = Annotated[Paging, Depends()]


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
