"""Law 4, its other half: an operation names the writes that its author read, those and no others.

| written | names |
|---|---|
| with a form of the row | the writes that the form showed, even if others have come since |
| without one, at the desk | the writes that stood at the node just then |
| without one, by another system | of these its own |
| a posting | nothing: it never changes |

So it is with what an operation reads of the other registers of a declared pair: a stay's occupancy and terms, a folio's window
and postings, the contents of a posting and the choice among them. What the operation writes itself it need not read.

A name too few makes a conflict of a write and one that it was made in knowledge of; a name too many makes a conflict vanish.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import (
    DAY,
    DECISION,
    OCCUPANCY,
    POSTING,
    PROFILE,
    SETTLEMENT,
    STAY_GUEST,
    TERMS,
    WINDOW,
)
from simulations.checkers.history import Acted
from simulations.checkers.registers import Written
from simulations.checkers.screens import Key, Screen, Screens
from simulations.checkers.violation import Dot, Violation, limited
from simulations.checkers.wire import FormatWrong, unpacked

LAW = 4
AT_DESK: Final = "hotel-pms"
GROUPS_OF_FORM: Final[Mapping[str, tuple[str, ...]]] = {
    "stay": (OCCUPANCY, TERMS, STAY_GUEST),
    "guest": (PROFILE,),
    "folio": (WINDOW, SETTLEMENT),
    "property": (DAY,),
}
"""What a form of each kind of row shows, in the order in which its revision lists it."""

Names = Mapping[Key, Sequence[Dot]]
"""By group and row, the writes that a form showed."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every write that names other writes than its author read."""
    yield from limited(_misnamed(evidence))


def _misnamed(evidence: Evidence) -> Iterator[Violation]:
    screens = Screens(evidence)
    for event in evidence.history:
        if isinstance(event, Acted) and event.forms is not None:
            # Everything that one action writes was decided before any of it was written.
            yield from _of_action(event, event.forms, screens, evidence.moment(event.at_ms))
        screens.follow(event)


def _of_action(acted: Acted, forms: Iterable[str], screens: Screens, moment: str) -> Iterator[Violation]:
    """Of an entry that no node is left with, and of one that was set aside, nothing is known."""
    shown, screen = names_of(forms), screens.of(acted.node)
    for dot in acted.dots:
        for key, written in screens.writes.get(dot, ()):
            read = _read(key, written, shown, screen)
            if sorted(read) != sorted(written.names):
                words = (
                    f"{acted.node}: at {moment} {acted.staff} wrote {key[0]} of {key[1]} as {dot}"
                    f" and named {_told(written.names)}; read was {_told(read)}"
                )
                yield Violation(LAW, acted.node, words)
    yield from _beside(acted, shown, screen, screens)


def _beside(acted: Acted, shown: Names, screen: Screen, screens: Screens) -> Iterator[Violation]:
    """What is wrong with the reads of an action's writes."""
    by_entry = {dot: screens.writes.get(dot, ()) for dot in acted.dots}
    own = {placed.key for placed_there in by_entry.values() for placed in placed_there}
    for dot, placed_there in by_entry.items():
        for key, written in placed_there:
            paired = _paired(key, written, screen)
            read = {
                one for other in paired if other not in own for one in _read(other, written, shown, screen, beside=True)
            }
            own_before = {one.dot for other in paired if other in own for one in screen.standing(*other)}
            if not read <= set(written.reads) <= read | own_before:
                words = (
                    f"{acted.node}: at {acted.at_ms} ms {acted.staff} wrote {key[0]} of {key[1]} as {dot}"
                    f" and read {_told(written.reads)} beside it; there was {_told(tuple(read))}"
                )
                yield Violation(LAW, acted.node, words)


def _paired(key: Key, written: Written, screen: Screen) -> list[Key]:
    group, row = key
    if group in (OCCUPANCY, TERMS):
        return [(TERMS if group == OCCUPANCY else OCCUPANCY, row)]
    if group == WINDOW:
        return [(POSTING, one) for one in screen.rows(POSTING) if _folio_of(screen, one) == row]
    if group == POSTING:
        return [(WINDOW, str(written.value["folio"]))]
    return [(POSTING, row)] if group == DECISION else []


def _folio_of(screen: Screen, posting: str) -> object:
    shown = screen.shown(POSTING, posting)
    return None if shown is None else shown["folio"]


def _read(key: Key, written: Written, shown: Names, screen: Screen, *, beside: bool = False) -> Sequence[Dot]:
    """What the author of a write to a register had read of it who saw that screen."""
    if key[0] == POSTING and not beside:
        return ()
    if (on_form := shown.get(key)) is not None:
        return on_form
    return [one.dot for one in screen.standing(*key) if written.origin in (AT_DESK, one.origin)]


def names_of(forms: Iterable[str]) -> Names:
    """What forms showed. A short revision says nothing: it is taken only while it is the current one."""
    found: dict[tuple[str, str], Sequence[Dot]] = {}
    for form in forms:
        try:
            found.update(_decoded(form))
        except (ValueError, IndexError):
            continue
    return found


def _decoded(form: str) -> Names:
    """What the revision of a form lists: by group, the writes as places in a list of journals and numbers."""
    packed = base64.b64decode(form + "=" * (-len(form) % 4), altchars=b"-_", validate=True)
    match unpacked(packed):
        case [1, str(kind), str(row), list(journals), list(groups)] if kind in GROUPS_OF_FORM:
            listed = cast("list[list[tuple[int, int]]]", groups)
            # The form of a newer program shows more groups, behind these.
            return {
                (group, row): [Dot(cast("list[Any]", journals)[at], seq) for at, seq in dots]
                for group, dots in zip(GROUPS_OF_FORM[kind], listed, strict=False)
            }
        case _:
            raise FormatWrong("not the revision of a form")


def _told(dots: Sequence[Dot]) -> str:
    return ", ".join(map(str, sorted(dots))) or "nothing"
