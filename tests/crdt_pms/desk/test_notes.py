"""Notes of rooms and stays, and the shift log."""

from __future__ import annotations

import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.decision import NoteEdit, Notice
from crdt_pms.desk.documents import room_note, shift_log, stay_note
from crdt_pms.desk.inputs import NOTE_CHARACTERS_MAX
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.documents import limits
from tests.crdt_pms.desk.desks import TODAY, Terminal


@pytest.mark.parametrize("document", [room_note("101"), stay_note("sato"), shift_log(TODAY)])
def test_rooms_stays_and_days_have_notes(document: str) -> None:
    decision = Terminal().reserve().decide(EditNote(document, "", "朝食は7時。\nLate breakfast."))
    assert decision.note_edits == (NoteEdit(document, "", "朝食は7時。\nLate breakfast."),)
    assert decision.operations == ()


@pytest.mark.parametrize(
    "document",
    [
        room_note("999"),
        stay_note("nobody"),
        stay_note(""),
        shift_log("today"),
        shift_log("2016-8-8"),
        "note/guest/sato",
        "",
        "board",
    ],
)
def test_nothing_else_has_a_note(document: str) -> None:
    Terminal().reserve().refuses(EditNote(document, "", "x"), RefusalCode.DOCUMENT_UNKNOWN)


def test_an_edit_that_changes_nothing_says_so() -> None:
    decision = Terminal().decide(EditNote(room_note("101"), "same", "same"))
    assert decision.writes_nothing
    assert decision.notices == (Notice.UNCHANGED,)


def test_a_note_has_a_length_that_fits_its_document() -> None:
    longest = "あ" * NOTE_CHARACTERS_MAX
    assert NOTE_CHARACTERS_MAX == limits.NOTE_CHARACTERS_MAX
    Terminal().decide(EditNote(room_note("101"), "", longest))
    refused = Terminal().refuses(EditNote(room_note("101"), "", longest + "x"), RefusalCode.NOTE_TOO_LONG)
    assert str(NOTE_CHARACTERS_MAX) in refused.advice_en
    Terminal().refuses(EditNote(room_note("101"), longest + "x", ""), RefusalCode.NOTE_TOO_LONG)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\0"])
def test_a_note_is_text(text: str) -> None:
    desk = Terminal()
    desk.refuses(EditNote(room_note("101"), "", text), RefusalCode.TEXT_UNUSABLE)
    desk.refuses(EditNote(room_note("101"), text, ""), RefusalCode.TEXT_UNUSABLE)
