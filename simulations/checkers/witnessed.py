"""What the driver of a run saw: answers that it was given, and conflicts that it provoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Something that a node answered as done, and the entries (journal in hexadecimal digits, number) that it wrote for it."""

    node: str
    what: str
    entries: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A conflict provoked on purpose: some conflict or alert row has one of `matters` and mentions every text of `about`."""

    kind: str
    matters: Sequence[str]
    about: Sequence[str]
