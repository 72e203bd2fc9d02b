"""What the relay's own journal costs: the desk for other systems reads no more of the property the more journals there are."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.store.sql_transaction import SqlTransaction
from relay_server.idempotency import RequestKey
from relay_server.origin_desk import OriginDesk
from tests.crdt_pms.replica.terminals import OPENING_DATE, desks
from tests.relay_server.histories import certificates_of, commit_all, entries_of
from tests.relay_server.relays import RELAY
from tests.relay_server.test_projection import projecting

pytestmark = pytest.mark.process


def booked(url: str, number: int) -> None:
    """A new relay process, and the first booking that it takes: it opens a journal."""
    ids = count(1)
    with projecting(url) as projection:
        desk = OriginDesk(projection, RELAY, lambda: f"id-{number}-{next(ids)}")
        action = CreateStay(
            arrival=OPENING_DATE, nights=1, room_type="A", rate_minor=1, adults=1, source="web", stay=f"booked-{number}",
            guest_name="佐藤 花子", guest_contact="090-0000-0001",
        )  # fmt: skip
        desk.create("booking-engine", action, RequestKey("booking-engine", f"key-{number}", b"digest"))


def test_opening_a_journal_reads_one_head_however_many_there_are(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    for name in ("head", "certificate"):
        real = getattr(SqlTransaction, name)

        def counted(transaction: SqlTransaction, *arguments: object, real: object = real, name: str = name) -> object:
            asked[name] += 1
            return real(transaction, *arguments)  # type: ignore[operator]

        monkeypatch.setattr(SqlTransaction, name, counted)
    costs: list[Counter[str]] = []
    committed = 0
    with desks(tmp_path, 1) as (desk,):
        booked(database_url, 9)
        for number, starts in enumerate((2, 12)):
            for start in range(starts):
                desk.reserve(f"stay-{number}-{start}")
                desk.restart()
            new = entries_of(desk)[committed:]
            committed += len(new)
            commit_all(database_url, certificates_of(desk), new)
            asked.clear()
            booked(database_url, number)
            costs.append(Counter(asked))
    assert costs[1]["head"] == costs[0]["head"] == 1
