"""What the property is, changed at an administrator's desk and seen at a clerk's, in a real browser and without a restart."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk_page import CLERK, MANAGER, ROOMS, DeskPage
from tests.browser.hotel import Hotel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

NEW_ROOM = "901"


def test_a_room_that_an_administrator_adds_changes_and_retires_shows_at_every_desk(
    first: DeskPage, second: DeskPage
) -> None:
    first.choose_staff(MANAGER)
    for room_type in ("スイート", "和室"):
        first.open_property()
        define = first.form("客室を追加・変更")
        define.get_by_label("客室").fill(NEW_ROOM)
        define.get_by_label("階").fill("9")
        define.get_by_label("部屋タイプ").fill(room_type)
        first.send(define)
        for desk in (first, second):
            expect(desk.room(NEW_ROOM)).to_contain_text(room_type)
    second.set_condition(NEW_ROOM, "清掃済み")
    expect(first.room(NEW_ROOM)).to_contain_text("✨ 清掃済み")

    first.open_property()
    retire = first.form("客室を廃止")
    retire.get_by_label("客室").select_option(NEW_ROOM)
    first.send(retire)
    for desk in (first, second):
        expect(desk.room(NEW_ROOM)).to_have_count(0)


def test_a_room_with_a_guest_in_it_is_not_retired_and_the_page_says_why(hotel: Hotel, first: DeskPage) -> None:
    room = hotel.free_room()
    hotel.take_in("滞在 次郎", room)
    first.choose_staff(MANAGER)
    first.open_property()
    retire = first.form("客室を廃止")
    retire.get_by_label("客室").select_option(room)
    retire.get_by_role("button").click()
    expect(first.dialog.get_by_role("alert").filter(has_text="滞在")).to_contain_text("先に別の客室へ移してください。")
    first.close_dialog()
    expect(first.room(room)).to_contain_text("滞在 次郎")


def test_a_member_of_staff_who_comes_and_leaves_can_and_can_no_longer_be_chosen_at_every_desk(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    name, room = "小林 光", hotel.free_room()
    first.choose_staff(MANAGER)
    first.open_property()
    define = first.form("スタッフを追加・変更")
    define.get_by_label("ID").fill("kobayashi")
    define.get_by_label("名称(日本語)").fill(name)
    define.get_by_label("名称(英語)").fill("Hikaru Kobayashi")
    define.get_by_label("役割").select_option(label="客室係")
    first.send(define)
    for desk in (first, second):
        expect(desk.staff).to_contain_text(name)
    second.choose_staff(name)
    second.set_condition(room, "未清掃")
    expect(first.room(room)).to_contain_text("🧹 未清掃")

    # A choice that has the focus is not taken from under the hand.
    second.staff.blur()
    first.open_property()
    remove = first.form("スタッフの登録を終了")
    remove.get_by_label("担当者").select_option(label=name)
    first.send(remove)
    for desk in (first, second):
        expect(desk.staff).not_to_contain_text(name)
    expect(second.staff).to_have_value("")


def test_a_clerks_desk_has_no_such_controls_and_is_refused_in_words(first: DeskPage, second: DeskPage) -> None:
    expect(first.property_rows).to_be_visible()
    second.choose_staff(MANAGER)
    expect(second.property_rows).to_be_hidden()
    answer = second.page.evaluate(
        """async () => {
          const { act } = await import("/static/api.js");
          const fields = { room: "902", floor: 9, room_type: "A" };
          return act("define_room", fields, "sato").catch((refused) => refused.words);
        }"""
    )
    assert answer == "この端末では施設の設定を変更できません。 管理者端末で操作してください。"
    expect(second.room("902")).to_have_count(0)


def test_a_desk_that_knows_no_rows_yet_says_so_and_does_not_look_like_an_empty_hotel(
    hotel: Hotel, browser: Browser
) -> None:
    with hotel.newcomer() as url:
        page = browser.new_context().new_page()
        page.goto(url)
        notice = page.get_by_role("alert").filter(has_text="まだ届いていません")
        expect(notice).to_contain_text("管理者端末か中継につないで、同期が終わるのをお待ちください。")
        desk = DeskPage(page, url)
        expect(desk.region(ROOMS)).to_be_hidden()
        expect(desk.business_day).to_be_hidden()
        expect(desk.staff).not_to_contain_text(CLERK)
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("alert").filter(has_text="has not arrived")).to_contain_text("has synchronised")
        page.context.close()
