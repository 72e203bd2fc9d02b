"""A terminal as its links see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.terminal.node import TerminalNode
from crdt_pms.journal.identifiers import device_id_of
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.session import Peer
from tests.crdt_pms.replica.terminals import START_MS, Desk, desks, device


def peer(number: int, role: str) -> Peer:
    key = device(number).public_bytes
    return Peer(device_id_of(key), key, role)


def node_of(desk: Desk) -> TerminalNode:
    return TerminalNode(desk.property_, device(desk.number), HandedClock(START_MS), lambda: desk.replica, lambda: None)


def acknowledged(desk: Desk) -> bytes:
    """Have everything that the desk wrote acknowledged by a relay's database, and give that one's generation."""
    (journal, seq), *_ = desk.replica.vector.items()
    desk.replica.acknowledge(b"one", [CommittedRun(1, journal, 1, seq)])
    assert desk.replica.tentative_count() == 0
    return b"one"


@pytest.mark.asyncio
async def test_a_relay_with_another_database_makes_everything_tentative_before_it_says_more(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("s1")
        acknowledged(desk)
        await node_of(desk).receive_standing(b"two", 0, None, peer(2, "relay"))
        assert desk.replica.standing == (b"two", 0)
        assert desk.replica.tentative_count() == 1


@pytest.mark.asyncio
async def test_the_same_database_changes_nothing_and_a_neighbour_has_no_say_in_it(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("s1")
        generation = acknowledged(desk)
        await node_of(desk).receive_standing(generation, 9, None, peer(2, "relay"))
        await node_of(desk).receive_standing(b"two", 9, None, peer(3, "terminal"))
        assert desk.replica.standing == (generation, 1)
        assert desk.replica.tentative_count() == 0
