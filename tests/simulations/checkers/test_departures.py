"""Rooms that guests leave are dirty."""

from __future__ import annotations

import pytest

from crdt_pms.documents.board import Board
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import JournalId
from simulations.checkers import departures
from simulations.checkers.evidence import Evidence
from simulations.checkers.violation import Dot
from simulations.checkers.yjs import client_of, written_values
from tests.simulations.checkers.books import Books, Row, status, stay_of

CHECKER = "departures"


def said(monkeypatch: pytest.MonkeyPatch, *reports: tuple[Dot, str, str]) -> None:
    """The board says so, with those entries."""
    written = {dot: [(room, "hk_condition", value)] for dot, room, value in reports}
    monkeypatch.setattr(departures, "written_values", lambda _updates: written)


@pytest.mark.parametrize("left", [status("checked_out"), status("reserved"), status("in_house", "202")])
def test_a_guest_who_is_no_longer_in_a_room_leaves_it_dirty(
    good: Evidence, monkeypatch: pytest.MonkeyPatch, left: Row
) -> None:
    books = Books(good)
    books.act(*stay_of("in_house"))
    gone = books.act(left)
    said(monkeypatch)
    [words] = books.judged(CHECKER)
    assert "left room 201" in words
    said(monkeypatch, (gone, "201", "clean"), (gone, "202", "dirty"))
    assert len(books.judged(CHECKER)) == 1
    said(monkeypatch, (gone, "201", "dirty"))
    assert books.judged(CHECKER) == []


def test_a_guest_who_was_not_here_leaves_nothing_behind(good: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    said(monkeypatch)
    books = Books(good)
    books.act(*stay_of("reserved"))
    books.act(status("cancelled", None))
    assert books.judged(CHECKER) == []


def test_the_departure_from_a_room_that_two_guests_had_is_not_judged(
    good: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(monkeypatch)
    books = Books(good)
    books.act(*stay_of("in_house"))
    books.act(*stay_of("in_house", stay="abe"))
    books.act(status("checked_out"))
    assert books.judged(CHECKER) == []


def test_what_an_update_of_the_board_writes_is_read_even_where_it_replaces_a_value() -> None:
    journal = JournalId(b"j" * 16)
    board = Board(client_of(journal))
    updates: list[tuple[Dot, bytes]] = []
    for seq, value in enumerate(("dirty", "clean", "inspected"), 1):
        writes = [("201", "hk_condition", value), ("202", "hk_condition", "pickup")]
        [(_signed, update)] = board.set_many(writes, lambda seq=seq: Stamp(1_000 + seq, 0), journal, seq, "ito")
        updates.append((Dot(journal, seq), update))
    read = written_values(updates)
    assert [read[dot][0] for dot, _update in updates] == [
        ("201", "hk_condition", value) for value in ("dirty", "clean", "inspected")
    ]
    assert written_values([(Dot(journal, 9), b"no update")]) == {}
