"""An answer is given again for a week, and what is kept does not grow with history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crdt_pms.store.sqlite import SqliteStore, open_sqlite
from relay_server.idempotency import Answer, KeyReused, RequestKey, remember, remembered
from relay_server.limits import IDEMPOTENCY_KEPT_MS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(open_sqlite(tmp_path / "relay.sqlite", "seaside")) as opened:
        yield opened


def key(number: int, fingerprint: bytes = b"f") -> RequestKey:
    return RequestKey("web", f"k{number}", fingerprint)


def answer(number: int) -> Answer:
    return Answer(201, b"%d" % number, f'"{number}"')


def kept(store: SqliteStore) -> int:
    with store.transaction() as transaction:
        transaction.cursor.execute("SELECT count(*) FROM request_answer")
        return int(transaction.cursor.fetchone()[0])


def test_an_answer_is_given_again_for_a_week(store: SqliteStore) -> None:
    with store.transaction() as transaction:
        remember(transaction, key(1), answer(1), 0)
        remember(transaction, key(2), answer(2), IDEMPOTENCY_KEPT_MS)
        found = remembered(transaction, key(1))
        assert found == Answer(201, b"1", '"1"', repeated=True)
        with pytest.raises(KeyReused):
            remembered(transaction, key(1, b"another request"))
        remember(transaction, key(3), answer(3), IDEMPOTENCY_KEPT_MS + 1)
        assert remembered(transaction, key(1)) is None


@pytest.mark.parametrize("days", [20, 200])
def test_what_is_kept_is_what_a_week_brought_however_old_the_hotel_is(store: SqliteStore, days: int) -> None:
    with store.transaction() as transaction:
        for hour in range(days * 24):
            remember(transaction, key(hour), answer(hour), hour * HOUR_MS)
    assert kept(store) == IDEMPOTENCY_KEPT_MS // HOUR_MS + 1


def test_a_clock_that_jumps_ahead_forgets_little(store: SqliteStore) -> None:
    with store.transaction() as transaction:
        for number in range(100):
            remember(transaction, key(number), answer(number), number)
        remember(transaction, key(100), answer(100), 365 * DAY_MS)
    assert kept(store) == 91
