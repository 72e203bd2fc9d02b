"""Draws from tables and quantiles. Only `Random.random()` is used: its sequence for a seed is promised by Python."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import exp
from random import Random
from typing import Generic, TypeVar

from simulations.workloads.shape import Quantiles, Shares

_Value = TypeVar("_Value")

POISSON_STEP = 30.0
"""Larger expectations are drawn in parts: `exp` of them would leave the range of floats."""


class Table(Generic[_Value]):
    """Values drawn in proportion to their shares, which need not sum to 1."""

    def __init__(self, shares: Shares[_Value]) -> None:
        """Make a table. Raises `ValueError` for one without a share above 0."""
        self._values = tuple(value for value, _ in shares)
        self._sums = tuple(accumulate(share for _, share in shares))
        if not self._sums or self._sums[-1] <= 0:
            raise ValueError("give at least one value a share above 0")

    def draw(self, random: Random) -> _Value:
        """One of the values."""
        at = bisect_right(self._sums, random.random() * self._sums[-1])
        return self._values[min(at, len(self._values) - 1)]


def happens(random: Random, share: float) -> bool:
    """Whether something does that happens in that share of cases."""
    return random.random() < share


def between(random: Random, quantiles: Quantiles) -> float:
    """A value of the distribution with these quantiles, evenly spread between two neighbours."""
    place = random.random() * (len(quantiles) - 1)
    at = int(place)
    return quantiles[at] + (quantiles[at + 1] - quantiles[at]) * (place - at)


def poisson(random: Random, expected: float) -> int:
    """How many of many rare things happen when that many are expected."""
    number = 0
    while expected > 0:
        part = min(expected, POISSON_STEP)
        expected -= part
        least, product = exp(-part), random.random()
        while product > least:
            number += 1
            product *= random.random()
    return number
