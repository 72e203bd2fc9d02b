"""A process that goes on from a snapshot of its memory, as a virtual machine does that was copied while it ran or put back."""

from __future__ import annotations

from copy import copy

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ports.store import Store
from crdt_pms.replica.replica import Replica


def resumed(
    original: Replica, store: Store, definition: PropertyDefinition, device: EnrolledDevice, now_ms: int
) -> Replica:
    """A second process in the very state of `original`, over a copy of its disk: it writes on in the same journal."""
    # A snapshot of memory has no interface.
    author = original._author  # noqa: SLF001
    twin = Replica.open(store, definition, device, author.writer.certificate.journal, now_ms)
    own = copy(author)
    vars(own).update(_writer=copy(author.writer), _clock=copy(author.clock), _seen=dict(vars(author)["_seen"]))
    twin._author = own  # noqa: SLF001
    return twin
