"""What the relay's own journal costs: the desk for other systems reads no more of the property the more journals there are."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.reading.reading import Reading
from crdt_pms.store.postgresql import open_reading
from crdt_pms.store.sql_transaction import SqlTransaction
from relay_server.idempotency import RequestKey
from relay_server.origin_desk import OriginDesk
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, desks
from tests.relay_server.histories import certificates_of, commit_all, entries_of
from tests.relay_server.relays import RELAY
from tests.relay_server.test_projection import follow, projecting

pytestmark = pytest.mark.process


Reads = Counter[str]
"""Statements and rows that were read."""


def booked(url: str, number: int, reads: Reads) -> None:
    """A new relay process, and the first booking that it takes: it opens a journal. Only the booking's reads are counted."""
    ids = count(1)
    with projecting(url) as projection, closing(open_reading(url, PROPERTY_ID, 1)) as store:
        desk = OriginDesk(projection, RELAY, lambda: f"id-{number}-{next(ids)}", Reading(store))
        action = CreateStay(
            arrival=OPENING_DATE, nights=1, room_type="A", rate_minor=1, adults=1, source="web", stay=f"booked-{number}",
            guest_name="佐藤 花子", guest_contact="090-0000-0001",
        )  # fmt: skip
        follow(projection)
        reads.clear()
        desk.create("booking-engine", action, RequestKey("booking-engine", f"key-{number}", b"digest"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """What transactions read from now on."""
    counted: Reads = Counter()
    one, all_ = SqlTransaction._one, SqlTransaction._all

    def counted_one(transaction: SqlTransaction, statement: Any, **parameters: Any) -> Any:
        row = one(transaction, statement, **parameters)
        counted["statements"] += 1
        counted["rows"] += row is not None
        return row

    def counted_all(transaction: SqlTransaction, statement: Any, **parameters: Any) -> list[Any]:
        rows = all_(transaction, statement, **parameters)
        counted["statements"] += 1
        counted["rows"] += len(rows)
        return rows

    monkeypatch.setattr(SqlTransaction, "_one", counted_one)
    monkeypatch.setattr(SqlTransaction, "_all", counted_all)
    return counted


def test_opening_a_journal_reads_as_much_however_many_there_are(
    tmp_path: Path, database_url: str, reads: Reads
) -> None:
    costs: list[Reads] = []
    committed = 0
    with desks(tmp_path, 1) as (desk,):
        booked(database_url, 9, reads)
        for number, starts in enumerate((2, 40)):
            for start in range(starts):
                desk.reserve(f"stay-{number}-{start}")
                desk.restart()
            new = entries_of(desk)[committed:]
            committed += len(new)
            commit_all(database_url, certificates_of(desk), new)
            booked(database_url, number, reads)
            costs.append(Counter(reads))
    assert costs[0]["rows"] > 0
    assert costs[0] == costs[1]
