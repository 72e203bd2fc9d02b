"""A database that holds one property's journals and what follows from them.

One `Store` belongs to one property on one node. Every call of a replica runs inside one `transaction()`; nothing that it
returned may leave the process before that transaction committed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from crdt_pms.ports.documents import Documents
from crdt_pms.ports.forks import Forks
from crdt_pms.ports.log import Log
from crdt_pms.ports.readable import ReadableRows
from crdt_pms.ports.registers import Registers
from crdt_pms.ports.snapshot_sources import SnapshotSources
from crdt_pms.ports.snapshots import Snapshots
from crdt_pms.ports.values import Values
from crdt_pms.ports.withheld import WithheldEntries


class Transaction(
    Log, Forks, WithheldEntries, Registers, Documents, ReadableRows, Snapshots, SnapshotSources, Values, Protocol
):
    """Everything that a node reads and writes, atomically."""


class Store(Protocol):
    """A database that holds one property's journals and what follows from them."""

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """Begin; commit when the block ends, roll back when it raises. Never nested.

        Without `durable` a power loss may undo it, until the next durable one: for what can be had again from others. A killed
        process undoes nothing.
        """
        ...

    def close(self) -> None:
        """Close all connections; the store must not be used afterwards."""
        ...
