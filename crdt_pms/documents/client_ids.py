"""Which journals may write documents, where several of them have the same Yjs client id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from crdt_pms.documents.gate import client_id_of

Journal = TypeVar("Journal", bound=bytes)


class ClientIds(Generic[Journal]):
    """The client ids of all journals of which an entry is held.

    Two documents in which one client id was used twice can differ for ever with equal state vectors. So of the journals that
    share one, the lowest may write documents and the others may not, whichever came first: a pure function of the journals.
    """

    def __init__(self) -> None:
        self._holders: dict[int, Journal] = {}
        self._refused: set[Journal] = set()

    def claim(self, journal: Journal) -> Journal | None:
        """Note a journal. Returns the one that may write no documents because of it, itself or another one, if any."""
        client_id = client_id_of(journal)
        holder = self._holders.setdefault(client_id, journal)
        if holder == journal:
            return None
        self._holders[client_id], refused = min(holder, journal), max(holder, journal)
        self._refused.add(refused)
        return refused

    def claim_all(self, journals: Iterable[Journal]) -> None:
        """Note the journals of which entries are held."""
        for journal in journals:
            self.claim(journal)

    def is_refused(self, journal: Journal) -> bool:
        """Whether the journal may write no documents."""
        return journal in self._refused
