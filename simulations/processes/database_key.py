"""Reading a terminal's encrypted database from outside: with the key beside it, and without the product's code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

KEY_SUFFIX: Final = ".key"


def unlock(connection: dbapi2.Connection, database: Path) -> None:
    """Let a connection to a copy of `database` read it, if there is a key beside it. Raises ValueError for what is no key."""
    key = Path(f"{database}{KEY_SUFFIX}")
    if key.exists():
        digits = key.read_text(encoding="ascii").strip()
        bytes.fromhex(digits)
        connection.execute(f"PRAGMA key = \"x'{digits}'\"")
