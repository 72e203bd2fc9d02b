"""The one stay in a hundred that leaves an alert open: two desks that do not hear each other treat one stay, and it stays so.

The second desk is a copy of the growing one's file with another device, which acts on what it knew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from crdt_pms.desk.actions.folio import PostCharge, SettleFolio
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.session import Peer
from simulations.growth.desk import Desk
from simulations.growth.hotel import OPENING_DATE, device_of
from simulations.growth.staff import Staff, balance_of

MORNING: Final = 2
"""The shift in which guests leave."""
NIGHT: Final = 6
"""The shift of the night audit."""
Work = Callable[[Desk], None]
Step = Callable[[Desk, str, int], None]


class Cause(NamedTuple):
    """How an alert comes about: whose stay, in which shift, and what the two desks do."""

    candidates: Callable[[int], list[str]]
    shift: int
    here: Step
    there: Step


class Apart:
    """One day's stay that two desks treat differently; the causes take turns."""

    def __init__(self, definition: PropertyDefinition, folder: Path, clock: HandedClock, staff: Staff) -> None:
        """`folder` is where the copy lies while it is used."""
        self._definition = definition
        self._folder = folder
        self._clock = clock
        self._staff = staff
        self._random = Random(staff.random.getrandbits(64))
        self._causes = (
            Cause(self._arriving, MORNING, self._check_in, self._amend),
            Cause(self._staying, NIGHT, self._check_out, self._audit),
            Cause(self._leaving, MORNING, self._settle, self._settle),
            Cause(self._leaving, MORNING, self._check_out, self._post),
        )

    def shift_of(self, day: int) -> int:
        """In which shift of a day it happens."""
        return self._cause(day).shift

    def _cause(self, day: int) -> Cause:
        return self._causes[day % len(self._causes)]

    def happen(self, path: Path, number: int, other: int, day: int, work: Work) -> Desk:
        """Have the desk `number` do one thing and its shift's work, and the desk `other`, a copy of it, the other thing.

        Returns the first one, open, which knows both.
        """
        cause = self._cause(day)
        stay = next(iter(cause.candidates(day)), None)
        if stay is None:
            desk = Desk(self._definition, number, path, self._clock, self._random)
            work(desk)
            return desk
        shutil.copytree(path.parent, self._folder)
        away = Desk(self._definition, other, self._folder / path.name, self._clock, self._random)
        cause.there(away, stay, day)
        desk = Desk(self._definition, number, path, self._clock, self._random)
        cause.here(desk, stay, day)
        work(desk)
        journals = {entry.dot.journal for entry in away.written}
        certificates = [one for journal in journals if (one := away.node.certificate(journal)) is not None]
        desk.node.replica.receive_certificates(certificates)
        device = device_of(self._definition, other)
        peer = Peer(device.device_id, device.public_bytes, device.chain.device_class, device.chain.name)
        desk.node.receive_slice(away.written, peer, durable=True)
        away.close()
        shutil.rmtree(self._folder)
        return desk

    def _arriving(self, day: int) -> list[str]:
        return self._staff.arriving.get(day, [])

    def _staying(self, day: int) -> list[str]:
        return self._staff.leaving.get(day + 1, [])

    def _leaving(self, day: int) -> list[str]:
        return self._staff.leaving.get(day, [])

    def _check_in(self, desk: Desk, stay: str, day: int) -> None:
        staff = self._staff
        waiting, staff.arriving[day] = staff.arriving.get(day, []), [stay]
        staff.receive(desk, day)
        staff.arriving[day] = [one for one in waiting if one != stay]

    def _amend(self, desk: Desk, stay: str, day: int) -> None:
        self._staff.do(desk, AmendTerms(stay, rate_minor=11_000), self._staff.clerk())

    def _check_out(self, desk: Desk, stay: str, day: int) -> None:
        for leaving in self._staff.leaving.values():
            if stay in leaving:
                leaving.remove(stay)
        self._staff.check_out(desk, stay)

    def _audit(self, desk: Desk, stay: str, day: int) -> None:
        self._staff.do(desk, RunNightAudit(days_after(OPENING_DATE, day)), self._staff.clerk())

    def _settle(self, desk: Desk, stay: str, day: int) -> None:
        key, balance = f"apart-{self._random.getrandbits(64)}", balance_of(desk, stay)
        self._staff.do(desk, SettleFolio(stay, "cash", key, seen_balance_minor=balance), self._staff.clerk())

    def _post(self, desk: Desk, stay: str, day: int) -> None:
        self._staff.do(desk, PostCharge(stay, "minibar", 600), self._staff.clerk())
