"""Notes merge character by character, and hold neither more than they may nor card numbers."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.documents.errors import CardNumberRefused, DocumentCorrupt, TextTooLong
from crdt_pms.documents.limits import NOTE_CHARACTERS_MAX
from crdt_pms.documents.notes import Note, differences, rebase
from crdt_pms.hotel.card_numbers import find_card_number

JAPANESE = st.text("鍵を確認。タオル二枚朝食なし🗝️a\n", max_size=24)


def written(text: str, client_id: int = 1) -> tuple[Note, list[bytes]]:
    note = Note(client_id)
    return note, note.edit("", text)


def take(note: Note, updates: list[bytes]) -> None:
    for update in updates:
        note.apply(update)


def copy_of(updates: list[bytes], client_id: int) -> Note:
    return Note.load(client_id, updates)


def test_what_two_people_write_at_different_places_stays() -> None:
    left, updates = written("タオル二枚。朝食なし。")
    right = copy_of(updates, 2)
    mine = left.edit("タオル二枚。朝食なし。", "バスタオル二枚。朝食なし。")
    theirs = right.edit("タオル二枚。朝食なし。", "タオル二枚。朝食なし。遅い到着。")
    take(left, theirs)
    take(right, mine)
    assert left.text == right.text == "バスタオル二枚。朝食なし。遅い到着。"


def test_an_edit_made_of_an_older_text_is_laid_over_the_newer_one() -> None:
    note, _updates = written("鍵を確認。\n朝食なし。")
    note.edit("鍵を確認。\n朝食なし。", "鍵を確認。🗝️\n朝食なし。")
    note.edit("鍵を確認。\n朝食なし。", "鍵を再確認。\n朝食なし。七時。")
    assert note.text == "鍵を再確認。🗝️\n朝食なし。七時。"


def test_what_somebody_deleted_is_not_deleted_twice() -> None:
    note, _updates = written("一、二、三")
    note.edit("一、二、三", "一、三")
    note.edit("一、二、三", "一三")
    assert note.text == "一三"


@given(JAPANESE, JAPANESE)
def test_an_edit_of_what_stands_gives_what_was_wanted(base: str, new: str) -> None:
    note, updates = written(base)
    edits = note.edit(base, new)
    assert note.text == new
    assert bool(edits) is (base != new)
    assert copy_of([*updates, *edits], 2).text == new


@given(JAPANESE, JAPANESE, JAPANESE)
def test_a_rebase_is_ascending_disjoint_and_within_the_text(base: str, new: str, current: str) -> None:
    end = 0
    for replacement in sorted(rebase(base, new, current)):
        assert end <= replacement.start <= replacement.end <= len(current)
        end = replacement.end


@given(JAPANESE, JAPANESE, JAPANESE)
def test_concurrent_edits_end_alike(base: str, mine: str, theirs: str) -> None:
    left, updates = written(base)
    right = copy_of(updates, 2)
    from_left, from_right = left.edit(base, mine), right.edit(base, theirs)
    take(left, from_right)
    take(right, from_left)
    assert left.text == right.text
    assert Note.load(3, [], left.dump()).text == left.text


@given(JAPANESE, JAPANESE)
def test_an_insertion_only_others_made_stays(base: str, new: str) -> None:
    note, _updates = written(base)
    note.edit(base, f"{base}【他】")
    note.edit(base, new)
    assert "【他】" in note.text


def test_nothing_to_change_writes_nothing() -> None:
    note, _updates = written("鍵")
    assert note.edit("鍵", "鍵") == []
    assert note.edit("", "") == []
    assert note.edit("鍵", "鍵\0\ud83d") == []
    assert note.text == "鍵"


def test_a_note_has_a_greatest_length_and_can_still_be_shortened() -> None:
    long = "長" * NOTE_CHARACTERS_MAX
    note, updates = written(long)
    with pytest.raises(TextTooLong):
        note.edit(long, f"{long}い")
    assert note.text == long
    # Two people may fill it together beyond the limit; either can make room.
    other = copy_of(updates, 2)
    note.edit(long, long[:-1])
    take(note, other.edit(long, long[:-2]))
    assert note.edit(note.text, "短い")
    assert note.text == "短い"


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "カード 4111 1111 1111 1111 です",
        "5500-0000-0000-0004",
        "378282246310005",
        "４１１１１１１１１１１１１１１１",
        "４１１１　１１１１　１１１１　１１１１",
        "4111－1111－1111－1111",
        "4111‐1111‐1111‐1111",
    ],
)
def test_a_card_number_is_refused_however_it_is_typed(text: str) -> None:
    assert find_card_number(text) is not None
    note, _updates = written("鍵")
    with pytest.raises(CardNumberRefused):
        note.edit("鍵", f"鍵{text}")
    assert note.text == "鍵"


@pytest.mark.parametrize(
    "text", ["", "4111111111111112", "0000000000000000", "090-1234-5678", "2026-07-01", "12345", "4" * 30]
)
def test_other_numbers_may_be_written(text: str) -> None:
    assert find_card_number(text) is None


def test_who_did_not_type_it_may_edit_around_it_and_take_it_out() -> None:
    left, updates = written("番号")
    right = copy_of(updates, 2)
    # Two halves that only the merge puts together.
    mine, theirs = left.edit("番号", "番号4111 1111 "), right.edit("番号", "番号1111 1111")
    take(left, theirs)
    take(right, mine)
    if find_card_number(left.text) is None:
        left, _updates = written("番号")
        take(left, Note(3).edit("", "4111 1111 "))
    before = left.text
    left.edit(before, f"{before}?")
    assert left.text == f"{before}?"
    left.edit(left.text, "番号")
    assert left.text == "番号"


def test_what_does_not_load_is_never_taken_for_an_empty_note() -> None:
    with pytest.raises(DocumentCorrupt):
        Note.load(1, [b"nonsense"])


@pytest.mark.parametrize("unit", ["あ", "タオル二枚。鍵を確認。\n", "朝番 09:15 清掃済み 201\n"])
def test_a_full_note_is_edited_while_a_person_waits(unit: str) -> None:
    full = (unit * NOTE_CHARACTERS_MAX)[: NOTE_CHARACTERS_MAX - 10]
    note, _updates = written(full)
    middle = len(full) // 2
    note.edit(full, full[:middle] + "追記" + full[middle:])
    begun = perf_counter()
    note.edit(full, f"{full}二件")
    assert perf_counter() - begun < 1
    assert note.text == full[:middle] + "追記" + full[middle:] + "二件"


@pytest.mark.parametrize("unit", ["あ", "タオル二枚。鍵を確認。\n", "朝番 09:15 清掃済み 201\n"])
def test_a_full_note_that_others_edited_at_both_ends_is_rebased_while_a_person_waits(unit: str) -> None:
    full = (unit * NOTE_CHARACTERS_MAX)[: NOTE_CHARACTERS_MAX - 20]
    note, _updates = written(full)
    middle = len(full) // 2
    note.edit(full, f"最初に{full}最後に")
    begun = perf_counter()
    note.edit(full, f"{full[:middle]}途中に{full[middle:]}")
    assert perf_counter() - begun < 2
    assert note.text.startswith("最初に")
    assert note.text.endswith("最後に")
    assert "途中に" in note.text
    assert len(note.text) == len(full) + 9


def test_a_full_note_of_many_lines_is_rebased_while_a_person_waits() -> None:
    lines = [f"{number:04}番の部屋を清掃済み、確認は鈴木。\n" for number in range(900)]
    base, theirs, mine = list(lines), list(lines), list(lines)
    theirs[3], theirs[450], theirs[890] = "三番は未清掃。\n", "", "八九〇番は佐藤が確認。\n"
    mine[10], mine[451], mine[895] = "", "四五一番は鍵なし。\n", "八九五番は故障。\n"
    note, _updates = written("".join(base))
    begun = perf_counter()
    note.edit("".join(base), "".join(theirs))
    note.edit("".join(base), "".join(mine))
    assert perf_counter() - begun < 2
    both = [theirs[at] if theirs[at] != line else mine[at] for at, line in enumerate(base)]
    assert note.text == "".join(both)


def test_phrases_keep_their_places_when_characters_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crdt_pms.documents.notes.COMPARISONS_MAX", 14)
    note, _updates = written("一番。二番。三番。四番。五番。")
    note.edit("一番。二番。三番。四番。五番。", "零番。一番。二番。三番。四番。五番。六番。")
    note.edit("一番。二番。三番。四番。五番。", "一番。二番。参番。四番。五番。")
    assert note.text == "零番。一番。二番。参番。四番。五番。六番。"


@given(JAPANESE, JAPANESE, st.integers(0, 40))
def test_differences_turn_one_text_into_the_other(base: str, other: str, comparisons: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crdt_pms.documents.notes.COMPARISONS_MAX", comparisons)
        found = differences(base, other)
    text = base
    for start, end, other_start, other_end in reversed(found):
        text = text[:start] + other[other_start:other_end] + text[end:]
    assert text == other


def test_a_line_that_is_struck_is_the_one_that_was_meant_and_not_the_end_of_another() -> None:
    note = Note(1)
    note.edit("", "1: 鍵\n2: 枕\n")
    note.edit("1: 鍵\n2: 枕\n", "0: 朝食\n1: 鍵\n2: 枕\n12: 枕\n")
    note.edit("1: 鍵\n2: 枕\n", "1: 鍵\n")
    assert note.text == "0: 朝食\n1: 鍵\n12: 枕\n"


def test_a_line_that_is_struck_twice_is_struck_once() -> None:
    """Somebody pressed the button twice: the second time there is nothing to do, and that is no error."""
    note = Note(1)
    note.edit("", "a\nb\n")
    assert note.edit("a\nb\n", "b\n")
    assert note.edit("a\nb\n", "b\n") == []
    assert note.text == "b\n"
