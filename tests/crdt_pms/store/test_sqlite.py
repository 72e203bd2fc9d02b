"""A terminal's file: it tells its errors in words, and what was committed survives the process."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlcipher3 import dbapi2

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ports.errors import StoreCorrupt, StoreError, StoreFailing, StoreFull, StoreUnavailable
from crdt_pms.ports.records import WriteRecord
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


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_to_nothing(path: Path) -> None:
    open_sqlite(path, "seaside").close()
    path.write_bytes(b"")


def cut_within_the_first_page(path: Path) -> None:
    open_sqlite(path, "seaside").close()
    path.write_bytes(path.read_bytes()[:1_000])


def cut_within_the_tables(path: Path) -> None:
    open_sqlite(path, "seaside").close()
    path.write_bytes(path.read_bytes()[:20_000])


def database_without_tables(path: Path) -> None:
    with closing(dbapi2.connect(str(path))) as connection:
        connection.execute("PRAGMA user_version = 1")


def database_of_somebody_else(path: Path) -> None:
    with closing(dbapi2.connect(str(path))) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")


def database_that_does_not_say_its_version(path: Path) -> None:
    open_sqlite(path, "seaside").close()
    with closing(dbapi2.connect(str(path))) as connection:
        connection.execute("DELETE FROM crdt_pms_version")
        connection.commit()


@pytest.mark.parametrize(
    "spoil",
    [
        empty,
        cut_to_nothing,
        cut_within_the_first_page,
        cut_within_the_tables,
        database_without_tables,
        database_of_somebody_else,
        database_that_does_not_say_its_version,
    ],
)
def test_what_stands_at_the_path_and_is_no_whole_database_of_ours_is_never_taken_for_a_new_one(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "hotel.sqlite"
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match=r"hotel\.sqlite.*move it aside.*start again"):
        open_sqlite(path, "seaside")
    assert path.read_bytes() == before


ROWS = 300


def register(row: int, state: bytes) -> WriteRecord:
    return WriteRecord("g", f"r{row}", 0, Dot(JournalId(bytes(16)), 1), 0, state)


def outcomes(path: Path, key: bytes) -> Iterator[type[BaseException] | None]:
    """What becomes of opening an encrypted file and of working on it, damage or not."""
    try:
        store = open_sqlite(path, "seaside", key)
    except StoreCorrupt as error:
        yield type(error)
        return
    with closing(store):
        for step in range(4):
            try:
                with store.transaction() as transaction:
                    if step % 2:
                        for row in range(0, ROWS, 3):
                            transaction.put_state(f"k{row}", b"w")
                    else:
                        transaction.put_writes(register(row, b"z" * 300) for row in range(step, ROWS, 7))
                yield None
            except (StoreError, MemoryError) as error:
                yield type(error)


def test_whichever_page_of_an_encrypted_file_rots_it_is_told_as_damage_however_often_one_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, key = tmp_path / "hotel.sqlite", b"k" * 48
    with closing(open_sqlite(path, "seaside", key)) as store, store.transaction() as transaction:
        for row in range(ROWS):
            transaction.put_state(f"k{row}", b"x" * 200)
        transaction.put_writes(register(row, b"y" * 300) for row in range(ROWS))
    whole = path.read_bytes()
    told: set[type[BaseException] | None] = set()
    for page in range(0, len(whole), 4_096):
        rotten = bytearray(whole)
        rotten[page + 100] ^= 1
        path.write_bytes(rotten)
        Path(f"{path}-wal").unlink(missing_ok=True)
        told.update(outcomes(path, key))
    assert told == {None, StoreCorrupt}
    capfd.readouterr()  # SQLCipher tells of each page there.


def test_an_encrypted_file_that_was_cut_to_nothing_is_no_new_one_either(tmp_path: Path) -> None:
    path, key = tmp_path / "hotel.sqlite", b"k" * 48
    cut_to_nothing(path)
    with pytest.raises(StoreCorrupt, match="empty"):
        open_sqlite(path, "seaside", key)


def test_a_write_ahead_log_without_its_database_is_kept_and_told(tmp_path: Path) -> None:
    """Beside a new database SQLite would read the old one's log into it."""
    path, log = tmp_path / "hotel.sqlite", tmp_path / "hotel.sqlite-wal"
    log.write_bytes(b"what was committed last")
    with pytest.raises(StoreCorrupt, match=r"hotel\.sqlite-wal.*aside"):
        open_sqlite(path, "seaside")
    assert log.read_bytes() == b"what was committed last"
    assert not path.exists()


def test_a_link_that_leads_nowhere_is_no_place_for_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    path.symlink_to(tmp_path / "moved.sqlite")
    with pytest.raises(StoreUnavailable, match="correct the path"):
        open_sqlite(path, "seaside")
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_database_stands_at_its_path_only_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hotel.sqlite"
    migrated = sqlite.upgrade

    def lose_power(_engine: Engine) -> None:
        assert not path.exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite, "upgrade", lose_power)
    with pytest.raises(KeyboardInterrupt):
        open_sqlite(path, "seaside")
    assert not path.exists()
    monkeypatch.setattr(sqlite, "upgrade", migrated)
    (tmp_path / "hotel.sqlite.new").write_bytes(b"half a database")
    (tmp_path / "hotel.sqlite.new-wal").write_bytes(b"and its log")
    with closing(open_sqlite(path, "seaside")) as store, store.transaction() as transaction:
        assert transaction.journals() == []
    assert [file.name for file in tmp_path.iterdir()] == ["hotel.sqlite"]


def test_a_file_that_another_process_has_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    with closing(open_sqlite(path, "seaside")), pytest.raises(StoreUnavailable, match="other program"):
        open_sqlite(path, "seaside")


def test_a_path_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="correct the path"):
        open_sqlite(tmp_path / "missing" / "hotel.sqlite", "seaside")


def test_an_encrypted_file_opens_with_its_key_only(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    with closing(open_sqlite(path, "seaside", b"k" * 48)) as store, store.transaction() as transaction:
        transaction.put_state("guest", "佐藤 花子".encode())
    assert b"SQLite format" not in path.read_bytes()
    for wrong in (None, b"x" * 48):
        with pytest.raises(StoreCorrupt):
            open_sqlite(path, "seaside", wrong)
    with closing(open_sqlite(path, "seaside", b"k" * 48)) as store, store.transaction() as transaction:
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
    path, key = tmp_path / "hotel.sqlite", b"k" * 48
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


def test_a_disk_without_room_is_told_and_keeps_what_it_has(tmp_path: Path) -> None:
    with closing(open_sqlite(tmp_path / "hotel.sqlite", "seaside")) as store:
        with store.transaction() as transaction:
            transaction.put_state("guest", b"old")
            transaction.cursor.execute("PRAGMA max_page_count = 1")
        with pytest.raises(StoreFull, match=r"hotel\.sqlite.*[Mm]ake room"), store.transaction() as transaction:
            transaction.put_state("guest", bytes(100_000))
        with store.transaction() as transaction:
            assert transaction.get_state("guest") == b"old"


def test_a_disk_that_fails_while_the_tables_are_made_is_told_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        with pytest.raises(StoreFailing, match=r"hotel\.sqlite.*I/O error.*[Cc]heck the disk"):
            open_sqlite(path, "seaside")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()
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
