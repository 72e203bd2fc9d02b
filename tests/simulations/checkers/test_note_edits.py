"""An edit that did not do at its own desk what its author meant is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.documents.notes import Note
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Edited
from simulations.checkers.note_edits import fault_of
from tests.simulations.checkers.tampering import again, found

LINES = st.lists(st.sampled_from(["1: 鍵", "2: 枕👶", "3: 朝食", "4: 鍵", "5: 両替"]), max_size=5, unique=True)


@pytest.mark.parametrize(
    ("base", "wanted", "before", "after"),
    [
        ("a\n", "a\nb\n", "a\n", "a\n"),
        ("a\n", "", "a\n", "\n"),
        ("a\n", "a\nb\n", "a\nc\n", "a\nc\n"),
        ("a\n", "a\nb\n", "a\nc\n", "a\nb\n"),
        ("a\n", "a\nbc\n", "a\nx\n", "a\nb\nxc\n"),
        ("a\n", "a\nb\n", "a\nxy\n", "a\nb\nyx\n"),
        ("a\nb\n", "b\n", "a\nb\nc\n", "a\nb\nc\n"),
        ("a\nb\n", "b\n", "a\nb\nc\n", "b\n"),
        ("a\nb\n", "b\n", "a\nb\nc\n", "c\nb\n"),
        ("a\nb\n", "b\n", "a\nb\nc\n", "b\nc\n\n"),
        ("a\nb\n", "x\nb\n", "a\nb\nc\n", "x\nb\n"),
        ("a\nb\n", "x\nb\n", "a\nb\nc\n", "a\nb\nc\n"),
    ],
)
def test_an_edit_that_did_something_else_is_a_fault(base: str, wanted: str, before: str, after: str) -> None:
    assert fault_of(base, wanted, before, after) is not None


@given(LINES, st.lists(LINES, max_size=3), st.data())
def test_what_the_product_makes_of_an_edit_is_none(
    base: list[str], others: list[list[str]], data: st.DataObject
) -> None:
    opened = "".join(f"{line}\n" for line in base)
    note = Note(1)
    note.edit("", opened)
    for number, other in enumerate(others):
        added = "".join(f"{number}{line}\n" for line in other)
        note.edit(note.text, note.text + added if number % 2 else added + note.text)
    kind = data.draw(st.sampled_from(["add", "strike", "both"]))
    wanted = list(base)
    if kind != "add" and wanted:
        del wanted[data.draw(st.integers(0, len(wanted) - 1))]
    if kind != "strike":
        wanted.insert(data.draw(st.integers(0, len(wanted))), "9: 加湿器\0")
    saved = "".join(f"{line}\n" for line in wanted)
    before = note.text
    note.edit(opened, saved)
    assert fault_of(opened, saved, before, note.text) is None


def test_a_run_in_which_an_edit_lost_what_was_meant_is_told(good: Evidence) -> None:
    edit = Edited(1, "desk-1", "note/room/201", "鍵。\n", "鍵。\n朝食。\n", "鍵。\n枕。\n", "鍵。\n枕。\n朝食。\n")
    assert found(again(good, history=[*good.history, edit]), "note_edits") == []
    lost = replace(edit, after="鍵。\n朝食。\n")
    (violation,) = found(again(good, history=[*good.history, lost]), "note_edits")
    assert (violation.node, "note/room/201" in violation.words) == ("desk-1", True)
