"""What a store keeps of registers: their writes, which rows are live, and which rows name each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, cast

from sqlalchemy import Dialect, bindparam, delete, select

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ports.records import WriteRecord
from crdt_pms.store.readable import CONFLICT, FOLIO, POSTING
from crdt_pms.store.statements import Cursor, Statement, upsert_into
from crdt_pms.store.tables import LIVE_ROW, REGISTER_WRITE

_PROPERTY = bindparam("property_id")
_NOWHERE: Final[Mapping[Dot, int]] = MappingProxyType({})


class RowStatements:
    """The statements about registers and rows, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        def compiled(clause: Any) -> Statement:
            return Statement(clause, dialect)

        write, live = REGISTER_WRITE.c, LIVE_ROW.c
        of_register = (write.field_group, write.row_id, write.flags, write.journal, write.seq)
        whole = select(*of_register, write.standing, write.state)
        self.writes = compiled(whole.where(write.property_id == _PROPERTY).order_by(*of_register))
        # When a register began does not change with what is written to it later.
        self.put_write = compiled(upsert_into(REGISTER_WRITE, dialect, keeping=("position",)))
        of_group = whole.where(write.property_id == _PROPERTY, write.field_group == bindparam("field_group"))
        self.of_group = compiled(of_group.order_by(*of_register))
        self.of_row = compiled(of_group.where(write.row_id == bindparam("of_row")).order_by(*of_register))
        # The marks lead: a join the other way would read every write.
        marked = select(live.row_id).where(live.property_id == _PROPERTY, live.kind == bindparam("kind"))
        self.of_marked = compiled(of_group.where(write.row_id.in_(marked)).order_by(*of_register))
        self.put_live = compiled(upsert_into(LIVE_ROW, dialect, keep_existing=True))
        self.remove_live = compiled(
            delete(LIVE_ROW).where(
                live.property_id == _PROPERTY, live.kind == bindparam("kind"), live.row_id == bindparam("row_id")
            )
        )
        self.live = compiled(select(live.kind, live.row_id).where(live.property_id == _PROPERTY))
        self.windows_of_stay = compiled(
            select(FOLIO.c.folio).where(FOLIO.c.property_id == _PROPERTY, FOLIO.c.stay == bindparam("stay"))
        )
        # Asked for distinct folios, SQLite walks the whole index of folios.
        self.folios_posted_for = compiled(
            select(POSTING.c.folio).where(POSTING.c.property_id == _PROPERTY, POSTING.c.stay == bindparam("stay"))
        )
        self.postings_in = compiled(
            select(POSTING.c.posting).where(POSTING.c.property_id == _PROPERTY, POSTING.c.folio == bindparam("folio"))
        )
        self.postings_reversing = compiled(
            select(POSTING.c.posting).where(
                POSTING.c.property_id == _PROPERTY, POSTING.c.reverses == bindparam("original")
            )
        )
        self.newest_closed = compiled(
            select(CONFLICT.c.field_group, CONFLICT.c.row_id)
            .where(CONFLICT.c.property_id == _PROPERTY, CONFLICT.c.decided_at_ms.is_not(None))
            .order_by(CONFLICT.c.decided_at_ms.desc())
            .limit(bindparam("limit"))
        )


class SqlRows:
    """The part of `crdt_pms.ports.store.Transaction` that is about registers and rows."""

    cursor: Cursor
    _of_rows: RowStatements
    _property: str

    def writes(self) -> Iterator[WriteRecord]:
        return _records(self._asked(self._of_rows.writes))

    def writes_of_row(self, groups: Sequence[str], row: str) -> list[WriteRecord]:
        statement = self._of_rows.of_row
        return [one for group in groups for one in _records(self._asked(statement, field_group=group, of_row=row))]

    def writes_of_group(self, group: str) -> Iterator[WriteRecord]:
        return _records(self._asked(self._of_rows.of_group, field_group=group))

    def live_writes(self, kind: str, groups: Sequence[str]) -> Iterator[WriteRecord]:
        for group in groups:
            yield from _records(self._asked(self._of_rows.of_marked, kind=kind, field_group=group))

    def put_live(self, kind: str, row: str) -> None:
        self._of_rows.put_live.run(self.cursor, property_id=self._property, kind=kind, row_id=row)

    def remove_live(self, kind: str, row: str) -> None:
        self._of_rows.remove_live.run(self.cursor, property_id=self._property, kind=kind, row_id=row)

    def live_rows(self) -> list[tuple[str, str]]:
        return sorted((kind, row) for kind, row in self._asked(self._of_rows.live))

    def folios_naming(self, stay: str) -> list[str]:
        opened = self._asked(self._of_rows.windows_of_stay, stay=stay)
        return sorted({folio for (folio,) in (*opened, *self._asked(self._of_rows.folios_posted_for, stay=stay))})

    def postings_in(self, folio: str) -> list[str]:
        return sorted(posting for (posting,) in self._asked(self._of_rows.postings_in, folio=folio))

    def postings_reversing(self, posting: str) -> list[str]:
        return sorted(row for (row,) in self._asked(self._of_rows.postings_reversing, original=posting))

    def newest_closed(self, conflicts_max: int) -> list[tuple[str, str]]:
        return [(group, row) for group, row in self._asked(self._of_rows.newest_closed, limit=conflicts_max)]

    def put_writes(self, records: Iterable[WriteRecord], positions: Mapping[Dot, int] = _NOWHERE) -> None:
        self._of_rows.put_write.run_many(
            self.cursor,
            [
                {
                    "property_id": self._property,
                    "field_group": record.group,
                    "row_id": record.row,
                    "flags": record.flags,
                    "journal": record.dot.journal,
                    "seq": record.dot.seq,
                    "standing": record.standing,
                    "state": record.state,
                    "position": positions.get(record.dot, 0),
                }
                for record in records
            ],
        )

    def _asked(self, statement: Statement, **parameters: Any) -> list[Any]:
        return cast(list[Any], statement.run(self.cursor, property_id=self._property, **parameters).fetchall())


def _records(rows: Iterable[Any]) -> Iterator[WriteRecord]:
    for group, row, flags, journal, seq, standing, state in rows:
        yield WriteRecord(group, row, flags, Dot(JournalId(bytes(journal)), seq), standing, bytes(state))
