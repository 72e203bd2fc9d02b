"""The picture of a world: what went wrong, what every machine and line was doing, and how much waited, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from simulations.checkers.history import Acted, Agreed, Healed, Opened
from simulations.checkers.moments import elapsed
from simulations.reports.depths import Depth, queue_depths, tentative_depths
from simulations.reports.elements import add
from simulations.reports.meetings import meetings, values_of
from simulations.reports.scale import TimeScale
from simulations.world.plan import RELAY, START_MS, Fault, WorldPlan
from simulations.world.timeline import Span, Timeline

WIDTH: Final = 1_400
LEFT: Final = 118
RIGHT: Final = WIDTH - 18
MARKS: Final = 118
TOP: Final = 34
FAULT_HEIGHT: Final = 17
NODE_HEIGHT: Final = 58
BAND: Final = 13
DEPTH: Final = 24
LINE_HEIGHT: Final = 14
LINE_HEIGHT_OF_MANY: Final = 8
LINES_MANY: Final = 24
DIAMOND: Final = "l4 5l-4 5l-4 -5z"
NAMED_MAX: Final = 4
"""A fault at more nodes than this is labelled with their number."""
LETTER: Final = 6.2
"""About how wide a letter of a label is."""
SKEW_SHOWN_MS: Final = 5_000
"""A clock that is further off than this is shown to be wrong."""


def draw(plan: WorldPlan, timeline: Timeline) -> Element:
    """The picture as an SVG element."""
    return _Picture(plan, timeline).svg


class _Picture:
    def __init__(self, plan: WorldPlan, timeline: Timeline) -> None:
        self.plan = plan
        self.timeline = timeline
        terminals = [name for name in timeline.nodes if name != RELAY]
        self.tentative = tentative_depths(timeline.history, terminals)
        self.meetings = meetings(timeline.history, timeline.conflicts)
        self.scale = TimeScale(self._moments(), LEFT, RIGHT)
        self.svg = Element("svg", {"class": "picture", "role": "img", "aria-label": "what happened over time"})
        self.behind = add(self.svg, "g")
        self.y = float(TOP)
        self._faults()
        for name in timeline.nodes:
            self._node(name)
        self._lines()
        self._healings()
        self._axis()
        self.svg.set("viewBox", f"0 0 {WIDTH} {self.y + 6:.0f}")

    def _moments(self) -> list[int]:
        tracks = (*self.timeline.nodes.values(), *self.timeline.lines.values(), *self.timeline.clocks.values())
        end_ms = self.timeline.end_ms
        moments = [START_MS, end_ms]
        moments += [span.begin_ms for track in tracks for span in track.spans(end_ms)]
        moments += [START_MS + at_ms for fault in self.plan.faults for at_ms in (fault.at_ms, fault.until_ms)]
        moments += [event.at_ms for event in self.timeline.history if isinstance(event, Acted | Healed | Agreed)]
        return moments

    def _faults(self) -> None:
        """One bar for each fault, in as few rows as they fit without hiding each other or their labels."""
        free_from: list[float] = []
        for fault in self.plan.faults:
            begin, end = (self.scale.place(START_MS + at_ms) for at_ms in (fault.at_ms, fault.until_ms))
            words = _label(fault)
            width = max(end - begin, 3.0)
            taken_to = begin + max(width, LETTER * len(words) + 8)
            label_at = begin + 4
            if taken_to > RIGHT:
                label_at, taken_to = RIGHT - LETTER * len(words), float(WIDTH)
            begin_taken = min(begin, label_at - 4)
            row = next((at for at, free in enumerate(free_from) if free <= begin_taken), len(free_from))
            free_from[row : row + 1] = [taken_to + 4]
            y = self.y + row * FAULT_HEIGHT
            bar = add(self.svg, "rect", class_="fault", x=begin, y=y, width=width, height=FAULT_HEIGHT - 3, rx=2)
            add(bar, "title", _fault_words(fault, words))
            add(self.svg, "text", words, class_="fault-words", x=label_at, y=y + 11)
        if free_from:
            add(self.svg, "text", "faults", class_="label", x=8, y=self.y + 11)
            self.y += len(free_from) * FAULT_HEIGHT + 10

    def _node(self, name: str) -> None:
        end_ms = self.timeline.end_ms
        add(self.svg, "text", name, class_="label node", x=8, y=self.y + BAND)
        self._band(self.timeline.nodes[name].spans(end_ms), self.y + 3, BAND, "node")
        self._clock(name)
        for event in self.timeline.history:
            if event.node != name:
                continue
            if isinstance(event, Acted):
                tick = self._tick("act", event.at_ms, self.y - 2, BAND + 10)
                add(tick, "title", f"{_time(event.at_ms)} {event.staff}: {event.action}")
            elif isinstance(event, Opened):
                add(self._tick("open", event.at_ms, self.y + 3, BAND), "title", f"{_time(event.at_ms)} a run begins")
        for at_ms, conflict in self.meetings.get(name, ()):
            mark = add(
                self.svg, "path", class_="meeting", d=f"M{self.scale.place(at_ms):.1f} {self.y + 4:.1f}{DIAMOND}"
            )
            words = f"{conflict.matter.english}: {conflict.about.en}: {values_of(conflict)}"
            add(mark, "title", f"{_time(at_ms)} {words}")
        is_relay = name == RELAY
        depths = queue_depths(self.timeline.history, name) if is_relay else self.tentative[name]
        self._depths(depths, self.y + BAND + 8, "to commit" if is_relay else "🔄", is_stepped=not is_relay)
        self.y += NODE_HEIGHT

    def _clock(self, name: str) -> None:
        for begin_ms, end_ms, skew in self.timeline.clocks[name].spans(self.timeline.end_ms):
            if abs(int(skew)) < SKEW_SHOWN_MS:
                continue
            begin, end = self.scale.place(begin_ms), self.scale.place(end_ms)
            mark = add(self.svg, "rect", class_="skew", x=begin, y=self.y, width=max(end - begin, 2.0), height=3)
            sign = "ahead" if int(skew) > 0 else "behind"
            add(mark, "title", f"its clock is {elapsed(abs(int(skew))).strip()} {sign}")

    def _depths(self, depths: Sequence[Depth], top: float, words: str, *, is_stepped: bool) -> None:
        """How much waits: an area that stays until it changes, or a bar for each sample."""
        most = max((one.entries for one in depths), default=0)
        if not most:
            return
        base = top + DEPTH
        add(self.svg, "text", f"{words} ≤ {most}", class_="label small", x=8, y=base - 6)
        heights = [(self.scale.place(one.at_ms), base - DEPTH * one.entries / most) for one in depths]
        if is_stepped:
            steps = "".join(f"H{x:.1f}V{y:.1f}" for x, y in heights)
            end = self.scale.place(self.timeline.end_ms)
            add(self.svg, "path", class_="depth", d=f"M{heights[0][0]:.1f} {base:.1f}{steps}H{end:.1f}V{base:.1f}Z")
        else:
            bars = "".join(f"M{x:.1f} {base:.1f}V{y:.1f}" for x, y in heights if y < base)
            add(self.svg, "path", class_="samples", d=bars)
        add(self.svg, "path", class_="base", d=f"M{LEFT} {base:.1f}H{RIGHT}")

    def _lines(self) -> None:
        if not self.timeline.lines:
            return
        self.y += 6
        are_many = len(self.timeline.lines) > LINES_MANY
        height, class_ = (LINE_HEIGHT_OF_MANY, "label tiny") if are_many else (LINE_HEIGHT, "label small")
        for ends, track in self.timeline.lines.items():
            add(self.svg, "text", ends, class_=class_, x=8, y=self.y + height * 0.6)
            self._band(track.spans(self.timeline.end_ms), self.y, height * 0.6, "line")
            self.y += height

    def _band(self, spans: Sequence[Span], y: float, height: float, kind: str) -> None:
        for begin_ms, end_ms, state in spans:
            begin, end = self.scale.place(begin_ms), self.scale.place(end_ms)
            class_ = f"{kind} {state.replace(' ', '-').replace(',', '')}"
            bar = add(self.svg, "rect", class_=class_, x=begin, y=y, width=max(end - begin, 0.6), height=height)
            add(bar, "title", f"{_time(begin_ms)} to {_time(end_ms)}: {state}")

    def _tick(self, class_: str, at_ms: int, y: float, height: float) -> Element:
        x = self.scale.place(at_ms)
        return add(self.svg, "path", class_=class_, d=f"M{x:.1f} {y:.1f}v{height:.1f}")

    def _healings(self) -> None:
        """From each healing to the agreement that followed it, over the whole height."""
        events = [event for event in self.timeline.history if isinstance(event, Healed | Agreed)]
        for at, event in enumerate(events):
            if not isinstance(event, Healed):
                continue
            after = events[at + 1] if at + 1 < len(events) else None
            agreed = after if isinstance(after, Agreed) else None
            end_ms = self.timeline.end_ms if agreed is None else agreed.at_ms
            begin, end = self.scale.place(event.at_ms), self.scale.place(end_ms)
            class_ = "healing" if agreed is not None else "healing never"
            area = add(
                self.behind, "rect", class_=class_, x=begin, y=TOP - 6, width=end - begin, height=self.y - TOP + 6
            )
            add(area, "title", f"healed at {_time(event.at_ms)}; {_agreed_words(event.at_ms, agreed)}")

    def _axis(self) -> None:
        for place, at_ms in self.scale.marks(MARKS):
            add(self.behind, "path", class_="grid", d=f"M{place:.1f} {TOP - 8}V{self.y:.1f}")
            anchor = "middle" if place < RIGHT - 40 else "end"
            add(self.svg, "text", _time(round(at_ms))[:-4], class_="mark", x=place, y=TOP - 14, text_anchor=anchor)


def _label(fault: Fault) -> str:
    if len(fault.nodes) > NAMED_MAX:
        return f"{fault.kind} {len(fault.nodes)} nodes"
    return f"{fault.kind} {', '.join(f'desk-{node}' if node else RELAY for node in fault.nodes)}"


def _time(at_ms: int) -> str:
    return elapsed(at_ms - START_MS).strip()


def _agreed_words(healed_ms: int, agreed: Agreed | None) -> str:
    return "the nodes never agreed" if agreed is None else f"agreed after {(agreed.at_ms - healed_ms) / 1_000:.1f} s"


def _fault_words(fault: Fault, words: str) -> str:
    amount = f", amount {fault.amount}" if fault.amount else ""
    return f"{elapsed(fault.at_ms).strip()} to {elapsed(fault.until_ms).strip()}: {words}{amount}"


LEGEND: Final[Mapping[str, str]] = {
    "node runs": "runs",
    "node cut-off": "runs, cut off from all",
    "node frozen": "frozen",
    "node down": "crashed or killed",
    "node switched-off": "switched off",
    "skew": "clock wrong",
    "line linked": "linked",
    "line whole-not-linked": "not linked",
    "line one-way-only": "one way only",
    "line cut": "cut",
    "meeting": "conflict seen",
    "healing": "healing, until all agree",
    "depth": "🔄 tentative entries",
    "samples": "entries to commit",
}
"""What the colours mean, by their classes in the style sheet."""
