"""Which journals were written twice, as the nodes tell it at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from simulations.checkers.contents import NodeContents
from simulations.checkers.tables import ALERT

SLOT_FORKED: Final = "alert_journal_slot_forked"


def forked_slots(nodes: Iterable[NodeContents]) -> Mapping[bytes, int]:
    """For each forked journal the first number that means entries of several branches."""
    slots: dict[bytes, int] = {}
    for node in nodes:
        for journal, seq in _told(node):
            slots[journal] = min(seq, slots.get(journal, seq))
    return slots


def _told(node: NodeContents) -> Iterator[tuple[bytes, int]]:
    for row in node.tables[ALERT].values():
        if row["matter"] == SLOT_FORKED:
            facts = json.loads(str(row["facts"]))
            yield bytes.fromhex(facts["journal"]), int(facts["slot"])
