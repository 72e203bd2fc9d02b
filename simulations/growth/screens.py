"""What the screens of a terminal read, through its real HTTP application, without a socket."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from crdt_pms.hotel.nights import days_after

_MONTH: Final = "from={today}&until={in_a_month}"
LISTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("property", "board", "arrivals", "in-house", "due-outs", "conflicts", "alerts"), ""),
    "stays": "status=checked_out",
    "stays-arriving": "from={today}&until={today}",
    "stays-departing": "from={today}&until={today}",
    "chart": _MONTH,
    "availability": _MONTH,
    "search": "text=%E4%BD%90%E8%97%A4",
    "debts": "",
    "postings": "folio=none",
    "conflicts/closed": "",
}
"""Every list that the local API serves, without naming a row, and its query: around the business date where it has a range."""


async def read(app: FastAPI, name: str, today: str) -> bytes:
    """The body of the answer to a list's request on a business date. AssertionError for another answer than one."""
    query = LISTS.get(name, "").format(today=today, in_a_month=days_after(today, 30))
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": f"/api/{name}", "raw_path": f"/api/{name}".encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
    }  # fmt: skip
    status, body = 0, b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await app(scope, receive, send)
    assert status == HTTPStatus.OK, f"{name} answers {status}"
    return body
