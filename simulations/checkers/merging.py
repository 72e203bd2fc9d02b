"""Board and notes the naive way: every update into one Yjs document, once all that it names is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pycrdt

from simulations.checkers.violation import Dot
from simulations.checkers.yjs import Names, names_of


class UpdateInapplicable(Exception):
    """The library refuses an update, although no node has quarantined it."""

    def __init__(self, dot: Dot, reason: str) -> None:
        super().__init__(f"update {dot}: {reason}")
        self.dot = dot


def merge(updates: Iterable[tuple[Dot, bytes]]) -> pycrdt.Doc[Any]:
    """One document with all updates but those that name what is not there. Raises UpdateInapplicable."""
    document: pycrdt.Doc[Any] = pycrdt.Doc()
    there: dict[int, int] = {}
    left = [(dot, update, names_of(update, dot.journal)) for dot, update in updates]
    while True:
        waiting: list[tuple[Dot, bytes, Names]] = []
        for dot, update, names in left:
            if any(names.client == other.client for _dot, _update, other in waiting) or not names.are_in(there):
                waiting.append((dot, update, names))
                continue
            _apply(document, dot, update)
            there[names.client] = max(there.get(names.client, 0), names.end)
        if len(waiting) == len(left):
            return document
        left = waiting


def _apply(document: pycrdt.Doc[Any], dot: Dot, update: bytes) -> None:
    try:
        document.apply_update(update)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise UpdateInapplicable(dot, f"{type(error).__name__}: {error}") from error
