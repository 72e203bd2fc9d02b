"""What the screens of a terminal read, through its real HTTP application, without a socket."""

from __future__ import annotations

from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

LISTS: Final = ("property", "board", "arrivals", "in-house", "due-outs", "conflicts", "alerts")
"""Every list that the local API serves: what is read without naming a row."""


async def read(app: FastAPI, name: str) -> bytes:
    """The body of the answer to a list's request. AssertionError for another answer than one."""
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": f"/api/{name}", "raw_path": f"/api/{name}".encode(), "query_string": b"", "root_path": "",
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
