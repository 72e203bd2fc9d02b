"""What the staff of the growing hotel do in a day: 80 stays begin, as many end, every room is looked after."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge, SettleFolio
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.documents import shift_log, stay_note
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.desk.refusals import Refused
from crdt_pms.hotel.nights import days_after
from simulations.growth.desk import Desk
from simulations.growth.hotel import OPENING_DATE, Size, definition_of

CLERKS: Final = ("suzuki", "takahashi", "ito", "watanabe")
HOUSEKEEPER: Final = "yamamoto"
LEAD_DAYS: Final = 3
"""Guests book at most so many days ahead."""
NIGHTS: Final = (1, 2, 2, 3, 4)
"""2.4 on average: 80 stays a day fill 192 of 250 rooms."""
NOTE_EVERY: Final = 8
CHARGE_EVERY: Final = 4


@dataclass
class Staff:
    """The people, and what they remember: who comes and who leaves on which day, and which rooms are ready."""

    size: Size
    random: Random
    arriving: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    leaving: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    rooms: dict[str, str] = field(default_factory=dict[str, str])
    """The room of each stay in house."""
    nights: dict[str, int] = field(default_factory=dict[str, int])
    ready: deque[str] = field(default_factory=deque[str])
    dirty: list[str] = field(default_factory=list[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    """How often the desk refused something, by code."""
    _stays: int = 0
    """How many stays were asked for."""

    def __post_init__(self) -> None:
        self.dirty.extend(room.number for room in definition_of(self.size).rooms)

    def clerk(self) -> str:
        """The staff id of a clerk."""
        return self.random.choice(CLERKS)

    def do(self, desk: Desk, action: Action, staff: str) -> bool:
        """Ask the desk for something. Returns whether it was done."""
        try:
            desk.act(action, staff)
        except Refused as refused:
            self.refused[refused.code] += 1
            return False
        return True

    def book(self, desk: Desk, day: int) -> None:
        """Take the reservations of a day."""
        for number in range(self.size.stays_a_day):
            stay, arrival = f"stay-{self._stays}", day + number % (LEAD_DAYS + 1)
            self._stays += 1
            nights = self.random.choice(NIGHTS)
            action = CreateStay(
                arrival=days_after(OPENING_DATE, arrival), nights=nights, room_type="A", rate_minor=12_000, adults=2,
                source="phone", stay=stay, guest_name=f"客 {stay}", guest_contact="+81 3 0000 0000",
                guest_address="東京都千代田区1-1",
            )  # fmt: skip
            if self.do(desk, action, self.clerk()):
                self.nights[stay] = nights
                self.arriving.setdefault(arrival, []).append(stay)

    def receive(self, desk: Desk, day: int) -> None:
        """Check the arrivals of a day in, as far as rooms are ready."""
        for number, stay in enumerate(self.arriving.pop(day, [])):
            nights = self.nights.pop(stay)
            if not self.ready:
                continue
            room = self.ready[0]
            if self.do(desk, CheckIn(stay, room), self.clerk()):
                self.ready.popleft()
                self.rooms[stay] = room
                self.leaving.setdefault(day + nights, []).append(stay)
                if number % NOTE_EVERY == 0:
                    self.do(desk, EditNote(stay_note(stay), "", "枕を追加\n"), self.clerk())

    def charge(self, desk: Desk, day: int) -> None:
        """Post what guests consumed who leave tomorrow."""
        for stay in self.leaving.get(day + 1, [])[::CHARGE_EVERY]:
            self.do(desk, PostCharge(stay, "restaurant", 4_800), self.clerk())

    def see_off(self, desk: Desk, day: int) -> None:
        """Take the money of those who leave, and check them out."""
        for stay in self.leaving.pop(day, []):
            self.check_out(desk, stay)

    def check_out(self, desk: Desk, stay: str) -> None:
        """Settle a stay's folio and check it out."""
        if (balance := balance_of(desk, stay)) > 0:
            settle = SettleFolio(stay, "card", f"settle-{stay}", seen_balance_minor=balance)
            self.do(desk, settle, self.clerk())
        rest = balance_of(desk, stay)
        note = "後日精算" if rest else ""
        self.do(desk, CheckOut(stay, manager_note=note, seen_balance_minor=rest), self.clerk())
        self.dirty.append(self.rooms.pop(stay))

    def look_after(self, desk: Desk, day: int) -> None:
        """Clean some rooms of guests who stay."""
        for stay in self.leaving.get(day + 1, [])[::CHARGE_EVERY]:
            self.do(desk, SetRoomCondition(self.rooms[stay], "guest_service", "make_up_room"), HOUSEKEEPER)

    def clean(self, desk: Desk) -> None:
        """Clean the rooms that guests left."""
        for room in self.dirty:
            self.do(desk, SetRoomCondition(room, "hk_condition", "clean"), HOUSEKEEPER)
        self.ready.extend(self.dirty)
        self.dirty.clear()

    def audit(self, desk: Desk, day: int) -> None:
        """Write the shift log and close the business day."""
        today = days_after(OPENING_DATE, day)
        self.do(desk, EditNote(shift_log(today), "", "異常なし\n"), self.clerk())
        self.do(desk, RunNightAudit(today), self.clerk())


def balance_of(desk: Desk, stay: str) -> int:
    """What a screen shows that a guest owes."""
    view = desk.view
    return balance_by_now(view, view.require_stay(stay))
