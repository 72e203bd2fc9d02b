"""The witness of a terminal's database: a small file beside it that says how far the database had come.

For SQLite a write-ahead log that ends early is a log that ends, and a file from last week is a file. So after each commit that
added entries the terminal notes here how far its log goes, and syncs that before anything of the commit leaves the node. A
database that holds less when it is opened has lost something (`crdt_pms.store.witnessed`).

The file is two slots that are written in turn: a write that a power loss tears leaves the slot before it. It never grows.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, NamedTuple

from crdt_pms.journal.limits import HASH_BYTES, SEQ_MAX
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, unpack_array
from crdt_pms.ports.errors import StoreFailing, WitnessUnusable

SUFFIX: Final = ".witness"
SLOT_BYTES: Final = 4096
"""A page of the disk: no write to one slot touches the other."""
DATABASE_ID_BYTES: Final = 16
NO_HASH: Final = bytes(HASH_BYTES)
"""Stands for the newest entry of an empty log."""
_SLOTS: Final = 2
_FORMAT: Final = 1
_LENGTH_BYTES: Final = 2
_BODY_BYTES_MAX: Final = SLOT_BYTES - HASH_BYTES - _LENGTH_BYTES


@dataclass(frozen=True, slots=True)
class Milestone:
    """How far a database had come."""

    property_digest: bytes
    """SHA-256 of the property's id: the file shows nothing of an encrypted database."""
    database: bytes
    """The database's own random id."""
    position: int = 0
    """The position of the newest entry of the log, hence how many there are."""
    hash: bytes = NO_HASH
    """The hash of that entry."""
    own: int = 0
    """How many of the entries this device wrote."""

    def encode(self, number: int) -> bytes:
        """One slot: digest, length and body, filled up with zeros."""
        body = pack([_FORMAT, number, *astuple(self)])
        covered = len(body).to_bytes(_LENGTH_BYTES, "big") + body
        return (hashlib.sha256(covered).digest() + covered).ljust(SLOT_BYTES, b"\0")


class _Slot(NamedTuple):
    number: int
    milestone: Milestone


class WitnessFile:
    """The file of one witness; one process has it. Raises StoreFailing for what the system refuses."""

    def __init__(self, database: Path) -> None:
        """`database` is the file that it stands beside."""
        self.path: Final = database.with_name(f"{database.name}{SUFFIX}")
        self._number = 0
        self._descriptor: int | None = None

    def read(self) -> Milestone | None:
        """The newest milestone, None when there is no file. WitnessUnusable when no slot is whole."""
        with self._told():
            if not self.path.exists():
                return None
            content = self.path.read_bytes()
        slots = [
            slot
            for first in range(0, _SLOTS * SLOT_BYTES, SLOT_BYTES)
            if (slot := _decoded(content[first : first + SLOT_BYTES])) is not None
        ]
        if not slots:
            raise WitnessUnusable(f"{self.path}: the witness of the database is damaged")
        newest = max(slots, key=lambda slot: slot.number)
        self._number = newest.number
        return newest.milestone

    def begin(self, milestone: Milestone) -> None:
        """Make the file anew, whole and synced, in place of what was there."""
        self.close()
        new = self.path.with_name(f"{self.path.name}.new")
        self._number = 1
        with self._told():
            with new.open("wb") as file:
                file.write(bytes(SLOT_BYTES) + milestone.encode(self._number))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def put(self, milestone: Milestone) -> None:
        """Note and sync how far the database has come. The former milestone stays until this one is whole."""
        number = self._number + 1
        with self._told():
            if self._descriptor is None:
                self._descriptor = os.open(self.path, os.O_RDWR)
            self.write(self._descriptor, number % _SLOTS * SLOT_BYTES, milestone.encode(number))
            self.sync(self._descriptor)
        self._number = number

    def write(self, descriptor: int, offset: int, slot: bytes) -> None:
        """Write one slot."""
        os.pwrite(descriptor, slot, offset)

    def sync(self, descriptor: int) -> None:
        """Make sure that what was written survives a power loss. The file's size never changes, so its data suffices."""
        os.fdatasync(descriptor)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreFailing(
                f"{self.path}: {error.strerror or error}. What was being saved may be in the database and is told to nobody. "
                "Check the disk, restart this machine, and look what was saved last before it is done again."
            ) from error


def digest_of_property(property_id: str) -> bytes:
    """See `Milestone.property_digest`."""
    return hashlib.sha256(property_id.encode()).digest()


def _decoded(slot: bytes) -> _Slot | None:
    """What a slot says; None when it is not whole."""
    digest, covered = slot[:HASH_BYTES], slot[HASH_BYTES:]
    length = int.from_bytes(covered[:_LENGTH_BYTES], "big")
    covered = covered[: _LENGTH_BYTES + length]
    if hashlib.sha256(covered).digest() != digest:
        return None
    try:
        form, number, prop, database, position, newest, own = unpack_array(covered[_LENGTH_BYTES:], 7, _BODY_BYTES_MAX)
        take_int(form, "format", _FORMAT, _FORMAT)
        milestone = Milestone(
            take_bytes(prop, "property", HASH_BYTES),
            take_bytes(database, "database", DATABASE_ID_BYTES),
            take_int(position, "position", 0, SEQ_MAX),
            take_bytes(newest, "hash", HASH_BYTES),
            take_int(own, "own", 0, SEQ_MAX),
        )
        return _Slot(take_int(number, "number", 0, SEQ_MAX), milestone)
    except FieldWrong:
        return None
