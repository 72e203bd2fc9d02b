"""Lists over HTTP: pages, filters and ranges."""

from __future__ import annotations

import pytest

from tests.clients.terminal.test_api_shapes import ROOM, SATO, Screen, screen
from tests.crdt_pms.replica.terminals import OPENING_DATE

pytestmark = pytest.mark.asyncio
__all__ = ["screen"]


async def test_a_list_names_its_next_page_until_there_is_none(screen: Screen) -> None:
    for number in range(5):
        await screen.act("create_stay", **{**SATO, "stay": f"s{number}", "guest_name": f"客 {number}"})
    found: list[str] = []
    path: str | None = "/api/stays?status=reserved&rows=2"
    while path is not None:
        response = await screen.client.get(path)
        assert response.status_code == 200
        found += [row["stay"] for row in response.json()]
        path = response.links["next"]["url"] if "next" in response.links else None
    assert found == [f"s{number}" for number in range(5)]


async def test_who_is_searched_is_found_from_booking_to_departure(screen: Screen) -> None:
    await screen.act("create_stay", **SATO, guest_kana="サトウ ハナコ")
    assert [one["stay"] for one in (await screen.get("search?text=さとう"))["expected"]] == ["sato"]
    await screen.act("set_room_condition", room=ROOM, field="hk_condition", value="clean")
    await screen.act("check_in", stay="sato", room=ROOM)
    for text in ("佐藤", "はなこ", "satoh", "0001", ROOM, "sato"):
        (row,) = (await screen.get(f"search?text={text}"))["in_house"]
        assert (row["stay"], row["room"], row["guest_name"]) == ("sato", ROOM, "佐藤 花子")
    await screen.act("check_out", stay="sato", manager_note="pays by transfer", seen_balance_minor=0)
    assert [one["stay"] for one in (await screen.get("search?text=花子"))["past"]] == ["sato"]


async def test_a_guest_who_left_without_paying_is_among_the_debts(screen: Screen) -> None:
    await screen.house()
    await screen.act("post_charge", stay="sato", code="minibar", amount_minor=800)
    assert await screen.get("debts") == []
    await screen.act("check_out", stay="sato", manager_note="pays by transfer", seen_balance_minor=800)
    (debt,) = await screen.get("debts")
    assert (debt["stay"], debt["balance_minor"], debt["guest_name"]) == ("sato", 800, "佐藤 花子")
    (posting,) = await screen.get(f"postings?folio={debt['folio']}")
    assert (posting["code"], posting["amount_minor"]) == ("minibar", 800)


async def test_availability_counts_what_is_booked_in_each_night(screen: Screen) -> None:
    await screen.act("create_stay", **SATO)
    types = await screen.get(f"availability?from={OPENING_DATE}&until=2026-07-03")
    twin = next(one for one in types if one["room_type"] == "A")
    assert (twin["rooms"], twin["out_of_order"]) == (8, 0)
    assert [(one["held"], one["free"]) for one in twin["nights"]] == [(1, 7), (1, 7), (0, 8)]
    await screen.act("set_room_condition", room=ROOM, field="maintenance", value="out_of_order", reason="水漏れ")
    types = await screen.get(f"availability?from={OPENING_DATE}&until={OPENING_DATE}")
    assert [one["nights"][0]["free"] for one in types if one["room_type"] == "A"] == [6]
    (on_chart,) = await screen.get("chart?from=2026-07-02&until=2026-07-02")
    assert on_chart["stay"] == "sato"
    assert len(await screen.get(f"stays-arriving?from={OPENING_DATE}&until={OPENING_DATE}")) == 1
    assert len(await screen.get("stays-departing?from=2026-07-03&until=2026-07-03")) == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("stays?status=reserved&cursor=nonsense", "cursor_invalid"),
        ("stays?status=nonsense", "request_unusable"),
        ("stays?status=reserved&rows=501", "request_unusable"),
        ("chart?from=2026-07-02&until=2026-07-01", "range_invalid"),
        ("chart?from=2026-07-02&until=2027-07-01", "range_invalid"),
        ("chart?from=0001-01-01&until=0001-01-02", "range_invalid"),
        ("chart?from=soon&until=2027-07-01", "request_unusable"),
        ("search?text=", "request_unusable"),
    ],
)
async def test_what_cannot_be_listed_is_refused_in_words(screen: Screen, path: str, code: str) -> None:
    response = await screen.client.get(f"/api/{path}")
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["advice_ja"]
