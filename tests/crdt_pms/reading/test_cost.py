"""What an answer costs does not grow with history: the steps that SQLite takes are counted at two sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.reading.reading import Reading
from crdt_pms.store.sqlite import SqliteStore, open_sqlite
from tests.crdt_pms.journal.journals import PROPERTY_ID
from tests.crdt_pms.reading.houses import day, written, years

QUESTIONS: dict[str, Callable[[Reading], Any]] = {
    "in house": lambda reading: reading.stays(StayStatus.IN_HOUSE),
    "arriving": lambda reading: reading.arriving(day(0), day(1)),
    "departing": lambda reading: reading.departing(day(0), day(1)),
    "departed": lambda reading: reading.departed(day(0)),
    "chart": lambda reading: reading.chart(day(-7), day(14)),
    "availability": lambda reading: reading.held(day(0), day(30)),
    "postings": lambda reading: reading.postings("s4990-1/1"),
    "debts": lambda reading: reading.debts(),
    "closed conflicts": lambda reading: reading.closed_conflicts(rows_max=50),
    "past page": lambda reading: reading.stays(StayStatus.CHECKED_OUT, day(-30)),
    "by a name": lambda reading: reading.search("さとう"),
    "by a telephone number": lambda reading: reading.search("090-4990-0001"),
    "by the number of a reservation": lambda reading: reading.search("s4990-1"),
    "by room": lambda reading: reading.search("101"),
    "by nothing that is there": lambda reading: reading.search("ががが"),
}


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[SqliteStore]]:
    folder: Path = tmp_path_factory.mktemp("houses")
    with (
        closing(open_sqlite(folder / "young.sqlite", PROPERTY_ID)) as young,
        closing(open_sqlite(folder / "old.sqlite", PROPERTY_ID)) as old,
    ):
        written(young, years(60))
        written(old, years(600))
        yield [young, old]


def steps(store: SqliteStore, ask: Callable[[Reading], Any]) -> int:
    """How many instructions of SQLite's virtual machine the answer takes."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection = store._connection  # pyright: ignore[reportPrivateUsage]
    connection.set_progress_handler(count, 1)
    ask(Reading(store))
    connection.set_progress_handler(None, 1)
    return counted


@pytest.mark.parametrize("question", QUESTIONS)
def test_ten_times_the_history_is_no_more_work(houses: list[SqliteStore], question: str) -> None:
    young, old = (steps(store, QUESTIONS[question]) for store in houses)
    assert young > 20
    assert old <= young * 1.3 + 200
