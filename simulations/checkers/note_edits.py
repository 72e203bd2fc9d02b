"""A note says after an edit what its author meant, at the desk where it was made: no more was changed, and no less.

An author saves a text instead of the one that was opened. What the note says by then may be another one, since others wrote
meanwhile:

| where | the note, after the edit |
|---|---|
| nobody wrote meanwhile | is what the author saved |
| the author only added | is what it was, with what was added standing in it in one piece |
| the author only struck | is what it was, without the lines that were struck, and with nothing new |
| always | gained no character that the author did not add, and lost none that the author did not strike |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Edited
from simulations.checkers.violation import Violation, limited, shortened

LAW: Final = 0
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
"""What no text can hold; a program may drop it from what somebody saves."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every edit that did not do what its author meant."""
    yield from limited(_misunderstood(evidence))


def _misunderstood(evidence: Evidence) -> Iterator[Violation]:
    for event in evidence.history:
        if isinstance(event, Edited) and (fault := fault_of(event.base, event.wanted, event.before, event.after)):
            texts = ", ".join(
                f"{name} {shortened(text)}"
                for name, text in (
                    ("opened", event.base), ("saved", event.wanted), ("before", event.before), ("after", event.after)
                )
            )  # fmt: skip
            yield Violation(LAW, event.node, f"{event.node}: {event.document}: the edit {fault}: {texts}")


def fault_of(base: str, wanted: str, before: str, after: str) -> str | None:
    """What an edit from `base` to `wanted` did wrong when it made `after` of `before`; None when nothing."""
    wanted = _NO_TEXT.sub("", wanted)
    if before == base:
        return None if after == wanted else "is not what its author saved"
    start, struck, added = _replaced(base, wanted)
    if not _are_counts_kept(before, after, struck, added):
        return "changed what its author did not touch, or left out what was meant"
    if not struck and not (_is_within(before, after) and _stands_in(wanted, start, len(added), after)):
        return "tore what was added, or what stood there"
    if not added and not (_is_within(after, before) and not _lines_left(base, wanted, before, after)):
        return "left a line that was struck, or moved what stood there"
    return None


def _replaced(base: str, wanted: str) -> tuple[int, str, str]:
    """Where the two begin to differ, and what stands in each up to where they are the same again."""
    shorter = min(len(base), len(wanted))
    start = next((at for at in range(shorter) if base[at] != wanted[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if base[-1 - at] != wanted[-1 - at]), rest)
    return start, base[start : len(base) - end], wanted[start : len(wanted) - end]


def _are_counts_kept(before: str, after: str, struck: str, added: str) -> bool:
    old, new, less, more = Counter(before), Counter(after), Counter(struck), Counter(added)
    return all(
        more[one] - less[one] <= new[one] - old[one] <= more[one] for one in {*old, *new, *less, *more}
    )  # fmt: skip


def _is_within(part: str, whole: str) -> bool:
    """Whether all of `part` stands in `whole`, in its order."""
    rest = iter(whole)
    return all(character in rest for character in part)


def _stands_in(wanted: str, start: int, length: int, after: str) -> bool:
    """Whether the added piece stands in `after`: where the same characters stand beside it, another piece may be meant."""
    while True:
        if wanted[start : start + length] in after:
            return True
        if not start or not length or wanted[start - 1] != wanted[start + length - 1]:
            return False
        start -= 1


def _lines_left(base: str, wanted: str, before: str, after: str) -> set[str]:
    """The lines that the author struck, that stood in the note, and still do. A line that stands twice says nothing."""
    opened, stood = Counter(base.splitlines()), Counter(before.splitlines())
    struck = {line for line in opened if opened[line] == stood[line] == 1} - set(wanted.splitlines())
    return struck & set(after.splitlines())
