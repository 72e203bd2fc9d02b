"""A simulated disk keeps what a real one keeps, and loses no more than a real one loses."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.journal.chain import JournalWriter
from crdt_pms.ports.errors import StoreCorrupt, StoreError, StoreFailing, StoreFull, StoreWentBack, WitnessUnusable
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store
from simulations.world.disk import Disk, DiskCopy, DiskTemplate
from simulations.world.disk_faults import Crash, Fault
from simulations.world.watched_witness import UnsyncedWrites
from tests.crdt_pms.journal.journals import append, writer

PROPERTY_ID = "seaside"
KEY = b"k" * 48
PAGE_BYTES = 4096


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[bytes | None, DiskTemplate]:
    folder = tmp_path_factory.mktemp("templates")
    return {key: DiskTemplate(folder, PROPERTY_ID, key) for key in (None, KEY)}


@pytest.fixture(params=[None, KEY], ids=["plain", "encrypted"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, templates: dict[bytes | None, DiskTemplate]) -> Disk:
    return Disk(tmp_path / "machine", templates[request.param], PROPERTY_ID, request.param)


def write(store: Store, number: int, *, durable: bool = True, size: int = 8) -> None:
    """One transaction that leaves its number in two places, far from each other."""
    value = number.to_bytes(8, "big").ljust(size, b"\0")
    with store.transaction(durable=durable) as transaction:
        transaction.put_state("left", value)
        transaction.put_state(f"once/{number:06}", b"\1" * size)
        transaction.put_state("right", value)


def last_written(store: Store) -> int:
    """The number of the last transaction that is there; AssertionError when the rows are not those of some moment."""
    with store.transaction() as transaction:
        left, right = transaction.get_state("left"), transaction.get_state("right")
        number = 0 if left is None else int.from_bytes(left[:8], "big")
        assert left == right
        rows = [transaction.get_state(f"once/{earlier:06}") for earlier in range(1, number + 3)]
        assert [row is not None for row in rows] == [True] * number + [False] * 2
        return number


def test_a_new_disk_has_all_tables_and_nothing_in_them(disk: Disk) -> None:
    store = disk.open()
    assert last_written(store) == 0
    with store.transaction() as transaction:
        assert transaction.journals() == []
        assert transaction.projected("reservation") == []


def test_a_folder_that_has_a_database_already_is_not_written_over(
    tmp_path: Path, templates: dict[bytes | None, DiskTemplate]
) -> None:
    Disk(tmp_path, templates[None], PROPERTY_ID)
    with pytest.raises(FileExistsError):
        Disk(tmp_path, templates[None], PROPERTY_ID)
    with pytest.raises(ValueError, match="another key"):
        Disk(tmp_path / "other", templates[None], PROPERTY_ID, KEY)


def test_an_orderly_end_leaves_one_file_with_everything(disk: Disk) -> None:
    store = disk.open()
    write(store, 1, durable=False)
    disk.close()
    assert disk.copy().log is None
    assert disk.lose_power(Random(1)) == (0, 0, 0)
    assert last_written(disk.open()) == 1


def test_a_killed_process_leaves_its_log_and_loses_no_commit(disk: Disk) -> None:
    store = disk.open()
    write(store, 1)
    write(store, 2, durable=False)
    before = disk.copy()
    disk.kill()
    assert disk.copy() == before
    assert before.log
    assert last_written(disk.open()) == 2


def test_a_process_that_dies_within_a_transaction_had_not_begun_it(disk: Disk) -> None:
    store = disk.open()
    write(store, 1)
    disk.faults.crash_at_effect(2)
    with pytest.raises(Crash):
        # More than SQLite keeps in memory: a part of it is in the log already.
        write(store, 2, size=20_000_000)
    assert len(disk.copy().log or b"") > 5_000_000
    disk.kill()
    store = disk.open()
    assert last_written(store) == 1
    write(store, 2)
    assert disk.lose_power(Random(1)).commits_lost == 0
    assert last_written(disk.open()) == 2


class Step(NamedTuple):
    """A transaction, or with `end` how the process ended after it."""

    durable: bool
    size: int
    end: str | None
    seed: int


STEPS = st.builds(
    Step,
    st.booleans(),
    # The largest makes SQLite copy its log into the database, and begin it anew.
    st.sampled_from([8, 8, 3_000, 9_000, 1_500_000]),
    st.sampled_from([None] * 6 + ["kill", "lose_power", "close", "write_nothing"]),
    st.integers(0, 2**16),
)


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
@settings(max_examples=30)
@given(steps=st.lists(STEPS, max_size=14))
def test_a_power_loss_takes_only_what_came_after_the_last_durable_commit_and_the_newest_first(
    key: bytes | None, steps: list[Step], templates: dict[bytes | None, DiskTemplate]
) -> None:
    with TemporaryDirectory() as folder:
        disk = Disk(Path(folder), templates[key], PROPERTY_ID, key)
        store = disk.open()
        written = durable = 0
        for step in [*steps, Step(durable=False, size=8, end="lose_power", seed=1)]:
            written += 1
            write(store, written, durable=step.durable, size=step.size)
            durable = written if step.durable else durable
            match step.end:
                case None:
                    continue
                case "write_nothing":
                    with store.transaction() as transaction:
                        transaction.get_state("left")
                    continue
                case "kill":
                    disk.kill()
                    expected = written
                case "close":
                    disk.close()
                    expected = durable = written
                case _:
                    loss = disk.lose_power(Random(step.seed))
                    expected = written - loss.commits_lost
                    assert (loss.bytes_lost > 0) == (loss.commits_lost > 0)
                    assert loss.commits_lost + loss.commits_spared <= written - durable
            store = disk.open()
            written = last_written(store)
            assert durable <= written == expected
            if step.end == "lose_power":
                durable = written
        with store.transaction() as transaction:
            transaction.get_state("left")
        disk.close()


def losses(disk: Disk, seeds: int) -> list[tuple[int, int, bool]]:
    """What each seed takes of one disk with three commits in danger: bytes, commits, and whether a frame is torn."""
    seen: list[tuple[int, int, bool]] = []
    for seed in range(seeds):
        disk.wipe().unlink()
        store = disk.open()
        write(store, 1)
        for number in (2, 3, 4):
            write(store, number, durable=False)
        loss = disk.lose_power(Random(seed))
        log = disk.copy().log
        assert log is not None
        assert last_written(disk.open()) == 4 - loss.commits_lost
        disk.close()
        seen.append((loss.bytes_lost, loss.commits_lost, (len(log) - 32) % (24 + PAGE_BYTES) != 0))
    return seen


def test_every_length_of_a_torn_log_is_possible_and_one_seed_gives_one(disk: Disk) -> None:
    seen = losses(disk, 40)
    assert {commits for _, commits, _ in seen} == {0, 1, 2, 3}
    assert {is_torn for _, _, is_torn in seen} == {False, True}
    assert losses(disk, 40) == seen


def test_a_disk_that_lies_loses_what_it_said_was_safe_and_both_are_counted(disk: Disk) -> None:
    disk.faults.durability_lies = True
    lost: set[int] = set()
    for seed in range(20):
        store = disk.open()
        for number in (1, 2, 3):
            write(store, number)
        loss = disk.lose_power(Random(seed))
        assert last_written(disk.open()) == 3 - loss.commits_lost
        lost.add(loss.commits_lost)
        disk.close()
        disk.wipe()
    assert {0, 3} < lost
    assert disk.faults.fired == {Fault.NOT_SYNCED: 60}


def test_what_a_killed_process_had_not_synced_stays_in_danger_when_the_next_one_runs(disk: Disk) -> None:
    lost: set[int] = set()
    for seed in range(20):
        write(disk.open(), 1, durable=False)
        disk.kill()
        write(disk.open(), 2, durable=False)
        loss = disk.lose_power(Random(seed))
        assert last_written(disk.open()) == 2 - loss.commits_lost
        lost.add(loss.commits_lost)
        disk.close()
        disk.wipe()
    assert {0, 2} <= lost


def test_when_the_log_was_copied_and_begun_anew_only_what_came_since_is_in_danger(disk: Disk) -> None:
    lost: set[int] = set()
    for seed in range(10):
        store = disk.open()
        write(store, 1, durable=False, size=1_500_000)
        write(store, 2, durable=False)
        loss = disk.lose_power(Random(seed))
        assert last_written(disk.open()) == 2 - loss.commits_lost
        lost.add(loss.commits_lost)
        disk.close()
        disk.wipe()
    assert lost == {0, 1}


def test_a_durable_transaction_that_writes_nothing_makes_nothing_safe(disk: Disk) -> None:
    lost: set[int] = set()
    for seed in range(10):
        store = disk.open()
        write(store, 1, durable=False)
        assert last_written(store) == 1
        lost.add(disk.lose_power(Random(seed)).commits_lost)
        disk.wipe()
    assert lost == {0, 1}


def test_a_backup_of_an_open_disk_is_a_disk_again_here_and_elsewhere(
    disk: Disk, tmp_path: Path, templates: dict[bytes | None, DiskTemplate]
) -> None:
    store = disk.open()
    write(store, 1)
    write(store, 2, durable=False)
    backup = disk.copy()
    write(store, 3, durable=False)
    with pytest.raises(RuntimeError, match="open"):
        disk.restore(backup)
    disk.kill()
    disk.restore(backup)
    assert disk.lose_power(Random(1)) == (0, 0, 0)
    assert last_written(disk.open()) == 2
    key = KEY if b"SQLite format" not in backup.database else None
    clone = Disk(tmp_path / "clone", templates[key], PROPERTY_ID, key)
    clone.restore(backup)
    assert last_written(clone.open()) == 2


def test_a_disk_begun_anew_keeps_the_old_one_aside(disk: Disk) -> None:
    for number in (1, 2):
        write(disk.open(), 1, size=number)
        disk.kill()
        old = disk.copy()
        aside = disk.wipe()
        assert aside.name.endswith(f"aside-{number}")
        assert aside.read_bytes() == old.database
        assert Path(f"{aside}-wal").read_bytes() == old.log
        assert last_written(disk.open()) == 0
        disk.close()


def test_a_full_disk_says_so_and_keeps_what_it_has(disk: Disk) -> None:
    store = disk.open()
    write(store, 1)
    disk.fill()
    with pytest.raises(StoreFull, match="full"):
        write(store, 2, size=50_000)
    assert last_written(store) == 1
    disk.kill()
    store = disk.open()
    with pytest.raises(StoreFull, match="full"):
        write(store, 2, size=50_000)
    disk.make_room()
    write(store, 2, size=50_000)
    assert last_written(store) == 2
    assert disk.faults.fired == {Fault.FILLED: 2}


def rot_copy(disk: Disk, backup: DiskCopy, seed: int) -> str:
    """Damage a disk that is as it was in the backup, whose process was killed."""
    disk.restore(backup)
    disk.open()
    disk.kill()
    return disk.rot(Random(seed))


def last_written_or_none(disk: Disk) -> int | None:
    """The last commit that is there; None when the store says that it is damaged."""
    try:
        return last_written(disk.open())
    except StoreCorrupt:
        return None
    finally:
        if disk.is_open:
            disk.kill()


def test_rot_in_an_encrypted_file_is_told_or_touches_nothing_and_in_the_log_it_is_a_torn_end(
    tmp_path: Path, templates: dict[bytes | None, DiskTemplate]
) -> None:
    disk = Disk(tmp_path, templates[KEY], PROPERTY_ID, KEY)
    for first, end in ((1, 16), (16, 24)):
        store = disk.open()
        for number in range(first, end):
            write(store, number, size=5_000)
        if end == 16:
            disk.close()
    disk.kill()
    backup = disk.copy()
    outcomes = [(rot_copy(disk, backup, seed), last_written_or_none(disk)) for seed in range(60)]
    in_database = {last for where, last in outcomes if where.endswith("database")}
    in_log = {last for where, last in outcomes if where.endswith("log")}
    assert in_database == {None, 23}
    assert in_log <= set(range(15, 24))
    assert len(in_log) > 3
    assert (rot_copy(disk, backup, 7), last_written_or_none(disk)) == outcomes[7]


def test_rot_in_a_log_that_was_copied_before_mixes_two_moments_unseen(
    tmp_path: Path, templates: dict[bytes | None, DiskTemplate]
) -> None:
    disk = Disk(tmp_path, templates[KEY], PROPERTY_ID, KEY)
    rows, old, new = range(600), b"\0" * 1_500, b"\1" * 1_500
    with disk.open().transaction() as transaction:
        transaction.put_state("rows_changed", b"0")
        for number in rows:
            transaction.put_state(f"row/{number:03}", old)
    disk.close()
    store = disk.open()
    before = disk.copy().database
    for number in rows:
        with store.transaction(durable=False) as transaction:
            transaction.put_state("rows_changed", b"%d" % (number + 1))
            transaction.put_state(f"row/{number:03}", new)
        if disk.copy().database != before:
            break
    disk.kill()
    backup = disk.copy()
    mixed = 0
    for seed in range(8):
        if not rot_copy(disk, backup, seed).endswith("log"):
            continue
        with disk.open().transaction() as transaction:
            said = int(transaction.get_state("rows_changed") or b"-1")
            changed = sum(transaction.get_state(f"row/{number:03}") == new for number in rows)
        disk.kill()
        mixed += said < changed
    assert mixed > 1


def test_what_rot_took_of_the_log_is_in_danger_no_more(disk: Disk) -> None:
    cut_short = 0
    for seed in range(20):
        store = disk.open()
        for number in range(1, 9):
            write(store, number, durable=False)
        disk.kill()
        if disk.rot(Random(seed)).endswith("log"):
            left = last_written(disk.open())
            loss = disk.lose_power(Random(seed))
            assert loss.commits_lost + loss.commits_spared == left
            assert last_written(disk.open()) == left - loss.commits_lost
            cut_short += 1 if left else 0
            disk.kill()
        disk.wipe()
    assert cut_short > 3


def test_rot_finds_the_log_of_durable_commits(disk: Disk) -> None:
    write(disk.open(), 1)
    disk.kill()
    assert {disk.rot(Random(seed)).split()[-1] for seed in range(10)} == {"database", "log"}


@pytest.mark.parametrize("has_log", [True, False])
def test_a_database_that_lost_its_end_is_told_or_has_what_is_asked_and_is_never_an_empty_one(
    tmp_path: Path, templates: dict[bytes | None, DiskTemplate], has_log: bool
) -> None:
    disk = Disk(tmp_path, templates[KEY], PROPERTY_ID, KEY)
    write(disk.open(), 1, size=5_000)
    disk.close()
    if has_log:
        write(disk.open(), 2)
        disk.kill()
    backup, found = disk.copy(), dict[int, int | None]()
    for seed in range(30):
        disk.restore(backup)
        left = int(disk.cut_off(Random(seed)).split()[0])
        found[left] = last_written_or_none(disk)
    assert found[0] is None
    assert len(found) > 10
    assert set(found.values()) <= {None, 2 if has_log else 1}


def test_a_disk_has_room_again_whatever_else_is_wrong_with_it(
    tmp_path: Path, templates: dict[bytes | None, DiskTemplate]
) -> None:
    disk = Disk(tmp_path, templates[KEY], PROPERTY_ID, KEY)
    write(disk.open(), 1, size=5_000)
    disk.kill()
    with disk.path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    store = disk.open()
    disk.fill()
    with pytest.raises(StoreCorrupt):
        store.select("PRAGMA integrity_check")
    disk.make_room()
    assert disk.is_open


def test_rot_is_for_disks_that_nobody_has_open(disk: Disk) -> None:
    disk.open()
    with pytest.raises(RuntimeError, match="open"):
        disk.rot(Random(1))
    with pytest.raises(RuntimeError, match="open"):
        disk.cut_off(Random(1))


def test_a_store_is_gone_with_its_process(disk: Disk) -> None:
    killed = disk.open()
    disk.kill()
    closed = disk.open()
    closed.close()
    assert not disk.is_open
    for store in (killed, closed):
        with pytest.raises(RuntimeError, match="ended"), store.transaction():
            pass
        with pytest.raises(RuntimeError, match="ended"):
            store.select("SELECT 1")
    with pytest.raises(RuntimeError, match="no process"):
        disk.kill()


def test_one_process_has_a_disk_open(disk: Disk) -> None:
    disk.open()
    with pytest.raises(RuntimeError, match="open"):
        disk.open()


def test_an_opening_that_fails_leaves_the_disk_to_its_operator(disk: Disk) -> None:
    disk.path.write_bytes(b"not a database at all" * 400)
    with pytest.raises(StoreError):
        disk.open()
    assert not disk.is_open
    disk.wipe()
    assert last_written(disk.open()) == 0


DEVICE = writer(1).certificate.device_id


def add(store: Store, journal: JournalWriter, position: int) -> None:
    """One transaction with one entry."""
    with store.transaction() as transaction:
        transaction.add_journal(journal.certificate)
        transaction.append_entries([Placed(position, append(journal), None)])


def entries(store: Store) -> int:
    with store.transaction() as transaction:
        return transaction.last_position()


def test_a_terminal_whose_log_is_cut_short_is_told_what_it_lost_and_goes_on_when_that_is_accepted(disk: Disk) -> None:
    lost: set[int] = set()
    for seed in range(12):
        store = disk.open_witnessed(DEVICE)
        journal = writer(1)
        for position in (1, 2, 3):
            add(store, journal, position)
        disk.kill()
        assert disk.cut_log_short(Random(seed)) is not None
        assert disk.cut_log_short(Random(seed)) is None
        with pytest.raises(StoreWentBack) as told:
            disk.open_witnessed(DEVICE)
        assert (told.value.own, told.value.others) != (None, None)
        store = disk.open_witnessed(DEVICE, accepted_at_ms=1)
        assert entries(store) == 3 - (told.value.own or 0)
        lost.add(told.value.own or 0)
        disk.kill()
        disk.open_witnessed(DEVICE)
        disk.close()
        disk.wipe()
    assert {1, 3} <= lost


def test_a_database_put_back_without_its_witness_is_told_and_with_it_nothing_can_be_told(disk: Disk) -> None:
    store = disk.open_witnessed(DEVICE)
    journal = writer(1)
    add(store, journal, 1)
    backup = disk.copy()
    add(store, journal, 2)
    disk.kill()
    disk.put_back_alone(backup)
    with pytest.raises(StoreWentBack):
        disk.open_witnessed(DEVICE)
    disk.restore(backup)
    assert entries(disk.open_witnessed(DEVICE)) == 1


def test_a_witness_that_is_lost_or_damaged_is_told(disk: Disk) -> None:
    for seed in range(4):
        store = disk.open_witnessed(DEVICE)
        journal = writer(1)
        add(store, journal, 1)
        disk.kill()
        assert disk.spoil_witness(Random(seed)) is not None
        with pytest.raises(WitnessUnusable):
            disk.open_witnessed(DEVICE)
        assert entries(disk.open_witnessed(DEVICE, accepted_at_ms=1)) == 1
        disk.close()
        disk.wipe()


@pytest.mark.parametrize("fault", [Fault.CRASH, Fault.NOT_WITNESSED])
def test_power_loss_after_a_crash_between_commit_and_witness_loses_nothing_and_tells_nothing(
    disk: Disk, fault: Fault
) -> None:
    for seed in range(6):
        store = disk.open_witnessed(DEVICE)
        journal = writer(1)
        add(store, journal, 1)
        with store.transaction(durable=False) as transaction:
            transaction.put_state("key", b"value")
        if fault is Fault.CRASH:
            disk.faults.crash_at_effect(3)
        else:
            disk.faults.fail_next(fault)
        with pytest.raises((Crash, StoreFailing)):
            add(store, journal, 2)
        assert disk.faults.fired[fault] == seed + 1
        disk.lose_power(Random(seed))
        assert entries(disk.open_witnessed(DEVICE)) == 2
        disk.close()
        disk.wipe()


def test_what_was_not_synced_of_a_witness_a_power_loss_may_take(tmp_path: Path) -> None:
    unsynced = UnsyncedWrites()
    left: set[bytes] = set()
    for seed in range(20):
        unsynced.note(0, b"old!" * 128)
        left.add(unsynced.lose_power(b"new!" * 256, Random(seed)))
        assert unsynced.lose_power(b"new!" * 256, Random(seed)) == b"new!" * 256
    assert left == {b"old!" * 128 + b"new!" * 128, b"new!" * 256}
    unsynced.note(0, b"old!")
    unsynced.forget()
    assert unsynced.lose_power(b"new!", Random(1)) == b"new!"
