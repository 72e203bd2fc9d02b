"""Everybody who works at the desks of one simulated hotel: looks at a screen, and does what makes sense there.

Only the view is read, and what people remember (`simulations.world.work.memory`); the randomness is handed in. The same
views and the same randomness give the same actions in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.view import DeskView
from simulations.workloads.booking import Booking
from simulations.workloads.draws import Table
from simulations.world.work.crowding import crowd
from simulations.world.work.forms import OF_FORMS, put_aside
from simulations.world.work.housekeeping import hand_over
from simulations.world.work.manager import attend
from simulations.world.work.memory import Memory
from simulations.world.work.mix import ACTIVITIES, ActionMix
from simulations.world.work.scene import HotelDays, Scene

__all__ = ["ActionMix", "HotelDays", "Staff"]

ACTIVITIES_TRIED: Final = 10
"""After so many kinds of work of which there is none, somebody has nothing to do."""


class Staff:
    """Everybody who works at the desks of one hotel.

    One object for the whole hotel: people carry slips of paper between desks, so that a payment is taken again at another
    one. What is remembered of a screen belongs to its desk.
    """

    def __init__(self, bookings: Sequence[Booking], mix: ActionMix, days: HotelDays) -> None:
        """`bookings` are the callers to come; `days` says when the hotel's days end in simulated time.

        Raises `KeyError` for a weight of something that nobody does, `ValueError` for a mix without any weight.
        """
        self._memory = Memory(bookings)
        self._mix = mix
        self._days = days
        self._activities = Table(tuple((ACTIVITIES[name], weight) for name, weight in sorted(mix.weights.items())))

    def choose(
        self,
        random: Random,
        view: DeskView,
        now_ms: int,
        staff: str,
        *,
        desk: str | None = None,
        read_note: Callable[[str], str] | None = None,
        note_form: Callable[[str], None] | None = None,
    ) -> Action | None:
        """An action that makes sense to a person who sees `view` now; it may still be refused.

        None when there is nothing to do. `desk` says whose forms and open notes are at hand, by default those of the
        person; `read_note` gives the text of a document as the desk shows it, without one people know only what they
        wrote themselves. `note_form` is told of every form that somebody takes from the screen. `now_ms` is the desk's own
        clock, UTC milliseconds. Advances `random`.
        """
        scene = self._scene(random, view, now_ms, desk or staff, read_note, note_form)
        for activity in self._drawn(random):
            action = activity(scene)
            if action is None or (activity not in OF_FORMS and put_aside(scene, action)):
                continue
            self._memory.done.keep(scene.desk, action)
            if isinstance(stay := getattr(action, "stay", None), str) and stay:
                self._memory.stays.keep(stay, None)
            return action
        return None

    def hand_over(
        self, random: Random, view: DeskView, now_ms: int, staff: str, *, desk: str, read_note: Callable[[str], str]
    ) -> Action | None:
        """What somebody writes who begins a shift; see `choose`."""
        return hand_over(self._scene(random, view, now_ms, desk, read_note))

    def crowd(
        self, random: Random, view: DeskView, now_ms: int, staff: str, *, desk: str, note_form: Callable[[str], None]
    ) -> Action | None:
        """What somebody does to the stay that everybody works on; see `choose`."""
        return crowd(self._scene(random, view, now_ms, desk, note_form=note_form))

    def attend(
        self, random: Random, view: DeskView, now_ms: int, staff: str, *, desk: str | None = None
    ) -> Action | None:
        """What a manager does next about conflicts and alerts; None when nothing waits that can be acted on."""
        return attend(self._scene(random, view, now_ms, desk or staff))

    def _scene(
        self,
        random: Random,
        view: DeskView,
        now_ms: int,
        desk: str,
        read_note: Callable[[str], str] | None = None,
        note_form: Callable[[str], None] | None = None,
    ) -> Scene:
        return Scene(random, view, now_ms, desk, self._mix.hot, self._memory, self._days, read_note, note_form)

    def _drawn(self, random: Random) -> Iterator[Callable[[Scene], Action | None]]:
        tried: list[Callable[[Scene], Action | None]] = []
        for _ in range(ACTIVITIES_TRIED):
            activity = self._activities.draw(random)
            if activity not in tried:
                tried.append(activity)
                yield activity
