"""What many process runs wrote into one note or one field can be cleared by one desk, and every other desk follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION, MAINTENANCE
from crdt_pms.journal.entry import EntryKind
from crdt_pms.replica.errors import OwnEntryRefused
from tests.crdt_pms.replica.histories import Rogue, hotel, log_of, shown, tables
from tests.crdt_pms.replica.terminals import Desk

NOTE = "note/room/203"
RUNS = 70


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 2) as made:
        yield made


def rewrite(desk: Desk, text: str) -> None:
    desk.do(EditNote(NOTE, desk.replica.note_text(NOTE), text))


def append_in_many_runs(desk: Desk, runs: int) -> None:
    for run in range(runs):
        rewrite(desk, f"{desk.replica.note_text(NOTE)}{run}日目。🗝️\n")
        desk.restart()


def none_is_set_aside(*desks: Desk) -> bool:
    return not any(desk.replica.state.quarantine.records for desk in desks)


def test_a_note_of_many_runs_is_cleared_and_rewritten_everywhere(pair: list[Desk]) -> None:
    here, there = pair
    append_in_many_runs(here, RUNS)
    rewrite(here, "")
    rewrite(here, "新しい申し送り。")
    there.pull(here)
    assert there.replica.note_text(NOTE) == "新しい申し送り。"
    assert none_is_set_aside(here, there)
    assert shown(here) == shown(there)
    there.restart()
    assert shown(here) == shown(there)


def test_a_room_that_many_runs_reported_at_once_is_set_by_one_desk_for_all(pair: list[Desk]) -> None:
    here, there = pair
    for _ in range(RUNS):
        # Each run writes without having seen the others, as desks do that are cut apart.
        run = Rogue()
        run.report("203", "clean")
        run.give(here)
    assert len(here.replica.state.board.concurrent("203", HK_CONDITION)) == RUNS
    here.do(SetRoomCondition("203", HK_CONDITION, "dirty"))
    there.pull(here)
    for desk in pair:
        assert [one.value for one in desk.replica.state.board.concurrent("203", HK_CONDITION)] == ["dirty"]
    assert none_is_set_aside(here, there)
    assert shown(here) == shown(there)


def test_what_does_not_fit_one_update_is_said_in_several_entries(
    pair: list[Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crdt_pms.documents.limits.UPDATE_BYTES_MAX", 400)
    here, there = pair
    append_in_many_runs(here, 60)
    rewrite(here, "")
    for entry in log_of(here):
        # Half of what one action wrote is as valid as all of it.
        there.replica.receive_certificates([c for c in [here.replica.certificate(entry.dot.journal)] if c])
        there.replica.receive([entry], there.now_ms)
        text = there.replica.note_text(NOTE)
        assert set(text) <= set("0123456789日目。🗝️\n")
        assert none_is_set_aside(there)
    cleared = [entry for entry in log_of(here) if entry.dot.journal == log_of(here)[-1].dot.journal]
    assert len(cleared) > 1
    assert there.replica.note_text(NOTE) == ""
    assert shown(here) == shown(there)


def test_the_longest_reason_of_the_longest_name_is_read_by_all(pair: list[Desk]) -> None:
    here, there = pair
    reason = "水" * 200
    here.do(SetRoomCondition("203", MAINTENANCE, "out_of_order", reason), "鈴" * 200)
    there.pull(here)
    (row,) = tables(there)["room_status"]
    assert row["maintenance_reason"] == reason
    assert none_is_set_aside(here, there)
    assert shown(here) == shown(there)


def test_every_entry_of_an_edit_has_a_later_stamp_than_the_one_before(
    pair: list[Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crdt_pms.documents.limits.UPDATE_BYTES_MAX", 1_000)
    here, _there = pair
    rewrite(here, "鍵" * 2_000)
    entries = [entry for entry in log_of(here) if entry.kind == EntryKind.DOCUMENT]
    assert len(entries) > 5
    stamps = [entry.stamp for entry in entries]
    assert stamps == sorted(set(stamps))


def test_an_update_that_readers_would_refuse_is_not_stored(pair: list[Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = pair
    # A fault in the splitting: the author's own gate notices it before anything is stored.
    monkeypatch.setattr("crdt_pms.documents.notes.CHARACTER_BYTES_MAX", 1)
    monkeypatch.setattr("crdt_pms.documents.limits.UPDATE_BYTES_MAX", 1_000)
    with pytest.raises(OwnEntryRefused, match="would be quarantined everywhere"):
        rewrite(here, "鍵" * 500)
    here.restart()
    assert log_of(here) == []
    rewrite(here, "鍵")
    there.pull(here)
    assert shown(here) == shown(there)
