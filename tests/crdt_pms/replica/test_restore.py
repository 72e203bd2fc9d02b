"""A disk put back from an older copy, or cloned: nothing is lost, nothing doubled, and everybody is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.histories import hotel, log_of, meet, shown, tables
from tests.crdt_pms.replica.terminals import OPENING_DATE, START_MS, Desk, copy_disk

LOG = f"shift-log/{OPENING_DATE}"


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 3) as made:
        yield made


def copy_of(desk: Desk, to: Path) -> Path:
    """Copy the closed file, and start the next run from the original."""
    desk.store.close()
    copy_disk(desk.path, to)
    desk.open()
    return to


def put_back(desk: Desk, backup: Path) -> None:
    """Replace the disk by a copy of it, and start from that."""
    desk.store.close()
    for leftover in desk.path.parent.glob(f"{desk.path.name}*"):
        leftover.unlink()
    copy_disk(backup, desk.path)
    desk.open()


def matters(desk: Desk) -> list[Matter]:
    return [alert.matter for alert in desk.replica.alerts()]


def require_alike(*desks: Desk) -> None:
    """All show the same, and hold each entry once."""
    for desk in desks:
        assert shown(desk) == shown(desks[0])
        dots = [entry.dot for entry in log_of(desk)]
        assert len(dots) == len(set(dots))
        assert {row["matter"] for row in tables(desk)["alert"]} == {matter.value for matter in matters(desks[0])}


def test_what_an_older_copy_had_forgotten_comes_back_from_the_neighbours(three: list[Desk], tmp_path: Path) -> None:
    desk, other, third = three
    desk.reserve("before", room="202")
    backup = copy_of(desk, tmp_path / "backup.sqlite")
    desk.reserve("after", room="203")
    desk.do(EditNote(LOG, "", "鍵を確認。"))
    desk.do(SetRoomCondition("204", HK_CONDITION, "clean"))
    other.pull(desk)
    put_back(desk, backup)
    assert desk.replica.view().stay("after") is None
    desk.reserve("since", room="205")
    desk.do(SetRoomCondition("204", HK_CONDITION, "dirty"))
    meet(desk, other, third)
    for stay in ("before", "after", "since"):
        assert desk.replica.view().stay(stay) is not None
    assert desk.replica.note_text(LOG) == "鍵を確認。"
    require_alike(desk, other, third)


def test_a_run_that_was_forgotten_halfway_is_told_as_restored(three: list[Desk], tmp_path: Path) -> None:
    desk, other, third = three
    desk.reserve("before", room="202")
    # The copy is made while the run goes on: its journal continues on both sides of it.
    desk.store.close()
    backup = copy_disk(desk.path, tmp_path / "backup.sqlite")
    journal = desk.replica._author.writer.head.journal
    reopened = Desk(1, desk.path, desk.property_)
    desk.replica._store = desk.replica._stored._store = reopened.store
    desk.store = reopened.store
    desk.reserve("after", room="203")
    assert desk.replica.vector[journal] == 2
    other.pull(desk)
    put_back(desk, backup)
    desk.reserve("since", room="205")
    assert matters(desk) == []
    meet(desk, other, third)
    assert matters(desk) == [Matter.ALERT_JOURNAL_RESTORED]
    (alert,) = desk.replica.alerts()
    assert alert.fact("continued") == journal.hex()
    assert alert.detail("forgotten_entries") == 1
    require_alike(desk, other, third)
    desk.restart()
    require_alike(desk, other, third)


def test_a_copy_older_than_the_last_run_is_told_as_a_fork(three: list[Desk], tmp_path: Path) -> None:
    desk, other, third = three
    desk.reserve("before", room="202")
    backup = copy_of(desk, tmp_path / "backup.sqlite")
    desk.reserve("after", room="203")
    other.pull(desk)
    put_back(desk, backup)
    desk.reserve("since", room="205")
    meet(desk, other, third)
    assert matters(third) == [Matter.ALERT_JOURNAL_FORKED]
    require_alike(desk, other, third)


def test_two_terminals_with_one_disk_write_apart_and_are_told(three: list[Desk], tmp_path: Path) -> None:
    desk, other, third = three
    desk.reserve("before", room="202")
    clone = Desk(1, copy_of(desk, tmp_path / "clone.sqlite"), desk.property_)
    desk.reserve("here", room="203")
    clone.reserve("there", room="203")
    clone.do(SetRoomCondition("204", HK_CONDITION, "clean"))
    desk.do(SetRoomCondition("204", HK_CONDITION, "dirty"))
    # Copies of one device do not talk to each other; a neighbour carries what they wrote.
    for _round in range(2):
        for one in (desk, clone):
            meet(one, other, third)
    assert Matter.ALERT_JOURNAL_FORKED in matters(desk)
    assert Matter.ALERT_ROOM_DOUBLE_BOOKED in matters(desk)
    require_alike(desk, clone, other, third)
    clone.store.close()


def test_an_empty_disk_of_a_known_device_is_told_and_filled(three: list[Desk], tmp_path: Path) -> None:
    desk, other, third = three
    desk.reserve("before", room="202")
    other.pull(desk)
    desk.store.close()
    empty = tmp_path / "desk-3.sqlite"
    third.store.close()
    put_back(desk, empty)
    third.open()
    desk.reserve("since", room="203")
    meet(desk, other, third)
    assert desk.replica.view().stay("before") is not None
    assert matters(other) == [Matter.ALERT_JOURNAL_FORKED]
    require_alike(desk, other, third)


def test_a_journal_of_which_only_the_certificate_came_is_no_reason_to_alert(three: list[Desk]) -> None:
    """Its entries were refused, or got lost: nobody else has heard of it, and every desk must show the same."""
    desk = three[0]
    stamp = Stamp(START_MS, 0)
    desk.replica.receive_certificates(
        [Certificate.create(JournalId(bytes([n]) * 16), enrolled(7), None, stamp) for n in (201, 202)]
    )
    assert desk.replica.alerts() == []
