"""What happened in a world, in words, and one hash over all of it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from simulations.checkers.moments import elapsed

NEWEST_KEPT: Final = 2_000
OFTEN_TOLD: Final = 6
_NUMBERS: Final = re.compile(r"\b(?:[0-9a-f]{8,}|[0-9][0-9a-f]*)\b")
"""Counts, times and identifiers: what is told again and again differs in them."""


class Weight(Enum):
    """How much a reader wants to know of it."""

    EVENT = "event"
    """What a person, a fault or a node did."""
    DETAIL = "detail"
    """A frame, a batch: what the machinery did on the way."""


class Line(NamedTuple):
    """One thing that happened. `node` is empty for what happened to the world."""

    at_ms: int
    node: str
    words: str
    weight: Weight


@dataclass
class Trace:
    """Everything that happened so far. `keeps_details` keeps the lines of the machinery too; the hash has them always."""

    began_ms: int
    keeps_lines: bool = True
    keeps_details: bool = False
    lines: list[Line] = field(default_factory=list[Line])

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()
        self._newest: deque[tuple[int, str, str]] = deque(maxlen=NEWEST_KEPT)

    def tell(self, at_ms: int, node: str, words: str, weight: Weight = Weight.EVENT) -> None:
        """Note what happened."""
        self._hash.update(f"{at_ms}\0{node}\0{words}\n".encode())
        self._newest.append((at_ms, node, words))
        if self.keeps_lines and (weight is Weight.EVENT or self.keeps_details):
            self.lines.append(Line(at_ms, node, words, weight))

    def note(self, content: bytes) -> None:
        """Put content into the hash that no words tell: the hash of an entry, of a node's rows."""
        self._hash.update(content)

    def lately(self) -> str:
        """What was told most often of late, and at which nodes: for a world that does not come to rest."""
        if not self._newest:
            return "nothing was told"
        times = Counter((node, _NUMBERS.sub("…", words)) for _at_ms, node, words in self._newest)
        often = "; ".join(
            f"{node or 'the world'} {words} ({count} times)" for (node, words), count in times.most_common(OFTEN_TOLD)
        )
        return f"of late, from {self._since_began(self._newest[0][0])} to {self._since_began(self._newest[-1][0])}: {often}"

    @property
    def hash(self) -> str:
        """Hexadecimal digest of everything so far."""
        return self._hash.hexdigest()

    def told(self, line: Line) -> str:
        """A line as it is printed: time since the world began, node, words."""
        return f"{elapsed(line.at_ms - self.began_ms)}  {line.node or '·':<8} {line.words}"

    def _since_began(self, at_ms: int) -> str:
        return elapsed(at_ms - self.began_ms).strip()
