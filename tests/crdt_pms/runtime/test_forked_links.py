"""A desk that was resumed from a snapshot, and its copy, on real connections: no link ends, and all show one history."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from crdt_pms.ledger.matters import Matter
from simulations.processes.ports import free_ports
from tests.crdt_pms.replica.forked import twin_of
from tests.crdt_pms.runtime.linked import Party, parties, until


@pytest.mark.asyncio
async def test_two_copies_of_a_desk_that_wrote_on_come_to_one_history_and_no_link_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "crdt_pms.runtime.links")
    async with parties(tmp_path, 3) as made:
        first, third, fourth = made
        first.reserve("before")
        twin = Party(twin_of(first.desk, tmp_path / "twin.sqlite"), third.listeners, third.dialers, free_ports(1)[0])
        await twin.listen()
        made.append(twin)
        first.reserve("by-first")
        twin.reserve("by-twin")
        third.dial(first.url)
        fourth.dial(twin.url)
        await until(lambda: third.knows("by-first") and fourth.knows("by-twin"))
        third.dial(fourth.url)
        third.reserve("by-third")
        await until(lambda: all(party.knows("before", "by-third") for party in made), "it did not flow on")
        await until(lambda: len({_content(party) for party in made}) == 1, "they do not agree")
        for party in made:
            assert Matter.ALERT_JOURNAL_SLOT_FORKED in [alert.matter for alert in party.node.replica.alerts()]
            assert party.knows("by-first") != party.knows("by-twin")
        assert first.node.counters["actions_lost_in_fork"] + twin.node.counters["actions_lost_in_fork"] == 1
        assert not [record for record in caplog.records if " ended: " in record.getMessage()]
    twin.desk.store.close()


def _content(party: Party) -> bytes:
    return party.node.replica.state.content_hash()
