"""Law 2: what a node answered as done, and what the relay announced as committed, is there at the end.

Entries that a disk went back behind while no other node held them are excused (`possession`); no product could have kept them.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.contents import RELAY, NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.forked import forked_slots
from simulations.checkers.history import Acted, Agreed, Committed, Opened
from simulations.checkers.violation import Dot, Violation, differs, limited

LAW = 2


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every acknowledged or committed entry that is gone, and every committed one that stands elsewhere."""
    promises = dict(_promises(evidence))
    for node in evidence.nodes:
        yield from limited(_lost(node, promises, evidence))
    if evidence.has_relay:
        yield from limited(_uncommitted(evidence.reference, evidence))


def _promises(evidence: Evidence) -> Iterator[tuple[Dot, tuple[str, str, bool]]]:
    """Each promised entry with who promised it, for what, and whether every node must have it by now.

    Where there is a history, what was done after the nodes last agreed need not have reached the others.
    """
    for one in evidence.acknowledged:
        for journal, seq in one.entries:
            yield Dot(bytes.fromhex(journal), seq), (one.node, one.what, True)
    agreed = max((number for number, event in enumerate(evidence.history) if isinstance(event, Agreed)), default=-1)
    for number, event in enumerate(evidence.history):
        if isinstance(event, Acted):
            told = f"{event.action} by {event.staff} at {evidence.moment(event.at_ms)}"
            for dot in event.dots:
                yield dot, (event.node, told, number < agreed)


def _lost(node: NodeContents, promises: dict[Dot, tuple[str, str, bool]], evidence: Evidence) -> Iterator[Violation]:
    held, excused = evidence.held[node.name], evidence.possession.excused
    for dot, (teller, told, is_everywhere) in promises.items():
        if dot not in held and dot not in excused and (is_everywhere or teller == node.name):
            words = f"{node.name}: table entry lacks {dot}, although {teller} had acknowledged it: {told}"
            yield Violation(LAW, node.name, words)


def _uncommitted(relay: NodeContents, evidence: Evidence) -> Iterator[Violation]:
    """Positions count under their generation: those that were announced before the database went back may have changed.

    So may the branch of a journal that its device wrote twice: which of them was committed the relay then hears from nobody.
    """
    forked = forked_slots(evidence.nodes)
    stands = {entry.dot: entry.committed for entry in relay.entries}
    announced: dict[Dot, tuple[bytes, int]] = {}
    generation = b""
    for event in evidence.history:
        if isinstance(event, Opened) and event.node == RELAY and event.rewound:
            generation = b""
        elif isinstance(event, Committed) and event.node == RELAY:
            generation = event.generation
            announced.update((dot, (generation, position)) for position, dot in event.order)
    for dot, (under, position) in sorted(announced.items()):
        if dot not in stands:
            is_of_branch = under != generation and dot.seq >= forked.get(dot.journal, dot.seq + 1)
            if dot not in evidence.possession.excused and not is_of_branch:
                yield Violation(
                    LAW, relay.name, f"{relay.name}: table entry lacks {dot}, which it had announced at {position}"
                )
        elif under == generation and stands[dot] != position:
            place = f"{relay.name}: table entry, row {dot}, column committed, as it was announced"
            yield Violation(LAW, relay.name, differs(place, position, stands[dot]))
