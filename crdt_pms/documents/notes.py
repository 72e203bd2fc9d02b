"""Notes and shift logs: one Yjs text each, merged character by character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any, Final, NamedTuple, cast

import pycrdt

from crdt_pms.documents import limits
from crdt_pms.documents.errors import CardNumberRefused, EditUndone, TextTooLong
from crdt_pms.documents.gate import TEXT_ROOT
from crdt_pms.documents.limits import NOTE_CHARACTERS_MAX
from crdt_pms.documents.merging import Merger
from crdt_pms.documents.splitting import (
    CHARACTER_BYTES_MAX,
    DELETION_BYTES_MAX,
    ITEM_BYTES_MAX,
    UPDATE_FRAME_BYTES_MAX,
)
from crdt_pms.hotel.card_numbers import find_card_number

COMPARISONS_MAX: Final = 500_000
"""About a tenth of a second."""
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""No person types it, it cannot be seen, and no database or frame holds it: NUL, and halves of surrogate pairs."""
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_PHRASE: Final = re.compile(r"[^\s。、，．,.]*[\s。、，．,.]|[^\s。、，．,.]+")


class Replacement(NamedTuple):
    """`text[start:end]` becomes `inserted`; positions count characters."""

    start: int
    end: int
    inserted: str


class Difference(NamedTuple):
    """`base[start:end]` stands where `other[other_start:other_end]` does."""

    start: int
    end: int
    other_start: int
    other_end: int

    def moved(self, by: int, other_by: int) -> Difference:
        """The same, of texts that begin so much earlier."""
        return Difference(self.start + by, self.end + by, self.other_start + other_by, self.other_end + other_by)


class Note:
    """One text document. It lives on one thread."""

    def __init__(self, client_id: int) -> None:
        """`client_id` must belong to a journal that this process run alone writes."""
        self._document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
        self._merger = Merger(self._document)
        self._text: pycrdt.Text = self._document.get(TEXT_ROOT, type=pycrdt.Text)
        self._update: bytes | None = None
        self._subscription = self._document.observe(self._on_transaction)

    @classmethod
    def load(cls, client_id: int, updates: Iterable[bytes], state: bytes | None = None) -> Note:
        """A note brought up to a stored state and the updates after it. DocumentCorrupt when one does not load."""
        note = cls(client_id)
        note._merger.load(updates, state)
        return note

    @property
    def text(self) -> str:
        """What the note says."""
        return str(self._text)

    def apply(self, update: bytes) -> None:
        """Merge an update that passed `gate.check_note_update`. Raises UpdateRefused."""
        self._merger.apply(update)

    def edit(self, base_text: str, new_text: str) -> list[bytes]:
        """Lay the difference from `base_text` to `new_text` over what the note says by now.

        Returns the updates to be journaled, each as an entry of its own: none when nothing changes, as a rule one, several
        when one might grow larger than an update may be. Raises TextTooLong or CardNumberRefused, and then nothing was written;
        EditUndone, and then the note must be loaded anew.
        """
        current = self.text
        new_text = _UNSTORABLE.sub("", new_text)
        replacements = rebase(base_text, new_text, current)
        result = _replaced(current, replacements)
        if len(result) > NOTE_CHARACTERS_MAX and len(result) > len(current):
            raise TextTooLong(
                f"the note would have {len(result)} characters, at most {NOTE_CHARACTERS_MAX} are allowed"
            )
        if find_card_number(new_text) and not find_card_number(base_text):
            raise CardNumberRefused(
                "the text holds what looks like a card number; history keeps notes, so leave it out"
            )
        # pycrdt counts UTF-8 bytes, people and difflib count characters.
        places = list(accumulate((len(character.encode()) for character in current), initial=0))
        updates = [self._write(portion, places) for portion in in_portions(replacements)]
        self._merger.let_in()
        if self.text != result:
            raise EditUndone("what this run wrote into the note had been deleted beforehand")
        return updates

    def _write(self, portion: Iterable[Replacement], places: Sequence[int]) -> bytes:
        """Make one update of replacements that descend. `places` says where each character stands, in bytes."""
        self._update = None
        with self._document.transaction():
            for start, end, inserted in portion:
                if end > start:
                    del self._text[places[start] : places[end]]
                if inserted:
                    self._text.insert(places[start], inserted)
        assert self._update is not None, "a replacement always changes the document"
        self._merger.count_own(self._update)
        return self._update

    @property
    def is_waiting(self) -> bool:
        """Whether an update waits for what it names; `dump` does not hold it."""
        return self._merger.is_waiting

    def dump(self) -> bytes:
        """The merged document."""
        return self._document.get_update()

    def _on_transaction(self, event: Any) -> None:
        self._update = cast(bytes, event.update)


def rebase(base: str, new: str, current: str) -> list[Replacement]:
    """The edits that turn `base` into `new`, moved to where their surroundings stand in `current`.

    Ascending and disjoint. Text that `current` already lost is not deleted twice; text that others inserted stays.
    """
    wanted = [
        Replacement(start, end, new[new_start:new_end]) for start, end, new_start, new_end in differences(base, new)
    ]
    if base == current:
        return wanted
    kept = _kept_positions(base, current)
    rebased: list[Replacement] = []
    for start, end, inserted in wanted:
        standing = [kept[index] for index in range(start, end) if index in kept]
        at = standing[0] if standing else _place_of(start, kept, len(current))
        pieces = _runs(standing) or [(at, at)]
        if standing or inserted:
            rebased.append(Replacement(*pieces[0], inserted))
        rebased.extend(Replacement(*piece, "") for piece in pieces[1:])
    return rebased


def in_portions(replacements: Sequence[Replacement]) -> Iterator[list[Replacement]]:
    """Ascending replacements from the last to the first, in portions of which each fits an update.

    What is too much for one is cut: a text is deleted from its end on, and inserted from its end on, so that every position
    counts in the text as it was.
    """
    budget = limits.UPDATE_BYTES_MAX - UPDATE_FRAME_BYTES_MAX
    portion: list[Replacement] = []
    left = budget
    for replacement in reversed(replacements):
        start, end, inserted = replacement
        while end > start or inserted:
            deleted = min(end - start, left // DELETION_BYTES_MAX)
            left -= deleted * DELETION_BYTES_MAX
            # Only where nothing is left to be deleted does the inserted text stand in its place.
            fitting = max(0, left - ITEM_BYTES_MAX) // CHARACTER_BYTES_MAX if deleted == end - start else 0
            cut = max(0, len(inserted) - fitting)
            written = inserted[cut:]
            if deleted or written:
                left -= ITEM_BYTES_MAX + CHARACTER_BYTES_MAX * len(written) if written else 0
                portion.append(Replacement(end - deleted, end, written))
                end, inserted = end - deleted, inserted[:cut]
            if end > start or inserted:
                yield portion
                portion, left = [], budget
    if portion:
        yield portion


def differences(base: str, other: str) -> list[Difference]:
    """Where `other` differs from `base`, ascending; everything between is the same in both.

    Whole lines are compared first: a line stays the line it is, however much one that was written beside it resembles its end.
    A person waits for this. What would take too long to compare character by character is compared by phrases, and what takes
    too long even so counts as replaced whole.
    """
    lines = _by_pieces(_LINE, base, other)
    return _refined(_whole(base, other) if lines is None else lines, base, other, _by_characters)


def _refined(
    blocks: Iterable[Difference], base: str, other: str, compare: Callable[[str, str], list[Difference]]
) -> list[Difference]:
    """The differences within each of these."""
    return [
        one.moved(start, other_start)
        for start, end, other_start, other_end in blocks
        for one in compare(base[start:end], other[other_start:other_end])
    ]


def _by_pieces(piece: re.Pattern[str], base: str, other: str) -> list[Difference] | None:
    """The differences in whole pieces of text; None when that would take too long."""
    parts, other_parts = piece.findall(base), piece.findall(other)
    found = _compared(parts, other_parts)
    if found is None:
        return None
    places, other_places = _places(parts), _places(other_parts)
    return [
        Difference(places[start], places[end], other_places[other_start], other_places[other_end])
        for start, end, other_start, other_end in found
    ]


def _by_characters(base: str, other: str) -> list[Difference]:
    """The differences in characters, or in phrases where that would take too long."""
    found = _compared(base, other)
    if found is not None:
        return found
    at = other.find(base)
    if at >= 0:
        return [Difference(0, 0, 0, at), Difference(len(base), len(base), at + len(base), len(other))]
    phrases = _by_pieces(_PHRASE, base, other)
    return _whole(base, other) if phrases is None else _refined(phrases, base, other, _by_characters_or_whole)


def _by_characters_or_whole(base: str, other: str) -> list[Difference]:
    found = _compared(base, other)
    return _whole(base, other) if found is None else found


def _whole(base: str, other: str) -> list[Difference]:
    return [Difference(0, len(base), 0, len(other))]


def _compared(base: Sequence[str], other: Sequence[str]) -> list[Difference] | None:
    """The differences of two sequences; None when that would take too long."""
    head = _same_at_start(base, other)
    tail = _same_at_start(base[head:][::-1], other[head:][::-1])
    inner, other_inner = base[head : len(base) - tail], other[head : len(other) - tail]
    amounts = Counter(other_inner)
    if sum(amounts[item] for item in inner) > COMPARISONS_MAX:
        return None
    return [
        Difference(*places).moved(head, head)
        for tag, *places in SequenceMatcher(None, inner, other_inner, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def _same_at_start(base: Sequence[str], other: Sequence[str]) -> int:
    for at, (left, right) in enumerate(zip(base, other, strict=False)):
        if left != right:
            return at
    return min(len(base), len(other))


def _places(parts: Iterable[str]) -> list[int]:
    """Where each part begins, and where the last one ends."""
    return list(accumulate(map(len, parts), initial=0))


def _kept_positions(base: str, current: str) -> dict[int, int]:
    """For each character of `base` that still stands, its position in `current`."""
    kept: dict[int, int] = {}
    at = now = 0
    for start, end, current_start, current_end in [*differences(base, current), (len(base), 0, len(current), 0)]:
        kept.update(zip(range(at, start), range(now, current_start), strict=True))
        at, now = end, current_end
    return kept


def _place_of(start: int, kept: dict[int, int], length: int) -> int:
    """Right behind the nearest standing character before `start`, else before the nearest one after it."""
    for index in range(start - 1, -1, -1):
        if index in kept:
            return kept[index] + 1
    following = [position for index, position in kept.items() if index >= start]
    return min(following, default=length)


def _runs(positions: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and runs[-1][1] == position:
            runs[-1] = (runs[-1][0], position + 1)
        else:
            runs.append((position, position + 1))
    return runs


def _replaced(text: str, replacements: list[Replacement]) -> str:
    for start, end, inserted in reversed(replacements):
        text = text[:start] + inserted + text[end:]
    return text
