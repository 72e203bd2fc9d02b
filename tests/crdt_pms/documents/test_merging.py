"""Readers whose updates came in different orders show the same, also when a device names what is yet to be written."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import write_var_uint

from crdt_pms.documents.gate import check_note_update
from crdt_pms.documents.notes import Note

HOSTILE, HONEST = (11, 12), 21
Place = tuple[int, int] | None
Range = tuple[int, int, int] | None
Edit = tuple[str, Place, Range]
PLACES = st.none() | st.tuples(st.sampled_from([*HOSTILE, HONEST]), st.integers(0, 8))
RANGES = st.none() | st.tuples(st.sampled_from([*HOSTILE, HONEST]), st.integers(0, 6), st.integers(1, 3))
EDITS = st.tuples(st.text("abc", min_size=1, max_size=3), PLACES, RANGES)


def nonsense(client: int, clock: int, text: str, left: Place, deleted: Range) -> bytes:
    """An update that puts a text wherever it likes and deletes whatever it likes."""
    item = b"\x84" + b"".join(map(write_var_uint, left)) if left else b"\x04\x01\x04text"
    ranges = b"\x01" + b"".join(map(write_var_uint, (deleted[0], 1, *deleted[1:]))) if deleted else b"\0"
    head = b"\x01\x01" + write_var_uint(client) + write_var_uint(clock)
    return head + item + write_var_uint(len(text)) + text.encode() + ranges


@settings(max_examples=400)
@given(st.lists(EDITS, max_size=4), st.lists(EDITS, max_size=4), st.lists(st.text("XY", max_size=4), max_size=3))
def test_every_order_of_arrival_ends_alike(first: list[Edit], second: list[Edit], texts: list[str]) -> None:
    journals: list[list[bytes]] = []
    for client, edits in zip(HOSTILE, (first, second), strict=True):
        clock, updates = 0, []
        for text, left, deleted in edits:
            is_own_future = left is not None and left[0] == client and left[1] >= clock
            update = nonsense(client, clock, text, None if is_own_future else left, deleted)
            check_note_update(update, client)
            updates.append(update)
            clock += len(text)
        journals.append(updates)
    honest = Note(HONEST)
    journals.append([update for text in texts for update in honest.edit(honest.text, text)])
    shown: set[tuple[str, bool]] = set()
    for seed in range(5):
        random, left_over = Random(seed), [list(updates) for updates in journals if updates]
        reader, taken = Note(99), []
        while left_over:
            journal = random.choice(left_over)
            taken.append(journal.pop(0))
            reader.apply(taken[-1])
            left_over = [updates for updates in left_over if updates]
        shown.add((reader.text, reader.is_waiting))
        again = Note.load(98, taken)
        shown.add((again.text, again.is_waiting))
    assert len(shown) == 1
