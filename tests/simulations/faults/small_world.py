"""A world small enough to be told in a test: two or three desks, a relay if it is wanted, and time that the test lets pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.view import DeskView
from simulations.campaign.worlds import memory_folder
from simulations.faults.knobs import apply
from simulations.scenarios.props import booked
from simulations.world.hotel import Hotel
from simulations.world.network import Line
from simulations.world.plan import MINUTE_MS, SECOND_MS, START_MS, Fault, Property, Work, WorkKind, WorldPlan
from simulations.world.relay import Relay
from simulations.world.sharing import shared_work
from simulations.world.terminal import Terminal
from simulations.world.trace import Trace
from simulations.world.world import World

LAN_MS = 2
LINE_MS = 20
SETTLED_MS = 10 * SECOND_MS
"""Long enough for all links to be made and everything to arrive, to be committed and to be projected."""
WORK_EVERY_MS = 2 * SECOND_MS
CLERK = "suzuki"


def small_plan(
    terminals: int = 2,
    *,
    has_relay: bool = True,
    mesh: tuple[tuple[int, int], ...] | None = None,
    work: int = 0,
    faults: Sequence[Fault] = (),
    is_encrypted: bool = False,
    core: tuple[int, ...] | None = None,
    seed: int = 1,
) -> WorldPlan:
    """A world in which desks reach each other and the relay; `work` pieces of work begin after a minute, one every 2 s."""
    numbers = range(1, terminals + 1)
    return WorldPlan(
        seed=seed,
        property=Property("city", 12, bookings_seed=0, day_ms=MINUTE_MS),
        terminals=terminals,
        has_relay=has_relay,
        mesh=tuple((one, other) for one in numbers for other in numbers if one < other) if mesh is None else mesh,
        latency_ms=(LAN_MS, LINE_MS),
        duration_ms=2 * MINUTE_MS + work * WORK_EVERY_MS,
        work=tuple(
            Work(MINUTE_MS + place * WORK_EVERY_MS, 1 + place % terminals, WorkKind.STAFF, place)
            for place in range(work)
        ),
        faults=tuple(sorted(faults)),
        mix_seed=0,
        skews_ms=(0,) * (terminals + 1),
        is_encrypted=is_encrypted,
        core=tuple(range(0 if has_relay else 1, terminals + 1)) if core is None else core,
    )


class SmallWorld:
    """A running world and the hands of the test in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(1)

    def desk(self, number: int) -> Terminal:
        machine = self.world.machines[number]
        assert isinstance(machine, Terminal)
        return machine

    @property
    def relay(self) -> Relay:
        assert self.world.relay is not None
        return self.world.relay

    @property
    def everybody(self) -> list[int]:
        return list(self.world.machines)

    def line(self, one: int, other: int) -> Line:
        return self.world.network.lines[one, other]

    def pass_ms(self, milliseconds: int = SETTLED_MS) -> None:
        self.world.time.run(self.world.time.now_ms + milliseconds)

    def do(self, number: int, action: Action) -> None:
        """Somebody does that at a desk."""

        def choose(view: DeskView, now_ms: int, terminal: Terminal) -> Action:
            return action

        self.desk(number).act(choose, CLERK)

    def book(self, number: int, times: int = 1) -> list[str]:
        """Somebody takes that many reservations at a desk. Returns the stays."""
        stays = [f"stay-{next(self._numbers)}" for _ in range(times)]
        for stay in stays:
            self.do(number, booked(stay, "Naoko Hayashi"))
        return stays

    def stays(self, number: int) -> set[str]:
        """The stays that a desk, or the relay (0), shows."""
        machine = self.world.machines[number]
        view = (
            machine.node.replica.view()
            if isinstance(machine, Terminal)
            else self.relay.process.projecting.projection.view()
        )
        return {stay.stay_id for stay in view.stays()}

    def suffer(self, kind: str, *nodes: int, lasts_ms: int = 0, amount: int = 0, seed: int = 0) -> None:
        """A fault begins now."""
        now_ms = self.world.time.now_ms - START_MS
        apply(self.world, Fault(now_ms, now_ms + lasts_ms, kind, nodes, amount, seed))

    def agree(self) -> bool:
        return self.world.agree(self.everybody)


@contextmanager
def small_world(plan: WorldPlan | None = None, trace: Trace | None = None) -> Iterator[SmallWorld]:
    """A world whose machines run and are linked; nothing of its plan happens by itself."""
    plan = plan or small_plan()
    with TemporaryDirectory(dir=memory_folder()) as folder, shared_work():
        world = World(plan, Hotel(plan), Path(folder) / "disks", trace or Trace(START_MS))
        try:
            for machine in world.machines.values():
                machine.start()
            world.time.run(START_MS + SETTLED_MS)
            yield SmallWorld(world)
        finally:
            world.close()
