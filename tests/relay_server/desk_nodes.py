"""The node of a desk without its process."""

from __future__ import annotations

from dataclasses import replace

from clients.terminal.node import TerminalNode
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.clocks import HandedClock
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.terminals import START_MS, Desk
from tests.crdt_pms.session.paces import at_any_pace


def node_of(desk: Desk, versions: tuple[int, int] | None = None) -> TerminalNode:
    """The node of a desk's process."""

    def open_replica() -> Replica:
        if desk.replica.is_outdated:
            desk.restart()
        return desk.replica

    node = TerminalNode(
        desk.property_, enrolled(desk.number), HandedClock(START_MS), open_replica, lambda: None, at_any_pace()
    )
    if versions is not None:
        node.identity = replace(node.identity, versions=versions)
    return node
