"""Law 4, its other half: an operation names the writes that its author read, those and no others.

| written | names |
|---|---|
| with a form of the row | the writes that the form showed, even if others have come since |
| without one, at the desk | the writes that stood at the node just then |
| without one, by another system | of these its own |
| a posting, unless a person chose | nothing: it never changes |

A name too few makes a conflict of a write and one that it was made in knowledge of; a name too many makes a conflict vanish.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import DAY, OCCUPANCY, POSTING, PROFILE, SETTLEMENT, STAY_GUEST, TERMS, WINDOW
from simulations.checkers.history import Acted, Applied, Opened
from simulations.checkers.possession import Vector, advance
from simulations.checkers.registers import Register, Written
from simulations.checkers.rows import Registers
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

Names = Mapping[tuple[str, str], Sequence[Dot]]
"""By group and row, the writes that a form showed."""


class _Place(NamedTuple):
    """Where a write stands."""

    register: Register
    written: Written


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every write that names other writes than its author read."""
    places = _places(evidence.folds[evidence.reference.name].registers)
    yield from limited(_misnamed(evidence, places))


def _places(registers: Registers) -> Mapping[Dot, Sequence[_Place]]:
    """Everything that each entry wrote."""
    found: dict[Dot, list[_Place]] = {}
    for rows in registers.values():
        for register in rows.values():
            for written in register.writes:
                found.setdefault(written.dot, []).append(_Place(register, written))
    return found


def _misnamed(evidence: Evidence, places: Mapping[Dot, Sequence[_Place]]) -> Iterator[Violation]:
    held: dict[str, dict[bytes, int]] = {}
    for event in evidence.history:
        if isinstance(event, Opened):
            held[event.node] = dict(event.vector)
        elif isinstance(event, Acted | Applied):
            vector = held.setdefault(event.node, {})
            if isinstance(event, Acted) and event.forms is not None:
                # Everything that one action writes was decided before any of it was written.
                yield from _of_action(event, _shown(event.forms), vector, places)
            advance(vector, event.dots)


def _of_action(
    acted: Acted, shown: Names, vector: Vector, places: Mapping[Dot, Sequence[_Place]]
) -> Iterator[Violation]:
    """Of an entry that nobody is left with, and of one that was set aside, nothing is known."""
    for dot in acted.dots:
        for register, written in places.get(dot, ()):
            read = _read(register, written, shown, vector)
            if sorted(read) != sorted(written.names):
                words = (
                    f"{acted.node}: at {acted.at_ms} ms {acted.staff} wrote {register.group} of {register.row} as {dot}"
                    f" and named {_told(written.names)}; read was {_told(read)}"
                )
                yield Violation(LAW, acted.node, words)


def _read(register: Register, written: Written, shown: Names, vector: Vector) -> Sequence[Dot]:
    """What somebody had read of a register who wrote to it while the node held `vector`."""
    if register.group == POSTING and not written.resolution:
        return ()
    if (on_form := shown.get((register.group, register.row))) is not None:
        return on_form
    standing = _standing(register, vector)
    return [one.dot for one in standing if written.origin in (AT_DESK, one.origin)]


def _standing(register: Register, vector: Vector) -> Sequence[Written]:
    held = [one for one in register.writes if one.dot.seq <= vector.get(one.dot.journal, 0)]
    named = {dot for one in held for dot in one.names}
    return [one for one in held if one.dot not in named]


def _shown(forms: Iterable[str]) -> Names:
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
            return {
                (group, row): [Dot(cast("list[Any]", journals)[at], seq) for at, seq in dots]
                for group, dots in zip(GROUPS_OF_FORM[kind], listed, strict=True)
            }
        case _:
            raise FormatWrong("not the revision of a form")


def _told(dots: Sequence[Dot]) -> str:
    return ", ".join(map(str, sorted(dots))) or "nothing"
