"""Faults strike where they were armed, tell what a real disk would tell, and are counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreFailing, StoreFull, StoreUnavailable
from simulations.world.disk import Disk, DiskTemplate
from simulations.world.disk_faults import Crash, DiskFaults, Fault
from simulations.world.faulty_store import FaultyStore


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "machine", DiskTemplate(tmp_path, "seaside"), "seaside")
    yield disk
    if disk.is_open:
        disk.kill()


def put(store: FaultyStore, value: bytes) -> None:
    with store.transaction() as transaction:
        transaction.put_state("key", value)


def kept(disk: Disk) -> bytes | None:
    """What a new process reads."""
    if disk.is_open:
        disk.kill()
    with disk.open().transaction() as transaction:
        return transaction.get_state("key")


@pytest.mark.parametrize(("effect", "remains"), [(1, b"old"), (2, b"old"), (3, b"new"), (4, b"new")])
def test_a_crash_comes_at_its_effect_and_only_a_commit_survives_it(disk: Disk, effect: int, remains: bytes) -> None:
    store = disk.open()
    put(store, b"old")
    disk.faults.crash_at_effect(effect)
    with pytest.raises(Crash):
        for value in (b"new", b"newer"):
            put(store, value)
    assert disk.is_open
    assert disk.faults.fired == {Fault.CRASH: 1}
    assert kept(disk) == remains


def test_code_that_unwinds_after_a_crash_does_nothing_more(disk: Disk) -> None:
    store = disk.open()
    disk.faults.crash_at_effect(1)
    for _ in range(2):
        with pytest.raises(Crash):
            put(store, b"new")
    with pytest.raises(Crash):
        store.close()
    disk.fill()
    assert disk.faults.fired == {Fault.CRASH: 1}
    assert kept(disk) is None


@pytest.mark.parametrize(
    ("fault", "error", "remains"),
    [
        (Fault.UNAVAILABLE, StoreUnavailable, b"old"),
        (Fault.FAILING, StoreFailing, b"old"),
        (Fault.OUTCOME_UNKNOWN_LOST, CommitOutcomeUnknown, b"old"),
        (Fault.OUTCOME_UNKNOWN_KEPT, CommitOutcomeUnknown, b"new"),
    ],
)
def test_a_failing_transaction_tells_the_right_error_and_leaves_what_it_says(
    disk: Disk, fault: Fault, error: type[Exception], remains: bytes
) -> None:
    store = disk.open()
    put(store, b"old")
    disk.faults.fail_next(fault, transactions=2)
    for _ in range(2):
        with pytest.raises(error):
            put(store, b"new")
    with store.transaction() as transaction:
        assert transaction.get_state("key") == remains
    assert disk.faults.fired == {fault: 2}
    assert disk.faults.armed == []
    assert kept(disk) == remains


def test_a_fault_of_a_commit_waits_for_a_transaction_that_changes_something(disk: Disk) -> None:
    store = disk.open()
    disk.faults.fail_next(Fault.FAILING)
    with store.transaction() as transaction:
        assert transaction.get_state("key") is None
    assert disk.faults.armed == [Fault.FAILING]
    with pytest.raises(StoreFailing):
        put(store, b"new")


def test_a_transaction_that_fails_by_itself_uses_up_no_fault(disk: Disk) -> None:
    store = disk.open()
    disk.faults.fail_next(Fault.FAILING)
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.put_state("key", b"new")
        raise ZeroDivisionError
    assert disk.faults.armed == [Fault.FAILING]
    assert kept(disk) is None


def test_a_file_that_another_program_holds_comes_back_when_that_lets_go(disk: Disk) -> None:
    store = disk.open()
    disk.faults.set_unavailable(is_unavailable=True)
    with pytest.raises(StoreUnavailable):
        put(store, b"new")
    store.close()
    with pytest.raises(StoreUnavailable):
        disk.open()
    assert disk.faults.armed == [Fault.UNAVAILABLE]
    disk.faults.set_unavailable(is_unavailable=False)
    put(disk.open(), b"new")
    assert disk.faults.fired == {Fault.UNAVAILABLE: 2}


def test_what_is_armed_outlives_a_kill_and_can_be_taken_back(disk: Disk) -> None:
    disk.open()
    disk.faults.crash_at_effect(2)
    disk.faults.fail_next(Fault.FAILING)
    disk.kill()
    assert disk.faults.armed == [Fault.CRASH, Fault.FAILING]
    disk.faults.disarm()
    put(disk.open(), b"new")
    assert disk.faults.armed == []
    assert disk.faults.effects == 3
    assert not disk.faults.fired


def test_what_cannot_be_armed_is_refused() -> None:
    faults = DiskFaults()
    with pytest.raises(ValueError, match="from 1"):
        faults.crash_at_effect(0)
    with pytest.raises(ValueError, match="crash"):
        faults.fail_next(Fault.CRASH)


def test_a_judge_reads_rows_and_disturbs_nothing(disk: Disk) -> None:
    store = disk.open()
    put(store, b"new")
    disk.faults.crash_at_effect(1)
    assert store.select("SELECT value FROM node_state WHERE key = ?", ["key"]) == [(b"new",)]
    with pytest.raises(StoreFull, match="readonly"):
        store.select("DELETE FROM node_state")
    assert disk.faults.armed == [Fault.CRASH]
    disk.faults.disarm()
    put(store, b"newer")
    assert kept(disk) == b"newer"


def test_between_transactions_means_between(disk: Disk) -> None:
    store = disk.open()
    with store.transaction():
        for within in (disk.kill, disk.close, disk.fill, lambda: store.select("SELECT 1")):
            with pytest.raises(RuntimeError, match="transaction"):
                within()
    put(store, b"new")
    assert kept(disk) == b"new"
