"""What SQLite says of its log is what stands in the file, read by the published file format alone."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from simulations.world.disk import Disk, DiskTemplate
from simulations.world.write_ahead_log import LogExtent, SyncedLog

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
WORD = 0xFFFF_FFFF


def committed_frames(log: bytes) -> list[int]:
    """The number of each frame that ends a commit, as recovery finds them: matching salts, and checksums without a break."""
    magic, _, page_bytes, _, salts = struct.unpack_from(">IIII8s", log)
    order = ">" if magic & 1 else "<"
    sums = checksum(order, (0, 0), log[:24])
    if sums != struct.unpack_from(">II", log, 24):
        return []
    commits: list[int] = []
    at, number = HEADER_BYTES, 0
    while at + FRAME_HEADER_BYTES + page_bytes <= len(log):
        header, page = log[at : at + FRAME_HEADER_BYTES], log[at + FRAME_HEADER_BYTES :][:page_bytes]
        sums = checksum(order, sums, header[:8] + page)
        if header[8:16] != salts or sums != struct.unpack_from(">II", header, 16):
            break
        number += 1
        if struct.unpack_from(">I", header, 4) != (0,):
            commits.append(number)
        at += FRAME_HEADER_BYTES + page_bytes
    return commits


def checksum(order: str, start: tuple[int, int], content: bytes) -> tuple[int, int]:
    first, second = start
    for left, right in struct.iter_unpack(f"{order}II", content):
        first = (first + left + second) & WORD
        second = (second + right + first) & WORD
    return first, second


@pytest.mark.parametrize("key", [None, b"k" * 48], ids=["plain", "encrypted"])
def test_every_commit_ends_where_the_file_says_it_does(
    tmp_path: Path, key: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path / "machine", DiskTemplate(tmp_path, "seaside", key), "seaside", key)
    disk.faults.durability_lies = True
    store = disk.open()
    ends: list[int] = []
    told = SyncedLog.committed

    def listened(log: SyncedLog, extent: LogExtent, *, is_synced: bool) -> bool:
        has_written = told(log, extent, is_synced=is_synced)
        ends.extend([extent.frames] if has_written else [])
        return has_written

    monkeypatch.setattr(SyncedLog, "committed", listened)
    for number in range(30):
        with store.transaction(durable=number % 3 == 0) as transaction:
            transaction.get_state("key")
            if number % 5:
                transaction.put_state(f"key-{number % 7}", b"%d" % number * (number % 4) * 900)
    disk.kill()
    log = disk.copy().log
    assert log is not None
    assert committed_frames(log) == ends
    assert len(ends) == 24


def test_what_was_copied_into_the_database_is_safe_and_a_log_begun_anew_starts_in_danger() -> None:
    log = SyncedLog()
    log.found(LogExtent(0, 0))
    assert log.committed(LogExtent(400, 0), is_synced=False)
    assert log.committed(LogExtent(900, 0), is_synced=False)
    assert log.commits_in_danger == 2
    assert log.committed(LogExtent(1200, 1200), is_synced=False)
    assert log.commits_in_danger == 0
    assert not log.committed(LogExtent(1200, 1200), is_synced=False)
    assert log.committed(LogExtent(3, 0), is_synced=False)
    assert log.commits_in_danger == 1
    assert not log.committed(LogExtent(3, 0), is_synced=True)
    assert log.commits_in_danger == 1
    assert log.committed(LogExtent(5, 0), is_synced=True)
    assert log.commits_in_danger == 0
