"""Whatever text is sent to whichever endpoint is taken or refused in words, never a failure of the program."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.terminal.api import build_app
from clients.terminal.terminal import Addresses, Terminal
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.hotel.property_file import StaffMember
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.runtime.text_route import NO_TEXT
from crdt_pms.session.pace import Pace
from crdt_pms.store.sqlite import open_sqlite
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, START_MS, definition

NASTY = "\0\ud800\udfff\n\t\x1f\x7f\x85\u202e\ufeff\uffff\U0001f600"
TEXTS = st.text(NASTY, min_size=1, max_size=4) | st.text(max_size=12) | st.just("x" * 30_000)
LIKELY = st.sampled_from(
    ["sato", "guest-sato", "sato/1", "201", "cash", "minibar", OPENING_DATE, "note/room/201", "", "4"]
)
ANY = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), TEXTS, LIKELY)
HEADERS = {"X-Staff": "suzuki", "Content-Type": "application/json"}


class Client:
    """Sends one request at a time, from where there is no loop."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._send("GET", path))

    def post(self, path: str, content: bytes | str, headers: dict[Any, Any] = HEADERS) -> httpx.Response:
        return asyncio.run(self._send("POST", path, content=content, headers=headers))

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **more)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("desk")
    property_ = replace(definition(), staff=(StaffMember("suzuki", "鈴木", "Suzuki", "clerk"),))
    store = open_sqlite(folder / "terminal.sqlite", PROPERTY_ID)
    clock = HandedClock(START_MS)
    terminal = Terminal(property_, enrolled(1), store, clock, Addresses("127.0.0.1", 0, "ws://127.0.0.1:9", ()), Pace())
    yield Client(build_app(terminal, clock))
    terminal.close()


def texts_in(name: str) -> list[str]:
    hints = get_type_hints(ACTIONS[name])
    return [field for field, kind in hints.items() if field != "name" and kind in (str, str | None)]


def fields_of(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A body of the action: likely values, but for one of its texts."""
    hints = get_type_hints(ACTIONS[name])
    hints.pop("name")
    kinds: dict[Any, st.SearchStrategy[Any]] = {int: st.integers(-1, 20_000), bool: st.booleans()}

    def with_one(nasty: str) -> st.SearchStrategy[dict[str, Any]]:
        others = {field: kinds.get(kind, kinds[int] if kind == int | None else LIKELY) for field, kind in hints.items()}
        return st.fixed_dictionaries(others | {nasty: TEXTS})

    return st.sampled_from(texts_in(name)).flatmap(with_one)


def require_said(status: int, body: bytes) -> None:
    """It is done, or refused with a code and words that are text themselves."""
    answer = json.loads(body.decode("utf-8"))
    assert status < 500, answer
    if status != 200:
        assert answer["code"]
        assert answer["message_ja"]
        assert answer["advice_en"]
        assert not NO_TEXT.search(answer["message_en"])


def holds_no_text(said: object) -> bool:
    return any(NO_TEXT.search(text) for text in texts_of(said))


def texts_of(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for key, value in said.items():
            yield from texts_of(key)
            yield from texts_of(value)
    elif isinstance(said, list):
        for value in said:
            yield from texts_of(value)


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_an_action_takes_or_refuses_any_text_in_any_field(client: Client, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(name for name in ACTIONS if texts_in(name))))
    fields = data.draw(fields_of(name))
    answer = client.post(f"/api/actions/{name}", content=json.dumps(fields))
    require_said(answer.status_code, answer.content)
    if holds_no_text(json.loads(json.dumps(fields))):
        assert answer.status_code == 422


JSON_LIKE = st.recursive(ANY, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


@given(JSON_LIKE, st.sampled_from(["actions/edit_note", "actions/no_such_action", "plugs/relay", "plugs/nothing"]))
@settings(max_examples=100, deadline=None)
def test_a_body_of_any_shape_is_refused_in_words(client: Client, body: object, path: str) -> None:
    answer = client.post(f"/api/{path}", content=json.dumps(body))
    require_said(answer.status_code, answer.content)
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b'{"a": "\xed\xa0\x80"}', b"[" * 100_000, b"9" * 5_000, b'"\\ud800"', b""]
)
def test_a_body_that_is_no_text_is_refused(client: Client, body: bytes) -> None:
    answer = client.post("/api/actions/edit_note", content=body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"]


@given(st.sampled_from(["stays", "folios", "notes", "notes/note/room", "plugs"]), TEXTS.filter(len))
@settings(max_examples=100, deadline=None)
def test_a_path_may_hold_anything(client: Client, path: str, text: str) -> None:
    place = quote(text[:200].encode("utf-8", "surrogatepass"), safe="")
    answer = client.get(f"/api/{path}/{place}")
    require_said(answer.status_code, answer.content)


@pytest.mark.parametrize("staff", ["", "\x80\x81", "佐藤", "a\u00e9", "x" * 65])
def test_whoever_acts_is_named_in_plain_letters(client: Client, staff: str) -> None:
    answer = client.post(
        "/api/actions/run_night_audit", f'{{"business_date": "{OPENING_DATE}"}}', {b"X-Staff": staff.encode("utf-8")}
    )
    assert answer.status_code == 422
    assert answer.json()["code"] in ("staff_missing", "request_unusable")
