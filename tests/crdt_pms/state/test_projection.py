"""Readable rows keep what the law promises, however long ago it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map

from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.documents.board import Board
from crdt_pms.documents.gate import client_id_of
from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.hotel.search_keys import guest_keys
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.limits import SUPERSEDED_KEPT_MAX
from crdt_pms.ports.records import RowChange, Scalar
from crdt_pms.state.projection import ROWS_VERSION, Projector
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.sql_transaction import SqlTransaction
from tests.crdt_pms.replica.histories import strangers
from tests.crdt_pms.replica.terminals import Desk, desks


def rows(desk: Desk, table: str) -> list[dict[str, Scalar]]:
    with desk.store.transaction() as transaction:
        return transaction.projected(table)


def test_the_losing_value_of_a_conflict_closed_long_ago_can_still_be_read(tmp_path: Path) -> None:
    with desks(tmp_path) as (here, there):
        here.reserve("s1")
        there.pull(here)
        here.do(AmendTerms("s1", rate_minor=9_000))
        there.now_ms = here.now_ms
        there.do(AmendTerms("s1", rate_minor=8_000))
        here.pull(there)
        here.do(AmendTerms("s1", rate_minor=8_500))
        for step in range(SUPERSEDED_KEPT_MAX + 2):
            here.do(AmendTerms("s1", rate_minor=10_000 + step))
        there.pull(here)
        (row,) = rows(here, "conflict")
        assert json.loads(str(row["shown"]))["rate_minor"] == 8_500
        values = rows(here, "conflict_value")
        assert {value["identity"] for value in values} == {row["identity"]}
        assert sorted(json.loads(str(value["value"]))["rate_minor"] for value in values) == [8_000, 9_000]
        assert rows(there, "conflict") == [row]
        here.restart()
        here.do(AmendTerms("s1", rate_minor=7_000))
        assert rows(here, "conflict") == [row]


@pytest.mark.parametrize("siblings", [3, 150])
def test_one_more_value_of_a_conflict_is_one_row_more_however_many_stand_there(
    tmp_path: Path, siblings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desks(tmp_path, 1) as (desk,):
        for rogue in strangers(siblings):
            rogue.give(desk)
        assert len(rows(desk, "conflict_value")) == siblings
        (late,) = strangers(1)
        written: list[RowChange] = []
        project = SqlTransaction.project

        def counted(transaction: SqlTransaction, changes: Iterable[RowChange]) -> None:
            listed = list(changes)
            written.extend(listed)
            project(transaction, listed)

        monkeypatch.setattr(SqlTransaction, "project", counted)
        late.give(desk)
        assert sorted(change.table for change in written) == ["conflict", "conflict_value", "reservation"]
        assert len(rows(desk, "conflict_value")) == siblings + 1


def test_a_room_of_which_nothing_stands_any_more_has_no_row() -> None:
    """An update may delete a value without writing one: a node that had shown it kept an empty row, a new one had none."""
    journal, other = JournalId(bytes([1]) * 16), JournalId(bytes([2]) * 16)
    board = Board(client_id_of(other))
    ((_signed, written),) = Board(client_id_of(journal)).set_many(
        [("101", HK_CONDITION, "clean")], lambda: (1, 0), journal, 1, "suzuki"
    )
    board.apply(written)
    projector = Projector(Ledger(RoomPlan(())), board)
    (shown, *_rest) = projector.changes({}, board.take_touched(), {}, lambda _dot, _register: None)
    assert shown.values is not None
    document: Doc[Any] = Doc()
    document.apply_update(written)
    before, values = document.get_state(), document.get("board", type=Map)
    del values[next(iter(values.keys()))]
    board.apply(document.get_update(before))
    (gone, *_rest) = projector.changes({}, board.take_touched(), {}, lambda _dot, _register: None)
    assert (gone.table, gone.key, gone.values) == ("room_status", {"room": "101"}, None)


def test_readable_rows_change_only_together_with_their_version() -> None:
    """A database keeps the rows that an older program wrote until the version is another one."""
    columns = {name: [column.name for column in table.columns] for name, table in sorted(READABLE_TABLES.items())}
    cards = [
        ("佐藤 陽子", "サトウ ヨウコ", "090-1234-5678"),
        ("John Paul Smith", "", "+81 3 1234 5678, j@example.com"),
        ("ジョン・スミス", "", ""),
        ("Jun'ichi Ōno", "オオノ ジュンイチ", "none"),
    ]
    told = json.dumps([columns, [guest_keys(*card) for card in cards]], ensure_ascii=False)
    assert (ROWS_VERSION, hashlib.sha256(told.encode()).hexdigest()[:16]) == (2, "386f4aac456d3fc1")
