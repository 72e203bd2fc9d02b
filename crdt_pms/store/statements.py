"""Hot statements, compiled once for each dialect from the Core tables and run on the driver's own cursor.

Going through SQLAlchemy's execution for every entry costs about twenty times the statement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Dialect, Table, bindparam, delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

Row = Mapping[str, Any]


class Cursor(Protocol):
    """What of a DB-API cursor is used."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...
    def executemany(self, query: Any, params_seq: Any, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    @property
    def rowcount(self) -> int: ...


class Reader(NamedTuple):
    """A moment of reading: one property in one database."""

    cursor: Cursor
    property_id: str
    dialect: Dialect


class Statement:
    """One compiled statement: its text and the order of its parameters in the driver's style."""

    __slots__ = ("_bind", "_text")

    def __init__(self, clause: Executable, dialect: Dialect) -> None:
        compiled = clause.compile(dialect=dialect)  # pyright: ignore[reportAttributeAccessIssue]
        self._text: str = compiled.string
        # SQLite's LIMIT brings an OFFSET of its own.
        constants: Row = {name: value for name, value in compiled.params.items() if value is not None}
        self._bind = _binding(list(compiled.positiontup) if compiled.positional else None, constants)

    def run(self, cursor: Cursor, **parameters: Any) -> Cursor:
        """Execute once."""
        cursor.execute(self._text, self._bind(parameters))
        return cursor

    def run_many(self, cursor: Cursor, rows: list[Row]) -> None:
        """Execute for each row, in one call of the driver."""
        if rows:
            cursor.executemany(self._text, list(map(self._bind, rows)))


def _binding(names: list[str] | None, constants: Row) -> Callable[[Row], Any]:
    """What turns parameters into the driver's: those of `names` in that order, all by their names when it is None."""
    if constants:
        bind = _binding(names, {})
        return lambda parameters: bind({**constants, **parameters})
    if names is None:
        return lambda parameters: parameters
    if len(names) == 1:
        (name,) = names
        return lambda parameters: (parameters[name],)
    return itemgetter(*names) if names else lambda _parameters: ()


def insert_into(table: Table) -> Any:
    """INSERT with one parameter for each column, under the column's name."""
    return insert(table).values({column.name: bindparam(column.name) for column in table.columns})


def upsert_into(table: Table, dialect: Dialect, *, keep_existing: bool = False, keeping: Collection[str] = ()) -> Any:
    """INSERT that replaces, or with `keep_existing` leaves, the row of the same primary key, or its columns of `keeping`."""
    make = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    statement = make(table).values({column.name: bindparam(column.name) for column in table.columns})
    key = [column.name for column in table.primary_key.columns]
    if keep_existing:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(
        index_elements=key,
        set_={
            column.name: statement.excluded[column.name]
            for column in table.columns
            if column.name not in (*key, *keeping)
        },
    )


def delete_from(table: Table) -> Any:
    """DELETE of one row by its primary key."""
    statement = delete(table)
    for column in table.primary_key.columns:
        statement = statement.where(column == bindparam(column.name))
    return statement
