"""Everybody who works in the hotel: reads a screen, does what a task asks for, takes no for an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from simulations.checkers.contents import RELAY
from simulations.processes.chaos.answers import Asking, NotDone
from simulations.processes.chaos.schedule import Task, Work
from simulations.processes.chaos.witness import Witness
from simulations.processes.cluster import Cluster, RelayProcess, TerminalProcess

CLERKS: Final = ("suzuki", "takahashi", "ito", "watanabe")
MANAGER: Final = "sato"
METHODS: Final = ("cash", "card", "electronic_money")
CHARGES: Final = (("minibar", 600), ("restaurant", 4_800), ("laundry", 1_500))
STEPS: Final = {
    "dirty": ("clean", "pickup"), "pickup": ("clean", "dirty"), "clean": ("inspected", "dirty"),
    "inspected": ("dirty", "pickup"),
}  # fmt: skip
"""What housekeeping may say of a room next."""
OVERRIDE: Final = "満室のため清掃中にご案内"
BOOKED_MAX: Final = 200

_CARD: Final = {"contact": "090-0000-0003", "address": "横浜市"}

Line = dict[str, Any]


class NothingToDo(Exception):
    """Nobody and nothing on the screen fits the task."""


@dataclass(frozen=True, slots=True)
class _Repeat:
    """What was asked with a key and not answered: asked again, it happens once."""

    action: str
    fields: Mapping[str, object]


class Staff:
    """Staff of all desks, and the booking engine."""

    def __init__(self, cluster: Cluster, asking: Asking, witness: Witness) -> None:
        self._cluster = cluster
        self._asking = asking
        self._witness = witness
        self._repeats: list[_Repeat] = []
        self._booked: list[str] = []
        self._business_date = cluster.definition.opening_date
        types = sorted({room.room_type for room in cluster.definition.rooms})
        self._room_types = types

    async def do(self, task: Task) -> None:
        """Do what a task asks for, as far as it goes; the witness hears what came of it."""
        try:
            if task.desk is None:
                await self._originate(task)
            else:
                await self._procedures[task.work](self._cluster.terminals[task.desk], task)
        except NotDone as trouble:
            self._witness.not_done[f"{task.work}: {trouble.why}"] += 1
        except NothingToDo:
            self._witness.not_done[f"{task.work}: nothing to do"] += 1

    async def book_at(self, relay: int, number: int) -> None:
        """Book at that relay process, under a number that no other task has."""
        await self.do(Task(0, Work.BOOK, None, relay, number))

    async def committed_through(self, relay: str) -> int:
        """How far a relay process knows the committed order. Raises NotDone."""
        api = next(one.api for one in self._cluster.relays if one.name == relay)
        return (await self._asking.ask(relay, "GET", f"{api}/status")).json()["committed_through"]

    async def look(self, desk: TerminalProcess) -> None:
        """Read how a desk stands. Raises NotDone."""
        self._witness.looked(desk.name, await self._read(desk, "sync?vector=true"))

    @property
    def _procedures(self) -> Mapping[Work, Callable[[TerminalProcess, Task], Awaitable[None]]]:
        return {
            Work.RESERVE: self._reserve,
            Work.WALK_IN: self._walk_in,
            Work.ASSIGN: self._assign,
            Work.CHECK_IN: self._check_in,
            Work.MOVE: self._move,
            Work.AMEND: self._amend,
            Work.CANCEL: self._cancel,
            Work.CHARGE: self._charge,
            Work.PAY: self._pay,
            Work.CHECK_OUT: self._check_out,
            Work.CONDITION: self._condition,
            Work.NOTE: self._note,
            Work.RESOLVE: self._resolve,
        }

    # Arrivals

    async def _reserve(self, desk: TerminalProcess, task: Task) -> None:
        await self._act(
            desk, "create_stay", task, stay=f"reserved-{task.number}", guest_name=f"客 {task.number}",
            guest_contact="090-0000-0002", guest_address="藤沢市", arrival=self._business_date,
            nights=1 + task.pick % 3, room_type=self._room_type(task), rate_minor=9_000, adults=1, source="direct",
        )  # fmt: skip

    async def _walk_in(self, desk: TerminalProcess, task: Task) -> None:
        room = await self._free_room(desk, task)
        await self._act(
            desk, "walk_in", task, room=room, nights=1 + task.pick % 3, rate_minor=9_500, adults=1,
            stay=f"walked-in-{task.number}", guest_name=f"客 {task.number}", guest_contact="090-0000-0001",
            guest_address="鎌倉市", override_reason=OVERRIDE,
        )  # fmt: skip

    async def _assign(self, desk: TerminalProcess, task: Task) -> None:
        stay = self._one(await self._read(desk, "arrivals"), "stay", task)["stay"]
        await self._act(desk, "assign_room", task, stay=stay, room=await self._free_room(desk, task))

    async def _check_in(self, desk: TerminalProcess, task: Task) -> None:
        """Of a pair every other one is two guests for one room instead of one guest at two desks."""
        arrivals = await self._read(desk, "arrivals")
        line = self._one(arrivals, "stay", task, salt=f"{task.number}" if task.pick % 2 else "")
        await self._act(
            desk, "check_in", task, stay=line["stay"], room=await self._free_room(desk, task), override_reason=OVERRIDE
        )

    async def _amend(self, desk: TerminalProcess, task: Task) -> None:
        lines = [*await self._read(desk, "in-house"), *await self._read(desk, "arrivals")]
        stay = self._one(lines, "stay", task)["stay"]
        await self._act(
            desk, "amend_terms", task, stay=stay, rate_minor=8_000 + task.number % 1_000, reason="料金の見直し"
        )

    async def _cancel(self, desk: TerminalProcess, task: Task) -> None:
        stay = self._one(await self._read(desk, "arrivals"), "stay", task)["stay"]
        await self._act(desk, "cancel_stay", task, stay=stay, reason="お客様都合")

    # In house

    async def _move(self, desk: TerminalProcess, task: Task) -> None:
        stay = await self._in_house(desk, task)
        room = await self._free_room(desk, task, salt=str(task.number))
        await self._act(
            desk, "move_room", task, stay=stay, room=room, reason="お客様のご希望", override_reason=OVERRIDE
        )

    async def _charge(self, desk: TerminalProcess, task: Task) -> None:
        code, amount_minor = CHARGES[task.pick % len(CHARGES)]
        await self._keyed(
            desk, "post_charge", task, stay=await self._in_house(desk, task), code=code, amount_minor=amount_minor,
            idempotency_key=f"charge-{task.number}",
        )  # fmt: skip

    async def _pay(self, desk: TerminalProcess, task: Task) -> None:
        if self._repeats:
            repeat = self._repeats.pop(0)
            await self._keyed(desk, repeat.action, task, **repeat.fields)
            return
        stay = await self._in_house(desk, task)
        balance: int = (await self._read(desk, f"stays/{stay}"))["line"]["balance_minor"]
        await self._keyed(
            desk, "post_payment", task, stay=stay, amount_minor=1_000 + task.pick % 9_000,
            method=METHODS[task.number % len(METHODS)], idempotency_key=f"pay-{task.number}", seen_balance_minor=balance,
            deposit=True,
        )  # fmt: skip

    async def _check_out(self, desk: TerminalProcess, task: Task) -> None:
        stay = await self._in_house(desk, task)
        balance: int = (await self._read(desk, f"stays/{stay}"))["line"]["balance_minor"]
        if balance > 0:
            await self._act(
                desk, "settle_folio", task, stay=stay, method=METHODS[task.number % len(METHODS)],
                idempotency_key=f"settle-{task.number}", seen_balance_minor=balance,
            )  # fmt: skip
        await self._act(
            desk, "check_out", task, MANAGER, stay=stay, manager_note="後日精算", seen_balance_minor=min(balance, 0)
        )

    # Rooms, notes and conflicts

    async def _condition(self, desk: TerminalProcess, task: Task) -> None:
        row = self._one(await self._read(desk, "board"), "room", task)
        value = STEPS[row["hk_condition"]][task.number % 2]
        await self._act(
            desk, "set_room_condition", task, "yamamoto", room=row["room"], field="hk_condition", value=value
        )

    async def _note(self, desk: TerminalProcess, task: Task) -> None:
        document = f"note/room/{self._one(await self._read(desk, 'board'), 'room', task)['room']}"
        text: str = (await self._read(desk, f"notes/{document}"))["text"]
        line = f"{task.number}: 加湿器を設置\n"
        new_text = line + text[:400] if task.number % 2 else text[-400:] + line
        await self._act(desk, "edit_note", task, document=document, base_text=text, new_text=new_text)

    async def _resolve(self, desk: TerminalProcess, task: Task) -> None:
        standing = [line for line in await self._read(desk, "conflicts") if line["state"] == "open"]
        conflict = self._one(standing, "identity", task)
        chosen = conflict["options"][task.number % len(conflict["options"])]["dot"]
        await self._act(
            desk, "resolve", task, MANAGER, group=conflict["group"], row=conflict["row"], chosen=chosen,
            reason="確認のうえ採用",
        )  # fmt: skip

    # The booking engine

    async def _originate(self, task: Task) -> None:
        """At one relay process; a booking that is changed is read at another one."""
        relays = self._cluster.relays
        here, there = relays[task.pick % len(relays)], relays[(task.pick + task.number // 2) % len(relays)]
        if task.work is Work.BOOK or not self._booked:
            stay = f"booked-{task.number}"
            terms = {
                "arrival": self._business_date, "nights": 1 + task.pick % 3, "room_type": self._room_type(task),
                "rate_minor": 8_500, "adults": 1, "source": "booking-engine",
            }  # fmt: skip
            body = {"stay": stay, "guest": {"name": f"予約 {task.number}", **_CARD}, "terms": terms}
            await self._origin(here, "POST", "", "book", stay, body)
            self._booked = [*self._booked, stay][-BOOKED_MAX:]
            return
        stay = self._booked[task.pick % len(self._booked)]
        etag = (await self._ask_relay(there, "GET", f"/{stay}")).headers["ETag"]
        key = f"{task.work}-{task.number}"
        if task.work is Work.AMEND_BOOKING:
            change = {"terms": {"rate_minor": 7_000 + task.number % 1_000}}
            await self._origin(here, "PATCH", f"/{stay}", "amend", key, change, {"If-Match": etag})
        else:
            await self._origin(
                here, "POST", f"/{stay}/cancel", "cancel", key, {"reason": "お客様都合"}, {"If-Match": etag}
            )

    async def _origin(
        self,
        relay: RelayProcess,
        method: str,
        path: str,
        what: str,
        key: str,
        body: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        answer = await self._ask_relay(relay, method, path, body, {"Idempotency-Key": key, **(headers or {})})
        self._witness.acted(RELAY, what, "booking-engine", answer.json()["entries"])

    async def _ask_relay(
        self,
        relay: RelayProcess,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        authorization = {"Authorization": f"Bearer {relay.token}"}
        url = f"{relay.api}/reservations{path}"
        return await self._asking.ask(relay.name, method, url, body, {**authorization, **(headers or {})})

    # At a desk

    async def _keyed(self, desk: TerminalProcess, action: str, task: Task, **fields: object) -> None:
        """Act with an idempotency key; without an answer it is asked again later, maybe at another desk."""
        try:
            await self._act(desk, action, task, None, **fields)
        except NotDone as trouble:
            if trouble.may_be_repeated:
                self._repeats.append(_Repeat(action, fields))
            raise

    async def _act(
        self, desk: TerminalProcess, action: str, task: Task, staff: str | None = None, **fields: object
    ) -> None:
        acting = staff or CLERKS[task.number % len(CLERKS)]
        answer = await self._asking.ask(
            desk.name, "POST", f"{desk.url}/api/actions/{action}", fields, {"X-Staff": acting}
        )
        self._witness.acted(desk.name, action, acting, answer.json()["entries"])

    async def _read(self, desk: TerminalProcess, path: str) -> Any:
        return (await self._asking.ask(desk.name, "GET", f"{desk.url}/api/{path}")).json()

    async def _in_house(self, desk: TerminalProcess, task: Task) -> str:
        return self._one(await self._read(desk, "in-house"), "stay", task)["stay"]

    async def _free_room(self, desk: TerminalProcess, task: Task, salt: str = "") -> str:
        board: list[Line] = await self._read(desk, "board")
        free = [row for row in board if row["fo_occupancy"] == "vacant" and row["maintenance"] == "none"]
        return self._one(free, "room", task, salt)["room"]

    @staticmethod
    def _one(lines: list[Line], key: str, task: Task, salt: str = "") -> Line:
        """The one that a pick chooses: of two screens that differ in other lines the same one."""
        if not lines:
            raise NothingToDo
        return min(lines, key=lambda line: crc32(f"{task.pick}/{salt}/{line[key]}".encode()))

    def _room_type(self, task: Task) -> str:
        return self._room_types[task.pick % len(self._room_types)]
