"""Brings a database's tables to what this version of the program reads and writes (Alembic)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, func, inspect, select

from crdt_pms.ports.errors import StoreNewer

HEAD: Final = "0005"
"""The newest revision in `migrations/versions`."""
VERSION_TABLE: Final = "crdt_pms_version"
_VERSION: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))
VERSION_QUERY: Final = str(select(_VERSION.c.version_num))
"""Reads the revision on a driver's own cursor."""
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x6372_6474
"""Keeps two relay processes from migrating one database at the same time."""


def upgrade(engine: Engine) -> None:
    """Apply the migrations that the database lacks, all or none. StoreNewer when it is ahead of this program."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        if version_of(connection) != HEAD:
            _run_alembic(connection)


def version_of(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


def _run_alembic(connection: Connection) -> None:
    # Costs half a second to import, which an up-to-date terminal need not wait for.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    present = version_of(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise StoreNewer(
            f"The database is at revision {present}, this program knows up to {HEAD}. Start the newer version of the program."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
