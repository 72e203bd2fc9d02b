"""What cannot be read is an error, never a run without violations."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crdt_pms.hotel.search_keys import GUEST_KEYS
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.sqlite import open_sqlite
from simulations.checkers.contents import RELAY
from simulations.checkers.errors import NodeUnreadable, RecordUnreadable
from simulations.checkers.tables import READABLE
from simulations.checkers.witnessed import Acknowledged
from simulations.processes.verifier.laws import verify
from simulations.processes.verifier.reading import read_sqlite
from simulations.processes.verifier.record import RunRecord
from tests.crdt_pms.replica.terminals import PROPERTY_ID, desks
from tests.simulations.processes.verifier.finished_run import Copy


def contents_of(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_readable_table_and_column_is_judged() -> None:
    # The keys by which a guest is found are there for searching; the tests of `crdt_pms.hotel.search_keys` judge them.
    product = {
        name: [one.name for one in table.columns if one.name not in ("property_id", *GUEST_KEYS)]
        for name, table in READABLE_TABLES.items()
    }
    assert product == {name: list(columns) for name, columns in READABLE.items()}


def test_a_killed_process_leaves_its_last_entries_in_the_write_ahead_log(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("stay-a")
        killed = tmp_path / "killed"
        killed.mkdir()
        # Copied while the process lives: what a kill would leave. All entries are in the log, none in the file.
        for name in ("desk-1.sqlite", "desk-1.sqlite-wal"):
            shutil.copyfile(tmp_path / name, killed / name)
    before = contents_of(killed)
    found = read_sqlite("desk-1", killed / "desk-1.sqlite", PROPERTY_ID)
    assert len(found.entries) == 1
    assert found.tables["reservation"]["stay-a"]["nights"] == 2
    assert contents_of(killed) == before


@pytest.mark.parametrize("content", [b"", b"not a database, though it is long enough to be one" * 100])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "desk-1.sqlite"
    path.write_bytes(content)
    with pytest.raises(NodeUnreadable, match="desk-1"):
        read_sqlite("desk-1", path, PROPERTY_ID)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NodeUnreadable, match="desk-1"):
        read_sqlite("desk-1", tmp_path / "nowhere.sqlite", PROPERTY_ID)
    assert contents_of(tmp_path) == {}


def test_a_database_that_is_encrypted(tmp_path: Path) -> None:
    open_sqlite(tmp_path / "desk.sqlite", PROPERTY_ID, bytes(48)).close()
    with pytest.raises(NodeUnreadable, match="encrypted"):
        read_sqlite("desk-1", tmp_path / "desk.sqlite", PROPERTY_ID)


def test_a_database_of_another_property(run: Copy) -> None:
    with pytest.raises(NodeUnreadable, match="no entry of the property"):
        read_sqlite("desk-1", run.record.terminals["desk-1"], "another")


def test_a_database_that_lacks_a_table(run: Copy) -> None:
    run.run("desk-1", "DROP TABLE alert")
    with pytest.raises(NodeUnreadable, match="alert"):
        verify(run.record)


def test_a_postgresql_that_does_not_answer(run: Copy) -> None:
    with pytest.raises(NodeUnreadable, match=RELAY):
        verify(replace(run.record, database_url="postgresql://nobody@127.0.0.1:1/nothing"))


def test_a_property_file_that_is_none(run: Copy, tmp_path: Path) -> None:
    path = tmp_path / "property.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(NodeUnreadable, match=r"property\.json"):
        verify(replace(run.record, property_file=path))


def test_a_record_that_names_a_stranger(run: Copy) -> None:
    with pytest.raises(RecordUnreadable, match="desk-9"):
        verify(replace(run.record, acknowledged=(Acknowledged("desk-9", "check_in", ()),)))


def test_a_record_survives_its_file(finished_run: RunRecord, tmp_path: Path) -> None:
    finished_run.save(tmp_path / "record.json")
    assert RunRecord.load(tmp_path / "record.json") == finished_run


@pytest.mark.parametrize("text", ["", "[]", '{"version": 1}', '{"version": 2}'])
def test_a_record_that_is_damaged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordUnreadable):
        RunRecord.load(path)
