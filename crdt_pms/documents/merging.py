"""Applies updates to a Yjs document, each after everything that it names.

An honest author names what was there, and readers have it before. A hostile device may name items that are yet to be written,
and pycrdt then shows different texts to readers whose updates came in different orders. So an update waits, whole, until
everything is there that it stands beside or deletes, and with it what its client wrote afterwards. What waits for ever changes
nothing. Which updates wait follows from the set of updates, not from their order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pycrdt

from crdt_pms.documents.errors import DocumentCorrupt, UpdateRefused
from crdt_pms.documents.gate import apply_update
from crdt_pms.documents.update_reader import Update, read_state_vector, read_update


class Merger:
    """The one way of updates into one document."""

    def __init__(self, document: pycrdt.Doc[Any]) -> None:
        self._document = document
        self._ends: dict[int, int] = {}
        """For each client how much of what it wrote stands in the document."""
        self._waiting: list[tuple[Update, bytes]] = []

    @property
    def is_waiting(self) -> bool:
        """Whether some update waits for what it names: the document's own state lacks it."""
        return bool(self._waiting)

    def load(self, updates: Iterable[bytes], state: bytes | None) -> None:
        """Bring a new document up to a stored state and the updates after it. DocumentCorrupt when one does not load."""
        try:
            if state is not None:
                apply_update(self._document, state)
                self._ends = read_state_vector(self._document.get_state())
            for update in updates:
                self.apply(update)
        except UpdateRefused as error:
            raise DocumentCorrupt(str(error)) from error

    def apply(self, update: bytes) -> None:
        """Merge an update that passed the gate, or let it wait. Raises UpdateRefused."""
        content = read_update(update)
        is_next = all(other.client is None or other.client != content.client for other, _update in self._waiting)
        if not (is_next and self._has(content)):
            self._waiting.append((content, update))
            return
        apply_update(self._document, update)
        self._count(content)
        self.let_in()

    def count_own(self, update: bytes) -> None:
        """Note an update that an edit of the document made."""
        self._count(read_update(update))

    def let_in(self) -> None:
        """Apply what waited for what is there by now."""
        while self._waiting and (ready := self._ready()) is not None:
            content, update = self._waiting.pop(ready)
            try:
                apply_update(self._document, update)
            except UpdateRefused:
                # Its entry was taken long ago; like what waits for ever it changes nothing.
                continue
            self._count(content)

    def _ready(self) -> int | None:
        """The place of the first update that need not wait any longer."""
        behind: set[int] = set()
        for place, (content, _update) in enumerate(self._waiting):
            if content.client not in behind and self._has(content):
                return place
            if content.client is not None:
                behind.add(content.client)
        return None

    def _has(self, content: Update) -> bool:
        """Whether everything is there that an update goes on from, stands beside or deletes."""
        ends, client = self._ends, content.client
        if client is not None and ends.get(client, 0) < content.start:
            return False
        near = (one for item in content.items for one in (item.origin, item.right_origin) if one is not None)
        return all(ends.get(one.client, 0) > one.clock for one in near if one.client != client) and all(
            deletion.clock + deletion.length
            <= (content.end if deletion.client == client else ends.get(deletion.client, 0))
            for deletion in content.deletions
        )

    def _count(self, content: Update) -> None:
        if content.client is not None:
            self._ends[content.client] = max(self._ends.get(content.client, 0), content.end)
