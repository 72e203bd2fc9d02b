"""How each link of a node stands, for screens, status pages and tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """Where a link is in its life."""

    WAITING = "waiting"
    """Not connected; the next attempt comes after a pause."""
    CONNECTING = "connecting"
    PROVING = "proving"
    OPEN = "open"
    UNPLUGGED = "unplugged"
    LINKED_OTHERWISE = "linked_otherwise"
    """The same peer is linked by a connection that it made."""


@dataclass(slots=True)
class LinkStatus:
    """One link, as of now. Counts begin with the process."""

    address: str
    kind: str
    direction: str
    state: LinkState = LinkState.WAITING
    since_ms: int = 0
    peer: str | None = None
    rtt_ms: float | None = None
    entries_sent: int = 0
    entries_received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    attempts: int = 0
    """Attempts that failed since the link was last open."""
    reason: str | None = None
    """Why it last ended, as a stable code."""

    def become(self, state: LinkState, now_ms: int) -> None:
        """Enter a state."""
        if state is not self.state:
            self.state = state
            self.since_ms = now_ms
