"""What the judge finds, and how it is put in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

WORDS_OF_A_VALUE_MAX: Final = 160
REPEATS_MAX: Final = 20
"""Violations of one kind that are written out; a node that lost a whole table gives one more that counts the rest."""


class Dot(NamedTuple):
    """The identity of an entry: its journal and its number there."""

    journal: bytes
    seq: int

    def __str__(self) -> str:
        return f"{self.journal.hex()}:{self.seq}"


class Violation(NamedTuple):
    """One broken law. `law` is its number in the design, 0 for a conflict that was provoked and is nowhere to be seen, and for
    an edit that did not do what its author meant."""

    law: int
    node: str
    words: str


def limited(found: Iterable[Violation]) -> Iterator[Violation]:
    """The first violations of one kind on one node, and one that says how many more there are."""
    listed = iter(found)
    last: Violation | None = None
    for last in islice(listed, REPEATS_MAX):
        yield last
    more = sum(1 for _violation in listed)
    if more and last is not None:
        yield Violation(last.law, last.node, f"and {more} more of the kind: {last.words}")


def differs(place: str, expected: object, actual: object) -> str:
    """Says where two values differ and both of them, shortened."""
    return f"{place}: expected {shortened(expected)}, found {shortened(actual)}"


def shortened(value: object) -> str:
    """A value as JSON, cut where it gets long."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= WORDS_OF_A_VALUE_MAX else f"{text[:WORDS_OF_A_VALUE_MAX]}…"
