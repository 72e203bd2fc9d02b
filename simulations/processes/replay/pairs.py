"""One thing done at two places while they are cut apart, and whether everybody learned of it afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any, Final

from simulations.checkers.witnessed import Scheduled
from simulations.processes.cluster import Cluster, TerminalProcess
from simulations.processes.hotel_driver import HotelDriver, Refusal
from simulations.processes.replay.network import Network
from simulations.processes.replay.schedule import Pair

DETECT_SECONDS_MAX: Final = 30.0


@dataclass(frozen=True, slots=True)
class Provoked:
    """What was provoked: matters of which one must show, the rows that it must name, and how it was settled."""

    matters: tuple[str, ...]
    about: tuple[str, ...]
    settled: str
    leaves_a_row: bool = True
    """Whether the readable conflict table must still tell of it at the end of the run. An alert ends with its facts, and a
    board value that everybody has seen overwritten is history."""


class NoCandidate(Exception):
    """Nobody and nothing in the hotel fits this pair now."""


class Pairs:
    """Provokes pairs. Every desk and the relay agree before, and the network is whole again after."""

    def __init__(self, cluster: Cluster, driver: HotelDriver, network: Network, random: Random) -> None:
        self._cluster = cluster
        self._driver = driver
        self._network = network
        self._random = random
        self._number = 0
        self.provoked: Counter[Pair] = Counter()
        self.without_candidate: Counter[Pair] = Counter()
        self.settled: Counter[str] = Counter()
        self.missed: list[str] = []
        self.scheduled: list[Scheduled] = []
        self.propagation_seconds: list[float] = []

    async def provoke(self, pair: Pair) -> None:
        """Do it, heal the network, and wait until it shows."""
        here, there = self._random.sample(self._cluster.terminals, 2)
        self._number += 1
        async with self._network.whole():
            try:
                provoked = await self._procedures[pair](here, there)
            except NoCandidate:
                self.without_candidate[pair] += 1
                return
            self.provoked[pair] += 1
            began = monotonic()
            try:
                await self._cluster.until(
                    lambda: self._shows(here, provoked), DETECT_SECONDS_MAX, f"{pair} is detected"
                )
                await self._cluster.until(
                    lambda: self._shows(there, provoked), DETECT_SECONDS_MAX, f"{pair} is detected"
                )
            except TimeoutError:
                self.missed.append(
                    f"{pair}: {' or '.join(provoked.matters)} about {', '.join(provoked.about)} never showed"
                )
                return
            self.propagation_seconds.append(monotonic() - began)
            self.settled[f"{pair}: {provoked.settled}"] += 1
            if provoked.leaves_a_row:
                self.scheduled.append(Scheduled(pair, provoked.matters, provoked.about))

    @property
    def _procedures(self) -> Mapping[Pair, Callable[[TerminalProcess, TerminalProcess], Awaitable[Provoked]]]:
        return {
            Pair.TERMS_AMENDED_TWICE: self._terms_amended_twice,
            Pair.ROOM_GIVEN_TWICE: self._room_given_twice,
            Pair.FOLIO_SETTLED_TWICE: self._folio_settled_twice,
            Pair.ROOM_CLEAN_AND_DIRTY: self._room_clean_and_dirty,
            Pair.NOTE_EDITED_TWICE: self._note_edited_twice,
            Pair.CANCELLED_WHILE_CHECKING_IN: self._cancelled_while_checking_in,
        }

    async def _terms_amended_twice(self, here: TerminalProcess, there: TerminalProcess) -> Provoked:
        stay = self._one_of(await self._driver.read(here, "in-house"))["stay"]
        async with self._network.apart(there):
            await self._must(here, "amend_terms", stay=stay, rate_minor=9_000 + self._number, reason="料金の見直し")
            await self._must(there, "amend_terms", stay=stay, rate_minor=8_000 - self._number, reason="連泊割引")
        return Provoked(("conflict_terms",), (stay,), "by policy, the newer one")

    async def _room_given_twice(self, here: TerminalProcess, there: TerminalProcess) -> Provoked:
        arrivals = [
            line
            for line in await self._driver.read(here, "arrivals")
            if line["room"] is None and line["due"] == "due_in"
        ]
        room = self._one_of(await self._free_rooms(here))["room"]
        if len(arrivals) < 2:
            raise NoCandidate
        first, second = (line["stay"] for line in self._random.sample(arrivals, 2))
        override = "満室のため清掃中にご案内"
        async with self._network.apart(there):
            await self._must(here, "check_in", stay=first, room=room, override_reason=override)
            await self._must(there, "check_in", stay=second, room=room, override_reason=override)
        return Provoked(
            ("alert_room_double_booked",), (first, second, room), "the manager moves one guest", leaves_a_row=False
        )

    async def _folio_settled_twice(self, here: TerminalProcess, there: TerminalProcess) -> Provoked:
        line = self._one_of(await self._driver.read(here, "in-house"))
        stay = line["stay"]
        await self._must(here, "post_charge", stay=stay, code="restaurant", amount_minor=30_000)
        await self._network.measure_recovery()
        balance: int = (await self._driver.read(here, f"stays/{stay}"))["line"]["balance_minor"]
        settled: dict[str, object] = {"stay": stay, "seen_balance_minor": balance}
        async with self._network.apart(there):
            await self._must(here, "settle_folio", **settled, method="cash", idempotency_key=f"here-{self._number}")
            await self._must(there, "settle_folio", **settled, method="card", idempotency_key=f"there-{self._number}")
        return Provoked(("conflict_settlement",), (line["folio"],), "the manager chooses one and refunds the other")

    async def _room_clean_and_dirty(self, here: TerminalProcess, there: TerminalProcess) -> Provoked:
        room = self._one_of(await self._free_rooms(here))["room"]
        condition = {"room": room, "field": "hk_condition"}
        await self._must(here, "set_room_condition", **condition, value="dirty")
        await self._network.measure_recovery()
        async with self._network.apart(there):
            await self._must(here, "set_room_condition", **condition, value="clean")
            await self._must(there, "set_room_condition", **condition, value="dirty")
        return Provoked(("conflict_room_status",), (room,), "by policy, the newer one", leaves_a_row=False)

    async def _note_edited_twice(self, here: TerminalProcess, there: TerminalProcess) -> Provoked:
        room = self._one_of(await self._driver.read(here, "board"))["room"]
        document = f"note/room/{room}"
        base: str = (await self._driver.read(here, f"notes/{document}"))["text"]
        above, below = f"上{self._number}: 加湿器を設置\n", f"下{self._number}: 電球を交換\n"
        async with self._network.apart(there):
            await self._must(here, "edit_note", document=document, base_text=base, new_text=above + base)
            await self._must(there, "edit_note", document=document, base_text=base, new_text=base + below)
        return Provoked((document,), (above, below), "merged, both remain", leaves_a_row=False)

    async def _cancelled_while_checking_in(self, here: TerminalProcess, there: TerminalProcess) -> Provoked:
        arrivals = [line for line in await self._driver.read(here, "arrivals") if line["due"] == "due_in"]
        line, room = self._one_of(arrivals), self._one_of(await self._free_rooms(there))["room"]
        stay = line["stay"]
        async with self._network.apart(there):
            answer = await self._driver.cancel(stay)
            if isinstance(answer, Refusal):
                raise NoCandidate
            await self._must(there, "check_in", stay=stay, room=room, override_reason="予約画面のとおり")
        return Provoked(("conflict_occupancy",), (stay,), "by policy, the guest is in house")

    async def _shows(self, desk: TerminalProcess, provoked: Provoked) -> bool:
        if provoked.matters[0].startswith("note/"):
            text: str = (await self._driver.read(desk, f"notes/{provoked.matters[0]}"))["text"]
            return all(piece in text for piece in provoked.about)
        for path in ("conflicts", "alerts"):
            for line in await self._driver.read(desk, path):
                told = repr(line)
                if line["matter"] in provoked.matters and all(text in told for text in provoked.about):
                    return True
        return False

    async def _free_rooms(self, desk: TerminalProcess) -> list[dict[str, Any]]:
        board: list[dict[str, Any]] = await self._driver.read(desk, "board")
        return [
            row
            for row in board
            if row["fo_occupancy"] == "vacant"
            and row["maintenance"] == "none"
            and row["hk_reservation"] == "not_reserved"
        ]

    async def _must(self, desk: TerminalProcess, action: str, /, **fields: object) -> None:
        """Act where both desks were just seen to agree. A refusal means that this candidate does not fit after all."""
        answer = await self._driver.act(desk, action, "sato", **fields)
        if isinstance(answer, Refusal):
            raise NoCandidate(f"{action}: {answer.words}")

    def _one_of(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        if not lines:
            raise NoCandidate
        return self._random.choice(lines)
