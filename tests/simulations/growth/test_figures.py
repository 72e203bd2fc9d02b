"""What is asked of the figures."""

from __future__ import annotations

from simulations.growth.figures import BOUNDS, FLAT, JOINING_BOUNDS, ORDER, Line, ratios, targets


def line(days: int, **figures: float) -> Line:
    return {**dict.fromkeys(ORDER, 1.0), "days": days, **figures}


def test_a_ratio_is_the_later_figure_over_the_first() -> None:
    assert ratios(line(30, rss_mb=100), line(365, rss_mb=150))["rss_mb"] == 1.5


def test_after_three_years_bounds_and_ratios_are_judged() -> None:
    found = {target.words: target.is_met for target in targets([line(30), line(1_095, rss_mb=181)])}
    assert len(found) == len(BOUNDS) + len(FLAT)
    assert [words for words, is_met in found.items() if not is_met] == [
        "rss_mb after 3 years",
        "rss_mb, last line to first",
    ]


def test_after_one_year_joining_is_judged() -> None:
    found = list(targets([line(365, fresh_desk_s=11)]))
    assert len(found) == len(JOINING_BOUNDS)
    assert [target.words for target in found if not target.is_met] == ["fresh_desk_s after 1 year"]


def test_a_single_young_hotel_has_no_targets() -> None:
    assert not list(targets([line(30)]))
