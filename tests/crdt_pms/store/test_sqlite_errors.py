"""What SQLite and the system say of a terminal's file becomes the port's error of the right kind, with what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from crdt_pms.ports.errors import StoreCorrupt, StoreError, StoreFailing, StoreFull, StoreUnavailable
from crdt_pms.store.sqlite_errors import told, told_of_folder

PATH = Path("hotel.sqlite")


def sqlite_error(name: str) -> dbapi2.Error:
    error = dbapi2.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "kind", "remedy"),
    [
        ("SQLITE_IOERR_READ", StoreFailing, "Nothing was saved. Check the disk"),
        ("SQLITE_IOERR_WRITE", StoreFailing, "restart"),
        ("SQLITE_IOERR_FSYNC", StoreFailing, "replace the disk"),
        ("SQLITE_FULL", StoreFull, "Nothing was saved. Make room"),
        ("SQLITE_READONLY", StoreFull, "make it writable"),
        ("SQLITE_CORRUPT", StoreCorrupt, "move it aside"),
        ("SQLITE_NOTADB", StoreCorrupt, "move it aside"),
        ("SQLITE_BUSY", StoreUnavailable, "Close the other program"),
        ("SQLITE_CANTOPEN", StoreUnavailable, "correct the path"),
    ],
)
def test_each_error_of_sqlite_has_its_kind(name: str, kind: type[StoreError], remedy: str) -> None:
    with pytest.raises(kind, match=remedy) as caught, told(PATH):
        raise sqlite_error(name)
    assert type(caught.value) is kind
    assert str(caught.value).startswith("hotel.sqlite: disk I/O error. ")


def test_a_mistake_of_the_program_is_no_trouble_of_the_disk() -> None:
    with pytest.raises(dbapi2.OperationalError), told(PATH):
        raise sqlite_error("SQLITE_ERROR")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EIO, StoreFailing),
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EROFS, StoreFull),
        (errno.EACCES, StoreUnavailable),
        (errno.ENOENT, StoreUnavailable),
    ],
)
def test_each_error_of_the_folder_has_its_kind(number: int, kind: type[StoreError]) -> None:
    with pytest.raises(kind, match=r"hotel\.sqlite"), told_of_folder(PATH):
        raise OSError(number, os.strerror(number))
