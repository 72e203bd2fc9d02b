"""Both databases are brought to one schema, and one from the future is left alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlcipher3 import dbapi2

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.ports.errors import StoreNewer
from crdt_pms.store import migrate
from crdt_pms.store.postgresql import libpq_url, open_postgresql
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.sqlite import open_sqlite
from crdt_pms.store.tables import METADATA
from tests.crdt_pms.journal.journals import enrolled, journal_id

UNDONE: Final = {
    "0005": (
        "DROP TABLE covered_entry",
        "DROP TABLE snapshot_chunk",
        "DROP TABLE snapshot",
        "DROP INDEX register_write_begun",
        "ALTER TABLE register_write DROP COLUMN position",
        "ALTER TABLE journal DROP COLUMN covered_seq",
        "ALTER TABLE journal DROP COLUMN head_stamp_counter",
        "ALTER TABLE journal DROP COLUMN head_stamp_ms",
    ),
    "0004": ("ALTER TABLE journal DROP COLUMN previous_journal", "ALTER TABLE journal DROP COLUMN previous_seq"),
    "0003": ("DROP TABLE request_answer",),
}


def put_back(execute: Callable[[LiteralString], object], to: LiteralString) -> None:
    """Make the tables what they were at an older revision."""
    for revision, statements in UNDONE.items():
        if revision > to:
            for statement in statements:
                execute(statement)
    execute(f"UPDATE crdt_pms_version SET version_num = '{to}'")


def differences(url: str) -> list[object]:
    assert READABLE_TABLES
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": migrate.VERSION_TABLE})
        found = compare_metadata(context, METADATA)
    engine.dispose()
    return found


def test_the_migrations_give_exactly_the_declared_tables_on_sqlite(tmp_path: Path) -> None:
    open_sqlite(tmp_path / "hotel.sqlite", "seaside").close()
    assert differences(f"sqlite:///{tmp_path / 'hotel.sqlite'}") == []


def test_the_migrations_store_rows_in_their_keys_where_that_is_declared(tmp_path: Path) -> None:
    open_sqlite(tmp_path / "hotel.sqlite", "seaside").close()
    with closing(dbapi2.connect(str(tmp_path / "hotel.sqlite"))) as connection:
        made = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    for table in METADATA.sorted_tables:
        assert ("WITHOUT ROWID" in made[table.name]) is not table.dialect_options["sqlite"]["with_rowid"], table.name


def test_the_migrations_give_exactly_the_declared_tables_on_postgresql(fresh_database_url: str) -> None:
    open_postgresql(fresh_database_url, "seaside").close()
    assert differences(libpq_url(fresh_database_url).replace("postgresql:", "postgresql+psycopg:")) == []


def test_the_head_that_is_compared_at_start_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_current_head() == migrate.HEAD


def test_a_file_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    open_sqlite(path, "seaside").close()
    with dbapi2.connect(str(path)) as connection:
        connection.execute("UPDATE crdt_pms_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreNewer, match="9999"):
        open_sqlite(path, "seaside")
    assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_refused(fresh_database_url: str) -> None:
    open_postgresql(fresh_database_url, "seaside").close()
    with psycopg.connect(libpq_url(fresh_database_url)) as connection:
        connection.execute("UPDATE crdt_pms_version SET version_num = '9999'")
    with pytest.raises(StoreNewer, match="9999"):
        open_postgresql(fresh_database_url, "seaside")


def test_answers_that_were_given_before_they_had_a_table_are_given_again(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    open_sqlite(path, "seaside").close()
    with closing(dbapi2.connect(str(path), isolation_level=None)) as connection:
        put_back(connection.execute, "0002")
        for key in ("idempotency/web/1", "idempotencyx", "generation"):
            connection.execute("INSERT INTO node_state VALUES ('seaside', ?, x'aa')", (key,))
    with closing(open_sqlite(path, "seaside")) as store, store.transaction() as transaction:
        assert transaction.answer("web/1") == b"\xaa"
        assert transaction.get_state("idempotency/web/1") is None
        assert transaction.get_state("generation") == b"\xaa"
        transaction.forget_answers(1_600_000_000_000, 9)
        assert transaction.answer("web/1") == b"\xaa"


def test_answers_move_on_postgresql_too(fresh_database_url: str) -> None:
    open_postgresql(fresh_database_url, "seaside").close()
    with psycopg.connect(libpq_url(fresh_database_url)) as connection:
        put_back(connection.execute, "0002")
        connection.execute("INSERT INTO node_state VALUES ('seaside', 'idempotency/web/1', 'x')")
    with closing(open_postgresql(fresh_database_url, "seaside")) as store, store.transaction() as transaction:
        assert transaction.answer("web/1") == b"x"


def test_which_journal_another_continues_is_taken_from_certificates_that_were_there(tmp_path: Path) -> None:
    path = tmp_path / "hotel.sqlite"
    own, first, second = enrolled(1), journal_id(1), journal_id(2)
    with closing(open_sqlite(path, "seaside")) as store, store.transaction() as transaction:
        transaction.add_journal(Certificate.create(first, own, None, Stamp(1, 0)))
        transaction.add_journal(Certificate.create(second, own, Head(first, 7, bytes(32)), Stamp(2, 0)))
        known = transaction.held_journals()
    with closing(dbapi2.connect(str(path), isolation_level=None)) as connection:
        put_back(connection.execute, "0003")
    with closing(open_sqlite(path, "seaside")) as store, store.transaction() as transaction:
        assert transaction.held_journals() == known
        assert [one.previous for one in known] == [None, (first, 7)]
