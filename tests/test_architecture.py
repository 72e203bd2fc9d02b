"""What ARCHITECTURE.md and README.md say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crdt_pms.ledger.matters import Matter

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
MATTER_TESTS = (ROOT / "tests/crdt_pms/ledger/test_matters.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("matter", Matter)
def test_every_conflict_and_alert_is_listed_with_policy_words_and_the_test_that_makes_it_happen(matter: Matter) -> None:
    test = f"test_{matter.value}"
    row = f"| `{matter.value}` | {matter.policy.value} | {matter.japanese} | {matter.english} | `{test}` |"
    assert row in ARCHITECTURE
    assert f"def {test}(" in MATTER_TESTS


def test_no_conflict_or_alert_is_listed_that_does_not_exist() -> None:
    listed = re.findall(r"^\| `((?:conflict|alert)_\w+)` \|", ARCHITECTURE, flags=re.MULTILINE)
    assert listed == [matter.value for matter in Matter]


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tests|crdt_pms|relay_server|clients|simulations)/[\w/.]+)`", ARCHITECTURE)))
)
def test_every_path_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)]+)\)", README + ARCHITECTURE))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make (\w+)", README))))
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
