"""What a person sees and does on a desk's page, by the words that stand on it."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Dialog, Error, Locator, Page, Request, expect

ROOMS: Final = "客室"
MATTERS: Final = "要確認・競合"
ARRIVALS: Final = "本日の到着"
IN_HOUSE: Final = "滞在中"
PLUGS: Final = ("中継", "LAN")
CLERK: Final = "鈴木 陽菜"
MANAGER: Final = "佐藤 美咲"


class DeskPage:
    """One desk's page in a browser of its own, and what went on behind it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.requests: list[Request] = []
        self.errors: list[str] = []
        self.boxes: list[str] = []
        """What `alert` and the like said: this page has none of its own."""
        page.on("request", self._note_request)
        page.on("pageerror", self._note_error)
        page.on("dialog", self._note_dialog)

    def open(self, staff: str = CLERK) -> None:
        """Load the page and say who acts."""
        self.page.goto(self.url)
        expect(self.region(ROOMS).get_by_role("button").first).to_be_visible()
        self.choose_staff(staff)

    def close(self) -> None:
        """Leave the page and forget what it kept."""
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.evaluate("localStorage.clear()")
        self.page.goto("about:blank")
        for noted in (self.requests, self.errors, self.boxes):
            noted.clear()

    def choose_staff(self, name: str) -> None:
        """Say who acts."""
        self.staff.select_option(label=name)

    # What stands there

    def region(self, heading: str) -> Locator:
        """The part of the page under that heading."""
        return self.page.locator("section").filter(has=self.page.get_by_role("heading", name=heading, exact=True))

    def room(self, number: str) -> Locator:
        """A room on the board."""
        return self.region(ROOMS).get_by_role("button", name=re.compile(f"^{number} "))

    def stay(self, heading: str, guest: str) -> Locator:
        """A guest's line in a list."""
        rows = self.region(heading).locator("div").filter(has_text=guest)
        return rows.filter(has=self.page.get_by_role("button", name="開く")).last

    def guest_is_in(self, heading: str, guest: str) -> None:
        """The guest stands in that list."""
        expect(self.region(heading)).to_contain_text(guest)

    def guest_is_not_in(self, heading: str, guest: str) -> None:
        """The guest does not stand in that list."""
        expect(self.region(heading)).not_to_contain_text(guest)

    def matter(self, title: str, about: str) -> Locator:
        """An alert or conflict that stands; closed conflicts are folded away."""
        return self.region(MATTERS).get_by_role("article").filter(has_text=title).filter(has_text=about)

    @property
    def banner(self) -> Locator:
        """The line across the top; it is there only when there is something to say."""
        return self.page.get_by_role("status").filter(has_text=re.compile("オフライン|同期|接続できません"))

    @property
    def pending(self) -> Locator:
        """How many entries wait to be synchronised."""
        return self.page.get_by_text(re.compile(r"🔄 \d+ 同期待ち"))

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    # What a person does

    def open_room(self, number: str) -> None:
        """Open a room's dialog."""
        self.room(number).click()
        expect(self.dialog).to_contain_text(f"{ROOMS} {number}")

    def open_stay(self, heading: str, guest: str) -> None:
        """Open a stay's dialog from a list."""
        self.stay(heading, guest).get_by_role("button", name="開く").click()
        expect(self.dialog.get_by_role("heading", level=2)).to_contain_text(guest)

    def open_stay_of(self, matter: Locator, guest: str) -> None:
        """Open a stay's dialog from an alert that names it."""
        matter.get_by_role("button", name=re.compile("^開く")).first.click()
        expect(self.dialog.get_by_role("heading", level=2)).to_contain_text(guest)

    def form(self, title: str) -> Locator:
        """A form of the open dialog, unfolded."""
        summary = self.page.locator("summary", has_text=re.compile(f"^{title}"))
        form = self.dialog.get_by_role("group").filter(has=summary)
        if form.get_attribute("open") is None:
            form.locator(summary).click()
        return form

    def send(self, form: Locator) -> None:
        """Send a form that is going to be accepted."""
        form.get_by_role("button").click()
        expect(self.dialog).to_be_hidden()

    def send_after_asking(self, form: Locator) -> None:
        """Send a form that asks first, and say yes."""
        form.get_by_role("button").click()
        expect(form.get_by_role("button")).to_have_text("はい、実行する")
        self.send(form)

    @property
    def property_rows(self) -> Locator:
        """The button of the dialog that changes what the property is; an administrator's desk alone has it."""
        return self.page.get_by_role("button", name="施設設定")

    def open_property(self) -> None:
        """Open the dialog that changes what the property is."""
        self.property_rows.click()
        expect(self.dialog).to_be_visible()

    @property
    def staff(self) -> Locator:
        """The choice of who acts."""
        return self.page.get_by_role("banner").get_by_label("担当者")

    @property
    def business_day(self) -> Locator:
        """The business date in the header; pressing it opens its dialog."""
        return self.page.get_by_role("banner").get_by_role("button", name=re.compile("^営業日"))

    def open_business_day(self, date: str) -> None:
        """Open the dialog of the business day."""
        self.business_day.click()
        expect(self.dialog.get_by_role("heading", level=2)).to_contain_text(date)

    def close_dialog(self) -> None:
        """Close the dialog without doing anything."""
        self.dialog.get_by_role("button", name="閉じる").click()
        expect(self.dialog).to_be_hidden()

    def set_condition(self, number: str, value: str) -> None:
        """Say of a room how clean it is."""
        self.open_room(number)
        form = self.form("清掃状態")
        form.get_by_label("清掃状態").select_option(label=value)
        self.send(form)

    def note(self, number: str) -> Locator:
        """The text of a room's note, in the room's dialog."""
        self.open_room(number)
        return self.form("メモ").get_by_label("メモ")

    def write_note(self, number: str, text: str) -> None:
        """Replace the text of a room's note by another."""
        self.note(number).fill(text)
        self.send(self.form("メモ"))

    def check_in(self, guest: str, room: str) -> None:
        """Fill the check-in form of an arrival and send it; the answer is the caller's to see."""
        self.open_stay(ARRIVALS, guest)
        form = self.form("チェックイン")
        form.get_by_role("combobox", name="客室").select_option(room)
        form.get_by_role("button").click()

    def settle(self, guest: str, method: str) -> None:
        """Settle the folio of a guest in house."""
        self.open_stay(IN_HOUSE, guest)
        form = self.form("精算")
        form.get_by_label("支払方法").select_option(label=method)
        self.send(form)

    def pull_plugs(self) -> None:
        """Pull both network plugs; the page says that it works offline."""
        for plug in PLUGS:
            self.page.get_by_label(plug).uncheck()
        expect(self.banner).to_contain_text("オフライン作業中")

    def put_plugs_back(self) -> None:
        """Put both network plugs back; the page says that it synchronises."""
        for plug in PLUGS:
            self.page.get_by_label(plug).check()
        expect(self.banner).to_contain_text(re.compile("同期中|同期完了"))

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)

    def _note_error(self, error: Error) -> None:
        self.errors.append(str(error))

    def _note_dialog(self, dialog: Dialog) -> None:
        self.boxes.append(dialog.message)
        dialog.dismiss()
