"""The desk's page as people use it: two desks of one running hotel, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Response, Route, expect

from tests.browser.desk_page import ARRIVALS, IN_HOUSE, MANAGER, ROOMS, DeskPage
from tests.browser.hotel import Hotel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

RED = "rgb(179, 38, 30)"
MARKUP = "<img src=x onerror=alert(1)>"
NO_TERMINAL = "この端末のサービスに接続できません"
DOUBLE_BOOKED = "客室の重複割当て"
SETTLED_TWICE = "精算の競合"
POSTED_WHEN_CLOSED = "締め済み会計への計上"
CHANGED_APART = "滞在状況と予約条件の行き違い"
LEFT_WITH_BALANCE = "残高のあるチェックアウト"


def test_a_rooms_condition_set_at_one_desk_shows_at_the_other_without_reloading(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    room = hotel.free_room()
    first.set_condition(room, "未清掃")
    expect(second.room(room)).to_contain_text("🧹 未清掃")
    second.set_condition(room, "清掃済み")
    expect(first.room(room)).to_contain_text("✨ 清掃済み")


def test_edits_of_one_note_by_two_desks_that_are_apart_both_remain(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    room = hotel.free_room()
    document = f"note/room/{room}"
    first.write_note(room, "加湿器を貸出中。\n")
    hotel.until_note_has(2, document, "加湿器")
    expect(second.note(room)).to_have_value("加湿器を貸出中。\n")
    second.close_dialog()

    second.pull_plugs()
    second.write_note(room, "加湿器を貸出中。\n二番: 毛布も追加。\n")
    first.write_note(room, "一番: 静かな客室を希望。\n加湿器を貸出中。\n")
    second.put_plugs_back()

    merged = "一番: 静かな客室を希望。\n加湿器を貸出中。\n二番: 毛布も追加。\n"
    for number, desk in ((1, first), (2, second)):
        hotel.until_note_has(number, document, "一番", "二番")
        expect(desk.note(room)).to_have_value(merged)


def test_a_guest_comes_pays_moves_and_leaves_and_both_desks_follow(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    guest, room, other_room = "到着 太郎", hotel.free_room(), hotel.free_room()
    hotel.expect_guest(guest)

    first.check_in(guest, room)
    for desk in (first, second):
        desk.guest_is_not_in(ARRIVALS, guest)
        expect(desk.stay(IN_HOUSE, guest)).to_contain_text(room)
        expect(desk.room(room)).to_contain_text(f"👤 {guest}")

    second.open_stay(IN_HOUSE, guest)
    charge = second.form("料金を計上")
    charge.get_by_label("科目").select_option(label="朝食")
    charge.get_by_label("金額").fill("1500")
    second.send(charge)
    expect(first.stay(IN_HOUSE, guest)).to_contain_text("残高 ￥1,500")

    first.open_stay(IN_HOUSE, guest)
    payment = first.form("入金")
    expect(payment.get_by_label("金額")).to_have_value("1500")
    payment.get_by_label("支払方法").select_option(label="現金")
    first.send(payment)
    for desk in (first, second):
        expect(desk.stay(IN_HOUSE, guest)).not_to_contain_text("残高")

    first.open_stay(IN_HOUSE, guest)
    move = first.form("客室を移る")
    move.get_by_role("combobox", name="客室").select_option(other_room)
    first.send(move)
    for desk in (first, second):
        expect(desk.stay(IN_HOUSE, guest)).to_contain_text(other_room)
        expect(desk.room(room)).to_contain_text("未清掃")
        expect(desk.room(other_room)).to_contain_text(f"👤 {guest}")

    second.open_stay(IN_HOUSE, guest)
    second.send(second.form("チェックアウト"))
    for desk in (first, second):
        desk.guest_is_not_in(IN_HOUSE, guest)
        expect(desk.room(other_room)).to_contain_text("空室")


def test_a_refusal_says_in_japanese_why_and_what_to_do(hotel: Hotel, first: DeskPage) -> None:
    guest, room = "重複 花子", hotel.free_room()
    hotel.take_in("先客 一郎", room)
    hotel.expect_guest(guest)

    first.check_in(guest, room)
    refusal = first.dialog.get_by_role("alert")
    expect(refusal).to_contain_text(f"{room}号室には滞在中のお客様がいます")
    expect(refusal).to_contain_text("空いている部屋を選んでください。")
    expect(refusal).not_to_contain_text(re.compile(r"[{}\[\]\"]|message|code"))
    first.close_dialog()
    first.guest_is_in(ARRIVALS, guest)


def test_nothing_is_done_before_somebody_says_who_acts(hotel: Hotel, first: DeskPage) -> None:
    room = hotel.free_room()
    first.choose_staff("選んでください")
    first.open_room(room)
    condition = first.form("清掃状態")
    condition.get_by_label("清掃状態").select_option(label="未清掃")
    condition.get_by_role("button").click()
    expect(first.dialog.get_by_role("alert")).to_have_text("先に担当者を選んでください。")
    first.close_dialog()
    expect(first.room(room)).not_to_contain_text("未清掃")


def test_a_desk_without_network_says_so_works_on_and_catches_up(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    room = hotel.free_room()
    second.pull_plugs()
    expect(second.banner).to_have_css("background-color", RED)
    expect(second.pending).to_be_hidden()

    second.set_condition(room, "未清掃")
    expect(second.room(room)).to_contain_text("未清掃")
    expect(second.page.get_by_text("保存しました。")).to_be_visible()
    expect(second.pending).to_have_text(re.compile("🔄 [1-9]"))
    expect(second.banner).to_contain_text("オフライン作業中")
    expect(first.room(room)).not_to_contain_text("未清掃")

    second.put_plugs_back()
    expect(second.pending).to_be_hidden()
    expect(first.room(room)).to_contain_text("未清掃")


def test_a_desk_that_is_linked_waits_for_the_relay_without_a_banner(hotel: Hotel, first: DeskPage) -> None:
    room = hotel.free_room()
    first.page.route("**/api/sync", _with_one_pending)
    first.set_condition(room, "未清掃")
    expect(first.pending).to_have_text("🔄 1 同期待ち")
    expect(first.banner).to_have_count(0)


def test_a_plugs_box_stays_as_it_was_set_while_the_page_reads_anew(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    room, on_the_way = hotel.free_room(), list[Route]()
    second.page.route("**/api/plugs/lan", lambda route, _request: on_the_way.append(route))
    second.page.get_by_label("LAN").uncheck()
    first.set_condition(room, "未清掃")
    expect(second.room(room)).to_contain_text("未清掃")
    expect(second.page.get_by_label("LAN")).not_to_be_checked()

    on_the_way.pop().continue_()
    expect(second.region("接続")).to_contain_text("切断(プラグ)")
    expect(second.page.get_by_label("LAN")).not_to_be_checked()


def test_a_click_is_not_lost_when_the_page_changes_under_it(hotel: Hotel, first: DeskPage, second: DeskPage) -> None:
    room, changed_room = hotel.free_room(), hotel.free_room()
    first.open_room(changed_room)
    form = first.form("清掃状態")
    form.get_by_label("清掃状態").select_option(label="未清掃")

    second.room(room).hover()
    second.page.mouse.down()
    with second.page.expect_response(lambda response: _says_of(response, changed_room, "dirty")):
        first.send(form)
    second.page.mouse.up()
    expect(second.dialog).to_contain_text(f"客室 {room}")
    expect(second.room(changed_room)).to_contain_text("未清掃")


def test_one_room_given_to_two_guests_shows_at_both_desks_and_one_button_mends_it(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    one, other, room = "同室 一子", "同室 二子", hotel.free_room()
    hotel.expect_guest(one)
    hotel.expect_guest(other)

    second.pull_plugs()
    first.check_in(one, room)
    first.guest_is_in(IN_HOUSE, one)
    second.check_in(other, room)
    second.guest_is_in(IN_HOUSE, other)
    second.put_plugs_back()

    for desk in (first, second):
        alert = desk.matter(DOUBLE_BOOKED, f"{room}号室")
        expect(alert).to_contain_text(one)
        expect(alert).to_contain_text(other)
        expect(alert.get_by_role("button", name="へ移す").first).to_be_visible()
        expect(desk.room(room)).to_contain_text("⚠ 重複")
        expect(desk.room(room)).to_contain_text(one)
        expect(desk.room(room)).to_contain_text(other)
    first.open_room(room)
    for guest in (one, other):
        expect(first.dialog.get_by_role("button", name=f"開く: {guest}")).to_be_visible()
    first.close_dialog()

    proposal = first.matter(DOUBLE_BOOKED, f"{room}号室").get_by_role("button", name="へ移す").first
    new_room = proposal.inner_text().removesuffix("へ移す")
    proposal.click()
    move = first.form("客室を移る")
    move.get_by_label("例外の理由").fill("清掃中だが空いている")
    first.send(move)
    for desk in (first, second):
        expect(desk.matter(DOUBLE_BOOKED, f"{room}号室")).to_be_hidden()
        expect(desk.room(new_room)).to_contain_text(re.compile("👤 同室"))
        expect(desk.room(room)).not_to_contain_text("重複")


def test_a_folio_settled_at_two_desks_waits_for_a_person_whose_choice_closes_it(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    guest = "精算 三郎"
    hotel.charge(hotel.take_in(guest, hotel.free_room()), 4_800)

    second.pull_plugs()
    first.settle(guest, "現金")
    second.settle(guest, "クレジットカード")
    second.put_plugs_back()

    for desk in (first, second):
        conflict = desk.matter(SETTLED_TWICE, guest)
        expect(conflict).to_contain_text("未決着")
        expect(conflict).to_contain_text("支払方法 現金")
        expect(conflict).to_contain_text("支払方法 クレジットカード")

    conflict = second.matter(SETTLED_TWICE, guest)
    by_card = conflict.locator("div").filter(has_text="クレジットカード").last
    by_card.get_by_role("button", name="この内容にする").click()
    for desk in (first, second):
        expect(desk.matter(SETTLED_TWICE, guest)).to_be_hidden()
        desk.page.get_by_text("決着済みの競合").click()
        expect(desk.matter(SETTLED_TWICE, guest)).to_contain_text(re.compile("→ .*クレジットカード"))


def test_a_form_books_the_amount_that_it_shows_or_says_what_has_changed(hotel: Hotel, first: DeskPage) -> None:
    guest = "金額 五郎"
    stay = hotel.take_in(guest, hotel.free_room())
    hotel.charge(stay, 4_800)
    expect(first.stay(IN_HOUSE, guest)).to_contain_text("残高 ￥4,800")
    first.open_stay(IN_HOUSE, guest)
    settle = first.form("精算")
    expect(settle.get_by_role("button")).to_have_text("精算 ￥4,800")

    hotel.charge(stay, 1_000)
    settle.get_by_role("button").click()
    refusal = first.dialog.get_by_role("alert").filter(has_text="残高が変わりました")
    expect(refusal).to_contain_text("￥4,800")
    expect(refusal).to_contain_text("￥5,800")

    first.close_dialog()
    first.settle(guest, "現金")
    expect(first.stay(IN_HOUSE, guest)).not_to_contain_text("残高")


def test_money_is_handed_out_by_a_refund_only_and_only_after_asking(hotel: Hotel, first: DeskPage) -> None:
    guest = "返金 六郎"
    stay = hotel.take_in(guest, hotel.free_room())
    hotel.deposit(stay, 3_000)
    expect(first.stay(IN_HOUSE, guest)).to_contain_text("過払い(お返しする金額) ￥3,000")
    first.open_stay(IN_HOUSE, guest)
    expect(first.dialog.get_by_text(re.compile("^精算"))).to_have_count(0)

    refund = first.form("返金")
    refund.get_by_label("理由").fill("預り金の返却")
    button = refund.get_by_role("button")
    expect(button).to_have_text("返金 ￥3,000")
    button.click()
    expect(refund.get_by_role("alert")).to_contain_text("￥3,000 (現金)")
    refund.get_by_label("金額").fill("2000")
    expect(button).to_have_text("返金 ￥3,000")
    refund.get_by_label("金額").fill("3000")
    button.click()
    expect(button).to_have_text("はい、実行する")
    first.send(refund)
    expect(first.stay(IN_HOUSE, guest)).not_to_contain_text("過払い")


def test_what_arrives_after_check_out_is_paid_in_the_folio_that_is_opened_again(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    guest = "後着 四郎"
    hotel.take_in(guest, hotel.free_room())

    second.pull_plugs()
    second.open_stay(IN_HOUSE, guest)
    charge = second.form("料金を計上")
    charge.get_by_label("科目").select_option(label="朝食")
    charge.get_by_label("金額").fill("1500")
    second.send(charge)
    first.open_stay(IN_HOUSE, guest)
    first.send(first.form("チェックアウト"))
    first.guest_is_not_in(IN_HOUSE, guest)
    second.put_plugs_back()

    for desk in (first, second):
        expect(desk.matter(POSTED_WHEN_CLOSED, guest)).to_be_visible()
    first.open_stay_of(first.matter(POSTED_WHEN_CLOSED, guest), guest)
    reopen = first.form("会計を再開する")
    reopen.get_by_label("理由").fill("回線断中の朝食")
    first.send(reopen)
    expect(first.matter(POSTED_WHEN_CLOSED, guest)).to_be_hidden()

    first.open_stay_of(first.matter(LEFT_WITH_BALANCE, guest), guest)
    payment = first.form("入金")
    expect(payment.get_by_label("金額")).to_have_value("1500")
    payment.get_by_label("支払方法").select_option(label="現金")
    first.send(payment)
    for desk in (first, second):
        expect(desk.matter(LEFT_WITH_BALANCE, guest)).to_be_hidden()
        expect(desk.matter(POSTED_WHEN_CLOSED, guest)).to_be_hidden()


def test_a_page_whose_terminal_ended_says_so_and_goes_on_with_it(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    room = hotel.free_room()
    with hotel.without_desk(2):
        expect(second.banner).to_contain_text(NO_TERMINAL)
        expect(second.banner).to_have_css("background-color", RED)
        second.room(room).click()
        expect(second.dialog.get_by_role("alert")).to_contain_text(NO_TERMINAL)
        second.close_dialog()
        first.set_condition(room, "未清掃")
    expect(second.banner.filter(has_text=NO_TERMINAL)).to_be_hidden()
    expect(second.room(room)).to_contain_text("未清掃")


def test_english_is_one_button_away_and_is_remembered(first: DeskPage) -> None:
    first.page.get_by_role("button", name="English").click()
    expect(first.page.get_by_role("heading", name="Rooms")).to_be_visible()
    expect(first.region("Arrivals")).to_be_visible()
    expect(first.region(ROOMS)).to_be_hidden()

    first.page.reload()
    expect(first.region("Rooms").get_by_role("button").first).to_be_visible()
    expect(first.page.locator("html")).to_have_attribute("lang", "en")

    first.page.get_by_role("button", name="日本語").click()
    expect(first.region(ROOMS)).to_be_visible()


def test_a_guests_name_is_text_wherever_it_stands(hotel: Hotel, first: DeskPage) -> None:
    room = hotel.free_room()
    hotel.take_in(MARKUP, room)
    expect(first.room(room)).to_contain_text(f"👤 {MARKUP}")
    first.open_stay(IN_HOUSE, MARKUP)
    expect(first.page.locator("img")).to_have_count(0)
    first.close_dialog()

    hotel.expect_guest(MARKUP)
    first.open_stay(ARRIVALS, MARKUP)
    expect(first.page.locator("img")).to_have_count(0)
    assert first.boxes == []


def test_the_page_asks_nothing_of_anybody_but_its_own_terminal(hotel: Hotel, first: DeskPage) -> None:
    room = hotel.free_room()
    first.set_condition(room, "未清掃")
    expect(first.room(room)).to_contain_text("未清掃")
    first.page.get_by_role("button", name="引継ぎ").click()
    expect(first.dialog.get_by_label("メモ")).to_have_value(re.compile("夜勤より"))
    first.close_dialog()
    first.page.get_by_role("button", name="English").click()
    first.page.get_by_role("button", name="日本語").click()

    asked = [request.url for request in first.requests]
    assert f"{first.url}/api/events" in asked
    assert [url for url in asked if not url.startswith((f"{first.url}/", "data:"))] == []


def _says_of(response: Response, room: str, condition: str) -> bool:
    """Whether this is an answer of the board on which that room is in that condition."""
    if not response.url.endswith("/api/board"):
        return False
    return any(row["room"] == room and row["hk_condition"] == condition for row in response.json())


def _with_one_pending(route: Route) -> None:
    """Answer as a terminal does whose relay is slow to commit."""
    response = route.fetch()
    route.fulfill(response=response, json={**response.json(), "tentative": 1})


def test_a_stay_that_two_desks_changed_apart_is_kept_as_shown_by_one_button(
    hotel: Hotel, first: DeskPage, second: DeskPage
) -> None:
    guest, room = "別々 七子", hotel.free_room()
    hotel.expect_guest(guest)
    stay = next(line["stay"] for line in hotel.read(1, "arrivals") if line["guest_name"] == guest)
    second.pull_plugs()
    first.check_in(guest, room)
    first.guest_is_in(IN_HOUSE, guest)
    hotel.amend(2, stay, nights=3)
    second.put_plugs_back()
    for desk in (first, second):
        expect(desk.matter(CHANGED_APART, guest)).to_be_visible()
        expect(desk.room(room)).to_contain_text(f"⚠ {CHANGED_APART}")
    first.matter(CHANGED_APART, guest).get_by_role("button", name="表示どおりで確定する").click()
    first.send(first.form("表示どおりで確定する"))
    for desk in (first, second):
        expect(desk.matter(CHANGED_APART, guest)).to_be_hidden()


def test_an_alert_of_a_kind_that_this_page_does_not_know_is_shown_in_the_terminals_words(first: DeskPage) -> None:
    words = {"ja": "来年の警告", "en": "An alert of next year"}
    request = {"action": "unheard_of", "fields": {}, "words": {"ja": "直す", "en": "Mend it"}}
    unknown = {
        "identity": "0" * 32, "matter": "alert_of_next_year", "words": words, "sentence": words, "facts": {}, "details": {},
        "stays": [], "proposal": [], "remedies": [request],
    }  # fmt: skip
    first.page.route("**/api/alerts", lambda route: route.fulfill(json=[unknown]))
    first.open()
    expect(first.matter("来年の警告", "来年")).to_be_visible()
    first.matter("来年の警告", "来年").get_by_role("button", name="直す").click()
    first.form("直す").get_by_role("button").click()
    expect(first.dialog.get_by_role("alert").filter(has_text="処理")).to_be_visible()


def test_a_day_is_closed_once_and_a_manager_sets_a_wrong_date_back(hotel: Hotel, first: DeskPage) -> None:
    """The last of all: every guest in house is charged a night."""
    today = hotel.read(1, "property")["business_date"]
    first.open_business_day(today)
    expect(first.dialog).to_contain_text("営業日の訂正は責任者が行います。")
    first.send_after_asking(first.form("夜間監査"))
    expect(first.business_day).not_to_contain_text(today)
    tomorrow = hotel.read(1, "property")["business_date"]
    first.open_business_day(tomorrow)
    audit = first.form("夜間監査")
    audit.get_by_role("button").click()
    audit.get_by_role("button").click()
    expect(first.dialog.get_by_role("alert").filter(has_text="まだ終えられません")).to_be_visible()
    first.close_dialog()

    first.choose_staff(MANAGER)
    first.open_business_day(tomorrow)
    correct = first.form("営業日を訂正する")
    correct.get_by_label("営業日").fill(today)
    correct.get_by_label("理由").fill("誤って繰り上げた")
    first.send(correct)
    expect(first.business_day).to_contain_text(today)
