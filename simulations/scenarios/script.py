"""A script: one hotel, what goes wrong from when until when, and who does what at which desk at which time.

A script is written down, not drawn. Times are `day hh:mm` in the hotel's own time; day 1 is the opening date. What befalls
machines happens on the full minute, what people do half a minute later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.view import DeskView
from simulations.world.plan import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Fault, Property, WorldPlan

_TIME: Final = re.compile(r"(\d+) (\d\d):(\d\d)")
LAN_MS: Final = 2
LINE_MS: Final = 20
"""One way to the relay."""
END_MS: Final = 10 * MINUTE_MS
"""How long after the last step a story goes on."""
PEOPLE_MS: Final = 30 * SECOND_MS
"""How far into a minute people act: a desk's clock, corrected to some milliseconds, then says the same minute."""
DIRECTED: Final = "directed"
"""The kind of the one thing that happens to the world of a script beside its faults: the script."""

What = Action | Callable[[DeskView], Action]
"""What somebody does: an action as written, or one that depends on what the desk shows."""


class ScriptBroken(AssertionError):
    """A desk answered otherwise than the script says: the script, or the product, is wrong."""


class Stage(Protocol):
    """What a script asks of the stage on which it is performed; the methods of `Script` say what for."""

    forms: dict[str, str]
    """The revisions of the forms that were opened, by the names that the script gave them."""

    def note(self, words: str) -> None: ...
    def act(self, desk: int, staff: str, what: What, *, is_told: bool = True, is_refused: bool = False) -> None: ...
    def open_form(self, desk: int, stay: str, name: str) -> None: ...
    def cancel_online(self, stay: str, reason: str) -> None: ...
    def show(self, name: str, desks: Sequence[int], stays: Sequence[str], rooms: Sequence[str]) -> None: ...
    def show_headquarters(self) -> None: ...
    def matters(self, name: str, desk: int) -> None: ...
    def fault_begins(self, fault: Fault) -> None: ...
    def fault_ends(self, fault: Fault) -> None: ...
    def wait_for_agreement(self) -> None: ...


class Step(NamedTuple):
    """Something that happens on the stage at a time of the script, in milliseconds since its beginning."""

    at_ms: int
    play: Callable[[Stage], None]


@dataclass
class Script:
    """See the module. `name` names the file of its transcript; `story` says what it is about."""

    name: str
    title: str
    story: str
    desks: int
    rooms: int = 6
    mesh: tuple[tuple[int, int], ...] = ()
    """Desks that reach each other without the line, by their numbers."""
    skews_ms: tuple[int, ...] = ()
    """How far each clock is ahead, the relay's first; all are right by default."""
    seed: int = 1
    faults: list[Fault] = field(default_factory=list[Fault])
    steps: list[Step] = field(default_factory=list[Step])

    def plan(self) -> WorldPlan:
        """The world of the script. Nobody works in it but those of the script."""
        end_ms = max([step.at_ms for step in self.steps] + [fault.until_ms for fault in self.faults])
        return WorldPlan(
            seed=self.seed,
            property=Property("city", self.rooms, bookings_seed=0, day_ms=DAY_MS),
            terminals=self.desks,
            has_relay=True,
            mesh=self.mesh,
            latency_ms=(LAN_MS, LINE_MS),
            duration_ms=end_ms + END_MS,
            work=(),
            faults=(*sorted(self.faults), Fault(0, 0, DIRECTED, ())),
            mix_seed=0,
            skews_ms=self.skews_ms or (0,) * (self.desks + 1),
            is_encrypted=False,
            core=tuple(range(self.desks + 1)),
        )

    # Writing it

    def note(self, at: str, words: str) -> None:
        """The narrator says something."""
        self._step(at, lambda stage: stage.note(words))

    def act(self, at: str, desk: int, staff: str, what: What, *, is_refused: bool = False) -> None:
        """Somebody does something at a desk. A desk that answers otherwise than the script says is `ScriptBroken`."""
        self._people(at, lambda stage: stage.act(desk, staff, what, is_refused=is_refused))

    def quietly(self, at: str, desk: int, staff: str, what: What) -> None:
        """The same without a word in the transcript, what belongs to every day."""
        self._people(at, lambda stage: stage.act(desk, staff, what, is_told=False))

    def open_form(self, at: str, desk: int, stay: str, name: str) -> None:
        """Somebody opens a stay on the screen; what the form showed is remembered under that name."""
        self._people(at, lambda stage: stage.open_form(desk, stay, name))

    def send_form(self, at: str, desk: int, staff: str, name: str, filled: Callable[[str], Action]) -> None:
        """Somebody sends a form that was opened before; `filled` makes the action of the revision it showed."""
        self._people(at, lambda stage: stage.act(desk, staff, filled(stage.forms[name])))

    def cancel_online(self, at: str, stay: str, reason: str) -> None:
        """The booking engine cancels a stay at the relay, having read it there."""
        self._people(at, lambda stage: stage.cancel_online(stay, reason))

    def show(
        self, at: str, name: str, desks: Sequence[int], *, stays: Sequence[str] = (), rooms: Sequence[str] = ()
    ) -> None:
        """Look at the screens of some desks; what each shows is kept under that name and the desk's number."""
        self._people(at, lambda stage: stage.show(name, desks, stays, rooms))

    def show_headquarters(self, at: str) -> None:
        """Look at what the relay has committed."""
        self._people(at, lambda stage: stage.show_headquarters())

    def matters(self, at: str, name: str, desk: int) -> None:
        """Read the conflict desk at one desk; what stands there is kept under that name and the desk's number."""
        self._people(at, lambda stage: stage.matters(name, desk))

    def agree(self, at: str) -> None:
        """Measure how long it takes from here until all nodes hold the same and nothing is tentative."""
        self._step(at, lambda stage: stage.wait_for_agreement())

    def fault(self, kind: str, begin: str, end: str, *nodes: int, amount: int = 0, seed: int = 0) -> None:
        """Something goes wrong (`simulations.faults.knobs`)."""
        fault = Fault(milliseconds_of(begin), milliseconds_of(end), kind, nodes, amount, seed)
        self.faults.append(fault)
        self._step(begin, lambda stage: stage.fault_begins(fault))
        self._step(end, lambda stage: stage.fault_ends(fault))

    def _people(self, at: str, play: Callable[[Stage], None]) -> None:
        self.steps.append(Step(milliseconds_of(at) + PEOPLE_MS, play))

    def _step(self, at: str, play: Callable[[Stage], None]) -> None:
        self.steps.append(Step(milliseconds_of(at), play))


def milliseconds_of(at: str) -> int:
    """`day hh:mm` as milliseconds since the script began. Raises ValueError for anything else."""
    found = _TIME.fullmatch(at)
    if found is None:
        raise ValueError(f"{at!r} is not a time of a script: write day hh:mm")
    day, hour, minute = (int(part) for part in found.groups())
    return (day - 1) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS


def time_of(milliseconds: int) -> str:
    """Milliseconds since the script began as `day hh:mm`."""
    day, rest = divmod(milliseconds, DAY_MS)
    hour, rest = divmod(rest, HOUR_MS)
    return f"day {day + 1} {hour:02}:{rest // MINUTE_MS:02}"
