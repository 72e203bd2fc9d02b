"""Law 3 for other systems: what is asked under one key is done once, and answered alike, however often it is asked in a week.

A database that was put back, emptied or damaged has forgotten its keys; what was asked before is not judged by what is asked
after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Answered, Asked, Opened
from simulations.checkers.violation import Dot, Violation, limited

LAW = 3
SURELY_KEPT_MS = 6 * 24 * 3_600_000
"""An answer is kept for a week by the clock of the node, which may be wrong by hours."""
KEY_REUSED = "KeyReused"
"""How a node refuses a key that was used for something else."""

Key = tuple[str, str, str]
"""The node that was asked, the system that asked, and the key."""


@dataclass
class _Memory:
    """What is known of the requests since the databases last went back."""

    first: dict[Key, Answered] = field(default_factory=dict[Key, Answered])
    """The answer that counts for each key."""
    asked: Counter[Key] = field(default_factory=Counter[Key])
    """How often each system asked under each key."""
    open: set[Key] = field(default_factory=set[Key])
    """Keys whose last request was not answered."""
    created: dict[tuple[str, str], Answered] = field(default_factory=dict[tuple[str, str], Answered])
    """The first request for each stay, by node and stay, that was answered as done."""
    done: set[Dot] = field(default_factory=set[Dot])
    """Entries that answers name."""
    forgetful: set[str] = field(default_factory=set[str])
    """Nodes whose database went back."""

    def forget(self, node: str) -> None:
        """The node's database went back."""
        self.first = {key: answer for key, answer in self.first.items() if key[0] != node}
        self.created = {place: answer for place, answer in self.created.items() if place[0] != node}
        self.forgetful.add(node)

    def answer_that_counts(self, key: Key, again: Answered) -> Answered | None:
        """The answer that this one has to repeat; None when there is none, or it may be forgotten and was."""
        first = self.first.get(key)
        return None if first is None or _may_be_forgotten(first, again) else first


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every answer that is not the first one of its key, and every entry that was written for a request and not answered."""
    memory = _Memory()
    yield from limited(_answers(evidence, memory))
    yield from limited(_unanswered(evidence, memory))


def _answers(evidence: Evidence, memory: _Memory) -> Iterator[Violation]:
    for event in evidence.history:
        match event:
            case Opened(rewound=True):
                memory.forget(event.node)
            case Asked():
                memory.open.add((event.node, event.origin, event.key))
                memory.asked[event.node, event.origin, event.key] += 1
            case Answered():
                key = (event.node, event.origin, event.key)
                memory.open.discard(key)
                memory.done.update(event.dots)
                if event.refusal == KEY_REUSED and memory.asked[key] == 1:
                    yield _taken(event, evidence)
                if event.creates is not None and event.answer is not None:
                    made = memory.created.setdefault((event.node, event.creates), event)
                    if made.request != event.request:
                        yield _dropped(made, event, evidence)
                first = memory.answer_that_counts(key, event)
                if first is not None:
                    yield from _other_answer(first, event, evidence)
                elif event.answer is not None:
                    memory.first[key] = event
            case _:
                pass


def _may_be_forgotten(first: Answered, again: Answered) -> bool:
    """Whether so much time has passed that the request may be taken for a new one, and was."""
    is_other = (first.request, first.answer, first.dots) != (again.request, again.answer, again.dots)
    return is_other and again.at_ms - first.at_ms > SURELY_KEPT_MS


def _dropped(made: Answered, event: Answered, evidence: Evidence) -> Violation:
    told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.origin} asked for the stay {event.creates}"
    words = f"{told} otherwise than at {evidence.moment(made.at_ms)} and was told that it is done"
    return Violation(LAW, event.node, words)


def _taken(event: Answered, evidence: Evidence) -> Violation:
    told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.origin} asked under the key {event.key!r}"
    return Violation(LAW, event.node, f"{told} for the first time and was told that it had used it before")


def _other_answer(first: Answered, again: Answered, evidence: Evidence) -> Iterator[Violation]:
    told = f"{again.node}: at {evidence.moment(again.at_ms)} {again.origin} asked again under the key {again.key!r}"
    if first.request != again.request:
        if again.answer is not None:
            yield Violation(LAW, again.node, f"{told}, for something else, and it was done")
    elif again.answer is None:
        yield Violation(LAW, again.node, f"{told} and was refused what had been done at {evidence.moment(first.at_ms)}")
    elif (again.answer, again.dots) != (first.answer, first.dots):
        written = ", ".join(map(str, again.dots)) or "nothing"
        yield Violation(
            LAW,
            again.node,
            f"{told} and was answered otherwise than at {evidence.moment(first.at_ms)}; written: {written}",
        )


def _unanswered(evidence: Evidence, memory: _Memory) -> Iterator[Violation]:
    """A request that was not answered may have been done all the same; when it is asked again, the answer says so."""
    asked = {(event.node, event.origin) for event in evidence.history if isinstance(event, Asked)}
    waiting = {(node, origin) for node, origin, _key in memory.open}
    left = {node.name for node in evidence.nodes}
    for name, origin in sorted(asked - waiting):
        if name not in left or name in memory.forgetful:
            continue
        for entry in evidence.node(name).entries:
            if entry.author == origin and entry.dot not in memory.done:
                words = f"{name}: table entry, row {entry.dot}: {origin} was never told of it, although it was always answered"
                yield Violation(LAW, name, words)
