"""A world on one page: the verdict, the picture, what stands in the end, the counts, and how to see it again.

The page needs nothing beside itself: no script, no font, no picture from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, tostring

from crdt_pms.ledger.conflicts import ConflictState
from simulations.checkers.history import Acted, Agreed, Healed
from simulations.checkers.moments import elapsed
from simulations.reports.elements import add, table
from simulations.reports.meetings import values_of
from simulations.reports.picture import DIAMOND, LEGEND, draw
from simulations.world.plan import RELAY, START_MS, WorldPlan
from simulations.world.timeline import Timeline
from simulations.world.trace import Trace
from simulations.world.world import Outcome

STYLE: Final = Path(__file__).parent / "style.css"
STORY_LINES_MAX: Final = 5_000
_SWATCH: Final = 14
_STROKE: Final = "M7 13V2"
_STATES: Final[Mapping[ConflictState, str]] = {
    ConflictState.OPEN: "open: a person decides",
    ConflictState.SETTLED_BY_POLICY: "settled by rule",
    ConflictState.CLOSED: "closed",
}


def write_report(
    path: Path, plan: WorldPlan, outcome: Outcome, trace: Trace, timeline: Timeline, command: str, title: str = ""
) -> None:
    """Write the page of a finished world. `timeline` has witnessed it; `command` is what lets it happen again."""
    root = Element("html", {"lang": "en"})
    head = add(root, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", name="viewport", content="width=device-width")
    heading = title or f"World {plan.seed}"
    add(head, "title", heading)
    add(head, "style", STYLE.read_text(encoding="utf-8"))
    body = add(root, "body")
    _verdict(body, heading, plan, outcome, command)
    _picture(body, plan, timeline)
    _healings(body, timeline)
    _standing(body, timeline)
    _counts(body, outcome)
    _story(body, trace)
    path.write_bytes(b"<!doctype html>\n" + tostring(root, encoding="utf-8", method="html"))


def _verdict(body: Element, heading: str, plan: WorldPlan, outcome: Outcome, command: str) -> None:
    title = add(body, "h1", heading)
    broken = len(outcome.findings)
    words = "no law is broken" if not broken else f"{broken} finding{'s' if broken > 1 else ''}"
    add(title, "span", words, class_=f"verdict {'broken' if broken else 'kept'}")
    parts = [
        f"{plan.terminals} terminals {'and a relay' if plan.has_relay else 'without a relay'}",
        f"{len(plan.mesh)} lines on the LAN",
        f"{plan.property.rooms} rooms",
        f"{elapsed(plan.duration_ms).strip()[:-4]} of simulated time",
        f"{len(plan.faults)} faults",
        "disks encrypted" if plan.is_encrypted else "disks plain",
    ]
    add(body, "p", " · ".join(parts))
    add(body, "pre", command, class_="command")
    add(body, "p", f"hash {outcome.hash}")
    if broken:
        add(body, "h2", "Findings")
        rows = [(str(one.law), one.checker, one.node, one.words) for one in outcome.findings]
        table(body, ("law", "checker", "node", "what is wrong"), rows, class_="findings")


def _picture(body: Element, plan: WorldPlan, timeline: Timeline) -> None:
    add(body, "h2", "What happened")
    add(body, "p", "Time since the world began; idle hours are drawn narrow. A blue stroke is an action of somebody, a black "
        "one the beginning of a process, a diamond the moment from which a node knew both sides of a conflict. Point at "
        "anything for its time.")  # fmt: skip
    legend = add(body, "div", class_="legend")
    for class_, words in LEGEND.items():
        entry = add(legend, "span")
        swatch = add(entry, "svg", width=_SWATCH, height=_SWATCH)
        shape = _STROKE if class_ == "samples" else DIAMOND if class_ == "meeting" else f"M0 2H{_SWATCH}V12H0Z"
        add(swatch, "path", class_=class_, d=f"M7 2{shape}" if shape == DIAMOND else shape)
        add(entry, "span", words)
    add(body, "div", class_="picture-box").append(draw(plan, timeline))


def _healings(body: Element, timeline: Timeline) -> None:
    events = [event for event in timeline.history if isinstance(event, Healed | Agreed)]
    rows: list[tuple[str, ...]] = []
    for at, event in enumerate(events):
        if not isinstance(event, Healed):
            continue
        after = events[at + 1] if at + 1 < len(events) else None
        agreed = f"{(after.at_ms - event.at_ms) / 1_000:.1f} s" if isinstance(after, Agreed) else "never"
        rows.append((elapsed(event.at_ms - START_MS).strip(), agreed, f"{event.limit_ms / 1_000:.0f} s"))
    add(body, "h2", "Agreement after healing")
    table(body, ("healed at", "agreed after", "limit"), rows, class_="narrow")


def _standing(body: Element, timeline: Timeline) -> None:
    """What a person still has to look at, and what the rules have settled."""
    rows: list[tuple[str, ...]] = []
    for line in timeline.conflicts:
        if line.state is ConflictState.CLOSED:
            continue
        about = f"{line.about.en}: {values_of(line)}"
        rows.append((line.matter.english, line.matter.japanese, about, _STATES[line.state]))
    rows += [(alert.matter.english, alert.matter.japanese, alert.sentence.en, "stands") for alert in timeline.alerts]
    add(body, "h2", f"Conflicts and alerts that stand in the end ({len(rows)})")
    if rows:
        table(body, ("what", "画面の言葉", "about", "state"), rows)
    else:
        add(body, "p", "None.")
    acted = [event for event in timeline.history if isinstance(event, Acted)]
    at_desks = sum(1 for event in acted if event.node != RELAY)
    add(body, "p", f"{at_desks} actions at desks, {len(acted) - at_desks} of other systems at the relay.")


def _counts(body: Element, outcome: Outcome) -> None:
    add(body, "h2", "Counts")
    add(body, "p", "Conflicts and alerts are counted once for each node that shows them.")
    box = add(body, "div", class_="counts")
    for name, times in sorted(outcome.counts.items()):
        line = add(box, "div")
        add(line, "span", name.replace("_", " "))
        add(line, "span", str(times))


def _story(body: Element, trace: Trace) -> None:
    if not trace.lines:
        return
    details = add(body, "details")
    shown = trace.lines[:STORY_LINES_MAX]
    left_out = len(trace.lines) - len(shown)
    add(details, "summary", f"The whole story ({len(trace.lines)} lines{f', {left_out} left out' if left_out else ''})")
    add(details, "div", _text(trace.told(line) for line in shown), class_="story")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines)
