"""What of a write-ahead log a power loss cannot take.

SQLite is asked how far its log goes (`PRAGMA wal_checkpoint = NOOP`); nothing is guessed from the file. It syncs the log after
a durable commit, and before it copies the log into the database, which it does once the log has 1000 frames. A log that is
begun anew was copied before.
"""

from __future__ import annotations

from enum import Enum, auto
from random import Random
from typing import Final, NamedTuple

from crdt_pms.store.statements import Cursor

_HEADER_BYTES: Final = 32
_FRAME_HEADER_BYTES: Final = 24
_PAGE_SIZE_AT: Final = 8


class LogExtent(NamedTuple):
    """How many frames of the log are committed, and how many of those were copied into the database."""

    frames: int
    copied: int


class PowerLoss(NamedTuple):
    """What a power loss took of the write-ahead log, and how many commits that were in danger it left."""

    bytes_lost: int
    commits_lost: int
    commits_spared: int


def extent_of(cursor: Cursor) -> LogExtent:
    """How far the log of an open connection goes. To be asked outside of transactions."""
    _, frames, copied = cursor.execute("PRAGMA wal_checkpoint = NOOP").fetchone()
    return LogExtent(frames, copied)


class SyncedLog:
    """Which commits of one file's log are only in the operating system's memory."""

    def __init__(self) -> None:
        self._extent = LogExtent(0, 0)
        self._synced_frames = 0
        self._unsynced: list[int] = []

    @property
    def commits_in_danger(self) -> int:
        """How many commits a power loss could take now."""
        return len(self._unsynced)

    def found(self, extent: LogExtent) -> None:
        """This is what there is of the log: when a process opens it, and after commits that were synced without being told."""
        self._unsynced = [frames for frames in self._unsynced if frames <= extent.frames]
        if not self._unsynced:
            self._synced_frames = extent.frames
        self._extent = extent

    def committed(self, extent: LogExtent, *, is_synced: bool) -> bool:
        """A transaction committed, and left the log like this. Whether it wrote anything: what wrote nothing syncs nothing."""
        was_begun_anew = extent.copied < self._extent.copied
        has_written = was_begun_anew or extent.frames != self._extent.frames
        if was_begun_anew:
            self._synced_frames = 0
        if has_written:
            self._unsynced.append(extent.frames)
        if (has_written and is_synced) or extent.copied == extent.frames:
            self._unsynced.clear()
            self._synced_frames = extent.frames
        self._extent = extent
        return has_written

    def forget(self) -> None:
        """Another file took its place, or an orderly end copied all of it into the database and removed it."""
        self._extent = LogExtent(0, 0)
        self._synced_frames = 0
        self._unsynced.clear()

    def committed_bytes(self, log: bytes) -> int:
        """Where in the file the last commit ends; 0 when it holds none."""
        return _end_of(self._extent.frames, log) if self._extent.frames else 0

    def uncopied_bytes(self, log: bytes) -> int:
        """Where in the file the last commit ends; 0 when something of the log was copied into the database."""
        return 0 if self._extent.copied else self.committed_bytes(log)

    def lose_power(self, log: bytes, random: Random) -> tuple[bytes, PowerLoss]:
        """What is left of the file: what was synced, and of the rest everything, nothing, or a part that may end anywhere."""
        if not self._unsynced:
            return log, PowerLoss(0, 0, 0)
        synced, end = _end_of(self._synced_frames, log), self.committed_bytes(log)
        match random.choice(list(_Left)):
            case _Left.EVERYTHING:
                kept = end
            case _Left.NOTHING:
                kept = synced
            case _Left.A_PART:
                kept = random.randrange(synced, end)
        spared = [frames for frames in self._unsynced if _end_of(frames, log) <= kept]
        lost = len(self._unsynced) - len(spared)
        self._extent = LogExtent(spared[-1] if spared else self._synced_frames, self._extent.copied)
        self._synced_frames = self._extent.frames
        self._unsynced.clear()
        return log[:kept], PowerLoss(end - kept, lost, len(spared))


class _Left(Enum):
    EVERYTHING = auto()
    NOTHING = auto()
    A_PART = auto()


def _end_of(frames: int, log: bytes) -> int:
    page_bytes = int.from_bytes(log[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 4], "big")
    return _HEADER_BYTES + frames * (_FRAME_HEADER_BYTES + page_bytes)
