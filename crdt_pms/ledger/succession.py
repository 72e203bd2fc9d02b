"""Which journals give reason to alert by how they follow on each other.

A property has tens of thousands of journals after some years, and alerts are derived after every change. So what one entry
changes is looked at when the entry comes, and deriving alerts looks at the few journals that stand out.
"""

from __future__ import annotations

from crdt_pms.journal.identifiers import DeviceId, JournalId
from crdt_pms.ledger.alerts import JournalFact


class Succession:
    """Every journal of which an entry is held, with its device and the head that it continues.

    Invariant: `standing_out` gives the same alerts as all facts do. What is held of a journal only grows.
    """

    def __init__(self) -> None:
        self._facts: dict[JournalId, JournalFact] = {}
        self._continuing: dict[tuple[DeviceId, JournalId | None], list[JournalId]] = {}
        self._after: dict[JournalId, list[JournalId]] = {}
        self._standing_out: set[JournalId] = set()

    def held(self, journal: JournalId) -> int:
        """The last held entry of a journal; 0 for none."""
        fact = self._facts.get(journal)
        return 0 if fact is None else fact.held

    def device(self, journal: JournalId) -> DeviceId | None:
        """The device of a journal of which an entry is held."""
        fact = self._facts.get(journal)
        return None if fact is None else fact.device

    def begin(self, fact: JournalFact) -> None:
        """Take in a journal with its first held entries."""
        self._facts[fact.journal] = fact
        before = None if fact.previous is None else fact.previous[0]
        rivals = self._continuing.setdefault((fact.device, before), [])
        rivals.append(fact.journal)
        if len(rivals) > 1:
            self._standing_out.update(rivals)
        if before is not None:
            self._after.setdefault(before, []).append(fact.journal)
            self._compare(before, fact.journal)
        self._compare_followers(fact.journal)

    def advance(self, journal: JournalId, seq: int) -> None:
        """Note that entries of a journal that has begun are held up to `seq`."""
        self._facts[journal] = self._facts[journal]._replace(held=seq)
        self._compare_followers(journal)

    def standing_out(self) -> list[JournalFact]:
        """The facts from which alerts follow, in the order of journals."""
        return [self._facts[journal] for journal in sorted(self._standing_out)]

    def _compare_followers(self, journal: JournalId) -> None:
        for follower in self._after.get(journal, ()):
            self._compare(journal, follower)

    def _compare(self, before: JournalId, follower: JournalId) -> None:
        """Note a journal that continues an earlier head of another than is held."""
        continued = self._facts[follower].previous
        if continued is not None and self.held(before) > continued[1]:
            self._standing_out.update((before, follower))
