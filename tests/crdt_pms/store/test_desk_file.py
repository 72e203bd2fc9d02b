"""A desk's database is encrypted, its key comes before it, and without its key nothing is opened or made."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from crdt_pms.ports.errors import StoreCorrupt, StoreError, StoreKeyUnusable, StoreWentBack
from crdt_pms.store import desk_file
from crdt_pms.store.desk_file import open_desk
from crdt_pms.store.file_key import key_beside, key_file_of
from crdt_pms.store.sqlite import open_sqlite
from crdt_pms.store.witnessed import WitnessedStore, open_witnessed
from tests.crdt_pms.journal.journals import PROPERTY_ID, enrolled
from tests.crdt_pms.store.test_contract import stored

DEVICE = enrolled(1).device_id
GUEST = "佐藤 花子"
MARKERS = [GUEST.encode(), b"SQLite format", b"reservation"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.sqlite"


def opened(path: Path) -> WitnessedStore:
    return open_desk(path, PROPERTY_ID, DEVICE)


def note_guest(store: WitnessedStore) -> None:
    with store.transaction() as transaction:
        transaction.put_state("guest", GUEST.encode())


def guest_in(store: WitnessedStore) -> bytes | None:
    with store.transaction() as transaction:
        return transaction.get_state("guest")


def contents_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((one.name, one.read_bytes()) for one in sorted(folder.iterdir()))


def test_no_file_of_a_desk_shows_what_is_in_the_database(path: Path) -> None:
    with closing(opened(path)) as store:
        note_guest(store)
        running = dict(contents_of(path.parent))
        assert f"{path.name}-wal" in running
    for name, content in (*running.items(), *contents_of(path.parent)):
        assert not any(marker in content for marker in MARKERS), name
    with closing(opened(path)) as store:
        assert guest_in(store) == GUEST.encode()


def test_the_key_is_readable_by_its_owner_only_and_stays(path: Path) -> None:
    opened(path).close()
    key = key_file_of(path)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    opened(path).close()
    assert key.read_text() == before
    assert path.read_bytes()[:16] == bytes.fromhex(before)[32:]


def test_the_key_is_on_disk_before_the_database_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object, **_more: object) -> WitnessedStore:
        raise KeyboardInterrupt

    monkeypatch.setattr(desk_file, "open_witnessed", crash)
    with pytest.raises(KeyboardInterrupt):
        opened(path)
    key = key_file_of(path).read_text()
    assert not path.exists()
    monkeypatch.undo()
    opened(path).close()
    assert key_file_of(path).read_text() == key


def test_a_database_without_its_key_is_refused_and_left_as_it_is(path: Path) -> None:
    opened(path).close()
    key = key_file_of(path)
    key.rename(path.parent / "kept")
    before = dict(contents_of(path.parent))
    with pytest.raises(StoreKeyUnusable, match="missing"):
        opened(path)
    assert dict(contents_of(path.parent)) == before
    (path.parent / "kept").rename(key)
    opened(path).close()


@pytest.mark.parametrize("content", ["", "secret", "00" * 47, "zz" * 48, "鍵"])
def test_what_is_no_key_is_refused(path: Path, content: str) -> None:
    opened(path).close()
    key_file_of(path).write_text(content, encoding="utf-8")
    with pytest.raises(StoreKeyUnusable, match="no key"):
        opened(path)


@pytest.mark.parametrize("is_of_another", [True, False])
def test_a_key_that_does_not_fit_opens_nothing_and_changes_nothing(path: Path, is_of_another: bool) -> None:
    with closing(opened(path)) as store:
        note_guest(store)
    key = bytearray(key_beside(path))
    key[40 if is_of_another else 0] ^= 1
    key_file_of(path).write_text(key.hex())
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="another database's" if is_of_another else "not a database"):
        opened(path)
    assert path.read_bytes() == before


def test_a_database_that_is_gone_is_no_new_hotel_although_the_key_is_there(path: Path) -> None:
    with closing(opened(path)) as store:
        stored(store, 2)
    path.unlink()
    with pytest.raises(StoreWentBack):
        opened(path)


def test_a_database_from_before_there_were_keys_is_encrypted_with_all_that_it_holds(path: Path) -> None:
    with closing(open_witnessed(path, PROPERTY_ID, DEVICE)) as store:
        note_guest(store)
        entries = stored(store, 3)
    assert GUEST.encode() in path.read_bytes()
    for _start in range(2):
        with closing(opened(path)) as store, store.transaction() as transaction:
            assert transaction.get_state("guest") == GUEST.encode()
            assert [placed.entry for placed in transaction.entries_after(0, 9, 10**6)] == entries
        for name, content in contents_of(path.parent):
            assert not any(marker in content for marker in MARKERS), name
        assert sorted(one.name for one in path.parent.iterdir()) == sorted(
            [path.name, f"{path.name}.key", f"{path.name}.witness"]
        )


def test_a_crash_while_a_database_is_encrypted_leaves_it_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_witnessed(path, PROPERTY_ID, DEVICE)) as store:
        note_guest(store)

    def crash(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    key_file = key_file_of(path)
    key_file.write_text((b"k" * 48).hex())
    with pytest.raises(KeyboardInterrupt):
        opened(path)
    monkeypatch.undo()
    assert GUEST.encode() in path.read_bytes()
    with closing(opened(path)) as store:
        assert guest_in(store) == GUEST.encode()
    assert GUEST.encode() not in path.read_bytes()


def test_an_unencrypted_copy_that_went_back_is_told_before_it_is_encrypted(path: Path) -> None:
    with closing(open_witnessed(path, PROPERTY_ID, DEVICE)) as store:
        stored(store, 1)
    early = path.read_bytes()
    with closing(open_witnessed(path, PROPERTY_ID, DEVICE)) as store, store.transaction() as transaction:
        assert transaction.last_position() == 1
    path.unlink()
    open_sqlite(path, PROPERTY_ID).close()
    with pytest.raises(StoreError, match="database"):
        opened(path)
    assert path.read_bytes()[:6] == b"SQLite"
    path.write_bytes(early)
    opened(path).close()


def test_starts_at_once_make_one_key(path: Path) -> None:
    together = Barrier(8)

    def start(_number: int) -> bytes:
        together.wait()
        return key_beside(path)

    with ThreadPoolExecutor(8) as starts:
        keys = set(starts.map(start, range(8)))
    assert keys == {key_beside(path)}
