"""Every question, on SQLite and PostgreSQL alike, answers what the rows say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ports.store import Store
from crdt_pms.reading.pages import CursorInvalid, Page, encode_cursor
from crdt_pms.reading.reading import Readable, Reading
from crdt_pms.reading.rows import Found, StayRow
from crdt_pms.store.postgresql import open_postgresql, open_reading
from crdt_pms.store.sqlite import open_sqlite
from tests.crdt_pms.journal.journals import PROPERTY_ID
from tests.crdt_pms.reading.houses import day, guest, row, stay, written


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Readable]]:
    if request.param == "sqlite":
        with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as store:
            yield store, store
    else:
        url = request.getfixturevalue("fresh_database_url")
        with closing(open_postgresql(url, PROPERTY_ID)) as store, closing(open_reading(url, PROPERTY_ID, 2)) as reading:
            yield store, reading


@pytest.fixture
def store(stores: tuple[Store, Readable]) -> Store:
    return stores[0]


@pytest.fixture
def reading(stores: tuple[Store, Readable]) -> Reading:
    return Reading(stores[1])


def names(rows: Any) -> list[str]:
    return [one.stay for one in rows]


def all_of(ask: Callable[[str | None], Page[StayRow]]) -> list[StayRow]:
    found: list[StayRow] = []
    cursor = None
    while True:
        page = ask(cursor)
        found += page.rows
        if page.following is None:
            return found
        assert page.rows
        cursor = page.following


def test_a_list_by_pages_is_the_whole_list(store: Store, reading: Reading) -> None:
    random = Random(1)
    written(store, [stay(f"s{n}", random.randrange(-5, 5), 1, "reserved") for n in range(53)])
    written(store, [stay(f"x{n}", 0, 1, "cancelled") for n in range(9)])
    whole = reading.stays(StayStatus.RESERVED, rows_max=500)
    assert whole.following is None
    assert len(whole.rows) == 53
    assert list(whole.rows) == sorted(whole.rows, key=lambda one: (one.arrival or "", one.stay))
    for rows_max in (1, 7, 53):
        assert all_of(
            lambda cursor, most=rows_max: reading.stays(StayStatus.RESERVED, cursor=cursor, rows_max=most)
        ) == list(whole.rows)


def test_a_row_that_comes_between_two_pages_neither_repeats_nor_hides_another(store: Store, reading: Reading) -> None:
    written(store, [stay(f"s{n}", n, 1, "reserved") for n in range(6)])
    first = reading.stays(StayStatus.RESERVED, rows_max=3)
    written(store, [stay("early", -1, 1, "reserved"), stay("late", 4, 1, "reserved")])
    following = reading.stays(StayStatus.RESERVED, cursor=first.following)
    assert names(first.rows) == ["s0", "s1", "s2"]
    assert names(following.rows) == ["s3", "late", "s4", "s5"]


def test_stays_are_listed_by_arrival_and_by_departure_within_dates(store: Store, reading: Reading) -> None:
    written(store, [stay(f"s{n}", n, 2, "reserved") for n in range(6)])
    assert names(reading.arriving(day(1), day(3)).rows) == ["s1", "s2", "s3"]
    assert names(reading.departing(day(3), day(4)).rows) == ["s1", "s2"]
    assert names(reading.stays(StayStatus.RESERVED, day(4), day(5)).rows) == ["s4", "s5"]
    assert [one.do_not_move for one in reading.arriving(day(1), day(1)).rows] == [False]


def test_who_left_a_room_today_is_known(store: Store, reading: Reading) -> None:
    written(store, [stay("gone", -2, 2, room="201"), stay("here", -2, 2, "in_house"), stay("before", -3, 2)])
    assert [(one.stay, one.room) for one in reading.departed(day(0))] == [("gone", "201")]


def test_the_chart_has_every_stay_that_is_here_on_a_day_of_the_range(store: Store, reading: Reading) -> None:
    random = Random(2)
    lengths = [0, 1, 2, 7, 30, 31, 32, 90, 366]
    drawn = [
        (f"s{n:03}", random.randrange(-400, 60), random.choice(lengths), random.choice(list(StayStatus)))
        for n in range(400)
    ]
    written(store, [stay(name, arrival, nights, status.value) for name, arrival, nights, status in drawn])
    shown = {StayStatus.RESERVED, StayStatus.IN_HOUSE, StayStatus.CHECKED_OUT}
    for first, until in ((0, 0), (-3, 10), (5, 40), (-200, -190)):
        expected = {
            name
            for name, arrival, nights, status in drawn
            if status in shown and arrival <= until and arrival + nights >= first
        }
        found = all_of(lambda cursor, f=first, u=until: reading.chart(day(f), day(u), cursor, 7))
        assert sorted(names(found)) == sorted(expected)
        holding = {StayStatus.RESERVED, StayStatus.IN_HOUSE}
        rooms = sum(one.rooms for one in reading.held(day(first), day(until)))
        assert rooms == sum(status in holding and name in expected for name, _arrival, _nights, status in drawn)


def test_a_guest_is_found_in_house_expected_and_in_the_past(store: Store, reading: Reading) -> None:
    written(store, [
        guest("g1", "佐藤 陽子", "サトウ ヨウコ", "090-1234-5678"), guest("g2", "Sato John"),
        guest("g3", "佐藤 花子", "サトウ ハナコ"),
        guest("g4", "鈴木 一郎", "スズキ イチロウ"),
        stay("a", -1, 3, "in_house", guest="g1", room="201"), stay("b", 3, 1, "reserved", guest="g2"),
        stay("c", -90, 1, guest="g3"), stay("d", -80, 1, guest="g1"), stay("e", 0, 1, "in_house", guest="g4", room="202"),
    ])  # fmt: skip
    for text in ("さとう", "サトウ", "sato", "Satou"):
        found = reading.search(text)
        assert (names(found.in_house), names(found.expected), names(found.past)) == (["a"], ["b"], ["d", "c"])
        assert not found.is_cut
    assert names(reading.search("佐藤").past) == ["d", "c"]
    assert names(reading.search("5678").in_house) == ["a"]
    assert names(reading.search("202").in_house) == ["e"]
    assert names(reading.search("c").past) == ["c"]
    assert names(reading.search(day(3)).expected) == ["b"]
    for text in ("%", "_", "'", " ", "\0", "存在しない", "佐藤' OR 1=1"):
        found = reading.search(text)
        assert found == Found((), (), (), is_cut=False)


def test_a_common_name_shows_who_is_here_first_and_says_that_there_are_more(store: Store, reading: Reading) -> None:
    written(
        store,
        [guest(f"old{n:03}", "佐藤") for n in range(120)]
        + [stay(f"o{n:03}", -n - 9, 1, guest=f"old{n:03}") for n in range(120)],
    )
    written(store, [guest("zz", "佐藤 今"), stay("now", 0, 1, "in_house", guest="zz")])
    found = reading.search("佐藤")
    assert names(found.in_house) == ["now"]
    assert found.is_cut


def test_of_a_company_with_many_bookings_the_one_in_house_is_found(store: Store, reading: Reading) -> None:
    written(store, [guest("g", "株式会社 港")] + [stay(f"f{n:02}", n + 1, 1, "reserved", guest="g") for n in range(40)])
    written(store, [stay("now", 0, 1, "in_house", guest="g")])
    found = reading.search("港")
    assert names(found.in_house) == ["now"]
    assert names(found.expected)[:2] == ["f00", "f01"]
    assert found.is_cut


def test_debts_are_the_folios_that_departed_guests_left_open(store: Store, reading: Reading) -> None:
    written(store, [
        stay("a", -5, 2, guest="g1"), guest("g1", "佐藤"), row("folio", "a/1", stay="a", balance_minor=500),
        row("folio", "a/2", stay="a", balance_minor=0), row("folio", "a/3", stay="a", balance_minor=-20),
        stay("b", -1, 2, "in_house"), row("folio", "b/1", stay="b", balance_minor=900),
    ])  # fmt: skip
    assert [(one.folio, one.balance_minor, one.guest_name) for one in reading.debts().rows] == [
        ("a/1", 500, "佐藤"),
        ("a/3", -20, "佐藤"),
    ]


def test_closed_conflicts_come_newest_first_by_pages(store: Store, reading: Reading) -> None:
    def conflict(number: int, at: int | None) -> Any:
        return row(
            "conflict",
            f"c{number}",
            matter="m",
            state="closed",
            field_group="g",
            row_id="x",
            shown="{}",
            decided_at_ms=at,
        )

    written(store, [conflict(n, 1_000 + n // 2) for n in range(7)] + [conflict(9, None)])
    first = reading.closed_conflicts(rows_max=4)
    second = reading.closed_conflicts(first.following, rows_max=4)
    assert [one.identity for one in (*first.rows, *second.rows)] == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
    assert second.following is None


def test_postings_of_a_folio_come_by_pages(store: Store, reading: Reading) -> None:
    written(store, [row("posting", f"p{n}", folio="f" if n % 2 else "g", amount_minor=n) for n in range(9)])
    first = reading.postings("f", rows_max=3)
    assert [one.amount_minor for one in (*first.rows, *reading.postings("f", first.following).rows)] == [1, 3, 5, 7]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "a" * 900, encode_cursor(["a"]), encode_cursor(["a", 1]), encode_cursor([1, "a"]),
     encode_cursor(["a", "\0"]), "W1tbW1tb", "WyJcdWQ4MDAiLCIiXQ"],
)  # fmt: skip
def test_a_cursor_of_another_list_is_refused(reading: Reading, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        reading.stays(StayStatus.RESERVED, cursor=cursor)


def test_a_cursor_with_an_enormous_number_is_refused(reading: Reading) -> None:
    with pytest.raises(CursorInvalid):
        reading.closed_conflicts(encode_cursor([2**70, "a"]))
