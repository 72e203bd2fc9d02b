"""The disk of a simulated machine: real files that a process opens, and that outlive it.

A disk begins as a copy of a template. The product's own store works on it; the disk does to the files what happens to files:
the process is killed, the power is lost, the disk fills, a backup is put back, bits rot, a file is cut off.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from sqlcipher3 import dbapi2

from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.store.sqlite import open_sqlite
from crdt_pms.store.witness import SUFFIX
from crdt_pms.store.witnessed import open_witnessed
from simulations.world.disk_faults import DiskFaults
from simulations.world.faulty_store import FaultyStore
from simulations.world.watched_witness import UnsyncedWrites, WatchedWitness
from simulations.world.write_ahead_log import PowerLoss, SyncedLog

FILE_NAME: Final = "hotel.sqlite"
_SECTOR_BYTES: Final = 512
_ROTTEN_BITS_MAX: Final = 8
_DAMAGED_BYTES: Final = 500
_LAST_BYTES: Final = 20_000
"""Within so many bytes of the end of a log some of the last commits stand."""


class DiskTemplate:
    """An empty database with all its tables, made once and copied for every disk.

    Making the tables takes a hundred times as long as copying them.
    """

    def __init__(self, folder: Path, property_id: str, key: bytes | None = None) -> None:
        """Make it, with a file in `folder` that is removed again. FileExistsError when one is there."""
        path = folder / "template.sqlite"
        if path.exists():
            raise FileExistsError(path)
        if key is not None:
            _keep_sqlcipher_quiet()
        open_sqlite(path, property_id, key).close()
        self.key = key
        self.database = path.read_bytes()
        path.unlink()


class DiskCopy(NamedTuple):
    """The files of a disk at one moment: the database, the write-ahead log and the witness if there was one."""

    database: bytes
    log: bytes | None
    witness: bytes | None = None


class Disk:
    """One property's database on one machine. At most one process has it open."""

    def __init__(self, folder: Path, template: DiskTemplate, property_id: str, key: bytes | None = None) -> None:
        """Put a copy of `template` into `folder`, which is made if absent. FileExistsError when there is a database in it.

        ValueError when `key` is not the template's.
        """
        if key != template.key:
            raise ValueError("the template has another key")
        folder.mkdir(parents=True, exist_ok=True)
        self.path: Final = folder / FILE_NAME
        self.faults: Final = DiskFaults()
        self._log_path = folder / f"{FILE_NAME}-wal"
        self._template = template
        self._property_id = property_id
        self._key = key
        self._log = SyncedLog()
        self._witness_path = folder / f"{FILE_NAME}{SUFFIX}"
        self._unsynced_witness = UnsyncedWrites()
        self._store: FaultyStore | None = None
        self._is_filled = False
        with self.path.open("xb") as file:
            file.write(template.database)

    @property
    def is_open(self) -> bool:
        """Whether a process has it open. A process that crashed has, until `kill` or `lose_power`."""
        return self._store is not None and self._store.is_open

    @property
    def is_cut_to_nothing(self) -> bool:
        """Whether no byte of the database is left."""
        return self.path.stat().st_size == 0

    def open(self) -> FaultyStore:
        """The store of a process that starts, without a witness. Raises what `open_sqlite` raises."""
        self._require_closed()
        self.faults.require_openable()
        real = open_sqlite(self.path, self._property_id, self._key)
        return self._opened_as(FaultyStore(real, self.path, self.faults, self._log))

    def open_witnessed(self, device_id: str, accepted_at_ms: int | None = None) -> FaultyStore:
        """The store of a terminal that starts. Raises what `open_witnessed` of the product raises."""
        self._require_closed()
        self.faults.require_openable()
        witness = WatchedWitness(self.path, self._unsynced_witness)
        real = open_witnessed(
            self.path, self._property_id, device_id, self._key, accepted_at_ms=accepted_at_ms, witness=witness
        )
        store = FaultyStore(real, self.path, self.faults, self._log)
        witness.before_write = store.before_witness
        return self._opened_as(store)

    def _opened_as(self, store: FaultyStore) -> FaultyStore:
        self._store = store
        if self._is_filled:
            self._store.set_filled(is_filled=True)
        return self._store

    def close(self) -> None:
        """The orderly end of the process: the write-ahead log is folded into the database."""
        self._opened().close()

    def kill(self) -> None:
        """End the process as SIGKILL does: what it wrote stays as it is, and what it had not committed never was."""
        files = self.copy()
        self._opened().abandon()
        # Closing has folded the log into the database; a killed process does not come to that.
        self._put(files)

    def lose_power(self, random: Random) -> PowerLoss:
        """End the process, if one runs, and with it what the operating system had not yet synced.

        The write-ahead log keeps what was synced. Of the rest it keeps everything, nothing, or a part that ends anywhere,
        within a frame too. What was in the database file before stays: SQLite syncs what it copies there.
        """
        if self.is_open:
            self.kill()
        if self._witness_path.exists():
            left = self._unsynced_witness.lose_power(self._witness_path.read_bytes(), random)
            self._witness_path.write_bytes(left)
        if not self._log.commits_in_danger:
            return PowerLoss(0, 0, 0)
        log, loss = self._log.lose_power(self._log_path.read_bytes(), random)
        self._log_path.write_bytes(log)
        return loss

    def copy(self) -> DiskCopy:
        """A backup of what is on the disk now, whether a process has it open or not."""
        return DiskCopy(self.path.read_bytes(), _content(self._log_path), _content(self._witness_path))

    def restore(self, copy: DiskCopy) -> None:
        """Put a backup in the place of the files, of this disk or of another with the same key. Only while closed."""
        self._require_closed()
        self._put(copy)
        self._log.forget()
        self._unsynced_witness.forget()

    def put_back_alone(self, copy: DiskCopy) -> None:
        """Put back the database and its log of a backup, and not the witness. Only while closed."""
        self.restore(copy._replace(witness=_content(self._witness_path)))

    def wipe(self) -> Path:
        """Begin with an empty disk. What there was is moved aside, as an operator does; returns where. Only while closed."""
        self._require_closed()
        aside = next(
            path for number in count(1) if not (path := self.path.with_name(f"{FILE_NAME}.aside-{number}")).exists()
        )
        self.path.rename(aside)
        for path, suffix in ((self._log_path, "-wal"), (self._witness_path, SUFFIX)):
            if path.exists():
                path.rename(f"{aside}{suffix}")
        self.restore(DiskCopy(self._template.database, None))
        return aside

    def rot(self, random: Random) -> str:
        """Flip some bits of one sector of the database, or of the committed part of its log. Only while closed.

        Returns what was done, in words. SQLite reads a damaged log up to the damage and says nothing: commits that were durable
        are gone. Where that log had been copied into the database before, rows of two moments then stand side by side, and the
        codes of an encrypted file's pages do not show that either.
        """
        self._require_closed()
        files = {"database": (self.path, len(self.path.read_bytes()))}
        if self._log_path.exists() and (committed := self._log.committed_bytes(self._log_path.read_bytes())):
            files["write-ahead log"] = (self._log_path, committed)
        name = random.choice(list(files))
        path, size = files[name]
        content = bytearray(path.read_bytes())
        first = random.randrange(0, size, _SECTOR_BYTES)
        bits = random.sample(range(8 * min(_SECTOR_BYTES, size - first)), random.randint(1, _ROTTEN_BITS_MAX))
        for bit in bits:
            content[first + bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        return f"{len(bits)} bits of the sector at byte {first} of the {name}"

    def cut_off(self, random: Random) -> str:
        """Leave of the database nothing, or its beginning only. Only while closed. Returns what was done, in words."""
        self._require_closed()
        size = self.path.stat().st_size
        left = random.choice((0, random.randrange(size)))
        os.truncate(self.path, left)
        return f"{left} of {size} bytes are left of the database"

    def cut_log_short(self, random: Random) -> str | None:
        """Damage the log somewhere, or cut it off there: for SQLite it then ends there. Only while closed.

        Returns what was done, in words; None where no commit stands in the log only. What had been copied into the database
        before gives rows of two moments, which is another fault (`rot`).
        """
        self._require_closed()
        log = _content(self._log_path) or b""
        end = self._log.uncopied_bytes(log)
        if not end:
            return None
        first = random.randrange(end) if random.random() < 0.5 else random.randrange(max(end - _LAST_BYTES, 0), end)
        if random.random() < 0.5:
            self._log_path.write_bytes(log[:first])
            words = f"{first} of {end} bytes are left of the write-ahead log"
        else:
            last = min(first + _DAMAGED_BYTES, end)
            spoilt = bytes(byte ^ 0xFF for byte in log[first:last])
            self._log_path.write_bytes(log[:first] + spoilt + log[last:])
            words = f"{last - first} bytes at {first} of the write-ahead log"
        self._log.forget()
        return words

    def spoil_witness(self, random: Random) -> str | None:
        """Lose the witness or damage all of it. Only while closed. Returns what was done, None without a witness."""
        self._require_closed()
        content = _content(self._witness_path)
        if content is None:
            return None
        self._unsynced_witness.forget()
        if random.random() < 0.5:
            self._witness_path.unlink()
            return "the witness is lost"
        self._witness_path.write_bytes(bytes(byte ^ 0xFF for byte in content))
        return "the witness is damaged"

    def fill(self) -> None:
        """Let no database page be added until `make_room`: SQLite then fails with its own "disk is full".

        What fits into the pages that are there can still be written.
        """
        self._set_filled(is_filled=True)

    def make_room(self) -> None:
        """Let the database grow again."""
        self._set_filled(is_filled=False)

    def _set_filled(self, *, is_filled: bool) -> None:
        self._is_filled = is_filled
        if self._store is not None and self._store.is_running:
            # Of damage the process hears when it asks for something itself.
            with suppress(StoreCorrupt):
                self._store.set_filled(is_filled=is_filled)

    def _put(self, files: DiskCopy) -> None:
        self.path.write_bytes(files.database)
        for path, content in ((self._log_path, files.log), (self._witness_path, files.witness)):
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)

    def _opened(self) -> FaultyStore:
        if self._store is None or not self._store.is_open:
            raise RuntimeError("no process has this disk open")
        return self._store

    def _require_closed(self) -> None:
        if self.is_open:
            raise RuntimeError("a process has this disk open")


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _keep_sqlcipher_quiet() -> None:
    # For every page that does not fit its code it writes lines to standard error; the store raises all of it as an error.
    # The level holds for the whole program.
    connection = dbapi2.connect(":memory:")
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.close()
