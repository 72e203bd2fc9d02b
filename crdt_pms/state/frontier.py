"""The entries that nothing held names: an author that has seen these has seen everything.

An entry is admitted only after what its context names, so a new entry need not name what a named one already does. Without this
the first entry of every process run would name every journal that the property ever had.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import msgpack

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.wire import pack
from crdt_pms.ports.values import Values

_KEY: Final = "frontier"


class Frontier:
    """The heads of the causal order.

    Invariant: every held entry is one of `heads`, or a head's author had seen it when it wrote.
    """

    def __init__(self, heads: VersionVector | None = None) -> None:
        self._heads: dict[JournalId, int] = dict(heads or {})
        self._changed = False

    @classmethod
    def load(cls, transaction: Values, vector: VersionVector) -> Frontier:
        """Read back what `save` wrote. Without it, in a file of an older version, everything held counts as a head."""
        stored = transaction.get_state(_KEY)
        if stored is None:
            return cls(vector)
        heads = cast(dict[bytes, int], msgpack.unpackb(stored, strict_map_key=False))
        return cls({JournalId(journal): seq for journal, seq in heads.items()})

    @property
    def heads(self) -> Mapping[JournalId, int]:
        """For some journals the last held entry: together they stand for everything held."""
        return self._heads

    def add(self, entry: Entry) -> None:
        """Take in an entry whose context is held."""
        for journal, seq in entry.context.items():
            if self._heads.get(journal, 0) <= seq:
                self._heads.pop(journal, None)
        self._heads[entry.dot.journal] = entry.dot.seq
        self._changed = True

    def save(self, transaction: Values) -> None:
        """Write the heads to the store, if they changed."""
        if self._changed:
            transaction.put_state(_KEY, pack(dict(sorted(self._heads.items()))))
            self._changed = False
