"""The page of a world stands alone, and hides nothing of what was found."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import pytest

from simulations.checkers.judging import Finding
from simulations.reports.elements import table
from simulations.reports.meetings import meetings
from simulations.reports.page import write_report
from simulations.scenarios.script import milliseconds_of
from simulations.world.plan import START_MS
from tests.simulations.reports.conftest import Watched

COMMAND = "crdt-pms simulate --seed 1"


@pytest.fixture(scope="module")
def page(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "world.html"
    write_report(path, watched.plan, watched.outcome, watched.trace, watched.timeline, COMMAND)
    return path.read_text(encoding="utf-8")


def test_it_needs_nothing_beside_itself(page: str) -> None:
    assert re.findall(r"<(?:script|link|img|iframe|object)\b|\bsrc=|\bhref=|url\(|@import|https?:", page) == []


def test_it_says_how_to_see_the_world_again(page: str, watched: Watched) -> None:
    assert COMMAND in page
    assert watched.outcome.hash in page


@pytest.mark.parametrize(
    "class_",
    [
        "node runs", "node cut-off", "node frozen", "node down", "node switched-off", "skew", "line linked",
        "line whole-not-linked", "line one-way-only", "line cut", "healing", "act", "open", "depth", "samples", "fault",
        "meeting",
    ],
)  # fmt: skip
def test_everything_that_happened_is_drawn(page: str, class_: str) -> None:
    drawn = page[page.index('class="picture-box"') :]
    assert f'class="{class_}"' in drawn


def test_what_a_class_is_drawn_with_stands_in_the_style(page: str) -> None:
    style, body = page.split("</style>")
    used = {class_.replace(" ", ".") for class_ in re.findall(r'class="((?:node|line) [a-z-]+)"', body)}
    assert {class_ for class_ in used if f".{class_} " not in style} == set()


def test_the_agreement_after_each_healing_is_told(page: str, watched: Watched) -> None:
    for agreed in watched.outcome.agreed_after_ms:
        assert agreed is not None
        assert f"{agreed / 1_000:.1f} s" in page


def test_a_world_without_findings_says_so(page: str) -> None:
    assert "no law is broken" in page


def test_every_finding_is_told(watched: Watched, tmp_path: Path) -> None:
    findings = [Finding("money", 8, "desk-1", "balance 3 < sum & <script>"), Finding("liveness", 12, "", "never")]
    outcome = replace(watched.outcome, findings=findings)
    write_report(tmp_path / "x.html", watched.plan, outcome, watched.trace, watched.timeline, COMMAND)
    written = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "2 findings" in written
    assert "no law is broken" not in written
    assert "balance 3 &lt; sum &amp; &lt;script&gt;" in written


def test_the_same_world_gives_the_same_page(page: str, watched: Watched, tmp_path: Path) -> None:
    write_report(tmp_path / "x.html", watched.plan, watched.outcome, watched.trace, watched.timeline, COMMAND)
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == page


def test_a_conflict_is_marked_where_and_when_a_node_first_knew_both_sides(watched: Watched) -> None:
    timeline = watched.timeline
    found = meetings(timeline.history, timeline.conflicts)
    together = START_MS + milliseconds_of("1 21:00")
    assert sorted(found) == ["desk-1", "desk-2", "relay"]
    for node in found.values():
        ((at_ms, conflict),) = node
        assert together <= at_ms < together + 30_000
        assert conflict.row.startswith("hayashi")


def test_words_of_people_are_text_and_nothing_else() -> None:
    parent = Element("div")
    table(parent, ("name",), [("<b>森 & 林</b>",)])
    assert "&lt;b&gt;森 &amp; 林&lt;/b&gt;" in tostring(parent, encoding="unicode", method="html")
