"""What is kept of journals that were written twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from crdt_pms.journal.certificate import Head
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import ForkProof
from crdt_pms.journal.identifiers import JournalId


class Forks(Protocol):
    """See the module."""

    def fork_proofs(self) -> list[ForkProof]:
        """Every fork that is known, in the order of journals and slots."""
        ...

    def put_fork_proof(self, proof: ForkProof) -> None:
        """Keep what is known of a point, replacing what was known before."""
        ...

    def branch_entries(self, journal: JournalId) -> list[Entry]:
        """The entries of a journal that are kept beside the log, ascending by number."""
        ...

    def all_branch_entries(self) -> list[Entry]:
        """Every entry that is kept beside the log."""
        ...

    def put_branch_entries(self, entries: Sequence[Entry]) -> None:
        """Keep entries of branches that do not count; a repeat is a no-op."""
        ...

    def withdraw_entries(self, head: Head) -> None:
        """Take the entries after `head` of its journal out of the log, and keep them beside it. Their positions stay empty."""
        ...
