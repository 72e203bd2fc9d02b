"""What staff do at a desk when an event of the schedule comes up: look at the screen, act, take a refusal for an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any, Final

import httpx

from simulations.processes.cluster import TerminalProcess
from simulations.processes.hotel_driver import UNANSWERED, HotelDriver, Refusal
from simulations.processes.replay.schedule import Event, Kind

ATTEMPTS_MAX: Final = 6
CHARGES: Final = (("minibar", 600), ("restaurant", 4_800), ("breakfast", 2_200), ("laundry", 1_500), ("parking", 1_000))
METHODS: Final = ("cash", "card", "electronic_money", "code_payment")
NOT_READY: Final = "room_not_ready"
_ROOM_REFUSALS: Final = frozenset({"room_held", "room_occupied", "room_out_of_order", "room_needed", "same_room"})

Board = list[dict[str, Any]]


class DeskWork:
    """The staff of all desks."""

    def __init__(self, driver: HotelDriver, desks: list[TerminalProcess], random: Random) -> None:
        self._driver = driver
        self._desks = desks
        self._random = random
        self.deferred: list[Event] = []
        self.given_up: Counter[str] = Counter()
        self.overtaken: Counter[str] = Counter()
        """Events whose stay had gone another way by then, such as a check-in of a guest moved to another day."""

    async def do(self, event: Event) -> None:
        """Do what an event asks for; what this desk cannot do now is handed to the next desk an hour later."""
        assert event.desk is not None, "an event of a desk"
        try:
            refusal = await self._do(self._desks[event.desk], event.desk, event)
        except httpx.TransportError as error:
            refusal = Refusal(UNANSWERED, str(error))
        if refusal is not None:
            self._defer(event, refusal)

    async def _do(self, desk: TerminalProcess, number: int, event: Event) -> Refusal | None:
        match event.kind:
            case Kind.HOUSEKEEPING:
                await self._housekeeping(desk, number)
                return None
            case Kind.SHIFT_LOG:
                await self._shift_log(desk, event.hour)
                return None
            case _:
                return await self._at_stay(desk, event)

    def defer_all(self, events: Iterable[Event]) -> None:
        """Give up what was still to be done when the replay ends."""
        for event in events:
            self.given_up[f"{event.kind}: end of the replay"] += 1

    def _defer(self, event: Event, refusal: Refusal) -> None:
        if event.attempts + 1 >= ATTEMPTS_MAX:
            self.given_up[f"{event.kind}: {refusal.code}"] += 1
            return
        assert event.desk is not None, "an event of a desk"
        self.deferred.append(replace(event, desk=(event.desk + 1) % len(self._desks), attempts=event.attempts + 1))

    async def _at_stay(self, desk: TerminalProcess, event: Event) -> Refusal | None:
        assert event.booking is not None, "an event of a stay"
        stay = event.booking.booking_id
        line = await self._driver.line(desk, stay)
        if line is None:
            return Refusal("stay_unknown", "the booking has not reached this desk")
        expected = ("reserved",) if event.kind in (Kind.ASSIGN, Kind.CHECK_IN) else ("in_house",)
        if line["status"] not in expected:
            if event.kind is Kind.CHECK_OUT and line["status"] == "reserved":
                return Refusal("not_in_house", "the check-in has not reached this desk")
            self.overtaken[f"{event.kind}: {line['status']}"] += 1
            return None
        match event.kind:
            case Kind.ASSIGN:
                return await self._give_room(desk, line, "assign_room", event.booking.room_type_assigned)
            case Kind.CHECK_IN:
                return await self._check_in(desk, line, event.booking.room_type_assigned)
            case Kind.CHECK_OUT:
                return await self._check_out(desk, line, event)
            case Kind.MOVE:
                return await self._give_room(
                    desk, line, "move_room", event.booking.room_type_assigned, reason="お客様のご希望"
                )
            case Kind.CHARGE:
                return await self._charge(desk, line, event)
            case Kind.DEPOSIT:
                return await self._deposit(desk, line, event)
            case _:
                return await self._note(desk, line, event)

    async def _check_in(self, desk: TerminalProcess, line: dict[str, Any], room_type: str) -> Refusal | None:
        if line["room"] is None or line["room_shown"] is None:
            return await self._give_room(desk, line, "check_in", room_type)
        refusal = await self._try_room(desk, line, "check_in", line["room"], {})
        if refusal is not None and refusal.code in _ROOM_REFUSALS:
            return await self._give_room(desk, line, "check_in", room_type)
        return refusal

    async def _give_room(
        self, desk: TerminalProcess, line: dict[str, Any], action: str, room_type: str, **fields: object
    ) -> Refusal | None:
        """Try free rooms, those of the type first, until one is taken."""
        board: Board = await self._driver.read(desk, "board")
        refusal: Refusal | None = Refusal("no_free_room", "no free room is on the board")
        for row in self._free_rooms(board, room_type)[:8]:
            refusal = await self._try_room(desk, line, action, row["room"], fields)
            if refusal is None or refusal.code not in _ROOM_REFUSALS:
                return refusal
        return refusal

    async def _try_room(
        self, desk: TerminalProcess, line: dict[str, Any], action: str, room: str, fields: dict[str, object]
    ) -> Refusal | None:
        asked: dict[str, object] = {"stay": line["stay"], "room": room, "revision": line["revision"], **fields}
        answer = await self._driver.act(desk, action, self._clerk(), **asked)
        if isinstance(answer, Refusal) and answer.code == NOT_READY:
            answer = await self._driver.act(desk, action, "sato", **asked, override_reason="満室のため清掃中にご案内")
        return answer if isinstance(answer, Refusal) else None

    def _free_rooms(self, board: Board, room_type: str) -> Board:
        free = [
            row
            for row in board
            if row["fo_occupancy"] == "vacant" and row["maintenance"] == "none" and row["hk_reservation"] != "arrival"
        ]
        self._random.shuffle(free)
        ready = {"inspected": 0, "clean": 1}
        return sorted(free, key=lambda row: (row["room_type"] != room_type, ready.get(row["hk_condition"], 2)))

    async def _check_out(self, desk: TerminalProcess, line: dict[str, Any], event: Event) -> Refusal | None:
        stay, balance = line["stay"], line["balance_minor"]
        if balance > 0:
            settled = await self._driver.act(
                desk, "settle_folio", self._clerk(), stay=stay, method=self._random.choice(METHODS),
                idempotency_key=f"settle-{stay}-{event.attempts}", seen_balance_minor=balance,
            )  # fmt: skip
            if isinstance(settled, Refusal):
                return settled
        answer = await self._driver.act(desk, "check_out", self._clerk(), stay=stay)
        if isinstance(answer, Refusal) and answer.code == "balance_open":
            balance = (await self._driver.read(desk, f"stays/{stay}"))["line"]["balance_minor"]
            answer = await self._driver.act(
                desk, "check_out", "sato", stay=stay, manager_note="後日精算", seen_balance_minor=balance
            )
        return answer if isinstance(answer, Refusal) else None

    async def _charge(self, desk: TerminalProcess, line: dict[str, Any], event: Event) -> Refusal | None:
        code, amount_minor = self._random.choice(CHARGES)
        answer = await self._driver.act(
            desk, "post_charge", self._clerk(), stay=line["stay"], code=code, amount_minor=amount_minor,
            idempotency_key=f"charge-{line['stay']}-{event.number}",
        )  # fmt: skip
        return answer if isinstance(answer, Refusal) else None

    async def _deposit(self, desk: TerminalProcess, line: dict[str, Any], event: Event) -> Refusal | None:
        answer = await self._driver.act(
            desk, "post_payment", self._clerk(), stay=line["stay"], amount_minor=5_000, method=self._random.choice(METHODS),
            idempotency_key=f"deposit-{line['stay']}-{event.number}", seen_balance_minor=line["balance_minor"], deposit=True,
        )  # fmt: skip
        return answer if isinstance(answer, Refusal) else None

    async def _note(self, desk: TerminalProcess, line: dict[str, Any], event: Event) -> Refusal | None:
        document = f"note/stay/{line['stay']}"
        text: str = (await self._driver.read(desk, f"notes/{document}"))["text"]
        answer = await self._driver.act(
            desk,
            "edit_note",
            self._clerk(),
            document=document,
            base_text=text,
            new_text=f"{text}枕を追加({event.number})\n",
        )
        return answer if isinstance(answer, Refusal) else None

    async def _housekeeping(self, desk: TerminalProcess, number: int) -> None:
        """Go through this desk's share of the rooms: clean what is empty and dirty, make up a third of what is occupied."""
        board: Board = await self._driver.read(desk, "board")
        for index, row in enumerate(board):
            if index % len(self._desks) != number or row["maintenance"] != "none":
                continue
            if row["fo_occupancy"] == "vacant":
                steps = {"dirty": ("clean", "inspected"), "pickup": ("clean", "inspected"), "clean": ("inspected",)}
                for value in steps.get(row["hk_condition"], ()):
                    await self._set_condition(desk, row["room"], value)
            elif self._random.random() < 1 / 3:
                await self._set_condition(desk, row["room"], "dirty")
                await self._set_condition(desk, row["room"], "clean")

    async def _set_condition(self, desk: TerminalProcess, room: str, value: str) -> None:
        await self._driver.act(desk, "set_room_condition", "yamamoto", room=room, field="hk_condition", value=value)

    async def _shift_log(self, desk: TerminalProcess, hour: int) -> None:
        document = (await self._driver.read(desk, "property"))["shift_log"]
        text: str = (await self._driver.read(desk, f"notes/{document}"))["text"]
        await self._driver.act(
            desk,
            "edit_note",
            self._clerk(),
            document=document,
            base_text=text,
            new_text=f"{text}{hour}時 {desk.name} 異常なし\n",
        )

    def _clerk(self) -> str:
        return self._random.choice(("suzuki", "takahashi", "ito", "watanabe"))
