"""The key of a terminal's database, in a file beside it.

The key is made, and durable, before the database is. A database whose key is missing is refused: a new key would open nothing,
and a new database in its place would look like a new hotel. The file holds 96 hexadecimal digits: the key, and the salt with
which the database begins, so that a key of another database is told from damage.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from crdt_pms.ports.errors import StoreKeyUnusable
from crdt_pms.store.sqlite_errors import told_of_folder
from crdt_pms.store.sqlite_file import folder_to_oneself, stands_at

SUFFIX: Final = ".key"
KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
KEY_AND_SALT_BYTES: Final = KEY_BYTES + SALT_BYTES
_PLAIN_BEGINNING: Final = b"SQLite format 3\0"
_REMEDY: Final = (
    "Put the key file back from where it is kept. Without it no program reads the database: then move the database aside with "
    "everything whose name begins with its own, and start again; what others hold comes back from them. "
    "鍵ファイルを控えから戻してください。鍵がなければデータベースは誰にも読めません。"
)


def key_file_of(database: Path) -> Path:
    """Where the key of a database stands."""
    return database.with_name(f"{database.name}{SUFFIX}")


def is_plain(database: Path) -> bool:
    """Whether a database stands there that is not encrypted: one of a version before there were keys."""
    with told_of_folder(database):
        if not stands_at(database):
            return False
        with database.open("rb") as file:
            return file.read(len(_PLAIN_BEGINNING)) == _PLAIN_BEGINNING


def key_beside(database: Path) -> bytes:
    """The key and salt of a database; made where there is neither a key nor an encrypted database.

    Raises StoreKeyUnusable when the key is missing or no key, StoreCorrupt for an empty database, and what a folder raises.
    """
    path = key_file_of(database)
    with told_of_folder(path), folder_to_oneself(path.parent) as folder:
        if path.exists():
            return _read(path)
        if stands_at(database) and not is_plain(database):
            raise StoreKeyUnusable(f"{database}: its key {path.name} is missing. {_REMEDY}")
        key = secrets.token_bytes(KEY_AND_SALT_BYTES)
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        os.fsync(folder)
        return key


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_AND_SALT_BYTES:
        raise StoreKeyUnusable(
            f"{path}: this is no key of a database: it has to be {2 * KEY_AND_SALT_BYTES} digits. {_REMEDY}"
        )
    return key
