"""The witness of a terminal's database on a simulated disk: what was written and not synced a power loss may take."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from crdt_pms.store.witness import WitnessFile

_SECTOR_BYTES: Final = 512


class UnsyncedWrites:
    """What stood in a file, by place, where it was written since it was last synced."""

    def __init__(self) -> None:
        self._before: dict[int, bytes] = {}

    def note(self, offset: int, before: bytes) -> None:
        """What stood there is about to be written over."""
        self._before.setdefault(offset, before)

    def forget(self) -> None:
        """All of it is synced, or another file took its place."""
        self._before.clear()

    def lose_power(self, content: bytes, random: Random) -> bytes:
        """What is left of the file: of each sector that was not synced the old content or the new one."""
        left = bytearray(content)
        for offset, before in sorted(self._before.items()):
            for first in range(0, len(before), _SECTOR_BYTES):
                if random.random() < 0.5:
                    end = min(first + _SECTOR_BYTES, len(before))
                    left[offset + first : offset + end] = before[first:end]
        self._before.clear()
        return bytes(left)


class WatchedWitness(WitnessFile):
    """See `crdt_pms.store.witness.WitnessFile`."""

    def __init__(self, database: Path, unsynced: UnsyncedWrites) -> None:
        super().__init__(database)
        self._unsynced = unsynced
        self.before_write: Callable[[], None] = _nothing

    def write(self, descriptor: int, offset: int, slot: bytes) -> None:
        """Suffer what is armed for this moment, or write."""
        self.before_write()
        self._unsynced.note(offset, os.pread(descriptor, len(slot), offset))
        super().write(descriptor, offset, slot)

    def sync(self, descriptor: int) -> None:
        """From now on a power loss takes nothing of it. The machine that simulates does not wait for its own disk."""
        self._unsynced.forget()


def _nothing() -> None:
    pass
