"""Committing: many entries in one transaction, nothing announced before PostgreSQL has it, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import anyio
import pytest

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import EntryMalformed, JournalForked
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ports.errors import StoreError
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.store.postgresql import open_postgresql
from relay_server import intake as intake_module
from relay_server.errors import DatabaseReplaced, DatabaseWentBack, JournalsDisagree, PropertyFilesDiffer
from relay_server.generation import replace_generation
from tests.crdt_pms.journal.journals import OTHER_ROOT, append, writer
from tests.crdt_pms.replica.orders import signed_end
from tests.crdt_pms.replica.terminals import PROPERTY_ID
from tests.relay_server.relays import (
    PEER,
    Committing,
    back_up,
    committing,
    definition,
    outage,
    require_whole,
    restore,
    state_of,
    stored,
    until,
)

pytestmark = pytest.mark.asyncio


def written(number: int, amount: int) -> tuple[Certificate, list[Entry]]:
    """A journal of that device with that many entries."""
    journal = writer(number)
    return journal.certificate, [append(journal) for _ in range(amount)]


async def queue(relay: Committing, number: int, amount: int) -> list[Entry]:
    """Have the relay take a new journal's entries."""
    certificate, entries = written(number, amount)
    relay.intake.receive_certificates([certificate])
    await relay.take(*entries)
    return entries


def dots(entries: list[Entry]) -> list[Dot]:
    return [entry.dot for entry in entries]


# Group commit


async def test_many_queued_entries_need_few_transactions(database_url: str) -> None:
    with committing(database_url) as relay:
        for number in range(1, 7):
            await queue(relay, number, 500)
        assert await relay.committer.drain(30)
        assert relay.store.commits == 2
        assert relay.committer.counters["transactions"] == 2
        assert relay.intake.counters["entries_committed"] == 3_000
    placed = stored(database_url)
    require_whole(placed)
    assert len(placed) == 3_000


async def test_others_are_told_of_own_commits_only_and_after_them(database_url: str) -> None:
    with committing(database_url) as one, committing(database_url) as other:
        assert await one.committer.commit_once()
        assert one.told.version == 0, "nothing was committed"
        await queue(one, 1, 3)
        one.store.troubles = ["refused"]
        assert not await one.committer.commit_once()
        assert one.told.version == 0, "it failed"
        assert await one.committer.drain(30)
        assert one.told.version == 1
        assert await other.committer.commit_once()
        assert (other.committed.version, other.told.version) == (1, 0), "it only read in"


async def test_entries_that_come_while_a_commit_runs_go_into_the_next_one(database_url: str) -> None:
    second: list[Entry] = []
    with committing(database_url) as relay:
        first = await queue(relay, 1, 3)
        gate = _hold(relay)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.committer.commit_once)
            await until(gate.began.is_set, "the commit began")
            second = await queue(relay, 2, 2)
            assert relay.intake.queued == 5
            gate.go.set()
        assert relay.intake.queued == 2
        assert await relay.committer.commit_once()
    assert [one.entry.dot for one in stored(database_url)] == dots(first) + dots(second)


async def test_the_queue_is_bounded_and_whoever_sends_waits(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "QUEUED_ENTRIES_MAX", 4)
    with committing(database_url) as relay:
        await queue(relay, 1, 5)
        more: list[Entry] = []

        async def send_more() -> None:
            more.extend(await queue(relay, 2, 1))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send_more)
            await until(lambda: relay.intake.counters["waits_for_room"], "waiting")
            assert not more
            await relay.committer.commit_once()
        assert more
        assert relay.intake.queued == 1


async def test_what_another_task_wrote_while_a_commit_ran_is_looked_for_at_once(database_url: str) -> None:
    """Reservations of other systems go to PostgreSQL directly; being told of one must not be forgotten."""
    with committing(database_url) as relay:
        await queue(relay, 1, 1)
        gate = _hold(relay)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.committer.commit_once)
            await until(gate.began.is_set, "the commit began")
            waiter = relay.work.waiter()
            relay.intake.poke()
            gate.go.set()
        with anyio.fail_after(0.2):
            await waiter.wait()


# Nothing is announced before it is durable


async def test_a_commit_that_fails_takes_nothing_from_the_queue_and_announces_nothing(database_url: str) -> None:
    with committing(database_url) as relay:
        entries = await queue(relay, 1, 3)
        generation, changes = relay.intake.order.generation, relay.changes.version
        relay.store.troubles = ["refused"]
        assert not await relay.committer.commit_once()
        assert relay.intake.queued == 3
        assert relay.intake.order.through == 0
        assert relay.intake.order.runs(0, 10) == []
        assert (relay.changes.version, relay.committed.version) == (changes, 0)
        assert relay.committer.is_stuck
        assert stored(database_url) == []

        assert await relay.committer.commit_once()
        assert not relay.committer.is_stuck
        assert (relay.intake.queued, relay.intake.order.through) == (0, 3)
        assert relay.changes.version > changes
        assert relay.committed.version == 1
        assert relay.intake.order.generation == generation
    assert [one.entry.dot for one in stored(database_url)] == dots(entries)


async def test_nothing_is_announced_while_the_commit_runs(database_url: str) -> None:
    with committing(database_url) as relay:
        entries = await queue(relay, 1, 3)
        changes = relay.changes.version
        gate = _hold(relay)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.committer.commit_once)
            await until(gate.began.is_set, "the commit began")
            assert relay.intake.order.through == 0
            assert relay.intake.log.hash_of(entries[0].dot) is not None, "forwarding goes on"
            assert (relay.changes.version, relay.committed.version) == (changes, 0)
            gate.go.set()
        assert relay.intake.order.through == 3


async def test_it_tries_again_until_the_database_takes_it(database_url: str) -> None:
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        relay.store.troubles = ["refused", "refused", "refused"]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.committer.run)
            await until(lambda: relay.intake.order.through == 3, "committed")
            tasks.cancel_scope.cancel()
        assert relay.committer.counters["commit_failures"] == 3


async def test_an_outage_of_the_database_loses_and_doubles_nothing(database_url: str) -> None:
    with committing(database_url) as relay:
        first = await queue(relay, 1, 3)
        await relay.committer.commit_once()
        with outage(database_url):
            second = await queue(relay, 2, 3)
            for _ in range(3):
                assert not await relay.committer.commit_once()
            assert isinstance(relay.committer.failure, StoreError)
            assert relay.intake.order.through == 3
        assert await relay.committer.drain(10)
    assert [one.entry.dot for one in stored(database_url)] == dots(first) + dots(second)


# When nobody knows whether it was committed


@pytest.mark.parametrize("trouble", ["unheard", "lost"])
async def test_an_unknown_outcome_is_resolved_by_reading_back(database_url: str, trouble: str) -> None:
    with committing(database_url) as relay:
        entries = await queue(relay, 1, 3)
        relay.store.troubles = [trouble]
        assert not await relay.committer.commit_once()
        assert (relay.intake.queued, relay.intake.order.through) == (3, 0)
        entries += await queue(relay, 2, 2)
        assert await relay.committer.commit_once()
        assert (relay.intake.queued, relay.intake.order.through) == (0, 5)
        assert relay.intake.vector == {one.entry.dot.journal: one.entry.dot.seq for one in stored(database_url)}
    placed = stored(database_url)
    require_whole(placed)
    assert [one.entry.dot for one in placed] == dots(entries)


async def test_an_unknown_outcome_after_which_nothing_new_comes_is_resolved_too(database_url: str) -> None:
    with committing(database_url) as relay:
        await queue(relay, 1, 2)
        relay.store.troubles = ["unheard", "unheard", "refused"]
        assert await relay.committer.drain(10)
        assert relay.intake.order.through == 2
    require_whole(stored(database_url))


async def test_a_commit_that_nobody_waited_for_is_not_repeated(database_url: str) -> None:
    """A closing relay cancels its tasks; the transaction that runs then ends all the same."""
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        gate = _hold(relay)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.committer.commit_once)
            await until(gate.began.is_set, "the commit began")
            tasks.cancel_scope.cancel()
        gate.go.set()
        assert await relay.committer.drain(10)
    placed = stored(database_url)
    require_whole(placed)
    assert len(placed) == 3


@pytest.mark.parametrize("fields", [{"author": "a\0b"}, {"document": "a\0b"}])
async def test_an_entry_that_postgresql_could_never_take_does_not_block_the_others(
    database_url: str, fields: dict[str, Any]
) -> None:
    with committing(database_url) as relay:
        spoilt = writer(1)
        relay.intake.receive_certificates([spoilt.certificate])
        with pytest.raises(EntryMalformed):
            await relay.take(append(spoilt, **fields))
        await queue(relay, 2, 2)
        assert await relay.committer.commit_once()
    assert len(stored(database_url)) == 2


# Several relay processes on one database


async def test_two_committers_make_one_order_without_gaps_and_read_each_other_s_entries(database_url: str) -> None:
    with committing(database_url) as one, committing(database_url) as other:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_take_and_commit, one, 1)
            tasks.start_soon(_take_and_commit, other, 2)
        for relay in (one, other):
            await relay.committer.commit_once()
        placed = stored(database_url)
        require_whole(placed)
        assert len(placed) == 40
        for relay in (one, other):
            assert relay.intake.order.through == 40
            assert relay.intake.vector == {one.entry.dot.journal: one.entry.dot.seq for one in stored(database_url)}
            runs = relay.intake.order.runs(0, 100)
            assert runs is not None
            told = [Dot(run.journal, run.first_seq + step) for run in runs for step in range(run.count)]
            assert told == [each.entry.dot for each in placed]
            assert all(relay.intake.log.hash_of(dot) for dot in told), "read in, so that its terminals get them"
            assert all(relay.intake.gate.certificate(dot.journal) for dot in told)
        assert one.intake.order.generation == other.intake.order.generation


async def _take_and_commit(relay: Committing, number: int) -> None:
    certificate, entries = written(number, 20)
    relay.intake.receive_certificates([certificate])
    for entry in entries:
        await relay.take(entry)
        await relay.committer.commit_once()


async def test_an_entry_that_two_relays_took_is_committed_once(database_url: str) -> None:
    certificate, entries = written(1, 6)
    with committing(database_url) as one, committing(database_url) as other:
        for relay, amount in ((one, 4), (other, 6)):
            relay.intake.receive_certificates([certificate])
            await relay.take(*entries[:amount])
        for relay in (one, other, one):
            await relay.committer.commit_once()
        assert one.intake.queued == other.intake.queued == 0
        assert one.intake.vector == other.intake.vector
    placed = stored(database_url)
    require_whole(placed)
    assert [each.entry.dot for each in placed] == dots(entries)


async def test_a_journal_that_was_written_twice_stops_the_relay_that_finds_out(database_url: str) -> None:
    journal, twin = writer(1), writer(1)
    with committing(database_url) as one, committing(database_url) as other:
        for relay, author, payload in ((one, journal, b"one"), (other, twin, b"other")):
            relay.intake.receive_certificates([author.certificate])
            await relay.take(append(author, payload))
        await one.committer.commit_once()
        with pytest.raises(JournalsDisagree, match="revoke"):
            await other.committer.commit_once()
    assert [each.entry.content for each in stored(database_url)] == [b"one"]


async def test_within_one_relay_a_journal_that_was_written_twice_is_refused(database_url: str) -> None:
    journal, twin = writer(1), writer(1)
    with committing(database_url) as relay:
        relay.intake.receive_certificates([journal.certificate])
        await relay.take(append(journal, b"one"))
        await relay.committer.commit_once()
        with pytest.raises(JournalForked):
            await relay.take(append(twin, b"other"))
    with committing(database_url) as later:
        with pytest.raises(JournalForked):
            await later.take(append(writer(1), b"other"))
        await later.take(append(writer(1), b"one"))
        assert later.intake.counters["entries_repeated"] == 1


async def test_a_relay_keeps_the_proof_of_a_fork_and_takes_what_goes_on_with_the_branch_that_it_committed(
    database_url: str,
) -> None:
    journal, twin, neighbour = writer(1), writer(1), writer(2)
    taken, other = append(journal, b"one"), append(twin, b"other")
    proof = ForkProof.of(*(Branch.of([entry.header], entry.signature) for entry in (taken, other)))
    with committing(database_url) as relay:
        relay.intake.receive_certificates([journal.certificate, neighbour.certificate])
        await relay.take(taken)
        assert await relay.node.receive_branch(Branch.of([other.header], other.signature)) == proof
        following = append(journal, b"two")
        seen = append(neighbour, b"seen", context={other.dot.journal: 7})
        await relay.take(other, following, seen)
        assert relay.intake.counters["entries_of_other_branches"] == 1
        await relay.committer.commit_once()
    assert [each.entry for each in stored(database_url)] == [taken, following, seen]
    with committing(database_url) as later:
        assert list(later.intake.gate.forks) == [proof]
        assert later.node.fork_news(None)[0] == [proof]
        assert await later.node.receive_entries([other], PEER) == {other.dot.journal}


async def test_a_relay_with_another_root_stops_instead_of_passing_on_what_it_cannot_judge(
    database_url: str,
) -> None:
    elsewhere = replace(definition(), root_key=OTHER_ROOT.public_bytes)
    with committing(database_url) as one, committing(database_url, elsewhere) as other:
        await queue(one, 5, 1)
        await one.committer.commit_once()
        with pytest.raises(PropertyFilesDiffer, match="same property file"):
            await other.committer.commit_once()


# A database that went back


async def test_a_database_that_went_back_gets_a_new_generation(database_url: str) -> None:
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        await relay.committer.commit_once()
        backup = back_up(database_url)
        assert not await relay.committer.commit_once(), "the copy needed the connections ended"
        await queue(relay, 2, 3)
        await relay.committer.commit_once()
        generation = relay.intake.order.generation
        restore(backup, database_url)
        late = await queue(relay, 3, 1)
        await _until_raised(relay, DatabaseWentBack)
    assert state_of(database_url, "generation") != generation
    assert len(stored(database_url)) == 3, "nothing was added after what went back"
    with committing(database_url) as later:
        assert later.intake.order.generation == state_of(database_url, "generation")
        assert late[0].dot.journal not in later.intake.vector


async def test_an_idle_relay_notices_it_too(database_url: str) -> None:
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        await relay.committer.commit_once()
        backup = back_up(database_url)
        await relay.committer.commit_once()
        await queue(relay, 2, 3)
        await relay.committer.commit_once()
        restore(backup, database_url)
        await _until_raised(relay, DatabaseWentBack)
        generation = state_of(database_url, "generation")
        assert generation == relay.intake.order.generation


async def test_it_is_noticed_although_the_restored_database_grew_again(database_url: str) -> None:
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        await relay.committer.commit_once()
        backup = back_up(database_url)
        await relay.committer.commit_once()
        await queue(relay, 2, 3)
        await relay.committer.commit_once()
        restore(backup, database_url)
        with committing(database_url) as another:
            await queue(another, 3, 8)
            await another.committer.commit_once()
        await _until_raised(relay, DatabaseWentBack)
    placed = stored(database_url)
    require_whole(placed)
    assert len(placed) == 11


async def test_a_generation_that_another_process_gave_ends_this_one(database_url: str) -> None:
    """Its positions mean nothing any more, and terminals must not hear of two generations by turns."""
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        with _store(database_url) as store, store.transaction() as transaction:
            replace_generation(transaction, b"another" * 2)
        with pytest.raises(DatabaseReplaced):
            await relay.committer.commit_once()
        assert relay.intake.order.through == 0
    assert stored(database_url) == []


async def test_a_database_that_never_had_this_ones_generation_is_an_older_state_of_it_and_gets_a_new_one(
    database_url: str,
) -> None:
    """Its own generation would count positions anew that terminals have heard of."""
    with committing(database_url) as relay:
        with _store(database_url) as store, store.transaction() as transaction:
            transaction.put_state("generation", b"before the first")
        with pytest.raises(DatabaseReplaced):
            await relay.committer.commit_once()
    assert state_of(database_url, "generation") not in (b"before the first", relay.intake.order.generation)


async def test_a_generation_that_this_process_gave_does_not(database_url: str) -> None:
    with committing(database_url) as relay:
        await queue(relay, 1, 3)
        before = relay.intake.order.generation
        await relay.committer.renew_generation(signed_end(before, 9))
        assert relay.intake.order.generation == state_of(database_url, "generation") != before
        assert await relay.committer.commit_once()
        assert relay.intake.order.through == 3


async def _until_raised(relay: Committing, kind: type[Exception]) -> None:
    """Commit until it raises; the first attempts may find the connection ended."""
    with pytest.raises(kind):
        for _ in range(5):
            await relay.committer.commit_once()


class _Gate:
    """Holds the next transaction right before its commit."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go = threading.Event()


def _hold(relay: Committing) -> _Gate:
    gate, inner = _Gate(), relay.store.inner

    class Held:
        @contextmanager
        def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
            with inner.transaction(durable=durable) as transaction:
                yield transaction
                gate.began.set()
                assert gate.go.wait(10)

        def close(self) -> None:
            inner.close()

    relay.store.inner = Held()
    return gate


@contextmanager
def _store(url: str) -> Iterator[Store]:
    store = open_postgresql(url, PROPERTY_ID)
    try:
        yield store
    finally:
        store.close()
