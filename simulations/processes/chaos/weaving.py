"""Makes one history of a run from what the driver saw and from the logs that the nodes' disks hold.

From outside one sees answers, and what a node holds now and then. In which order a node took entries stands in its own log;
when a disk was replaced, the log that went with it is read as well. Woven together they are what the checkers judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulations.checkers.contents import RELAY
from simulations.checkers.history import Acted, Agreed, Applied, Committed, Event, Healed, Opened, Read
from simulations.checkers.violation import Dot

Vector = Mapping[bytes, int]


@dataclass(frozen=True, slots=True)
class Noticed:
    """The node held these entries then. It only tells until when it took what its log says."""

    at_ms: int
    node: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class DiskLog:
    """What one disk of a node held when it was replaced, or at the end: its entries in the order in which they were stored.

    Of a relay's database also its generation, and up to which position terminals were seen to know its order.
    """

    dots: Sequence[Dot]
    generation: bytes = b""
    announced_through: int = 0


Observation = Event | Noticed


def weave(seen: Iterable[Observation], disks: Mapping[str, Sequence[DiskLog]], end_ms: int) -> list[Event]:
    """The history. `seen` is in the order of time; `disks` are the disks of each node, one after the other.

    Raises ValueError when a node has not one disk more than it was rewound.
    """
    observed = list(seen)
    nodes = {name: _Woven(name, list(logs), observed) for name, logs in disks.items()}
    history: list[Event] = []
    for one in observed:
        if isinstance(one, Healed | Agreed):
            history.append(one)
        else:
            history.extend(nodes[one.node].tell(one))
    rest = [event for woven in nodes.values() for event in woven.end(end_ms)]
    # What nobody looked at any more must not come after the agreement.
    place = len(history) - 1 if history and isinstance(history[-1], Agreed) else len(history)
    return [*history[:place], *rest, *history[place:]]


@dataclass
class _Woven:
    """Follows one node through its disks."""

    name: str
    disks: list[DiskLog]
    seen: Sequence[Observation]
    _place: int = 0

    def __post_init__(self) -> None:
        # What was done before a disk was replaced comes back from others, and is then applied like theirs.
        self._acted: list[set[Dot]] = [set()]
        for one in self.seen:
            if isinstance(one, Opened) and one.node == self.name and one.rewound:
                self._acted.append(set())
            elif isinstance(one, Acted) and one.node == self.name:
                self._acted[-1].update(one.dots)
        if len(self.disks) != len(self._acted):
            raise ValueError(f"{self.name}: {len(self.disks)} disks do not fit how often it was rewound")

    def tell(self, one: Observation) -> Iterable[Event]:
        match one:
            case Opened(rewound=True):
                yield from self.end(one.at_ms)
                self.disks.pop(0)
                self._acted.pop(0)
                self._place = self._covering(one.vector)
                yield one
            case Opened() | Read():
                yield from self._until(self._covering(one.vector), one.at_ms)
                yield one
            case Noticed():
                yield from self._until(self._covering(one.vector), one.at_ms)
            case Acted():
                yield from self._until(self._before(one.dots), one.at_ms)
                yield one
            case _:
                yield one

    def end(self, at_ms: int) -> Iterable[Event]:
        """The rest of the present disk."""
        log = self.disks[0]
        yield from self._until(len(log.dots), at_ms)
        if self.name == RELAY and log.announced_through:
            order = tuple(enumerate(log.dots[: log.announced_through], 1))
            yield Committed(at_ms, self.name, log.generation, order)

    def _until(self, place: int, at_ms: int) -> Iterable[Event]:
        if place <= self._place:
            return
        dots = tuple(dot for dot in self.disks[0].dots[self._place : place] if dot not in self._acted[0])
        self._place = place
        if dots:
            yield Applied(at_ms, self.name, dots, ())

    def _covering(self, vector: Vector) -> int:
        """After the last entry of the log that `vector` covers."""
        dots = self.disks[0].dots
        return next((place for place in range(len(dots), 0, -1) if _covers(vector, dots[place - 1])), 0)

    def _before(self, acted: Sequence[Dot]) -> int:
        dots = self.disks[0].dots
        return next((place for place, dot in enumerate(dots) if dot in acted), 0) if acted else 0


def _covers(vector: Vector, dot: Dot) -> bool:
    return dot.seq <= vector.get(dot.journal, 0)
