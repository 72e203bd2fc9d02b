"""Readable rows keep what the law promises, however long ago it was."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.ledger.limits import SUPERSEDED_KEPT_MAX
from crdt_pms.replica.port import RowChange, Scalar
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
