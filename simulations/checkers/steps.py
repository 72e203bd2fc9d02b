"""What people did at the desks, each action with the screen on which its author saw the rows just before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, cast

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import DAY, OCCUPANCY, POSTING, STAY_GUEST, TERMS, WINDOW, Value
from simulations.checkers.history import Acted
from simulations.checkers.registers import fold_register
from simulations.checkers.screens import Placed, Screen, Screens

ROOM, DAY_USE = "room", "day_use"
"""The transaction codes of a night and of a stay without one."""


class Step(NamedTuple):
    """One action of a person: what it wrote, and the screen before it. Look at the screen before the next step is asked for."""

    event: Acted
    placed: Sequence[Placed]
    screen: Screen
    opening_date: str

    @property
    def business_date(self) -> str:
        """The date that the desk worked on."""
        dates = [str(shown["date"]) for row in self.screen.rows(DAY) if (shown := self.screen.shown(DAY, row))]
        return max(dates, default=self.opening_date)

    def written(self, group: str) -> dict[str, Value]:
        """What the action wrote of that group, by row."""
        return {one.key[1]: one.written.value for one in self.placed if one.key[0] == group}

    def in_status(self, status: str) -> Iterator[str]:
        """The stays that the desk shows whole and in that status, and of which it can read everything."""
        for stay in self.screen.rows(OCCUPANCY):
            shown = self.screen.shown(OCCUPANCY, stay)
            if shown is not None and shown["status"] == status and self.is_whole(stay) and self.is_understood(stay):
                yield stay

    def is_understood(self, stay: str) -> bool:
        """Whether what is shown of the stay and its folio has a meaning: else an updated desk is waited for."""
        for group, row in ((OCCUPANCY, stay), (TERMS, stay), (WINDOW, f"{stay}/1")):
            standing = self.screen.standing(group, row)
            if any(one.senseless for one in standing):
                stands = fold_register(group, row, standing).stands
                if stands is not None and stands.senseless:
                    return False
        return True

    def is_whole(self, stay: str) -> bool:
        """Whether terms and guest of the stay are known too."""
        return all(self.screen.shown(group, stay) is not None for group in (TERMS, STAY_GUEST))

    def nights_of(self, stay: str, until: str) -> dict[str, tuple[str, int]]:
        """What the stay owes for its room: night and amount, by the row of its charge, of every night begun before `until`."""
        terms = self.screen.shown(TERMS, stay) or {}
        arrival, rate = date.fromisoformat(str(terms["arrival"])), cast("int", terms["rate_minor"])
        nights = cast("int", terms["nights"])
        if nights == 0:
            return {f"audit:{stay}:{arrival}:{DAY_USE}": (arrival.isoformat(), rate)}
        listed = [(arrival + timedelta(number)).isoformat() for number in range(nights)]
        return {f"audit:{stay}:{night}:{ROOM}": (night, rate) for night in listed if night < until}

    def owed(self, stay: str, until: str) -> dict[str, tuple[str, int]]:
        """Of those nights the ones that the desk shows no charge of; nothing of a guest who is not here."""
        occupancy = self.screen.shown(OCCUPANCY, stay)
        if occupancy is None or occupancy["status"] != "in_house" or not self.is_whole(stay):
            return {}
        nights = self.nights_of(stay, until)
        return {row: owed for row, owed in nights.items() if self.screen.shown(POSTING, row) is None}


def steps(evidence: Evidence) -> Iterator[Step]:
    """Every action that wrote rows, in the order of the history; a choice among conflicting values is none.

    What a program did that is older than others is left out: it shows safe values in place of what it cannot read.
    """
    screens = Screens(evidence)
    for event in evidence.history:
        if isinstance(event, Acted) and not event.is_of_older:
            placed = [one for dot in event.dots for one in screens.writes.get(dot, ())]
            if placed and not any(one.written.resolution for one in placed):
                yield Step(event, placed, screens.of(event.node), evidence.property_facts.opening_date)
        screens.follow(event)
