"""Updates of Yjs documents as the judge reads them, from the description of the format alone (update encoding v1).

An update is two lists. The first has, for each client that it adds something of: how many structs, the client, its first
clock, the structs. The second has, for each client of which something is deleted: the client, how many ranges, each a clock and
a length. All numbers are unsigned LEB128.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from simulations.checkers.documents import BOARD, TEXT, Standing, place_of, standing_of
from simulations.checkers.violation import Dot
from simulations.checkers.wire import FormatWrong

UPDATE_BYTES_MAX: Final = 262_144
_NUMBER_BYTES_MAX: Final = 9
_CLOCK_MAX: Final = 2**31 - 1
_CLIENT_BITS: Final = 53
_DIGEST_BITS: Final = 64
_GARBAGE, _DELETED, _STRING, _ANY = 0, 1, 4, 8
_BYTES_TAG: Final = 116


class Piece(NamedTuple):
    """One struct: its clock, what it stands beside (client and clock), the root and key that it names, its text or bytes."""

    clock: int
    beside: tuple[tuple[int, int] | None, tuple[int, int] | None]
    root: str | None
    key: str | None
    content: str | bytes | None


class Names(NamedTuple):
    """What an update goes on from and what it names: it adds of `client` what is from `start` to before `end`.

    `others` are clients with the clock up to which each must be there.
    """

    client: int
    start: int
    end: int
    others: tuple[tuple[int, int], ...]

    def are_in(self, there: Mapping[int, int]) -> bool:
        """Whether all of it is there, given how far each client is."""
        own = there.get(self.client, 0) >= self.start
        return own and all(
            clock <= (max(self.end, there.get(client, 0)) if client == self.client else there.get(client, 0))
            for client, clock in self.others
        )


def names_of(update: bytes, journal: bytes) -> Names:
    """What an update of that journal names. Raises FormatWrong."""
    client = client_of(journal)
    pieces: list[tuple[Piece, int]] = []
    deleted: list[tuple[int, int]] = []
    pieces.extend(_pieces(update, client, deleted))
    beside = [(of, clock + 1) for piece, _length in pieces for of, clock in filter(None, piece.beside)]
    start = pieces[0][0].clock if pieces else 0
    end = pieces[-1][0].clock + pieces[-1][1] if pieces else 0
    return Names(client, start, end, (*beside, *deleted))


def client_of(journal: bytes) -> int:
    """The Yjs client id of a journal."""
    return int.from_bytes(hashlib.sha256(journal).digest()[: _DIGEST_BITS // 8], "big") >> (_DIGEST_BITS - _CLIENT_BITS)


def without_client(journals: Sequence[bytes]) -> frozenset[bytes]:
    """The journals that may write no documents: a lower one has the same client id."""
    lowest: dict[int, bytes] = {}
    for journal in sorted(journals):
        lowest.setdefault(client_of(journal), journal)
    return frozenset(journal for journal in journals if lowest[client_of(journal)] != journal)


def require_update(update: bytes, document: str, dot: Dot, stamp: tuple[int, int], author: str) -> None:
    """FormatWrong for an update that no node may apply as what that entry says of that document."""
    _require(len(update) <= UPDATE_BYTES_MAX, "too large")
    client = client_of(dot.journal)
    pieces = [piece for piece, _length in _pieces(update, client, [])]
    for piece in pieces:
        own = [clock for of, clock in filter(None, piece.beside) if of == client]
        _require(all(clock < piece.clock for clock in own), "a struct beside a later one of its own client")
    if document != BOARD:
        _require(all(_is_text(piece) for piece in pieces), "more than text")
        return
    _require(bool(pieces), "a board update that says nothing")
    for piece in pieces:
        _require(_is_under_own_key(piece, client, dot.journal), "a key that is not its journal's")
        said = standing_of(dot.journal, piece.content)
        _require(
            said is not None and said._replace(value="") == Standing(stamp, dot, "", author), "another entry's value"
        )


def written_values(updates: Iterable[tuple[Dot, bytes]]) -> dict[Dot, list[tuple[str, str, str]]]:
    """What each update of the board wrote, as room, field and value. Of one journal they come in its order.

    Updates that are no such updates say nothing.
    """
    found: dict[Dot, list[tuple[str, str, str]]] = {}
    keys: dict[tuple[int, int], str] = {}
    for dot, update in updates:
        client = client_of(dot.journal)
        try:
            pieces = [piece for piece, _length in _pieces(update, client, [])]
        except FormatWrong:
            continue
        for piece in pieces:
            # A value that replaces another names it in place of a key.
            key = piece.key if piece.beside[0] is None else keys.get(piece.beside[0])
            keys[client, piece.clock] = key or ""
            place, said = place_of(key or ""), standing_of(dot.journal, piece.content)
            if place is not None and said is not None:
                found.setdefault(dot, []).append((place[0], place[1], said.value))
    return found


def _is_text(piece: Piece) -> bool:
    return not isinstance(piece.content, bytes) and piece.root in (None, TEXT) and piece.key is None


def _is_under_own_key(piece: Piece, client: int, journal: bytes) -> bool:
    left, right = piece.beside
    if left is not None:
        # The key is that of the value it replaces, which is one of the same client and was judged before.
        return left[0] == client and right is None
    place = place_of(piece.key or "")
    return piece.root == BOARD and place is not None and place[2] == journal


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise FormatWrong(f"not an update of this document by this journal: {what}")


class _Bytes:
    """Bytes with a place in them. Every read beyond the end raises FormatWrong."""

    def __init__(self, data: bytes) -> None:
        self._rest = memoryview(data)

    def __len__(self) -> int:
        return len(self._rest)

    def take(self, amount: int) -> bytes:
        _require(amount <= len(self._rest), "it ends early")
        taken, self._rest = bytes(self._rest[:amount]), self._rest[amount:]
        return taken

    def number(self, below: int | None = None) -> int:
        value = 0
        for place in range(_NUMBER_BYTES_MAX):
            (byte,) = self.take(1)
            value += (byte & 127) << (7 * place)
            if byte < 128:
                _require(below is None or value < below, "a number beyond its bound")
                return value
        raise FormatWrong("a number of too many bytes")

    def text(self) -> str:
        try:
            return self.take(self.number()).decode()
        except UnicodeDecodeError as error:
            raise FormatWrong("text that is not UTF-8") from error


def _pieces(update: bytes, client: int, deleted: list[tuple[int, int]]) -> Iterator[tuple[Piece, int]]:
    """What the update adds, all of it by `client`, with lengths; `deleted` gets clients and the clocks where ranges end."""
    data = _Bytes(update)
    authors = data.number(2)
    if authors:
        structs = data.number()
        _require(data.number(1 << _CLIENT_BITS) == client, "another client")
        clock = data.number(_CLOCK_MAX + 1)
        for _ in range(structs):
            piece, length = _piece(data, clock)
            yield piece, length
            clock += length
            _require(clock <= _CLOCK_MAX, "too many structs")
    for _ in range(data.number()):
        of = data.number(1 << _CLIENT_BITS)
        for _ in range(data.number()):
            deleted.append((of, data.number() + data.number()))
            _require(deleted[-1][1] <= _CLOCK_MAX, "a range beyond the last clock")
    _require(len(data) == 0, "more bytes")


def _piece(data: _Bytes, clock: int) -> tuple[Piece, int]:
    (head,) = data.take(1)
    if head == _GARBAGE:
        return Piece(clock, (None, None), None, None, None), data.number()
    left, right = (
        (data.number(1 << _CLIENT_BITS), data.number(_CLOCK_MAX + 1)) if head & bit else None for bit in (128, 64)
    )
    root = key = None
    if left is None and right is None:
        _require(data.number() == 1, "a nested type")
        root = data.text()
        key = data.text() if head & 32 else None
    content, length = _content(data, head % 32)
    return Piece(clock, (left, right), root, key, content), length


def _content(data: _Bytes, kind: int) -> tuple[str | bytes | None, int]:
    if kind == _DELETED:
        return None, data.number()
    if kind == _STRING:
        text = data.text()
        return text, len(text.encode("utf-16-le")) // 2
    _require(kind == _ANY and data.number() == 1 and data.take(1)[0] == _BYTES_TAG, "content of another kind")
    return data.take(data.number()), 1
