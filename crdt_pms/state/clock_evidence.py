"""Clocks that ran ahead, as the entries themselves show it.

Whether a stamp lies in the future depends on who looks, and an alert must not. But an author who had *seen* an entry and still
stamped its own far earlier did not merge that stamp: its clock, corrected by all it had learned, disagreed. This is in the
entry set, so every replica finds the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, cast

import msgpack

from crdt_pms.journal.clock import ZERO_STAMP, Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.journal.limits import STAMP_AHEAD_MS_MAX
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.alerts import StampFact
from crdt_pms.ports.store import Transaction

_KEY: Final = "clock_evidence"


class ClockEvidence:
    """For each journal the greatest lead, in milliseconds, that a later author left unmerged."""

    def __init__(self) -> None:
        self.leads_ms: dict[JournalId, int] = {}
        self._newest: dict[JournalId, Stamp] = {}
        self._changed = False

    @classmethod
    def load(
        cls, transaction: Transaction, vector: VersionVector, stamps: Mapping[JournalId, Stamp] | None = None
    ) -> ClockEvidence:
        """Read back what `save` wrote, for a state that stands at `vector`, of whose entries `stamps` may be known."""
        evidence = cls()
        stored = transaction.get_state(_KEY)
        if stored is not None:
            leads = cast(dict[bytes, int], msgpack.unpackb(stored, strict_map_key=False))
            evidence.leads_ms = {JournalId(journal): lead for journal, lead in leads.items()}
        if stamps is not None:
            evidence._newest = dict(stamps)
            return evidence
        newest = transaction.newest_stamps()
        for journal, seq in vector.items():
            last, stamp = newest.get(journal, (0, ZERO_STAMP))
            if last == seq:
                evidence._newest[journal] = stamp
            elif (placed := transaction.entry(Dot(journal, seq))) is not None:
                # The relay's projection is behind its log.
                evidence._newest[journal] = placed.entry.stamp
        return evidence

    @property
    def newest(self) -> Collection[Stamp]:
        """The stamp of the last applied entry of each journal."""
        return self._newest.values()

    def save(self, transaction: Transaction) -> None:
        """Write the evidence to the store."""
        transaction.put_state(_KEY, pack(dict(sorted(self.leads_ms.items()))))

    def take_changed(self) -> bool:
        """Whether leads were found since the last call."""
        changed, self._changed = self._changed, False
        return changed

    def facts(self) -> list[StampFact]:
        """What gives reason to alert: each journal whose clock ran ahead, and how far."""
        return [StampFact(journal, lead_ms) for journal, lead_ms in sorted(self.leads_ms.items())]

    def weigh(self, entry: Entry, transaction: Transaction) -> None:
        """Compare the entry's stamp with those of the entries that its author had newly seen."""
        for journal, seq in entry.context.items():
            newest = self._newest.get(journal, ZERO_STAMP)
            if newest.milliseconds - entry.stamp.milliseconds <= STAMP_AHEAD_MS_MAX:
                continue
            seen = transaction.entry_name(Dot(journal, seq))
            lead_ms = seen.stamp.milliseconds - entry.stamp.milliseconds if seen is not None else 0
            if lead_ms > max(STAMP_AHEAD_MS_MAX, self.leads_ms.get(journal, 0)):
                self.leads_ms[journal] = lead_ms
                self._changed = True
        self._newest[entry.dot.journal] = entry.stamp
