"""One witnessed run on which nothing is wrong, for all tests of the checkers."""

from __future__ import annotations

import pytest

from simulations.checkers.evidence import Evidence
from tests.simulations.checkers.witnessed_run import witnessed

SEED = 1


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Four desks and a relay; one desk came back from an older copy of its disk and lost entries by it."""
    return witnessed(tmp_path_factory.mktemp("run"), SEED, 4, 300)
