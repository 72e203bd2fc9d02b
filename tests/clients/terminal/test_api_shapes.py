"""The terminal's API, as its screens meet it: shapes, refusals in words, and a day at the desk over HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from clients.terminal.api import WEB, build_app
from clients.terminal.terminal import Addresses, Terminal
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.documents.errors import DocumentCorrupt
from crdt_pms.hotel.property_file import StaffMember
from crdt_pms.hotel.statuses import GUEST_SERVICE
from crdt_pms.ports.errors import StoreFailing, StoreFull
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.pace import Pace
from crdt_pms.store.sqlite import open_sqlite
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, START_MS, Desk, definition

pytestmark = pytest.mark.asyncio

REFUSED = {"code", "message_ja", "message_en", "advice_ja", "advice_en"}
SATO = {
    "stay": "sato",
    "arrival": OPENING_DATE,
    "nights": 2,
    "room_type": "A",
    "rate_minor": 12_000,
    "adults": 2,
    "source": "direct",
    "guest_name": "佐藤 花子",
    "guest_contact": "090-0000-0001",
    "guest_nationality": "FR",
    "guest_passport": "TK1234567",
}
ROOM = "202"
NOBODY = "ws://127.0.0.1:9"
"""A relay that is never there."""


class Screen:
    """A client of one terminal, in the terminal's own thread."""

    def __init__(self, terminal: Terminal, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.terminal = terminal
        self.app = app
        self.client = client

    async def get(self, path: str) -> Any:
        response = await self.client.get(f"/api/{path}")
        assert response.status_code == 200, response.text
        return response.json()

    async def act(self, action: str, **fields: object) -> dict[str, Any]:
        response = await self.post(action, **fields)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, action: str, **fields: object) -> httpx.Response:
        return await self.client.post(f"/api/actions/{action}", json=fields, headers={"X-Staff": "suzuki"})

    async def house(self) -> None:
        """Sato is in house in `ROOM`."""
        await self.act("create_stay", **SATO)
        await self.act("set_room_condition", room=ROOM, field="hk_condition", value="clean")
        await self.act("check_in", stay="sato", room=ROOM)


@pytest_asyncio.fixture
async def screen(tmp_path: Path) -> AsyncIterator[Screen]:
    """A real terminal on a file of its own, without network."""
    property_ = replace(definition(), staff=(StaffMember("suzuki", "鈴木", "Suzuki", "clerk"),))
    store = open_sqlite(tmp_path / "terminal.sqlite", PROPERTY_ID)
    clock = HandedClock(START_MS)
    addresses = Addresses("127.0.0.1", 0, NOBODY, ())
    terminal = Terminal(property_, enrolled(1), store, clock, addresses, Pace())
    app = build_app(terminal, clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield Screen(terminal, app, client)
    terminal.close()


# Documentation


async def test_every_read_is_documented_with_a_model_of_its_own(screen: Screen) -> None:
    described = (await screen.client.get("/openapi.json")).json()
    reads = {path: item["get"] for path, item in described["paths"].items() if "get" in item}
    assert set(reads) == {
        "/health",
        "/api/property",
        "/api/board",
        "/api/arrivals",
        "/api/in-house",
        "/api/due-outs",
        "/api/stays",
        "/api/stays-arriving",
        "/api/stays-departing",
        "/api/chart",
        "/api/availability",
        "/api/search",
        "/api/debts",
        "/api/postings",
        "/api/conflicts/closed",
        "/api/stays/{stay}",
        "/api/folios/{folio}",
        "/api/conflicts",
        "/api/alerts",
        "/api/notes/{document}",
        "/api/digest",
        "/api/digest/{bucket}",
        "/api/digest/row/{group}/{row}",
        "/api/sync",
        "/api/events",
    }
    for path, read in reads.items():
        if path == "/api/events":
            continue
        schema = read["responses"]["200"]["content"]["application/json"]["schema"]
        assert "$ref" in schema or "$ref" in schema["items"], path


async def test_every_action_has_an_endpoint_that_takes_its_fields_and_no_others(screen: Screen) -> None:
    described = (await screen.client.get("/openapi.json")).json()
    for name, action in ACTIONS.items():
        reference = described["paths"][f"/api/actions/{name}"]["post"]["requestBody"]["content"]["application/json"]
        body = described["components"]["schemas"][reference["schema"]["$ref"].rpartition("/")[2]]
        assert set(body["properties"]) == {one.name for one in fields(action)}
        assert body["additionalProperties"] is False


# A day at the desk


async def test_a_guest_arrives_spends_pays_and_leaves(screen: Screen) -> None:
    await screen.act("create_stay", **SATO)
    (due,) = await screen.get("arrivals")
    assert (due["stay"], due["guest_name"], due["room_shown"], due["due"]) == ("sato", "佐藤 花子", None, "due_in")
    await screen.act("set_room_condition", room=ROOM, field="hk_condition", value="clean")
    acted = await screen.act("check_in", stay="sato", room=ROOM, revision=due["revision"])
    assert acted["outcome"] == {"stay": "sato", "guest": "guest-sato", "posting": None}
    assert [seq for _journal, seq in acted["entries"]] == [3]
    assert await screen.get("arrivals") == []
    (here,) = await screen.get("in-house")
    assert here["room_shown"] == ROOM
    row = next(row for row in await screen.get("board") if row["room"] == ROOM)
    assert (row["stay"], row["fo_occupancy"], row["updated_by"]) == ("sato", "occupied", "suzuki")
    await screen.act("post_charge", stay="sato", code="minibar", amount_minor=800)
    folio = await screen.get(f"folios/{here['folio']}")
    assert (folio["balance_minor"], folio["postings"][0]["words"]) == (800, {"ja": "ミニバー", "en": "Minibar"})
    settled = {"stay": "sato", "method": "cash", "idempotency_key": "k1", "revision": folio["revision"]}
    refused = await screen.post("settle_folio", **settled, seen_balance_minor=700)
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_changed")
    await screen.act("settle_folio", **settled, seen_balance_minor=folio["balance_minor"])
    await screen.act("run_night_audit", business_date=OPENING_DATE)
    assert (await screen.get("property"))["business_date"] > OPENING_DATE
    assert await screen.get("due-outs") == []
    (line,) = await screen.get("in-house")
    await screen.act(
        "check_out", stay="sato", manager_note="pays by transfer", seen_balance_minor=line["balance_minor"]
    )
    detail = await screen.get("stays/sato")
    assert (detail["line"]["status"], detail["line"]["due"]) == ("checked_out", None)


async def test_a_repeated_payment_says_so_in_both_languages(screen: Screen) -> None:
    await screen.house()
    await screen.act("post_charge", stay="sato", code="minibar", amount_minor=800)
    paid = {"stay": "sato", "amount_minor": 800, "method": "cash", "idempotency_key": "k1", "seen_balance_minor": 800}
    assert (await screen.act("post_payment", **paid))["notices"] == []
    (notice,) = (await screen.act("post_payment", **paid))["notices"]
    assert notice["notice"] == "already_posted"
    assert set(notice["words"]) == {"ja", "en"}


async def test_a_payment_that_names_no_balance_is_refused_and_the_field_is_named(screen: Screen) -> None:
    await screen.house()
    await screen.act("post_charge", stay="sato", code="minibar", amount_minor=800)
    paid = {"stay": "sato", "amount_minor": 800, "method": "cash", "idempotency_key": "k1"}
    for more in ({}, {"deposit": True}):
        refused = await screen.post("post_payment", **paid, **more)
        assert (refused.status_code, refused.json()["code"]) == (422, "request_unusable")
        assert "seen_balance_minor" in refused.text


async def test_no_read_gives_a_passport_number_away(screen: Screen) -> None:
    await screen.house()
    paths = ["property", "board", "arrivals", "in-house", "due-outs", "conflicts", "alerts", "sync"]
    for path in [*paths, "stays/sato", "folios/sato/1"]:
        assert "TK1234567" not in str(await screen.get(path))
    assert (await screen.get("stays/sato"))["guest"]["has_passport"] is True


async def test_a_note_is_read_edited_and_read_again(screen: Screen) -> None:
    note = await screen.get(f"notes/note/room/{ROOM}")
    assert note == {"document": f"note/room/{ROOM}", "text": ""}
    await screen.act("edit_note", document=note["document"], base_text="", new_text="加湿器を貸出中")
    assert (await screen.get(f"notes/note/room/{ROOM}"))["text"] == "加湿器を貸出中"
    assert (await screen.get(f"notes/shift-log/{OPENING_DATE}"))["text"] == ""


async def test_what_two_desks_reported_differently_can_be_decided_with_the_button_it_comes_with(
    screen: Screen, tmp_path: Path
) -> None:
    await screen.act("set_room_condition", room=ROOM, field=GUEST_SERVICE, value="make_up_room")
    other = Desk(2, tmp_path / "other.sqlite", definition())
    other.do(SetRoomCondition(ROOM, GUEST_SERVICE, "do_not_disturb"))
    hear(screen.terminal, other)
    (conflict,) = await screen.get("conflicts")
    assert (conflict["matter"], conflict["state"]) == ("conflict_room_status", "settled_by_policy")
    assert (conflict["group"], conflict["row"]) == ("board.guest_service", ROOM)
    losing = next(option for option in conflict["options"] if not option["is_shown"])
    await screen.act(losing["choose"]["action"], **losing["choose"]["fields"])
    assert await screen.get("conflicts") == []
    row = next(row for row in await screen.get("board") if row["room"] == ROOM)
    assert row["guest_service"] == losing["value"]["value"]


async def test_a_double_booking_comes_with_rooms_that_the_desk_accepts(screen: Screen, tmp_path: Path) -> None:
    await screen.act("create_stay", **SATO, room=ROOM)
    other = Desk(2, tmp_path / "other.sqlite", definition())
    other.reserve("abe", room=ROOM)
    hear(screen.terminal, other)
    (alert,) = await screen.get("alerts")
    assert alert["matter"] == "alert_room_double_booked"
    assert ROOM in alert["sentence"]["ja"]
    await screen.act(alert["remedies"][0]["action"], **alert["remedies"][0]["fields"])
    assert await screen.get("alerts") == []


# Refusals


async def test_a_refusal_is_said_in_words_with_advice(screen: Screen) -> None:
    await screen.act("create_stay", **SATO)
    response = await screen.post("check_in", stay="sato")
    assert response.status_code == 409
    assert set(response.json()) == REFUSED
    assert response.json()["code"] == "room_needed"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("stays/nobody", "stay_unknown"),
        ("folios/nobody/1", "folio_unknown"),
        ("notes/note/room/999", "document_unknown"),
        ("notes/board", "document_unknown"),
    ],
)
async def test_what_is_not_there_is_said_in_the_same_words(screen: Screen, path: str, code: str) -> None:
    response = await screen.client.get(f"/api/{path}")
    assert response.status_code == 404
    assert set(response.json()) == REFUSED
    assert response.json()["code"] == code


async def test_an_action_or_a_plug_that_does_not_exist_is_not_found(screen: Screen) -> None:
    action = await screen.post("burn_the_books")
    plug = await screen.client.post("/api/plugs/mains", json={"plugged": False})
    assert (action.status_code, plug.status_code) == (404, 404)
    assert (action.json()["code"], plug.json()["code"]) == ("action_unknown", "plug_unknown")


async def test_nobody_acts_without_a_name(screen: Screen) -> None:
    response = await screen.client.post("/api/actions/create_stay", json=SATO)
    assert (response.status_code, response.json()["code"]) == (422, "staff_missing")
    assert set(response.json()) == REFUSED


@pytest.mark.parametrize("wrong", [{"nights": "2"}, {"nights": 2.5}, {"nights": True}, {"nihgts": 2}, {"adults": None}])
async def test_a_field_of_another_type_or_name_is_refused_and_nothing_is_written(
    screen: Screen, wrong: dict[str, object]
) -> None:
    response = await screen.post("create_stay", **{**SATO, **wrong})
    assert (response.status_code, response.json()["code"]) == (422, "request_unusable")
    assert next(iter(wrong)) in response.json()["message_en"]
    assert await screen.get("arrivals") == []


async def test_a_card_number_is_kept_out_of_notes(screen: Screen) -> None:
    edit = {"document": f"note/room/{ROOM}", "base_text": "", "new_text": "4111 1111 1111 1111"}
    response = await screen.post("edit_note", **edit)
    assert (response.status_code, response.json()["code"]) == (409, "card_number")
    assert set(response.json()) == REFUSED


@pytest.mark.parametrize(
    ("error", "advice_ja", "advice_en"),
    [
        (StoreFull("no space"), "空き", "Make room"),
        (StoreFailing("disk I/O error"), "点検", "Check the disk"),
        (DocumentCorrupt("half a document"), "データ修復", "repair"),
    ],
)
async def test_what_cannot_be_stored_or_read_back_says_what_to_do(
    screen: Screen, monkeypatch: pytest.MonkeyPatch, error: Exception, advice_ja: str, advice_en: str
) -> None:
    def fail(*_args: object) -> str:
        raise error

    monkeypatch.setattr(type(screen.terminal.replica), "note_text", fail)
    response = await screen.client.get(f"/api/notes/note/room/{ROOM}")
    assert response.status_code == 507
    assert set(response.json()) == REFUSED
    assert response.json()["code"] == type(error).__name__
    assert advice_ja in response.json()["advice_ja"]
    assert advice_en in response.json()["advice_en"]


async def test_a_page_of_another_site_cannot_ask_under_its_own_name(screen: Screen) -> None:
    response = await screen.client.get("/api/board", headers={"Host": "evil.example"})
    assert response.status_code == 400


# Network


async def test_the_sync_state_counts_what_waits(screen: Screen) -> None:
    await screen.act("create_stay", **SATO)
    state = await screen.get("sync")
    assert set(state) == {
        "device",
        "tentative",
        "committed_through",
        "generation",
        "journals",
        "vector",
        "content_hash",
        "offline",
        "relay_overdue",
        "own_entries_returned",
        "quarantined",
        "position",
        "plugs",
        "links",
        "counters",
    }
    assert (state["tentative"], state["position"], state["offline"], state["generation"]) == (1, 1, True, None)
    assert (state["journals"], state["vector"]) == (1, None), (
        "what grows with every start is told where it is asked for"
    )
    assert list((await screen.get("sync?vector=true"))["vector"].values()) == [1]


async def test_the_content_digest_leads_to_a_row_and_its_fields(screen: Screen) -> None:
    empty = (await screen.get("digest"))["buckets"]
    await screen.act("create_stay", **SATO)
    buckets = (await screen.get("digest"))["buckets"]
    changed = [bucket for bucket, one in enumerate(buckets) if one != empty[bucket]]
    rows = [row for bucket in changed for row in (await screen.get(f"digest/{bucket}"))["rows"]]
    assert {"stay.terms", "stay.occupancy", "guest.profile"} <= {row["group"] for row in rows}
    fields = (await screen.get("digest/row/stay.terms/sato"))["fields"]
    assert {"arrival", "nights", "(history)"} <= set(fields)
    assert (await screen.get("digest/row/stay.terms/unknown"))["fields"] == {}
    assert (await screen.client.get("/api/digest/256")).status_code == 422


async def test_every_link_says_where_it_goes_and_how_it_stands(screen: Screen) -> None:
    async with anyio.create_task_group() as tasks:
        changes = screen.terminal.changes.waiter()
        await screen.terminal.run(tasks)
        await screen.client.post("/api/plugs/relay", json={"plugged": False})
        with anyio.fail_after(10):
            while (links := (await screen.get("sync"))["links"]) == [] or links[0]["state"] != "unplugged":
                await changes.wait()
        tasks.cancel_scope.cancel()
    (link,) = links
    assert (link["address"], link["kind"], link["peer"], link["rtt_ms"]) == (NOBODY, "relay", None, None)
    assert {"since_ms", "entries_sent", "entries_received", "reason"} < set(link)


async def test_a_plug_is_pulled_and_put_back(screen: Screen) -> None:
    for plugged in (False, True):
        response = await screen.client.post("/api/plugs/relay", json={"plugged": plugged})
        assert response.json() == {"name": "relay", "plugged": plugged}
        assert (await screen.get("sync"))["plugs"] == {"relay": plugged, "lan": True}


async def test_synchronising_is_started_and_not_waited_for(screen: Screen) -> None:
    response = await screen.client.post("/api/sync/run")
    assert (response.status_code, response.json()) == (202, {"status": "started"})


async def test_a_screen_hears_at_once_and_after_a_change(screen: Screen) -> None:
    chunks, received = anyio.create_memory_object_stream[dict[str, Any]](8)

    async def receive() -> dict[str, Any]:
        await anyio.sleep_forever()
        return {}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "method": "GET",
        "path": "/api/events",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
    }
    async with anyio.create_task_group() as tasks, chunks, received:
        tasks.start_soon(screen.app, scope, receive, chunks.send)
        start = await received.receive()
        assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
        assert b'"tentative": 0' in (await received.receive())["body"]
        await screen.act("create_stay", **SATO)
        assert b'"tentative": 1' in (await received.receive())["body"]
        tasks.cancel_scope.cancel()


async def test_a_replay_hands_out_the_time_and_a_hotel_has_no_such_door(screen: Screen) -> None:
    handed = await screen.client.post("/control/clock", json={"now_ms": START_MS + 5})
    assert handed.json() == {"now_ms": START_MS + 5}
    transport = httpx.ASGITransport(build_app(screen.terminal))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.post("/control/clock", json={"now_ms": 0})).status_code == 404


# The page


async def test_the_page_and_its_parts_are_served_and_run_no_foreign_script(screen: Screen) -> None:
    assert (await screen.client.get("/health")).json() == {"status": "ok"}
    page = await screen.client.get("/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for part in ["style.css", *(path.name for path in WEB.glob("*.js"))]:
        assert (await screen.client.get(f"/static/{part}")).status_code == 200


async def test_every_text_of_the_page_is_in_the_table_of_words() -> None:
    words = (WEB / "words.js").read_text()
    known = set(re.findall(r"(\w+): \[\"", words))
    scripts = "".join(path.read_text() for path in WEB.glob("*.js"))
    used = set(re.findall(r"\bword\(\"(\w+)\"\)", scripts))
    used |= set(re.findall(r'data-word="(\w+)"', (WEB / "index.html").read_text()))
    assert used - known == set()
    assert "innerHTML" not in scripts, "texts go in as text, whatever they contain"


def hear(terminal: Terminal, other: Desk) -> None:
    """Let the terminal receive all that another desk wrote, and close that desk."""
    certificates = [found for journal in other.replica.vector if (found := other.replica.certificate(journal))]
    terminal.replica.receive_certificates(certificates)
    terminal.replica.receive([placed.entry for placed in other.replica.read(0, 1_000, 2**30)], START_MS)
    other.store.close()
