"""Which of two stays a room shows, and which rooms are proposed for the other."""

from __future__ import annotations

import pytest

from simulations.checkers.evidence import Evidence
from tests.simulations.checkers.books import TOMORROW, Books, day, status, stay_of

CHECKER = "lodging"


def two_in_one_room(good: Evidence) -> Books:
    books = Books(good)
    books.act(*stay_of("in_house", arrived_at=200))
    books.act(*stay_of("in_house", stay="abe", arrived_at=100))
    books.act(*stay_of("reserved", stay="mori", room="202", arrival=TOMORROW))
    return books


def test_the_guest_who_came_first_keeps_the_room_and_a_free_one_is_proposed(good: Evidence) -> None:
    books = two_in_one_room(good)
    books.lodged({"sato": None, "abe": "201", "mori": "202"}, ("sato", "203"))
    assert books.judged(CHECKER) == []


@pytest.mark.parametrize(
    ("rooms", "told"),
    [
        ({"sato": "201"}, "sato was shown in room 201; it is in None"),
        ({"abe": None}, "abe was shown in room None; it is in 201"),
        ({"mori": "203"}, "mori was shown in room 203; it is in 202"),
    ],
)
def test_a_stay_that_is_shown_elsewhere(good: Evidence, rooms: dict[str, str | None], told: str) -> None:
    books = two_in_one_room(good)
    books.lodged(rooms)
    [words] = books.judged(CHECKER)
    assert told in words


@pytest.mark.parametrize(("room", "who"), [("201", "sato"), ("202", "mori")])
def test_a_room_that_somebody_has_is_proposed(good: Evidence, room: str, who: str) -> None:
    books = two_in_one_room(good)
    books.lodged({}, ("sato", room))
    [words] = books.judged(CHECKER)
    assert f"room {room} was proposed for sato, which {who} has" in words


def test_a_booking_gives_way_to_a_guest_who_is_here_and_the_later_one_to_the_earlier(good: Evidence) -> None:
    books = Books(good)
    for stay, word in (("early", "reserved"), ("late", "reserved"), ("here", "in_house")):
        books.act(*stay_of(word, stay=stay))
    books.lodged({"early": None, "late": None, "here": "201"})
    assert books.judged(CHECKER) == []
    books.act(day(TOMORROW))
    books.lodged({"early": None, "late": None, "here": "201"})
    assert books.judged(CHECKER) == []
    books.lodged({"early": "201"})
    assert len(books.judged(CHECKER)) == 1


def test_a_room_that_two_desks_gave_to_one_stay_counts_from_when_the_first_of_them_did(good: Evidence) -> None:
    books = Books(good)
    books.act(*stay_of("reserved", stay="sato"))
    books.act(*stay_of("reserved", stay="abe"))
    # Another desk says the same of the first stay, and had not heard of it: the same words, written later.
    books.act(status("reserved", stay="sato"), names=())
    books.lodged({"sato": "201", "abe": None})
    assert books.judged(CHECKER) == []
