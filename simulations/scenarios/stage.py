"""Where a script is played: a simulated world in which people do what is written, and what they see is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from textwrap import fill
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.decision import NOTICE_WORDS, Decision
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import Refused
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.stays import guest_name
from crdt_pms.desk.views.value_words import device_words, stay_words
from crdt_pms.ledger.policies import BOOKING_ENGINE, HOTEL_PMS
from relay_server.idempotency import Answer
from relay_server.origin_desk import Change, OriginDesk
from simulations.faults.knobs import apply as apply_knob
from simulations.scenarios.picture import Picture, picture_of
from simulations.scenarios.script import DIRECTED, Script, ScriptBroken, What, time_of
from simulations.scenarios.telling import (
    action_words,
    alert_words,
    conflict_words,
    fault_begins,
    fault_ends,
    screen,
    staff_name,
)
from simulations.world.hotel import Hotel
from simulations.world.plan import SECOND_MS, START_MS, Fault
from simulations.world.relay import REFUSED, Asking
from simulations.world.running import run_world
from simulations.world.terminal import Terminal
from simulations.world.trace import Trace
from simulations.world.world import AGREE_WITHIN_MS, LOOK_MS, Outcome, World

WIDTH: Final = 118
MARGIN: Final = 27
HANGING: Final = 4
_JOURNAL_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Performance:
    """What became of a script. `pictures` are by the names that the script gave them, then by desk number."""

    transcript: str
    outcome: Outcome
    pictures: Mapping[str, Mapping[int, Picture]]
    agreed_after_ms: Sequence[int | None]
    """How long it took at each `agree` of the script; None where it was longer than the stated limit."""
    committed: Sequence[int]
    """How many entries the relay had committed at each `show_headquarters` of the script."""


def perform(script: Script, folder: Path) -> Performance:
    """Let a script happen in a folder for its disks, and tell it. The same script is told in the same words always."""
    plan = script.plan()
    hotel = Hotel(plan, bookings=())
    stage = Stage(script)
    outcome = run_world(plan, hotel, folder / "world", Trace(START_MS, keeps_lines=False), stage.begin)
    stage.verdict(outcome)
    return Performance("\n".join(stage.lines) + "\n", outcome, stage.pictures, stage.agreed_after_ms, stage.committed)


@dataclass
class Stage:
    """See the module. Every line that is written begins with the time and the node."""

    script: Script
    lines: list[str] = field(default_factory=list[str])
    pictures: dict[str, dict[int, Picture]] = field(default_factory=dict[str, dict[int, Picture]])
    forms: dict[str, str] = field(default_factory=dict[str, str])
    agreed_after_ms: list[int | None] = field(default_factory=list[int | None])
    committed: list[int] = field(default_factory=list[int])
    """How many entries the relay had committed, whenever the script asked."""
    _world: World | None = None

    def __post_init__(self) -> None:
        title = self.script.title
        self.lines += [title, "=" * len(title), "", fill(self.script.story, WIDTH), ""]

    @property
    def world(self) -> World:
        """The world, once it lives."""
        assert self._world is not None, "the script has begun"
        return self._world

    def begin(self, world: World, fault: Fault) -> None:
        """Let a fault of the script's plan begin, or the script itself."""
        if fault.kind != DIRECTED:
            apply_knob(world, fault)
            return
        self._world = world
        for step in self.script.steps:
            world.at_plan_time(step.at_ms, lambda step=step: step.play(self))

    def terminal(self, desk: int) -> Terminal:
        """The terminal at that desk."""
        machine = self.world.machines[desk]
        assert isinstance(machine, Terminal), f"{machine.name} is no desk"
        return machine

    # What a script asks for

    def note(self, words: str) -> None:
        """The narrator says something."""
        self._write("", [words])

    def act(self, desk: int, staff: str, what: What, *, is_told: bool = True, is_refused: bool = False) -> None:
        """Somebody does something; what the desk answers is told with it."""
        terminal = self.terminal(desk)
        if not terminal.is_up:
            self._write(terminal.name, ["is off: nobody can work here"])
            return

        def choose(view: DeskView, now_ms: int, terminal: Terminal) -> Action:
            action = what(view) if callable(what) else what
            answer, refused = _answer(view, action, staff, now_ms)
            if (refused is not None) is not is_refused:
                raise ScriptBroken(f"{action_words(view, action)}: {refused or 'is not refused'}")
            if is_told:
                self._write(terminal.name, [f"{staff_name(view, staff)} {action_words(view, action)}", *answer])
            return action

        terminal.act(choose, staff)

    def open_form(self, desk: int, stay: str, name: str) -> None:
        """Remember the revision of a stay as the desk shows it."""
        terminal = self.terminal(desk)
        view = terminal.node.replica.view()
        self.forms[name] = revision_of(view, "stay", stay)
        self._write(terminal.name, [f"has the booking of {_guest(view, stay)} open on the screen"])

    def cancel_online(self, stay: str, reason: str) -> None:
        """The booking engine reads a stay at the relay and cancels it."""
        relay = self.world.relay
        assert relay is not None, "every script has a relay"
        view = relay.process.projecting.projection.view()
        guest, form = _guest(view, stay), revision_of(view, "stay", stay)

        def request(desk: OriginDesk) -> Answer:
            etag = desk.read(stay).etag
            change = Change(stay, frozenset({etag}), lambda _guest, seen: [CancelStay(stay, reason, seen.stay)])
            return desk.change(BOOKING_ENGINE, change, None)

        answer = relay.ask(Asking(f"cancels {stay}", BOOKING_ENGINE, request, (form,)))
        said = "is refused" if answer is None or answer is REFUSED else "is taken"
        self._write(relay.name, [f"the booking engine cancels the booking of {guest} ({reason}): {said}"])

    def show(self, name: str, desks: Sequence[int], stays: Sequence[str], rooms: Sequence[str]) -> None:
        """Take pictures of desks and tell the chosen lines; what several show alike is told once."""
        shown: dict[tuple[str, ...], list[int]] = {}
        for desk in desks:
            terminal = self.terminal(desk)
            picture = self._picture(name, terminal)
            view = terminal.node.replica.view()
            shown.setdefault(tuple(screen(view, picture, stays, rooms, self._guests())), []).append(desk)
        for lines, alike in shown.items():
            node = f"desk-{alike[0]}" if len(alike) == 1 else f"desks {','.join(map(str, alike))}"
            self._write(node, lines)

    def show_headquarters(self) -> None:
        """Tell how much the relay has committed."""
        relay = self.world.relay
        assert relay is not None, "every script has a relay"
        self.committed.append(relay.process.intake.order.through)
        self._write(relay.name, [f"has {self.committed[-1]} entries in its database"])

    def matters(self, name: str, desk: int) -> None:
        """Take a picture of a desk and tell every conflict and alert on it."""
        terminal = self.terminal(desk)
        picture = self._picture(name, terminal)
        replica = terminal.node.replica
        view = replica.view()
        lines = [line for one in picture.conflicts for line in conflict_words(view, one)]
        devices = {
            journal.hex()[:_JOURNAL_DIGITS]: device_words(view, certificate.device_id).en
            for journal in replica.vector
            if (certificate := replica.certificate(journal)) is not None
        }
        lines += [line for one in picture.alerts for line in alert_words(one, devices)]
        self._write(terminal.name, ["conflict desk:", *(f"  {line}" for line in lines or ["nothing stands here"])])

    def fault_begins(self, fault: Fault) -> None:
        """Tell what goes wrong."""
        self._write("", [fault_begins(fault, self._names(fault))])

    def fault_ends(self, fault: Fault) -> None:
        """Tell that it is over."""
        if fault.until_ms > fault.at_ms:
            self._write("", [fault_ends(fault, self._names(fault))])

    def wait_for_agreement(self) -> None:
        """Tell when all nodes hold the same, counted from now."""
        world, began_ms = self.world, self.world.time.now_ms
        everybody = list(world.machines)

        def look() -> None:
            passed_ms = world.time.now_ms - began_ms
            if world.agree(everybody):
                self.agreed_after_ms.append(passed_ms)
                # Whole seconds: how soon a link is tried again is drawn.
                self._write("", [f"all nodes agree after {-(-passed_ms // SECOND_MS)} s, and nothing is tentative"])
            elif passed_ms >= AGREE_WITHIN_MS:
                self.agreed_after_ms.append(None)
                self._write("", ["the nodes do not agree"])
            else:
                world.time.after(LOOK_MS, look)

        world.time.after(LOOK_MS, look)

    def verdict(self, outcome: Outcome) -> None:
        """Tell how it ended."""
        self.lines.append("")
        if outcome.findings:
            self.lines += [f"LAW {one.law} BROKEN at {one.node}: {one.words}" for one in outcome.findings]
            return
        agreed = outcome.agreed_after_ms[-1]
        words = "do not agree" if agreed is None else "agree"
        self.lines.append(f"In the end all {len(self.world.names)} nodes {words}, and no law is broken.")

    def _picture(self, name: str, terminal: Terminal) -> Picture:
        picture = self.pictures.setdefault(name, {})[terminal.number] = picture_of(terminal)
        return picture

    def _guests(self) -> dict[str, str]:
        views = [terminal.node.replica.view() for terminal in self.world.terminals if terminal.is_up]
        return {stay.stay_id: guest_name(view, stay.guest) for view in views for stay in view.stays()}

    def _names(self, fault: Fault) -> str:
        return " and ".join(self.world.names[node] for node in fault.nodes)

    def _write(self, node: str, words: Iterable[str]) -> None:
        head = f"{time_of(self.world.time.now_ms - START_MS):<13} {node or '—':<12} "
        for line in words:
            indent = " " * (MARGIN + HANGING + len(line) - len(line.lstrip()))
            self.lines.append(fill(line, WIDTH, initial_indent=f"{head:<{MARGIN}}", subsequent_indent=indent))
            head = ""


def _answer(view: DeskView, action: Action, staff: str, now_ms: int) -> tuple[list[str], Refused | None]:
    """What the desk says to the author, and whether it refuses. Deciding writes nothing: the terminal decides again."""
    ids = count(1)
    moment = Moment(now_ms=now_ms, author=staff, origin=HOTEL_PMS, new_id=lambda: f"asked-{next(ids)}")
    try:
        decision: Decision = action.decide(view, moment)
    except Refused as refused:
        return [f"  refused: {refused.message_en}"], refused
    return [f"  {NOTICE_WORDS[notice].en}" for notice in decision.notices], None


def _guest(view: DeskView, stay: str) -> str:
    return stay_words(view, stay).en
