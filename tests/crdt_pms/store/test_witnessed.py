"""A database that holds less than it once held is never opened in silence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from crdt_pms.journal.certificate import Head
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.log.staleness import is_stale
from crdt_pms.ports.errors import StoreCorrupt, StoreFailing, StoreWentBack, WitnessUnusable
from crdt_pms.ports.records import Placed
from crdt_pms.store.witness import WitnessFile
from crdt_pms.store.witnessed import WitnessedStore, open_witnessed
from tests.crdt_pms.journal.journals import append, writer

PROPERTY_ID = "seaside"
DEVICE = writer(1).certificate.device_id
OTHER_DEVICE = writer(2).certificate.device_id
FILES = ("hotel.sqlite", "hotel.sqlite-wal", "hotel.sqlite.witness")


class Terminal:
    """A store on a path, and what it was given to keep."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILES[0]
        self.writers = {True: writer(1), False: writer(2)}
        self.position = 0
        self.own = 0
        self.store = self.open()

    def open(self, accepted_at_ms: int | None = None) -> WitnessedStore:
        return open_witnessed(self.path, PROPERTY_ID, DEVICE, accepted_at_ms=accepted_at_ms)

    def add(self, amount: int = 1, *, own: bool = True, size: int = 0) -> None:
        """One transaction with so many entries of this device or another."""
        journal: JournalWriter = self.writers[own]
        entries = [append(journal, payload=b"entry") for _ in range(amount)]
        with self.store.transaction() as transaction:
            transaction.add_journal(journal.certificate)
            placed = [Placed(self.position + step, entry, None) for step, entry in enumerate(entries, 1)]
            transaction.append_entries(placed)
            if size:
                transaction.put_state(f"large/{self.position}", bytes(size))
        self.position += amount
        self.own += amount if own else 0


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    (tmp_path / "disk").mkdir()
    terminal = Terminal(tmp_path / "disk")
    yield terminal
    terminal.store.close()


def held(store: WitnessedStore) -> int:
    with store.transaction() as transaction:
        return transaction.last_position()


def snapshot(terminal: Terminal, folder: Path) -> Path:
    """The files as they are now, as after kill -9. Returns the database."""
    folder.mkdir()
    for name in FILES:
        if (source := terminal.path.with_name(name)).exists():
            shutil.copyfile(source, folder / name)
    return folder / FILES[0]


def opened(path: Path, accepted_at_ms: int | None = None, property_id: str = PROPERTY_ID) -> int:
    """How many entries a new process finds."""
    with closing(open_witnessed(path, property_id, DEVICE, accepted_at_ms=accepted_at_ms)) as store:
        return held(store)


def test_what_was_committed_is_there_after_each_end_and_nothing_is_told(terminal: Terminal, tmp_path: Path) -> None:
    for number in range(1, 4):
        terminal.add(2, own=bool(number % 2))
        assert opened(snapshot(terminal, tmp_path / f"killed-{number}")) == 2 * number
    terminal.store.close()
    terminal.store = terminal.open()
    assert held(terminal.store) == 6


def test_a_log_that_ends_early_is_told_with_what_is_lost_and_what_to_do(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(3)
    early = Path(f"{terminal.path}-wal").stat().st_size
    terminal.add(2)
    terminal.add(4, own=False)
    path = snapshot(terminal, tmp_path / "killed")
    log = Path(f"{path}-wal")
    log.write_bytes(log.read_bytes()[:early])
    with pytest.raises(StoreWentBack, match=r"hotel\.sqlite.*2 that this desk wrote and 4 of others") as told:
        opened(path)
    assert (told.value.own, told.value.others) == (2, 4)
    assert "accept-loss" in str(told.value)
    assert "この端末の記録 2 件と他の端末の記録 4 件" in str(told.value)
    with pytest.raises(StoreWentBack):
        opened(path)  # Telling it once does not settle it.


def test_a_file_that_went_back_alone_is_told(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(3)
    backup = snapshot(terminal, tmp_path / "backup")
    terminal.add(2)
    path = snapshot(terminal, tmp_path / "now")
    for name in FILES[:2]:
        shutil.copyfile(backup.with_name(name), path.with_name(name))
    with pytest.raises(StoreWentBack) as told:
        opened(path)
    assert (told.value.own, told.value.others) == (2, 0)


def test_a_loss_that_is_accepted_is_remembered_and_told_no_more(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(1)
    early = Path(f"{terminal.path}-wal").stat().st_size
    terminal.add(1)
    path = snapshot(terminal, tmp_path / "killed")
    log = Path(f"{path}-wal")
    log.write_bytes(log.read_bytes()[:early])
    assert opened(path, accepted_at_ms=7) == 1
    assert opened(path) == 1
    with (
        closing(open_witnessed(path, PROPERTY_ID, DEVICE)) as store,
        store.transaction() as transaction,
    ):
        (accepted,) = json.loads(transaction.get_state("accepted_losses") or b"[]")
        assert is_stale(transaction)
    assert (accepted["at_ms"], accepted["what"]) == (7, "store_went_back")


def test_a_log_with_gaps_is_damage_whatever_is_accepted(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(3)
    path = snapshot(terminal, tmp_path / "killed")
    Path(f"{path}.witness").unlink()
    with closing(dbapi2.connect(str(path))) as connection:
        connection.execute("DELETE FROM entry WHERE position = 2")
        connection.commit()
    with pytest.raises(StoreCorrupt, match="its log has gaps"):
        opened(path, accepted_at_ms=7)


def test_accepting_where_nothing_is_lost_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(2)
    path = snapshot(terminal, tmp_path / "killed")
    assert opened(path, accepted_at_ms=7) == 2
    with closing(open_witnessed(path, PROPERTY_ID, DEVICE)) as store, store.transaction() as transaction:
        assert transaction.get_state("accepted_losses") is None


def without_witness(path: Path) -> None:
    Path(f"{path}.witness").unlink()


def damaged_witness(path: Path) -> None:
    Path(f"{path}.witness").write_bytes(b"x" * 8192)


def witness_of_another_database(path: Path) -> None:
    with TemporaryDirectory() as folder:
        other = Terminal(Path(folder))
        other.add(1)
        other.store.close()
        shutil.copyfile(Path(f"{other.path}.witness"), f"{path}.witness")


def witness_of_another_property(path: Path) -> None:
    with TemporaryDirectory() as folder:
        other = Path(folder) / "hotel.sqlite"
        open_witnessed(other, "mountain", DEVICE).close()
        shutil.copyfile(Path(f"{other}.witness"), f"{path}.witness")


@pytest.mark.parametrize(
    "spoil", [without_witness, damaged_witness, witness_of_another_database, witness_of_another_property]
)
def test_a_witness_that_says_nothing_of_the_database_is_told(
    terminal: Terminal, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    terminal.add(2)
    path = snapshot(terminal, tmp_path / "killed")
    spoil(path)
    with pytest.raises(WitnessUnusable, match="accept-loss"):
        opened(path)
    assert opened(path, accepted_at_ms=7) == 2
    assert opened(path) == 2


def test_a_database_that_is_gone_is_no_new_hotel(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(2)
    terminal.store.close()
    path = snapshot(terminal, tmp_path / "closed")
    path.unlink()
    with pytest.raises(StoreWentBack, match="2 that this desk wrote"):
        opened(path)
    assert not path.exists()
    assert opened(path, accepted_at_ms=7) == 0
    assert opened(path) == 0


def test_an_empty_database_beside_the_witness_of_a_full_one_is_told(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(2)
    path = snapshot(terminal, tmp_path / "killed")
    (tmp_path / "new").mkdir()
    empty = tmp_path / "new" / FILES[0]
    open_witnessed(empty, PROPERTY_ID, DEVICE).close()
    shutil.copyfile(Path(f"{path}.witness"), f"{empty}.witness")
    with pytest.raises(WitnessUnusable, match="another database's"):
        opened(empty)


def test_a_crash_before_anything_was_written_leaves_a_new_terminal(terminal: Terminal, tmp_path: Path) -> None:
    path = snapshot(terminal, tmp_path / "killed")
    Path(f"{path}.witness").unlink()
    assert opened(path) == 0


def refusing(patch: pytest.MonkeyPatch) -> None:
    def fail(_witness: WitnessFile, _descriptor: int, _offset: int, _slot: bytes) -> None:
        raise OSError(28, "No space left on device")

    patch.setattr(WitnessFile, "write", fail)


def test_a_crash_between_the_commit_and_the_witness_loses_nothing_and_the_witness_is_brought_up(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.add(2)
    with monkeypatch.context() as patch:
        refusing(patch)
        with pytest.raises(StoreFailing):
            terminal.add(1)
    path = snapshot(terminal, tmp_path / "killed")
    assert opened(path) == 3
    shutil.copyfile(terminal.path, path)
    shutil.copyfile(f"{terminal.path}-wal", f"{path}-wal")
    log = Path(f"{path}-wal")
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    with pytest.raises(StoreWentBack):
        opened(path)


def test_while_the_witness_cannot_be_written_nothing_is_read_and_nothing_written(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.add(1)
    with monkeypatch.context() as patch:
        refusing(patch)
        with pytest.raises(StoreFailing, match="No space left"):
            terminal.add(1)
        for _ in range(2):
            with pytest.raises(StoreFailing):
                held(terminal.store)
    assert held(terminal.store) == 2
    assert WitnessFile(terminal.path).read() == terminal.store._milestone  # pyright: ignore[reportPrivateUsage]


def test_a_transaction_that_fails_is_not_witnessed(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(1)
    with pytest.raises(ZeroDivisionError), terminal.store.transaction() as transaction:
        entry = append(terminal.writers[True])
        transaction.append_entries([Placed(2, entry, None)])
        raise ZeroDivisionError
    assert opened(snapshot(terminal, tmp_path / "killed")) == 1


@settings(max_examples=25)
@given(data=st.data())
def test_wherever_the_log_of_a_killed_terminal_is_damaged_nothing_is_lost_in_silence(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "disk").mkdir()
        terminal = Terminal(folder / "disk")
        # The largest makes SQLite copy its log into the database, and begin it anew.
        for size in data.draw(st.lists(st.sampled_from([0, 0, 9_000, 5_000_000]), min_size=1, max_size=5)):
            terminal.add(1, own=data.draw(st.booleans()), size=size)
        path = snapshot(terminal, folder / "killed")
        terminal.store.close()
        log = Path(f"{path}-wal")
        content = bytearray(log.read_bytes())
        first = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans(), label="cut off"):
            del content[first:]
        else:
            for at in range(first, min(first + 500, len(content))):
                content[at] ^= 0x55
        log.write_bytes(content)
        try:
            found, lost = opened(path), 0
        except StoreWentBack as told:
            assert log.read_bytes() == content
            found, lost = opened(path, accepted_at_ms=7), (told.own or 0) + (told.others or 0)
        except StoreCorrupt:
            return  # The log had been copied into the database: pages of two moments.
        assert found == terminal.position - lost


def test_a_desk_that_was_enrolled_anew_goes_on_with_its_database(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add(2)
    path = snapshot(terminal, tmp_path / "killed")
    with closing(open_witnessed(path, PROPERTY_ID, OTHER_DEVICE)) as store:
        assert held(store) == 2


def test_entries_that_were_withdrawn_with_a_branch_are_no_loss(terminal: Terminal) -> None:
    """The witness may name one of them: it is written after the transaction that withdrew it, or never."""
    terminal.add(3)
    with terminal.store.transaction() as transaction:
        (placed,) = transaction.entries_after(0, 1, 10**6)
        transaction.withdraw_entries(Head(*placed.entry.dot, placed.entry.hash))
    terminal.store.close()
    terminal.store = terminal.open()
    assert held(terminal.store) == 3
    terminal.add(1, own=False)
    terminal.store.close()
    terminal.store = terminal.open()
