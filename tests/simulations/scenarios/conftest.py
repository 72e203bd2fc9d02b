"""Each scenario is performed once for all tests of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulations.scenarios.catalogue import SCENARIOS
from simulations.scenarios.stage import Performance, perform


@pytest.fixture(scope="session")
def performed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Performance]:
    """Gives what became of the scenario of that name."""
    known: dict[str, Performance] = {}

    def perform_once(name: str) -> Performance:
        if name not in known:
            known[name] = perform(SCENARIOS[name](), tmp_path_factory.mktemp(name))
        return known[name]

    return perform_once
