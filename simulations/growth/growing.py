"""Lets a hotel grow day by day.

One desk database stands for all four desks: at each restart it goes on with the key of the next desk, so that the hotel's
entries are applied once and not four times. What is stored equals what each of four desks in sync would store: eight process
runs a day, hence eight journals. At the end of a day it syncs with the relay, which commits, projects and makes snapshots; the
desk prunes.
"""

from __future__ import annotations

import shutil
from random import Random
from typing import Final

from crdt_pms.runtime.clocks import HandedClock
from simulations.growth.apart import Apart, Work
from simulations.growth.desk import Desk
from simulations.growth.hotel import DESKS, Files, Size, definition_of, moment_ms
from simulations.growth.link import sync
from simulations.growth.relay import Relay
from simulations.growth.staff import Staff
from simulations.workloads.property import first_rows

HOURS: Final = (6.0, 8.0, 10.0, 13.0, 16.0, 19.0, 23.5)
"""When a process run begins. The eighth of a day is that of the desk that is cut off."""
MANAGER: Final = "sato"


class Growing:
    """A hotel that is some days old."""

    def __init__(self, files: Files, size: Size, seed: int) -> None:
        self.days = 0
        self.staff = Staff(size, Random(seed))
        self._files = files
        self._definition = definition_of(size)
        self._random = Random(seed + 1)
        self._clock = HandedClock(moment_ms(0, 0.0))
        self._runs = 0
        self._apart = Apart(self._definition, files.folder / "apart", self._clock, self.staff)
        desk = self._begin_run()
        for action in first_rows(self._definition):
            desk.act(action, MANAGER)
        desk.close()

    def grow(self, days: int, keep_at: int | None = None) -> None:
        """Live until the hotel is so many days old; the desk's file of day `keep_at` is kept as the former one."""
        relay = Relay(self._definition, self._files.relay, self._clock, self._random)
        while self.days < days:
            self._live(relay)
            if self.days == keep_at:
                self.forget_former()
                shutil.copytree(self._files.desk.parent, self._files.former.parent)
        relay.close()

    def forget_former(self) -> None:
        """Remove the file that was kept."""
        shutil.rmtree(self._files.former.parent, ignore_errors=True)

    def _live(self, relay: Relay) -> None:
        """One day."""
        day, staff = self.days, self.staff
        shifts: tuple[Work, ...] = (
            lambda desk: staff.book(desk, day),
            lambda desk: staff.charge(desk, day),
            lambda desk: staff.see_off(desk, day),
            staff.clean,
            lambda desk: staff.receive(desk, day),
            lambda desk: staff.look_after(desk, day),
            lambda desk: staff.audit(desk, day),
        )
        for shift, (hour, work) in enumerate(zip(HOURS, shifts, strict=True)):
            self._clock.hand(moment_ms(day, hour))
            if shift == self._apart.shift_of(day):
                desk = self._run_apart(day, work)
            else:
                desk = self._begin_run()
                work(desk)
            if shift == len(shifts) - 1:
                sync(desk, relay, self._random)
                relay.project()
                desk.prune()
            desk.close()
        self.days += 1

    def _begin_run(self) -> Desk:
        number = self._runs % DESKS + 1
        self._runs += 1
        return Desk(self._definition, number, self._files.desk, self._clock, self._random)

    def _run_apart(self, day: int, work: Work) -> Desk:
        number, other = self._runs % DESKS + 1, (self._runs + 1) % DESKS + 1
        self._runs += 2
        return self._apart.happen(self._files.desk, number, other, day, work)
