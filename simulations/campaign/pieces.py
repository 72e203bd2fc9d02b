"""What is left of a reduced world, in words that a command takes: `desks 1,3; faults 0; work 4-7,12`.

Faults and work are named by their places in the world of the seed, so that the words fit that world only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from simulations.world.plan import WorldPlan

_WORDS: Final = re.compile(r"desks (?P<desks>[\d,-]*); faults (?P<faults>[\d,-]*); work (?P<work>[\d,-]*)")


class PiecesWrong(ValueError):
    """The text does not say what is left of the world of that seed; it says why."""


def pieces_of(whole: WorldPlan, reduced: WorldPlan) -> str:
    """What is left of the whole world in the reduced one, which was made from it by leaving things out."""
    desks = [number for number in range(1, whole.terminals + 1) if number not in reduced.absent]
    faults, work = _places(whole.faults, reduced.faults), _places(whole.work, reduced.work)
    return f"desks {_ranges(desks)}; faults {_ranges(faults)}; work {_ranges(work)}"


def reduced_to(whole: WorldPlan, pieces: str) -> WorldPlan:
    """The whole world with nothing but these pieces. Raises PiecesWrong."""
    match = _WORDS.fullmatch(pieces)
    if match is None:
        raise PiecesWrong("say what is left as the reduction does: desks 1,3; faults 0; work 4-7,12")
    desks, faults, work = (_numbers(match[name]) for name in ("desks", "faults", "work"))
    for name, numbers, end in (
        ("desks", desks, whole.terminals + 1), ("faults", faults, len(whole.faults)), ("work", work, len(whole.work))
    ):  # fmt: skip
        if any(number >= end for number in numbers):
            raise PiecesWrong(f"the world of seed {whole.seed} has no {name} {max(numbers)}")
    plan = whole.without_faults(frozenset(range(len(whole.faults))) - faults)
    plan = plan.without_work(frozenset(range(len(whole.work))) - work)
    for number in range(1, whole.terminals + 1):
        if number not in desks and number not in whole.absent:
            plan = plan.without_terminal(number)
    if not desks or not plan.core:
        raise PiecesWrong("no desk is left that must agree with another")
    return plan


def _places(whole: Sequence[object], left: Sequence[object]) -> list[int]:
    """Where in the whole each that is left stands; both are in one order."""
    places: list[int] = []
    for one in left:
        places.append(whole.index(one, places[-1] + 1 if places else 0))
    return places


def _ranges(numbers: Iterable[int]) -> str:
    runs = (list(run) for _key, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]))
    ends = [(run[0][1], run[-1][1]) for run in runs]
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


def _numbers(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise PiecesWrong(f"{part!r} is no number and no range")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
