"""What a world writes down of journals that devices open in their own sessions: what was learned, and what was put off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.node import Node
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Session


class Notebook(Protocol):
    """Where a machine writes down what happens to openings at its running process."""

    def note_openings(self, device: str, journals: int) -> None:
        """So many new journals of a device were learned from itself; none where it was made to wait."""
        ...


class WatchedOpenings(Openings):
    """The product's allowances; when a device is made to wait, that is written down."""

    def __init__(
        self, notebook: Notebook, monotonic: Callable[[], float], pause: Callable[[float], Awaitable[None]]
    ) -> None:
        super().__init__(monotonic, pause)
        self._notebook = notebook

    def wait_seconds(self, device: DeviceId) -> float:
        """See the product."""
        seconds = super().wait_seconds(device)
        if seconds > 0:
            self._notebook.note_openings(device, 0)
        return seconds


class WatchedExchange(Exchange):
    """The product's exchange; what a peer opens is counted where it is learned, whatever the allowances say."""

    def __init__(self, notebook: Notebook, node: Node, session: Session) -> None:
        super().__init__(node, session)
        self._notebook = notebook

    async def _receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        opened = len(self._opened_by_peer(certificates))
        if opened:
            self._notebook.note_openings(self.peer.device_id, opened)
        await super()._receive_certificates(certificates)
