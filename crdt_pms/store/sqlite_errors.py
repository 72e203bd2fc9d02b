"""What can go wrong with a terminal's file, in the words of the port: which file, what, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from crdt_pms.ports.errors import StoreCorrupt, StoreError, StoreFailing, StoreFull, StoreUnavailable

_OF_SQLITE: Final[dict[str, type[StoreError]]] = {
    "SQLITE_NOTADB": StoreCorrupt,
    "SQLITE_CORRUPT": StoreCorrupt,
    "SQLITE_FULL": StoreFull,
    "SQLITE_READONLY": StoreFull,
    "SQLITE_IOERR": StoreFailing,
    "SQLITE_CANTOPEN": StoreUnavailable,
    "SQLITE_BUSY": StoreUnavailable,
    "SQLITE_LOCKED": StoreUnavailable,
    "SQLITE_PERM": StoreUnavailable,
}
_OF_SYSTEM: Final[dict[int, type[StoreError]]] = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EROFS: StoreFull,
    errno.EIO: StoreFailing,
}
"""The system refuses the file for another reason."""
_REMEDIES: Final[dict[type[StoreError], str]] = {
    StoreCorrupt: (
        "Keep the file as it is, move it aside with everything whose name begins with its own, and start again: "
        "what others hold comes back from them."
    ),
    StoreFull: "Nothing was saved. Make room on the disk, or make it writable, and repeat the action.",
    StoreFailing: (
        "Nothing was saved. Check the disk and what connects it, restart this machine, and look what was saved last; "
        "replace the disk when it happens again."
    ),
    StoreUnavailable: "Close the other program that has it open, or correct the path and its permissions.",
}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the driver's errors into the port's, naming the file and what to do."""
    try:
        yield
    except (dbapi2.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error  # A migration goes through SQLAlchemy.
        name = str(getattr(cause, "sqlite_errorname", ""))
        kind = next((kind for prefix, kind in _OF_SQLITE.items() if name.startswith(prefix)), None)
        if kind is None:
            raise
        raise store_error(kind, path, str(cause)) from error


@contextmanager
def told_of_folder(path: Path) -> Iterator[None]:
    """Turn the system's errors about the file and its folder into the port's."""
    try:
        yield
    except OSError as error:
        kind = _OF_SYSTEM.get(error.errno or 0, StoreUnavailable)
        raise store_error(kind, path, error.strerror or str(error)) from error


def store_error(kind: type[StoreError], path: Path, what: str) -> StoreError:
    """The error of that kind about a file, with what to do."""
    return kind(f"{path}: {what}. {_REMEDIES[kind]}")
