"""A terminal's file: it tells its errors in words, and what was committed survives the process."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crdt_pms.replica.port import StoreCorrupt, StoreFull, StoreUnavailable
from crdt_pms.store import sqlite
from crdt_pms.store.sqlite import open_sqlite

_WRITE_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from crdt_pms.store.sqlite import open_sqlite

store = open_sqlite(Path(sys.argv[1]), "seaside")
for number in count(1):
    with store.transaction() as transaction:
        transaction.put_state("left", number.to_bytes(8, "big"))
        transaction.put_state("right", number.to_bytes(8, "big"))
    print(number, flush=True)
"""


def test_a_file_that_is_no_database_says_so_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    path.write_bytes(b"not a database at all" * 400)
    with pytest.raises(StoreCorrupt, match=r"hotel\.sqlite.*move it aside"):
        open_sqlite(path, "seaside")
    assert path.read_bytes() == b"not a database at all" * 400


def test_a_file_that_another_process_has_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    with closing(open_sqlite(path, "seaside")), pytest.raises(StoreUnavailable, match="other program"):
        open_sqlite(path, "seaside")


def test_a_path_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="correct the path"):
        open_sqlite(tmp_path / "missing" / "hotel.sqlite", "seaside")


def test_an_encrypted_file_opens_with_its_key_only(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    with closing(open_sqlite(path, "seaside", b"k" * 32)) as store, store.transaction() as transaction:
        transaction.put_state("guest", "佐藤 花子".encode())
    assert b"SQLite format" not in path.read_bytes()
    for wrong in (None, b"x" * 32):
        with pytest.raises(StoreCorrupt):
            open_sqlite(path, "seaside", wrong)
    with closing(open_sqlite(path, "seaside", b"k" * 32)) as store, store.transaction() as transaction:
        assert transaction.get_state("guest") == "佐藤 花子".encode()


def test_an_up_to_date_file_opens_without_the_machinery_that_migrates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hotel.sqlite"
    open_sqlite(path, "seaside").close()
    monkeypatch.delattr(sqlite, "create_engine")
    monkeypatch.delattr(sqlite, "upgrade")
    open_sqlite(path, "seaside").close()


def test_a_damaged_page_is_told_as_damage_already_when_it_is_needed_for_opening(tmp_path: Path) -> None:
    path, key = tmp_path / "hotel.sqlite", b"k" * 32
    open_sqlite(path, "seaside", key).close()
    whole = path.read_bytes()
    told = 0
    for page in range(0, len(whole), 4096):
        path.write_bytes(whole[:page] + bytes([whole[page] ^ 1]) + whole[page + 1 :])
        try:
            open_sqlite(path, "seaside", key).close()
        except StoreCorrupt:
            told += 1
    assert told > 3


def test_a_disk_without_room_for_the_tables_is_told_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        with pytest.raises(StoreFull, match=r"hotel\.sqlite.*[Mm]ake room"):
            open_sqlite(path, "seaside")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with closing(open_sqlite(path, "seaside")) as store, store.transaction() as transaction:
        assert transaction.journals() == []


@pytest.mark.process
def test_a_killed_process_loses_nothing_that_it_committed_and_leaves_no_half_transaction(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    command = [sys.executable, "-c", _WRITE_FOR_EVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 200:
                break
        process.send_signal(signal.SIGKILL)
        said = [200, *(int(line) for line in process.stdout if line.endswith("\n"))][-1]
    with closing(open_sqlite(path, "seaside")) as store, store.transaction() as transaction:
        left, right = transaction.get_state("left"), transaction.get_state("right")
        assert left == right
        assert left is not None
        assert int.from_bytes(left, "big") >= said
