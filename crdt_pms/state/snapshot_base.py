"""What a state that stands on a snapshot knows of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.state.content_digest import ContentDigest

NODE_VALUES: Final = ("clock_evidence", "frontier")
"""What a state keeps under these names follows from the entries and is part of a snapshot."""


class Base(NamedTuple):
    """For each journal its last covered number, and the stamp of that entry; the documents; the digest of the registers."""

    vector: dict[JournalId, int]
    stamps: dict[JournalId, Stamp]
    documents: tuple[str, ...]
    registers: ContentDigest
