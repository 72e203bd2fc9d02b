"""One finished run for all tests of the judge, and a copy of it for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulations.processes.verifier.record import RunRecord
from tests.simulations.processes.verifier.finished_run import Copy, copied, finished


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[RunRecord]:
    """A run on which nothing is wrong. Not to be written to."""
    with finished(tmp_path_factory.mktemp("run"), postgres_url) as record:
        yield record


@pytest.fixture
def run(finished_run: RunRecord, tmp_path: Path, postgres_url: str) -> Iterator[Copy]:
    """A copy of the finished run to tamper with."""
    with copied(finished_run, tmp_path, postgres_url) as copy:
        yield copy
