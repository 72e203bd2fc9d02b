"""A house with a history, written into the readable rows as the projection writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any, Protocol

from crdt_pms.hotel.search_keys import guest_keys
from crdt_pms.ports.records import RowChange
from crdt_pms.ports.store import Store
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.statements import Reader

TODAY = date(2026, 7, 1)


class AskedStore(Store, Protocol):
    def reading(self) -> AbstractContextManager[Reader]: ...


def day(days: int) -> str:
    return (TODAY + timedelta(days)).isoformat()


def row(table: str, key: str, /, **values: Any) -> RowChange:
    columns = [one.name for one in READABLE_TABLES[table].columns if one.name != "property_id"]
    return RowChange(table, {columns[0]: key}, {name: values.get(name) for name in columns[1:]})


def stay(name: str, arrival: int, nights: int, status: str = "checked_out", **values: Any) -> RowChange:
    return row(
        "reservation", name, arrival=day(arrival), nights=nights, departure=day(arrival + nights), status=status,
        **{"room_type": "A", "guest": f"g-{name}", "revision": "r", "do_not_move": False, **values},
    )  # fmt: skip


def guest(identity: str, name: str, kana: str = "", contact: str = "") -> RowChange:
    return row(
        "guest", identity, name=name, kana=kana, contact=contact, revision="r", **guest_keys(name, kana, contact)
    )


def written(store: Store, changes: Iterable[RowChange]) -> None:
    with store.transaction() as transaction:
        transaction.project(changes)


def years(days: int, a_day: int = 8) -> Iterator[RowChange]:
    """A house of 250 rooms or so: `days` of past stays, all paid but a few, and the same present and future each time."""
    families = ["佐藤 サトウ", "鈴木 スズキ", "高橋 タカハシ", "田中 タナカ", "Smith ", "Müller "]
    for past in range(-days, 60):
        for number in range(a_day):
            name = f"s{past + 5_000}-{number}"
            nights = 1 + (past + number) % 3
            status = "checked_out" if past + nights <= 0 else "in_house" if past <= 0 else "reserved"
            family, kana = families[(past * 7 + number) % len(families)].split(" ")
            yield guest(f"g-{name}", f"{family} {number}", kana, f"090-{past + 5_000:04}-{number:04}")
            yield stay(name, past, nights, status, room=str(100 + number))
            owes = 500 if past == -3 and status == "checked_out" else 0
            yield row("folio", f"{name}/1", stay=name, balance_minor=owes)
            for posting in range(3):
                yield row("posting", f"{name}/{posting}", stay=name, folio=f"{name}/1", amount_minor=100)
        yield row("conflict", f"c{past}", matter="m", state="closed", field_group="g", row_id="x", shown="{}",
                  decided_by="a", decided_at_ms=(past + 5_000) * 86_400_000)  # fmt: skip
