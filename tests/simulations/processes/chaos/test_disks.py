"""Backups, restores and reading of the disks of a running hotel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from crdt_pms.store.postgresql import libpq_url
from simulations.checkers.violation import Dot
from simulations.processes.chaos.disks import RelayDatabase, TerminalDisk, log_of
from simulations.processes.managed_process import ManagedProcess

JOURNAL = b"j" * 16
PROPERTY_ID = "seaside"
_WRITER = """
import os, sys
from sqlcipher3 import dbapi2
path, property_id, journal, *numbers = sys.argv[1:]
connection = dbapi2.connect(path, isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("CREATE TABLE IF NOT EXISTS entry (property_id TEXT, position INTEGER, journal BLOB, seq INTEGER)")
for number in map(int, numbers):
    connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?)", (property_id, number, journal.encode(), number))
os._exit(0)
"""


def write(disk: TerminalDisk, *numbers: int) -> None:
    """As a terminal does that ends without folding its log into the file."""
    arguments = [str(disk.path), PROPERTY_ID, JOURNAL.decode(), *map(str, numbers)]
    subprocess.run([sys.executable, "-c", _WRITER, *arguments], check=True)


def held(disk: TerminalDisk) -> list[int]:
    return [seq for _journal, seq in log_of(disk.path, PROPERTY_ID)]


@pytest.fixture
def disk(tmp_path: Path) -> TerminalDisk:
    return TerminalDisk(tmp_path / "desk.sqlite", PROPERTY_ID)


def test_what_a_killed_terminal_had_committed_is_read_without_touching_its_files(disk: TerminalDisk) -> None:
    write(disk, 1, 2)
    before = {file.name: file.read_bytes() for file in disk.path.parent.iterdir()}
    assert disk.wal_bytes > 0
    assert disk.vector() == {JOURNAL: 2}
    assert {file.name: file.read_bytes() for file in disk.path.parent.iterdir()} == before


def test_a_backup_put_back_is_the_disk_of_then_and_what_it_replaced_is_kept(disk: TerminalDisk) -> None:
    write(disk, 1, 2)
    backup = disk.back_up("backup")
    write(disk, 3)
    disk.put_back(backup)
    assert held(disk) == [1, 2]
    write(disk, 3, 4)
    disk.put_back(backup)
    write(disk, 3)
    assert [list(log.dots) for log in disk.logs()] == [
        [Dot(JOURNAL, seq) for seq in range(1, last + 1)] for last in (3, 4, 3)
    ]


def test_a_database_goes_back_under_whoever_uses_it(fresh_database_url: str) -> None:
    database = RelayDatabase(libpq_url(fresh_database_url), PROPERTY_ID)
    with psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE entry (property_id TEXT, position INTEGER, journal BYTEA, seq INTEGER)")
        connection.execute("CREATE TABLE node_state (property_id TEXT, key TEXT, value BYTEA)")
        connection.execute("INSERT INTO node_state VALUES (%s, 'generation', %s)", (PROPERTY_ID, b"first"))

    def commit(number: int) -> None:
        with psycopg.connect(database.url) as connection:
            connection.execute("INSERT INTO entry VALUES (%s, %s, %s, %s)", (PROPERTY_ID, number, JOURNAL, number))

    commit(1)
    assert database.announced_through({b"first": 1}.__getitem__) == 1
    with psycopg.connect(database.url) as user:
        backup = database.back_up()
        with pytest.raises(psycopg.OperationalError):
            user.execute("SELECT 1")
    commit(2)
    with psycopg.connect(database.url) as user:
        assert database.vector(backup) == {JOURNAL: 1}
        database.put_back(backup, 2)
        with pytest.raises(psycopg.OperationalError):
            user.execute("SELECT 1")
    try:
        assert database.generation() == b"first"
        assert database.announced_through({b"first": 2}.__getitem__) == 0
        with psycopg.connect(database.url) as connection:
            connection.execute("UPDATE node_state SET value = %s", (b"second",))
        assert database.announced_through({b"second": 1}.__getitem__) == 1
        assert database.vector() == {JOURNAL: 1}
        assert [(len(log.dots), log.announced_through) for log in database.logs(1)] == [(2, 2), (1, 1)]
    finally:
        with psycopg.connect(database.url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database.replaced[0][0]}"'.encode())


def test_a_paused_process_stands_still_and_heeds_when_it_is_asked_to_end(tmp_path: Path) -> None:
    process = ManagedProcess("settings", ["settings"], tmp_path / "log", "")
    process.start()
    process.pause()
    states = [
        task.read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{process.pid}/task").glob("*/stat")
    ]
    assert process.exit_code is not None or set(states) == {"T"}
    process.stop()
    assert not process.is_running
    process.pause()
    process.resume()
    assert process.exit_code is not None
