"""The readable tables: what a terminal that holds the same entries shows, as of the watermark, whatever fails in between."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import psycopg
import pytest

from crdt_pms.desk.actions import notes
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.documents import stay_note
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.ports.errors import StoreError
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.store.postgresql import open_postgresql
from crdt_pms.store.tables import DERIVED_TABLES
from relay_server import projection as projection_module
from relay_server.projection import Projection, ProjectionAhead
from tests.crdt_pms.journal.journals import append, writer
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS
from tests.relay_server.histories import (
    Rows,
    another_journal,
    certificates_of,
    commit_all,
    entries_of,
    live_through,
    open_desks,
    rows_in,
    rows_of,
)
from tests.relay_server.relays import TroubledStore, back_up, definition, restore, state_of

WATERMARK = "projected"


@dataclass(frozen=True)
class History:
    """A hotel's entries in two causal orders, and what a terminal shows of them."""

    certificates: list[Certificate]
    orders: list[list[Entry]]
    rows: Rows
    content_hash: bytes


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    with open_desks(tmp_path_factory.mktemp("history")) as (one, other):
        live_through(one, other)
        orders = [entries_of(one), entries_of(other)]
        assert orders[0] != orders[1]
        rows = rows_of(one)
        assert rows == rows_of(other)
        return History(certificates_of(one), orders, rows, one.replica.state.content_hash())


@contextmanager
def projecting(url: str, store: Store | None = None, looks: Callable[[], int] = lambda: 0) -> Iterator[Projection]:
    """A projection as a relay process that starts now has it; `looks` counts those of its committer."""
    store = store or open_postgresql(url, PROPERTY_ID)
    with closing(store):
        clock = HandedClock(START_MS + 10**8)
        yield Projection(store, definition(), clock, lambda: JournalId(secrets.token_bytes(16)), looks)


def follow(projection: Projection) -> None:
    """Project everything that is committed, however often it fails."""
    for _ in range(200):
        try:
            if projection.catch_up().caught_up:
                projection.refresh_alerts()
                return
        except StoreError:
            assert projection.position is None, "what failed is not built upon"
    raise AssertionError("it does not come to an end")


def watermark(url: str) -> int:
    return int.from_bytes(state_of(url, WATERMARK) or b"", "big")


def test_the_history_has_rows_of_every_kind(history: History) -> None:
    assert all(history.rows.values())


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("at_once", [1, 7, 500])
def test_the_tables_equal_those_of_a_terminal_with_the_same_entries(
    database_url: str, history: History, monkeypatch: pytest.MonkeyPatch, order: int, at_once: int
) -> None:
    monkeypatch.setattr(projection_module, "PROJECT_ENTRIES_MAX", at_once)
    commit_all(database_url, history.certificates, history.orders[order])
    with projecting(database_url) as projection:
        follow(projection)
        assert projection.content_hash() == history.content_hash
    assert rows_in(database_url) == history.rows
    assert watermark(database_url) == len(history.orders[order])


def test_alerts_follow_too_when_entries_come_one_by_one(database_url: str, history: History) -> None:
    commit_all(database_url, history.certificates, [])
    with projecting(database_url) as projection:
        for start in range(0, len(history.orders[0]), 5):
            commit_all(database_url, [], history.orders[0][start : start + 5])
            follow(projection)
    assert rows_in(database_url) == history.rows


def test_the_watermark_moves_in_the_transaction_of_what_it_vouches_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whenever anything is committed, the tables show exactly as many entries as the watermark says."""
    monkeypatch.setattr(projection_module, "PROJECT_ENTRIES_MAX", 3)
    with open_desks(tmp_path, 1) as [desk]:
        for number in range(10):
            desk.reserve(f"stay-{number}")
        commit_all(database_url, certificates_of(desk), entries_of(desk))
    seen: list[int] = []

    def look() -> None:
        shown = len(rows_in(database_url)["reservation"])
        assert shown == watermark(database_url)
        seen.append(shown)

    with projecting(database_url, _Watched(open_postgresql(database_url, PROPERTY_ID), look)) as projection:
        follow(projection)
    assert seen[:4] == [3, 6, 9, 10]


@pytest.mark.parametrize("trouble", ["refused", "unheard", "lost"])
def test_after_failed_transactions_it_shows_the_same(
    database_url: str, history: History, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(projection_module, "PROJECT_ENTRIES_MAX", 9)
    commit_all(database_url, history.certificates, history.orders[0])
    store = TroubledStore(open_postgresql(database_url, PROPERTY_ID))
    store.troubles = ["", trouble, "", "", trouble, trouble, "", trouble]
    with projecting(database_url, store) as projection:
        follow(projection)
        assert projection.content_hash() == history.content_hash
        assert not store.troubles
    assert rows_in(database_url) == history.rows


def test_a_failed_transaction_moves_neither_rows_nor_watermark(database_url: str, history: History) -> None:
    commit_all(database_url, history.certificates, history.orders[0])
    store = TroubledStore(open_postgresql(database_url, PROPERTY_ID), ["refused"])
    with projecting(database_url, store) as projection:
        with pytest.raises(StoreError):
            projection.catch_up()
        assert projection.position is None
    assert watermark(database_url) == 0
    assert not any(rows_in(database_url).values())


def test_each_load_may_write_under_a_journal_of_its_own_only(database_url: str, history: History) -> None:
    """What a failed transaction wrote may have been seen; its numbers are never used again."""
    commit_all(database_url, history.certificates, history.orders[0])
    store = TroubledStore(open_postgresql(database_url, PROPERTY_ID), ["", "refused"])
    with projecting(database_url, store) as projection:
        projection.catch_up()
        first = projection.journal
        with pytest.raises(StoreError):
            projection.catch_up()
        follow(projection)
        assert projection.journal != first


def test_rebuilding_from_scratch_gives_what_grew_live(database_url: str, history: History) -> None:
    commit_all(database_url, history.certificates, [])
    for start in range(0, len(history.orders[1]), 4):
        commit_all(database_url, [], history.orders[1][start : start + 4])
        with projecting(database_url) as projection:
            follow(projection)
    live = rows_in(database_url)
    assert live == history.rows
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        for table in (*live, *(derived.name for derived in DERIVED_TABLES)):
            connection.execute(f"DELETE FROM {table}".encode())
        connection.execute("DELETE FROM node_state WHERE key NOT IN ('generation')")
    with projecting(database_url) as projection:
        follow(projection)
        assert projection.content_hash() == history.content_hash
    assert rows_in(database_url) == live


def test_two_relay_processes_project_by_turns(
    database_url: str, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection_module, "PROJECT_ENTRIES_MAX", 4)
    monkeypatch.setattr(projection_module, "RELOAD_BEYOND_ENTRIES", 10)
    commit_all(database_url, history.certificates, history.orders[0])
    with projecting(database_url) as one, projecting(database_url) as other:
        one.catch_up()
        for _ in range(4):
            other.catch_up()
        before = watermark(database_url)
        one.catch_up()
        assert watermark(database_url) == before + 4, "never older rows over newer ones"
        follow(other)
        follow(one)
        assert one.content_hash() == other.content_hash() == history.content_hash
    assert rows_in(database_url) == history.rows


def test_a_state_that_is_loaded_behind_the_order_knows_what_it_holds(database_url: str) -> None:
    first, second, third = writer(1), writer(2), writer(3)
    certificates = [journal.certificate for journal in (first, second, third)]
    commit_all(database_url, certificates, [append(first), append(second), append(first)])
    with projecting(database_url) as projection:
        follow(projection)
    commit_all(database_url, [], [append(third), append(third), append(second), append(first), append(third)])
    with projecting(database_url) as projection:
        loaded = projection.loaded()
        assert loaded.position == 3
        assert loaded.vector == {first.head.journal: 2, second.head.journal: 1}


def test_after_a_restored_backup_the_tables_show_the_backup_s_entries(database_url: str, history: History) -> None:
    commit_all(database_url, history.certificates, history.orders[0][:20])
    with projecting(database_url) as projection:
        follow(projection)
        backup = back_up(database_url)
        commit_all(database_url, [], history.orders[0][20:30])
        follow(projection)
        restore(backup, database_url)
        with pytest.raises(StoreError):
            projection.catch_up()
        follow(projection)
        assert projection.position == watermark(database_url) == 20


def test_it_writes_nothing_over_a_watermark_that_went_back_under_it(database_url: str, history: History) -> None:
    """It keeps refusing until the committer ends the process."""
    commit_all(database_url, history.certificates, history.orders[0][:20])
    with projecting(database_url) as projection:
        follow(projection)
        with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
            connection.execute("UPDATE node_state SET value = '\\x05' WHERE key = 'projected'")
        for _ in range(2):
            with pytest.raises(ProjectionAhead):
                projection.catch_up()
    assert watermark(database_url) == 5


def test_rows_that_went_back_while_the_order_did_not_are_projected_again(database_url: str, history: History) -> None:
    """A backup from between a commit and its projection: the committer finds nothing wrong, and nobody else would end this."""
    commit_all(database_url, history.certificates, history.orders[0])
    looks = 7
    with projecting(database_url, looks=lambda: looks) as projection:
        follow(projection)
        with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
            for table in (*history.rows, *(derived.name for derived in DERIVED_TABLES)):
                connection.execute(f"DELETE FROM {table}".encode())
            connection.execute("DELETE FROM node_state WHERE key NOT IN ('generation')")
        with pytest.raises(ProjectionAhead):
            projection.catch_up()
        looks += 2
        follow(projection)
        assert projection.content_hash() == history.content_hash
    assert rows_in(database_url) == history.rows


def test_clocks_of_a_loaded_state_are_not_behind_what_was_shown(database_url: str, history: History) -> None:
    commit_all(database_url, history.certificates, history.orders[0])
    newest = max(entry.stamp for entry in history.orders[0])
    with projecting(database_url) as projection:
        follow(projection)
        assert projection.stamps.issue(0) > newest
    with projecting(database_url) as projection:
        projection.loaded()
        assert projection.stamps.issue(0) > newest


def test_a_note_with_a_character_that_postgresql_has_not_stops_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No desk of ours writes one; another device's program may."""
    monkeypatch.setattr(notes, "is_storable", lambda _text: True)
    with open_desks(tmp_path, 1) as [desk]:
        desk.reserve("sato")
        desk.do(EditNote(stay_note("sato"), "", "a\0b"))
        commit_all(database_url, certificates_of(desk), entries_of(desk))
    with projecting(database_url) as projection:
        follow(projection)


def test_an_operation_whose_refusal_repeats_such_a_character_stops_nothing(database_url: str, tmp_path: Path) -> None:
    with open_desks(tmp_path, 1) as [desk]:
        desk.reserve("sato")
        operation = msgpack.unpackb(entries_of(desk)[0].content, strict_map_key=False)
        journal = another_journal()
        spoilt = append(journal, msgpack.packb(_with_field(operation, "x\0")))
        desk.replica.receive_certificates([journal.certificate])
        assert desk.replica.receive([spoilt], desk.now_ms).quarantined == 1
        commit_all(database_url, certificates_of(desk), entries_of(desk))
        with projecting(database_url) as projection:
            follow(projection)
        assert rows_in(database_url) == rows_of(desk)


def _with_field(value: Any, name: str) -> Any:
    """The same with one more field in every mapping."""
    if isinstance(value, dict):
        return {key: _with_field(each, name) for key, each in value.items()} | {name: 1}
    return [_with_field(each, name) for each in value] if isinstance(value, list) else value


@dataclass
class _Watched:
    """A store beside which somebody looks after every commit."""

    inner: Store
    look: Callable[[], None]

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        with self.inner.transaction(durable=durable) as transaction:
            yield transaction
        self.look()

    def close(self) -> None:
        self.inner.close()
