"""The file of a terminal's database in its folder: whether there is one, and how a new one comes to be.

A new database is made aside and takes its place when it is whole. So a file that stands at the path has once been a whole
database: what is empty there, or a rest, is damage and no new hotel.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.store.sqlite_errors import store_error

_NEW: Final = ".new"
_BESIDE: Final = ("", "-wal", "-journal")
"""The files of one SQLite database."""


def log_of(path: Path) -> Path:
    """The write-ahead log of the database at `path`; there is one while a process runs, and after it was killed."""
    return Path(f"{path}-wal")


def stands_at(path: Path) -> bool:
    """Whether a database stands there. Raises StoreCorrupt for a file of no bytes, and for the log of a lost one.

    What is in a file that has bytes only opening it shows. Raises OSError when the path leads nowhere.
    """
    if os.path.lexists(path):
        if path.stat().st_size == 0:
            raise store_error(StoreCorrupt, path, "the file is empty, and a database of ours never is")
        return True
    log = log_of(path)
    if log.exists():
        # Beside a new database SQLite would read it into that.
        raise store_error(StoreCorrupt, log, "this is the log of a database that is not there any more")
    return False


@contextmanager
def made_aside(path: Path) -> Iterator[Path]:
    """Yield where to make the database for `path`; it takes its place, synced, when the block ends without an error.

    What an attempt that crashed has left is made again. Waits for another process that makes one in the same folder.
    Raises FileExistsError when something stands at `path` by then, OSError for what the system refuses.
    """
    new = path.with_name(f"{path.name}{_NEW}")
    with folder_to_oneself(path.parent) as folder:
        if os.path.lexists(path):
            raise FileExistsError(f"{path} was made by another process meanwhile")
        for suffix in _BESIDE:
            Path(f"{new}{suffix}").unlink(missing_ok=True)
        yield new
        with new.open("rb") as made:
            os.fsync(made.fileno())
        new.replace(path)
        os.fsync(folder)


@contextmanager
def folder_to_oneself(folder: Path) -> Iterator[int]:
    """The open folder, which no other process has in this way meanwhile. The system ends that with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
