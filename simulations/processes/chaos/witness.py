"""What somebody outside the nodes sees of a run, written down in the order in which it happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from simulations.checkers.history import Acted, Agreed, Healed, Opened, Read
from simulations.checkers.violation import Dot
from simulations.processes.chaos.weaving import Noticed, Observation, Vector


class Witness:
    """Keeps what was seen. Times are milliseconds since it began."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._acknowledged: set[Dot] = set()
        self._heard: dict[str, int] = {}
        self.seen: list[Observation] = []
        self.done: Counter[str] = Counter()
        self.not_done: Counter[str] = Counter()
        """What was refused, not saved or not answered, by work and reason. Not answered: done or not, who knows."""
        self.happened: Counter[str] = Counter()
        """Faults, restarts and ends of processes."""
        self.odd: list[str] = []
        """What must not happen, whatever the laws say of what it left: an internal error, a process that ended by itself."""

    @property
    def now_ms(self) -> int:
        """Milliseconds since it began."""
        return int((monotonic() - self._began) * 1000)

    def acted(self, node: str, action: str, staff: str, entries: Sequence[tuple[str, int]]) -> None:
        """An action was answered as done. A repeated answer names entries that were acknowledged before."""
        self.done[action] += 1
        dots = [Dot(bytes.fromhex(journal), seq) for journal, seq in entries]
        fresh = tuple(dot for dot in dots if dot not in self._acknowledged)
        self._acknowledged.update(fresh)
        self.seen.append(Acted(self.now_ms, node, action, staff, fresh))

    def opened(self, node: str, vector: Vector, *, rewound: bool) -> None:
        """A process run begins with what is on its disk. A disk that is put back is put back whole, with its witness."""
        self.seen.append(Opened(self.now_ms, node, vector, rewound, replaced=rewound))

    def looked(self, node: str, sync: Mapping[str, Any]) -> None:
        """A terminal's screen was read."""
        if sync["generation"] is not None:
            self._heard[sync["generation"]] = max(sync["committed_through"], self._heard.get(sync["generation"], 0))
        self.seen.append(Read(self.now_ms, node, bytes.fromhex(sync["content_hash"]), _vector(sync["vector"])))

    def noticed(self, node: str, vector: Vector) -> None:
        """A node's disk was looked at while it worked."""
        self.seen.append(Noticed(self.now_ms, node, vector))

    def heard_through(self, generation: bytes) -> int:
        """Up to which position of a database's order terminals were seen to know it."""
        return self._heard.get(generation.hex(), 0)

    def healed(self, limit_ms: int) -> None:
        """Nothing goes wrong any more."""
        self.seen.append(Healed(self.now_ms, limit_ms))

    def agreed(self) -> None:
        """All nodes hold the same, and all of it is committed."""
        self.seen.append(Agreed(self.now_ms))


def _vector(of: Mapping[str, int]) -> Vector:
    return {bytes.fromhex(journal): seq for journal, seq in of.items()}
