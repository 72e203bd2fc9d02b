"""Small named values of the node, and what other systems were answered."""

from __future__ import annotations

from typing import Protocol


class Values(Protocol):
    """See the module."""

    def get_state(self, key: str) -> bytes | None:
        """A small named value of the node (generation, clock, watermark)."""
        ...

    def put_state(self, key: str, value: bytes) -> None:
        """Write a small named value."""
        ...

    def answer(self, name: str) -> bytes | None:
        """What another system was answered under that name; None when it was not, or it expired."""
        ...

    def put_answer(self, name: str, answer: bytes, at_ms: int) -> None:
        """Keep what it is answered, at that time (UTC milliseconds)."""
        ...

    def forget_answers(self, before_ms: int, answers_max: int) -> None:
        """Forget answers that were given before a time, the oldest first, so many at most."""
        ...
