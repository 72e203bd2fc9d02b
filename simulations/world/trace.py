"""What happened in a world, in words, and one hash over all of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


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

    def tell(self, at_ms: int, node: str, words: str, weight: Weight = Weight.EVENT) -> None:
        """Note what happened."""
        self._hash.update(f"{at_ms}\0{node}\0{words}\n".encode())
        if self.keeps_lines and (weight is Weight.EVENT or self.keeps_details):
            self.lines.append(Line(at_ms, node, words, weight))

    def note(self, content: bytes) -> None:
        """Put content into the hash that no words tell: the hash of an entry, of a node's rows."""
        self._hash.update(content)

    @property
    def hash(self) -> str:
        """Hexadecimal digest of everything so far."""
        return self._hash.hexdigest()

    def told(self, line: Line) -> str:
        """A line as it is printed: time since the world began, node, words."""
        return f"{elapsed(line.at_ms - self.began_ms)}  {line.node or '·':<8} {line.words}"


def elapsed(milliseconds: int) -> str:
    """A span of time as days, hours, minutes, seconds."""
    seconds, rest = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days:>2}d {hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
