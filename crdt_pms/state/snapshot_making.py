"""Making a snapshot of what a relay has projected, where its projection stands.

Only sections are made anew in which something was written since the snapshot before: what that costs follows from what
happened, not from what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from crdt_pms.journal.forks import KnownForks
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.positions import CHECKPOINT_POSITIONS, is_checkpoint
from crdt_pms.ledger.register import RegisterState, Standing
from crdt_pms.log.errors import SnapshotTooLarge
from crdt_pms.log.limits import CHUNK_BYTES_MAX
from crdt_pms.log.records import (
    pieces,
    written_entry,
    written_journal,
    written_name,
    written_newer,
    written_registers,
    written_withheld,
)
from crdt_pms.log.snapshot import Index, Kind, SectionKey, chunks_of, name_of
from crdt_pms.ports.records import WriteRecord
from crdt_pms.ports.store import Transaction
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.snapshot_base import NODE_VALUES
from crdt_pms.state.stored_rows import written

_CHECKPOINT_SEGMENT: Final = 64 * CHECKPOINT_POSITIONS


def make_sections(
    transaction: Transaction, state: PropertyState, width: int, before: tuple[int, Index] | None
) -> bytes:
    """Store the chunks of a snapshot of `state`, which stands in the store too, and its index.

    `before` is the position and index of an earlier snapshot of the same order: sections in which nothing happened since are
    taken over. Returns the name of the index. Raises SnapshotTooLarge.
    """
    maker = _Maker(transaction, state, width, before if before is not None and before[1].width == width else None)
    maker.make()
    encoded = Index(width, maker.sections).encode()
    if len(encoded) > CHUNK_BYTES_MAX:
        raise SnapshotTooLarge(f"the index of a snapshot has {len(encoded)} bytes, {CHUNK_BYTES_MAX} are the most")
    name = name_of(encoded)
    transaction.put_snapshot_chunk(name, encoded)
    return name


class _Maker:
    def __init__(
        self, transaction: Transaction, state: PropertyState, width: int, before: tuple[int, Index] | None
    ) -> None:
        self._transaction = transaction
        self._state = state
        self._through = state.position
        self._width = width
        self._after = 0 if before is None else before[0]
        self.sections: dict[SectionKey, tuple[bytes, ...]] = {} if before is None else dict(before[1].sections)

    def make(self) -> None:
        """Make every section that is not as it was."""
        asked, after, through = self._transaction, self._after, self._through
        for segment in sorted(asked.journal_segments(after, through, self._width)):
            journals = asked.journals_begun(*self._range(segment), through)
            self._put(Kind.JOURNALS, segment, map(written_journal, journals))
        for segment in sorted(asked.register_segments(after, self._width)):
            self._registers(segment)
        for segment in sorted(asked.document_segments(after, through, self._width)):
            self._documents(segment)
        for segment in range(after // _CHECKPOINT_SEGMENT, through // _CHECKPOINT_SEGMENT + 1):
            first = segment * _CHECKPOINT_SEGMENT
            kept = asked.checkpoints_within(max(first - 1, 0), min(first + _CHECKPOINT_SEGMENT - 1, through))
            # Those off the grid belong to snapshots.
            regular = (one for one in kept if is_checkpoint(one.position))
            self._put(Kind.CHECKPOINTS, segment, ([one.position, one.digest] for one in regular))
        self._general()

    def _documents(self, segment: int) -> None:
        """The documents that began there. What waits is in no state of a document: its updates are kept, and read again."""
        asked, waiting = self._transaction, list[str]()

        def states() -> Iterator[list[object]]:
            for document in asked.documents_begun(*self._range(segment)):
                dump = self._state.dump_document(document, asked)
                if dump.is_waiting:
                    waiting.append(document)
                yield from pieces(document, dump.content)

        self._put(Kind.DOCUMENTS, segment, states())
        updates = [one.entry.dot for document in waiting for one in asked.entries_of_document(document, 0)]
        # Section 0 of the entries is of those that are not applied.
        self._put(Kind.ENTRIES, segment + 1, self._entries(updates))

    def _registers(self, segment: int) -> None:
        """The registers that began there, and of their conflicts the values that they hold as digests."""
        lost: set[Dot] = set()
        standing: set[Dot] = set()

        def noted() -> Iterator[WriteRecord]:
            writes = self._transaction.registers_begun(*self._range(segment))
            for _register, some in groupby(writes, key=lambda one: one[:3]):
                held = list(some)
                lost.update(_lost_values(held))
                standing.update(one.dot for one in held if one.standing == Standing.SIBLING)
                yield from held

        self._put(Kind.REGISTERS, segment, written_registers(noted()))
        names = ((dot, self._transaction.entry_name(dot)) for dot in sorted(standing))
        self._put(Kind.NAMES, segment, (written_name(dot, name) for dot, name in names if name is not None))
        self._put(Kind.LOSING, segment, self._entries(sorted(lost)))

    def _general(self) -> None:
        """What is small, or rare, and made anew each time."""
        quarantine, asked = self._state.quarantine, self._transaction
        withheld = sorted([*quarantine.records.values(), *quarantine.held.values()])
        newer = [dot for dot in asked.of_newer_groups() if not quarantine.withholds(dot)]
        self._put(Kind.WITHHELD, 0, [*map(written_withheld, withheld), *map(written_newer, newer)])
        kept = {*(one.dot for one in withheld), *newer, *_forked(asked, self._state.forks)}
        self._put(Kind.ENTRIES, 0, self._entries(sorted(kept)))
        self._put(Kind.FORKS, 0, ([proof.encoded] for proof in self._state.forks))
        self._put(Kind.BRANCHES, 0, (written_entry(entry) for entry in asked.all_branch_entries()))
        values = {name: value for name in NODE_VALUES if (value := asked.get_state(name)) is not None}
        self._put(Kind.VALUES, 0, _in_pieces(sorted(values.items())))

    def _entries(self, dots: Iterable[Dot]) -> Iterator[list[object]]:
        for dot in dots:
            placed = self._transaction.entry(dot)
            if placed is not None and placed.committed is not None and placed.committed <= self._through:
                yield written_entry(placed.entry, placed.committed)

    def _put(self, kind: Kind, segment: int, records: Iterable[Sequence[object]]) -> None:
        names: list[bytes] = []
        for chunk in chunks_of(records):
            names.append(name_of(chunk))
            self._transaction.put_snapshot_chunk(names[-1], chunk)
        key = SectionKey(kind, segment)
        if names:
            self.sections[key] = tuple(names)
        else:
            self.sections.pop(key, None)

    def _range(self, segment: int) -> tuple[int, int]:
        return segment * self._width, (segment + 1) * self._width


def _lost_values(writes: Sequence[WriteRecord]) -> Iterator[Dot]:
    """The writes of one register that a conflict was about, or that closed one, and of which it holds digests."""
    if not any(one.standing == Standing.DIGEST for one in writes):
        return
    first = written(writes[0])
    register = RegisterState.load(first.register, map(written, writes))
    for closing in register.closings:
        yield from (dot for dot in (closing.dot, *closing.names) if register.holds(dot) and register.find(dot) is None)


def _forked(transaction: Transaction, forks: KnownForks) -> Iterator[Dot]:
    """What is held of journals that were written twice, from the first forked slot on."""
    for journal in sorted({proof.point.journal for proof in forks}):
        first = forks.first(journal)
        assert first is not None, "a journal with a proof is forked"
        yield from (one.entry.dot for one in transaction.journal_entries(journal, first, SEQ_MAX))


def _in_pieces(named: Iterable[tuple[str, bytes]]) -> Iterator[list[object]]:
    for name, content in named:
        yield from pieces(name, content)
