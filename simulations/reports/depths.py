"""How much was waiting where and when, read off the history of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulations.checkers.history import Acted, Applied, Committed, Event, Opened, Queued
from simulations.checkers.violation import Dot


class Depth(NamedTuple):
    """So many entries from that time (milliseconds) on."""

    at_ms: int
    entries: int


class _Node:
    """What one node holds, and what it has ever learned to be committed in the relay's present generation."""

    def __init__(self) -> None:
        self.held: set[Dot] = set()
        self.committed: set[Dot] = set()
        self.generation = b""
        self.depths: list[Depth] = []

    def note(self, at_ms: int) -> None:
        entries = len(self.held - self.committed)
        if not self.depths or self.depths[-1].entries != entries:
            self.depths.append(Depth(at_ms, entries))

    def take(self, event: Event) -> None:
        match event:
            case Opened(_at_ms, _node, vector):
                self.held = {Dot(journal, seq) for journal, last in vector.items() for seq in range(1, last + 1)}
            case Acted(dots=dots) | Applied(dots=dots):
                self.held.update(dots)
            case Committed(_at_ms, _node, generation, order):
                if generation != self.generation:
                    self.generation, self.committed = generation, set()
                self.committed.update(dot for _position, dot in order)
            case _:
                return
        self.note(event.at_ms)


def tentative_depths(history: Iterable[Event], terminals: Sequence[str]) -> dict[str, list[Depth]]:
    """For each terminal how many of the entries it held were tentative: it had not heard that they are committed.

    A terminal whose disk was put back to an older copy is taken to remember what it had heard before.
    """
    nodes = {name: _Node() for name in terminals}
    for event in history:
        node = nodes.get(event.node)
        if node is not None:
            node.take(event)
    return {name: node.depths for name, node in nodes.items()}


def queue_depths(history: Iterable[Event], node: str) -> list[Depth]:
    """The samples of a node's queues: for a relay, entries that came in and are not committed yet."""
    return [Depth(event.at_ms, event.size) for event in history if isinstance(event, Queued) and event.node == node]
