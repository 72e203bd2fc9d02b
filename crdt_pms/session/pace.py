"""How soon a link that is down is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

PAUSE_SECONDS_FIRST: Final = 0.2
PAUSE_SECONDS_MAX: Final = 10.0


class Uniform(Protocol):
    """What of a source of randomness is used."""

    def uniform(self, a: float, b: float) -> float:
        """Any number between the two."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Pauses between attempts to connect: doubled from the first to the longest, each drawn from zero to that (full jitter)."""

    first_seconds: float = PAUSE_SECONDS_FIRST
    longest_seconds: float = PAUSE_SECONDS_MAX

    def failures_after(self, failures: int, stood_seconds: float) -> int:
        """How many failures in a row there are after a link that stood for so long.

        A link that ends soon after it opened has failed too: a peer whose disk is full greets and leaves, again and again.
        """
        return 0 if stood_seconds >= self.longest_seconds else failures + 1

    def pause_seconds(self, failures: int, random: Uniform) -> float:
        """The pause after that many failures in a row."""
        return random.uniform(0, min(self.longest_seconds, self.first_seconds * 2 ** min(failures, 30)))
