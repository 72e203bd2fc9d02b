"""`make bench`: how long a desk waits, and how many entries a second flow through each part of the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import anyio
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import TERMS
from tests.benchmarks.harness import linked, relayed, terminal_node, until, written
from tests.crdt_pms.ledger.histories import terms
from tests.crdt_pms.replica.histories import Rogue
from tests.crdt_pms.replica.terminals import Desk, copy_disk, definition, desks

BATCH = 2_000
CATCH_UP = 10_000
ROUNDS = 3


@pytest.fixture(scope="module")
def hotel() -> PropertyDefinition:
    return definition(rooms=200)


@contextmanager
def desk_of(hotel: PropertyDefinition, path: Path, number: int = 1) -> Iterator[Desk]:
    desk = Desk(number, path, hotel)
    try:
        yield desk
    finally:
        desk.store.close()


@pytest.fixture(scope="module")
def full_desk(hotel: PropertyDefinition, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    """The closed file of a desk that wrote 10,000 entries, and the entries."""
    path = tmp_path_factory.mktemp("full") / "full.sqlite"
    with desk_of(hotel, path) as desk:
        return path, written(desk, CATCH_UP)


def test_local_action(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """One action of a person, durable on disk: what the desk waits for."""
    with desks(tmp_path, 1, rooms=200) as (desk,):
        turn = count()
        benchmark(lambda: desk.do(SetRoomCondition("201", "hk_condition", ("clean", "dirty")[next(turn) % 2])))


def test_local_reservation_in_a_full_hotel(
    benchmark: BenchmarkFixture, hotel: PropertyDefinition, tmp_path: Path, full_desk: tuple[Path, list[Entry]]
) -> None:
    """A reservation at a desk that holds 10,000 entries."""
    path = tmp_path / "copy.sqlite"
    copy_disk(full_desk[0], path)
    with desk_of(hotel, path) as desk:
        number = count()
        benchmark(lambda: desk.reserve(f"new-{next(number)}", arrival="2026-08-01"))


@pytest.mark.parametrize("rows", [BATCH // 200, BATCH])
def test_entries_of_rows_that_many_write_at_once(benchmark: BenchmarkFixture, tmp_path: Path, rows: int) -> None:
    """A batch of two hundred journals that did not know each other: on few rows it costs about as much as on as many."""
    rogues = [Rogue() for _ in range(200)]
    for number in range(BATCH):
        write = Write.of(Register(TERMS, f"stay-{number // (BATCH // rows)}"), terms(rate_minor=number))
        rogues[number % 200].act(Operation("amend_terms", "hotel-pms", "", (write,)))
    entries = [entry for rogue in rogues for entry in rogue.entries]
    turn, opened = count(), list[Desk]()

    def receiver() -> tuple[tuple[Desk], dict[str, object]]:
        desk = Desk(2, tmp_path / f"{next(turn)}.sqlite", definition())
        opened.append(desk)
        desk.replica.receive_certificates([rogue.certificate for rogue in rogues])
        return (desk,), {}

    benchmark.pedantic(lambda desk: desk.replica.receive(entries, desk.now_ms), setup=receiver, rounds=ROUNDS)
    for desk in opened:
        desk.store.close()


def test_entries_through_a_replica(
    benchmark: BenchmarkFixture, hotel: PropertyDefinition, tmp_path: Path, full_desk: tuple[Path, list[Entry]]
) -> None:
    """Verify, store, apply and project a batch of entries of another desk, in one transaction."""
    entries, number = full_desk[1][:BATCH], count()
    copy = tmp_path / "copy.sqlite"
    copy_disk(full_desk[0], copy)
    with desk_of(hotel, copy) as source:
        certificate = source.replica.certificate(entries[0].dot.journal)
    assert certificate is not None
    opened: list[Desk] = []

    def receiver() -> tuple[tuple[Desk], dict[str, object]]:
        desk = Desk(2, tmp_path / f"{next(number)}.sqlite", hotel)
        opened.append(desk)
        desk.replica.receive_certificates([certificate])
        return (desk,), {}

    benchmark.pedantic(lambda desk: desk.replica.receive(entries, desk.now_ms), setup=receiver, rounds=ROUNDS)
    for desk in opened:
        desk.store.close()
    benchmark.extra_info["entries_a_second"] = round(BATCH / benchmark.stats.stats.min)


def test_catch_up_of_ten_thousand_entries(
    benchmark: BenchmarkFixture, hotel: PropertyDefinition, tmp_path: Path, full_desk: tuple[Path, list[Entry]]
) -> None:
    """A new terminal joins over a link and receives everything: session, signatures, disk."""
    number = count()

    def catch_up() -> None:
        copy = tmp_path / f"source-{next(number)}.sqlite"
        copy_disk(full_desk[0], copy)

        async def run() -> None:
            source = terminal_node(hotel, 1, copy)
            joining = terminal_node(hotel, 2, tmp_path / f"joining-{next(number)}.sqlite")
            waiter = joining.changes.waiter()
            async with linked(source, joining):
                await until(lambda: joining.node.replica.last_position == CATCH_UP, waiter.wait)

        anyio.run(run)

    benchmark.pedantic(catch_up, rounds=ROUNDS)
    benchmark.extra_info["entries_a_second"] = round(CATCH_UP / benchmark.stats.stats.min)


def test_entries_through_relay_and_commit(
    benchmark: BenchmarkFixture,
    hotel: PropertyDefinition,
    tmp_path: Path,
    full_desk: tuple[Path, list[Entry]],
    request: pytest.FixtureRequest,
) -> None:
    """A terminal's 10,000 tentative entries reach PostgreSQL and are acknowledged back to it."""
    url, number = request.getfixturevalue("fresh_database_url"), count()

    def commit() -> None:
        copy = tmp_path / f"source-{next(number)}.sqlite"
        copy_disk(full_desk[0], copy)

        async def run() -> None:
            source = terminal_node(hotel, 1, copy)
            waiter = source.changes.waiter()
            async with relayed(hotel, url, source):
                await until(lambda: source.node.replica.standing.through == CATCH_UP, waiter.wait)

        anyio.run(run)

    # Once: a second round would find the entries committed.
    benchmark.pedantic(commit, rounds=1)
    benchmark.extra_info["entries_a_second"] = round(CATCH_UP / benchmark.stats.stats.min)
