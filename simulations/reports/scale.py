"""A time axis on which idle hours are narrow: worlds last sixty days, and what matters in them seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import log1p
from typing import Final

_GAP_MS: Final = 50
"""Gaps shorter than this are drawn in proportion, longer ones by their logarithm."""


class TimeScale:
    """Maps times to places from `left` to `right`. Order is kept; between two moments time runs evenly."""

    def __init__(self, moments_ms: Iterable[int], left: float, right: float) -> None:
        """`moments_ms` are the times at which something happens, at least two of them different."""
        self._moments = sorted(set(moments_ms))
        if len(self._moments) < 2:
            raise ValueError("a scale needs two different moments")
        weights = [log1p((after - before) / _GAP_MS) for before, after in pairwise(self._moments)]
        unit = (right - left) / sum(weights)
        self._places = [left]
        for weight in weights:
            self._places.append(self._places[-1] + weight * unit)

    def place(self, at_ms: float) -> float:
        """Where a time is; times outside are at the ends."""
        at_ms = min(max(at_ms, self._moments[0]), self._moments[-1])
        return _between(at_ms, self._moments, self._places)

    def marks(self, distance: float) -> Iterator[tuple[float, float]]:
        """Places at about this distance from each other, and the time (milliseconds) at each."""
        left, right = self._places[0], self._places[-1]
        steps = max(int((right - left) / distance), 1)
        for step in range(steps + 1):
            place = left + (right - left) * step / steps
            yield place, _between(place, self._places, self._moments)


def _between(value: float, known: list[int] | list[float], answers: list[int] | list[float]) -> float:
    after = min(max(bisect_right(known, value), 1), len(known) - 1)
    begin, end = known[after - 1], known[after]
    share = (value - begin) / (end - begin)
    return answers[after - 1] + share * (answers[after] - answers[after - 1])
