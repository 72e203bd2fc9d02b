"""Lists over HTTP: which page a caller asks for, and how the answer names the next one.

A list is a JSON array. Where there is more, the header `Link` names the next page (RFC 8288, `rel="next"`).
"""

import datetime
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from crdt_pms.reading.pages import CURSOR_CHARACTERS_MAX, PAGE_ROWS, PAGE_ROWS_MAX, Page, Row

First = Annotated[datetime.date, Query(alias="from", description="The first date")]
Until = Annotated[datetime.date, Query(description="The last date, included")]


class Paging:
    """A dependency of endpoints that answer a page."""

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
