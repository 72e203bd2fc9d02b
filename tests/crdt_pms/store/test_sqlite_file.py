"""A new database comes into being whole; what another process has put there meanwhile is left alone."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from crdt_pms.store.sqlite_file import made_aside


def test_it_takes_its_place_when_it_is_done_and_synced_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, done = tmp_path / "hotel.sqlite", list[Path]()
    fsync = os.fsync

    def note_sync(descriptor: int) -> None:
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note_sync)
    with made_aside(path) as new:
        new.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert done == [new, tmp_path]


def test_what_a_crashed_attempt_left_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    with pytest.raises(KeyboardInterrupt), made_aside(path) as new:
        new.write_bytes(b"half")
        Path(f"{new}-wal").write_bytes(b"log")
        raise KeyboardInterrupt
    assert not path.exists()
    with made_aside(path) as new:
        assert list(tmp_path.iterdir()) == []
        new.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"


def test_of_two_processes_that_start_at_once_one_makes_the_file_and_the_other_is_told(tmp_path: Path) -> None:
    path, told = tmp_path / "hotel.sqlite", list[str]()

    def start_too() -> None:
        try:
            with made_aside(path) as new:
                new.write_bytes(b"the second's")
        except FileExistsError:
            told.append("there is one already")

    second = threading.Thread(target=start_too)
    with made_aside(path) as new:
        second.start()
        new.write_bytes(b"the first's")
    second.join()
    assert told == ["there is one already"]
    assert path.read_bytes() == b"the first's"
