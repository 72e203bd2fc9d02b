"""Draws: tables in proportion, quantiles within their ends, counts around what is expected."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import fmean, pvariance

import pytest

from simulations.workloads.draws import Table, between, happens, poisson

DRAWS = 4_000


def test_values_are_drawn_in_proportion_to_shares_that_sum_to_anything() -> None:
    random, table = Random(1), Table((("a", 3.0), ("b", 1.0), ("never", 0.0)))
    drawn = Counter(table.draw(random) for _ in range(DRAWS))
    assert drawn["a"] / DRAWS == pytest.approx(0.75, abs=0.03)
    assert "never" not in drawn


@pytest.mark.parametrize("shares", [(), (("a", 0.0),)])
def test_a_table_of_nothing_is_refused(shares: tuple[tuple[str, float], ...]) -> None:
    with pytest.raises(ValueError, match="give at least one value a share above 0"):
        Table(shares)


def test_quantiles_are_met() -> None:
    random = Random(2)
    drawn = sorted(between(random, (0.0, 1.0, 10.0)) for _ in range(DRAWS))
    assert 0 <= drawn[0] <= drawn[-1] <= 10
    assert drawn[DRAWS // 2] == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("expected", [0.3, 12.0, 95.0])
def test_counts_scatter_around_what_is_expected(expected: float) -> None:
    random = Random(3)
    drawn = [poisson(random, expected) for _ in range(DRAWS)]
    assert fmean(drawn) == pytest.approx(expected, rel=0.05)
    assert pvariance(drawn) == pytest.approx(expected, rel=0.12)


def test_nothing_expected_never_comes() -> None:
    assert poisson(Random(4), 0.0) == 0


def test_what_has_no_share_never_happens_and_what_has_all_always() -> None:
    random = Random(5)
    assert not any(happens(random, 0.0) for _ in range(100))
    assert all(happens(random, 1.0) for _ in range(100))
