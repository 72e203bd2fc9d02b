"""What one entry cannot say is said in several: an operation as parts, each within every limit of a header.

The parts are applied in order, by one author. A reader that holds the first of them only shows a valid state. A write that
names or reads more than a header holds is written several times, each time in place of the time before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.limits import NAMES_MAX, READS_MAX, WRITES_MAX
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import rows_named

HEADER_SHARE: Final = HEADER_BYTES_MAX // 4
"""How many bytes of a header the keys and rows of an operation take; what it names, reads and has seen takes the rest."""
PAYLOAD_SHARE: Final = PAYLOAD_BYTES_MAX - 8_192 * 2
"""How many bytes the writes of an operation take; its reason takes the rest."""
_NAMES_OF_PIECE: Final = NAMES_MAX - 1
"""One place is left for the piece before."""


def split_operation(operation: Operation) -> tuple[Operation, ...]:
    """The operation as parts that each fit into one entry, in the order in which they are to be written.

    Before a part is encoded, `after_parts` adds what it names of the parts before it.
    """
    parts: list[_Part] = []
    for write in operation.writes:
        first = 0
        for piece in _pieces(write):
            again = first > 0
            at = next((index for index in range(first, len(parts)) if parts[index].has_room(piece, again)), len(parts))
            if at == len(parts):
                parts.append(_Part())
            parts[at].add(piece, again)
            first = at + 1
    return tuple([replace(operation, writes=tuple(part.writes)) for part in parts])


def after_parts(part: Operation, written: Mapping[Register, Dot]) -> Operation:
    """A part that is written in place of what earlier parts wrote to its registers, which `written` says."""
    return replace(part, writes=tuple([_in_place_of(write, written.get(write.register)) for write in part.writes]))


class _Part:
    """The writes of one entry, and how much of its limits they take."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self._names: set[Dot] = set()
        self._reads: set[Dot] = set()
        self._again = 0
        self._header = 0
        self._payload = 0

    def has_room(self, write: Write, again: bool) -> bool:
        """Whether one more write fits; `again`: it will name what an earlier part wrote, too."""
        header, payload = _sizes(write)
        return (
            len(self.writes) < WRITES_MAX
            and len(self._names.union(write.names)) + self._again + again <= NAMES_MAX
            and len(self._reads.union(write.reads)) <= READS_MAX
            and self._header + header <= HEADER_SHARE
            and self._payload + payload <= PAYLOAD_SHARE
        )

    def add(self, write: Write, again: bool) -> None:
        """Take in a write. The first one always fits."""
        header, payload = _sizes(write)
        self.writes.append(write)
        self._names.update(write.names)
        self._reads.update(write.reads)
        self._again += again
        self._header += header
        self._payload += payload


def _pieces(write: Write) -> list[Write]:
    if write.register.is_append:
        # Nothing is written in place of it: what it could not name counts as unread, which an alert shows.
        return [replace(write, reads=write.reads[:READS_MAX])]
    names, reads = _chunks(write.names, _NAMES_OF_PIECE), _chunks(write.reads, READS_MAX)
    length = max(len(names), len(reads), 1)
    empty: list[tuple[Dot, ...]] = [()] * length
    pairs = zip((names + empty)[:length], (reads + empty)[:length], strict=True)
    return [replace(write, names=named, reads=read) for named, read in pairs]


def _chunks(dots: Sequence[Dot], size: int) -> list[tuple[Dot, ...]]:
    return [tuple(dots[start : start + size]) for start in range(0, len(dots), size)]


def _in_place_of(write: Write, before: Dot | None) -> Write:
    if before is None or write.register.is_append:
        return write
    return replace(write, names=tuple(sorted({*write.names, before})))


def _sizes(write: Write) -> tuple[int, int]:
    rows = rows_named(write.register.group, write.content or {})
    header = len(pack([*write.register])) + sum(len(pack(row)) for row in rows)
    base = {} if write.base is None else dict(write.base)
    payload = len(pack([dict(write.content or {}), base])) + 3 * (len(write.names) + len(write.reads)) + 16
    return header, payload
