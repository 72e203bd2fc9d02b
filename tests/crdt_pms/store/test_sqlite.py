"""A terminal's file: it tells its errors in words, and what was committed survives the process."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crdt_pms.replica.port import StoreCorrupt, StoreUnavailable
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
