"""Drives a running hotel through a schedule, hour by hour: the desks at once, the booking engine beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from random import Random
from time import monotonic
from zoneinfo import ZoneInfo

import anyio

from simulations.processes.cluster import Cluster
from simulations.processes.hotel_driver import UNANSWERED, UNAVAILABLE, HotelDriver, Refusal
from simulations.processes.replay.desk_work import DeskWork
from simulations.processes.replay.kills import Killer
from simulations.processes.replay.manager import Manager
from simulations.processes.replay.network import Cuts, Network
from simulations.processes.replay.pairs import Pairs
from simulations.processes.replay.schedule import (
    AUDIT_HOUR,
    HOURS,
    MATTERS_HOURS,
    ORIGIN_KINDS,
    Day,
    Event,
    Kind,
    Schedule,
)
from simulations.workloads.booking import Booking
from simulations.workloads.bookings_read import BookingsRead
from simulations.workloads.property import ZONE

PROPAGATION_SAMPLED_EVERY = 60
ORIGIN_SECONDS_MAX = 60.0
ORIGIN_PAUSE_SECONDS = 0.2
Progress = Callable[[str, int], None]


class Replay:
    """One replay. `progress` hears what goes on and how many events were done."""

    def __init__(
        self,
        cluster: Cluster,
        read: BookingsRead,
        schedule: Schedule,
        seed: int,
        cuts: Cuts,
        killer: Killer,
        progress: Progress,
    ) -> None:
        self._cluster = cluster
        self._read = read
        self._schedule = schedule
        self._progress = progress
        self._random = Random(f"replay/{seed}")
        self.driver = HotelDriver(cluster, seed, hands_clock=True)
        self.network = Network(cluster, cuts, Random(f"network/{seed}"))
        self.work = DeskWork(self.driver, cluster.terminals, Random(f"desks/{seed}"))
        self.pairs = Pairs(cluster, self.driver, self.network, Random(f"pairs/{seed}"))
        self.killer = killer
        self.manager = Manager(self.driver, cluster.terminals[0])
        self.origin_not_taken: Counter[str] = Counter()
        self.events = 0
        self.propagation_seconds: list[float] = []

    async def run(self) -> None:
        """Everything, until all links are healed and everybody agrees."""
        self._enter(self._read.first, 6)
        await self._open_hotel()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.network.flap)
            for number, day in enumerate(self._schedule.days):
                await self._live_day(number, day)
            await self.network.heal_for_good()
            tasks.cancel_scope.cancel("the last day is over")
        self.work.defer_all(self.work.deferred)
        await self.manager.look()
        await self.network.measure_recovery()

    async def _open_hotel(self) -> None:
        free = {room.number: room.room_type for room in self._cluster.definition.rooms}
        guests = [*self._read.in_house_at_start, *self._read.due_out_at_start]
        for number, booking in enumerate(guests):
            room = next((room for room, kind in free.items() if kind == booking.room_type_assigned), next(iter(free)))
            del free[room]
            desk = self._cluster.terminals[number % len(self._cluster.terminals)]
            answer = await self.driver.take_over(desk, booking, room)
            if isinstance(answer, Refusal):
                raise RuntimeError(f"{booking.booking_id} was not taken over: {answer.words}")
            self._step("guests in house", 1)
        async with anyio.create_task_group() as tasks:
            # A booking's own events stay in order.
            lanes: list[list[Event]] = [[] for _ in range(4)]
            for event in self._schedule.before:
                assert event.booking is not None, "an event of the booking engine"
                lanes[sum(event.booking.booking_id.encode()) % len(lanes)].append(event)
            for lane in lanes:
                tasks.start_soon(self._origin_lane, lane, "bookings made before")
        await self.network.measure_recovery()

    async def _live_day(self, number: int, day: Day) -> None:
        pairs = dict(day.pairs)
        for hour in HOURS:
            self._enter(day.date, hour)
            await self.network.enter_hour(number, hour)
            if hour in pairs:
                await self.pairs.provoke(pairs[hour])
            await self._live_hour(day, hour)
            if hour in MATTERS_HOURS and self.network.is_whole:
                await self.manager.look()
        self._enter(day.date, AUDIT_HOUR)
        await self._audit(day.date)

    async def _live_hour(self, day: Day, hour: int) -> None:
        events = day.at(hour)
        again, self.work.deferred = self.work.deferred, []
        by_desk: dict[int, list[Event]] = {}
        for event in [*again, *(event for event in events if event.desk is not None)]:
            assert event.desk is not None, "an event of a desk"
            by_desk.setdefault(event.desk, []).append(event)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.killer.strike, hour)
            tasks.start_soon(
                self._origin_lane, [event for event in events if event.kind in ORIGIN_KINDS], str(day.date)
            )
            for lane in by_desk.values():
                tasks.start_soon(self._desk_lane, lane, str(day.date))

    async def _desk_lane(self, events: list[Event], where: str) -> None:
        for event in events:
            self.driver.now_ms += 1_000
            await self.work.do(event)
            self._step(where, 1)
            if self.events % PROPAGATION_SAMPLED_EVERY == 0 and self.network.is_whole:
                await self._sample_propagation()

    async def _origin_lane(self, events: list[Event], where: str) -> None:
        for event in events:
            assert event.booking is not None, "an event of the booking engine"
            self.driver.now_ms += 1_000
            answer = await self._originate(event, event.booking)
            with anyio.move_on_after(ORIGIN_SECONDS_MAX):
                # The same request with the same key: what happened unheard happens once.
                while isinstance(answer, Refusal) and answer.code in (UNANSWERED, UNAVAILABLE):
                    await anyio.sleep(ORIGIN_PAUSE_SECONDS)
                    answer = await self._originate(event, event.booking)
            if isinstance(answer, Refusal):
                self.origin_not_taken[f"{event.kind}: {answer.code}"] += 1
            self._step(where, 1)

    async def _originate(self, event: Event, booking: Booking) -> object:
        match event.kind:
            case Kind.BOOK:
                return await self.driver.book(booking)
            case Kind.CANCEL:
                return await self.driver.cancel(booking.booking_id)
            case _:
                changed = booking.rate_minor + 100 * (event.number + 1)
                return await self.driver.amend(booking.booking_id, event.number, {"rate_minor": changed})

    async def _audit(self, on: date) -> None:
        """The night audit at the first desk that is not alone; a desk that is alone runs its own, as it would have to."""
        alone = self.network.alone()
        desks = [desk for desk in self._cluster.terminals if desk is not alone][:1]
        for desk in [*desks, *([alone] if alone is not None else [])]:
            answer = await self.driver.act(desk, "run_night_audit", "sato", business_date=on.isoformat())
            if isinstance(answer, Refusal) and answer.code != "audit_not_due":
                raise RuntimeError(f"{desk.name} refused the night audit of {on}: {answer.words}")
        self._step(f"{on} night audit", 0)

    async def _sample_propagation(self) -> None:
        """How long until a change at one desk is on the screens of all others."""
        here, *others = self._random.sample(self._cluster.terminals, len(self._cluster.terminals))
        room = self._random.choice(self._cluster.definition.rooms.rooms).number
        answer = await self.driver.act(
            here,
            "set_room_condition",
            "yamamoto",
            room=room,
            field="hk_occupancy",
            value=self._random.choice(("vacant", "occupied")),
        )
        if isinstance(answer, Refusal):
            return
        began = monotonic()
        journal, seq = answer["entries"][-1]

        async def shown() -> bool:
            syncs = [await self.driver.read(desk, "sync?vector=true") for desk in others]
            return all(sync["vector"].get(journal, 0) >= seq for sync in syncs)

        await self._cluster.until(shown, 30, "a change is on all screens")
        self.propagation_seconds.append(monotonic() - began)

    def _enter(self, on: date, hour: int) -> None:
        local = datetime.combine(on, time(hour), ZoneInfo(ZONE))
        # Lanes advance the clock a second for each event; hours are entered no earlier than that.
        self.driver.now_ms = max(self.driver.now_ms, int(local.astimezone(UTC).timestamp() * 1000))

    def _step(self, where: str, events: int) -> None:
        self.events += events
        self._progress(where, events)
