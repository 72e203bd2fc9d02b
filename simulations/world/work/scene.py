"""One look at the screens of one desk, read only as far as the work at hand asks for it.

Every list here is sorted before anything is drawn from it, and of the randomness only `random()` is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from random import Random
from typing import Final, NamedTuple, TypeVar, cast
from zlib import crc32

from crdt_pms.desk import revisions
from crdt_pms.desk.drafting import has_open_conflict
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.desk.rows import Stay, Terms
from crdt_pms.desk.view import DeskView, RoomBoard
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.rooms import Room
from crdt_pms.hotel.statuses import DUE_STATUSES, TENTATIVE_STATUSES, Maintenance, StayStatus
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW, OCCUPANCY, TERMS
from simulations.world.work.memory import Memory

HOT_ROWS: Final = 2
"""So many stays (or rooms) are everybody's concern at a time."""

DAYS_MAX: Final = 100_000
"""A clock that is further ahead than this is taken for this far ahead: the calendar ends somewhere."""

TRIES: Final = 5
"""So many rows somebody looks at before turning to other work."""

OVERLOOKED_SHARE: Final = 0.04
"""How often somebody does not look at the one thing that matters; the desk then says no."""

FORM_WITHOUT: Final = 0.4
FORM_LEFT_OPEN: Final = 0.3
FORM_SHORT: Final = 0.05

_Item = TypeVar("_Item")


class Held(NamedTuple):
    """One stay's hold on a room, from the night of `first` to before that of `until`."""

    stay: str
    in_house: bool
    first: str
    until: str


@dataclass(frozen=True, slots=True)
class HotelDays:
    """When the days of a hotel begin in the simulated time.

    The opening date begins at `began_ms` (UTC milliseconds, as the desks' clocks show it), every later one
    `day_milliseconds` after the one before. A short day brings a hotel through arrivals and departures in few actions.
    """

    began_ms: int
    day_milliseconds: int = 86_400_000
    audit_from_share: float = 0.95
    """From this share of a day on its night audit may run."""

    def is_over(self, opening_date: str, business_date: str, now_ms: int) -> bool:
        """Whether it is time for the night audit of that date."""
        passed = int((now_ms - self.began_ms) / self.day_milliseconds + 1 - self.audit_from_share)
        return business_date < days_after(opening_date, max(0, min(passed, DAYS_MAX)))


class Scene:
    """What one person at one desk sees and knows at one moment. Nothing of the view may change meanwhile."""

    def __init__(
        self, random: Random, view: DeskView, now_ms: int, desk: str, hot: float, memory: Memory, days: HotelDays,
        read_note: Callable[[str], str] | None = None, note_form: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self.random = random
        self.view = view
        self.now_ms = now_ms
        self.desk = desk
        self.hot = hot
        self.memory = memory
        self.read_note = read_note
        self.note_form = note_form or _nothing
        self.today = view.business_date
        self.day_is_over = days.is_over(view.definition.opening_date, self.today, now_ms)

    # Drawing

    def chance(self, share: float) -> bool:
        """Whether something happens that does in that share of cases."""
        return self.random.random() < share

    def below(self, bound: int) -> int:
        """A whole number from 0 to before `bound`."""
        return int(self.random.random() * bound)

    def one_of(self, items: Sequence[_Item]) -> _Item:
        """One of the items, of which there must be some."""
        return items[self.below(len(items))]

    def pick(self, rows: Sequence[str]) -> str | None:
        """One of these rows, or None without any; the hotter the work, the more often one of the few hot ones."""
        if not rows:
            return None
        if len(rows) > HOT_ROWS and self.chance(self.hot):
            # The same few at every desk, without a word between them.
            return self.one_of(sorted(rows, key=_heat)[: 1 + self.below(HOT_ROWS)])
        return self.one_of(rows)

    def picks(self, rows: Sequence[str]) -> Iterator[str]:
        """Some of these rows to look at one after the other."""
        for _ in range(min(TRIES, len(rows))):
            yield self.pick(rows) or rows[0]

    # Stays

    @cached_property
    def statuses(self) -> dict[str, list[str]]:
        """The ids of all stays by status, sorted."""
        found: dict[str, list[str]] = {}
        for stay, occupancy in self._occupancies:
            found.setdefault(cast("str", occupancy["status"]), []).append(stay)
        return found

    def in_status(self, *statuses: StayStatus) -> list[str]:
        """The ids of the stays in one of these statuses, by status, then id."""
        return [stay for status in statuses for stay in self.statuses.get(status, ())]

    @cached_property
    def in_house(self) -> list[str]:
        """The stays whose guest is here."""
        return self.in_status(StayStatus.IN_HOUSE)

    @cached_property
    def tentative(self) -> list[str]:
        """The stays that are not firm yet."""
        return self.in_status(*sorted(TENTATIVE_STATUSES))

    @cached_property
    def due(self) -> list[str]:
        """The stays whose guest is expected or here."""
        return self.in_status(*sorted(DUE_STATUSES))

    @cached_property
    def arriving(self) -> list[str]:
        """The reserved stays that arrive today."""
        return [stay for stay in self.in_status(StayStatus.RESERVED) if self.arrival(stay) == self.today]

    @cached_property
    def leaving(self) -> list[str]:
        """The stays in house that leave today or should have left."""
        return [
            stay for stay in self.in_house if (terms := self.terms(stay)) is not None and terms.departure <= self.today
        ]

    def arrival(self, stay: str) -> str | None:
        """The date on which a stay arrives, or None when its terms are not here."""
        shown = self.view.ledger.shown(Register(TERMS, stay))
        return None if shown is None else cast("str", shown["arrival"])

    def terms(self, stay: str) -> Terms | None:
        """The terms of a stay, or None when they are not here."""
        shown = self.view.ledger.shown(Register(TERMS, stay))
        return None if shown is None else Terms.of(shown)

    def form(self, row_kind: str, row: str) -> str | None:
        """The revision on the form of a row: none, the current one, or that of a form left open at this desk earlier."""
        draw = self.random.random()
        if draw < FORM_WITHOUT:
            return None
        forms, key = self.memory.forms, (self.desk, row_kind, row)
        if draw < FORM_WITHOUT + FORM_LEFT_OPEN and (left_open := forms.take(key)) is not None:
            return left_open
        if draw > 1 - FORM_SHORT:
            return self.view.ledger.revision(row_kind, row)
        revision = revisions.revision_of(self.view, row_kind, row)
        self.note_form(revision)
        if forms.get(key) is None:
            forms.keep(key, revision)
        return revision

    # Folios

    def window_is_open(self, folio: str) -> bool:
        """Whether a folio takes postings, as far as somebody at this desk notices."""
        shown = self.view.ledger.shown(Register(FOLIO_WINDOW, folio))
        return shown is None or shown["status"] == WindowStatus.OPEN or self.chance(OVERLOOKED_SHARE)

    def waits_for_manager(self, group: str, row: str) -> bool:
        """Whether an open conflict keeps everybody but a manager from writing this."""
        return has_open_conflict(self.view, Register(group, row))

    def balance_by_now(self, stay: Stay) -> int:
        """What the screen says that the guest owes, in minor units: with the nights that no audit has posted yet."""
        return balance_by_now(self.view, stay)

    # Rooms

    @cached_property
    def holds(self) -> dict[str, list[Held]]:
        """For each room the stays that keep it."""
        found: dict[str, list[Held]] = {}
        displaced = self.view.ledger.displaced_stays()
        for stay, occupancy in self._occupancies:
            room, status = cast("str | None", occupancy["room"]), occupancy["status"]
            if room is None or stay in displaced or status not in (StayStatus.IN_HOUSE, StayStatus.RESERVED):
                continue
            terms = self.view.ledger.shown(Register(TERMS, stay))
            if terms is not None:
                first = cast("str", terms["arrival"])
                until = days_after(first, max(cast("int", terms["nights"]), 1))
                found.setdefault(room, []).append(Held(stay, status == StayStatus.IN_HOUSE, first, until))
        return found

    def board(self, room: str) -> RoomBoard:
        """What the board says of a room."""
        return self.view.room_board(room)

    def is_ready(self, room: str) -> bool:
        """Whether a guest may be shown to the room without anybody saying why, as far as somebody notices."""
        board = self.board(room)
        return self.chance(OVERLOOKED_SHARE) or (board.condition.is_ready and board.maintenance is Maintenance.NONE)

    def is_free(self, room: str, first: str, until: str, stay: str | None = None, *, vacant: bool = False) -> bool:
        """Whether no other stay has the room on these nights; with `vacant`, no other guest is in it now either."""
        for held in self.holds.get(room, ()):
            if held.stay != stay and ((vacant and held.in_house) or max(first, held.first) < min(until, held.until)):
                return False
        return True

    def free_room(
        self, first: str, nights: int, room_type: str, stay: str | None = None, *, vacant: bool = False
    ) -> str | None:
        """A room that is free for these nights and in order, mostly of the type; None when there is none.

        Rarely any room at all, of somebody who did not look.
        """
        if self.chance(OVERLOOKED_SHARE):
            return self.one_of(self.room_numbers)
        until, instead = days_after(first, max(nights, 1)), None
        of_type_wanted = self.chance(0.7)
        for room in self._in_some_order(self._vacant_rooms if vacant else self.view.rooms.rooms):
            fits = self.is_free(room.number, first, until, stay)
            if not fits or self.board(room.number).maintenance is Maintenance.OUT_OF_ORDER:
                continue
            if not of_type_wanted or room.room_type == room_type:
                return room.number
            instead = instead or room.number
        return instead

    @cached_property
    def room_numbers(self) -> list[str]:
        """Every room, in corridor order."""
        return [room.number for room in self.view.rooms]

    @cached_property
    def _vacant_rooms(self) -> Sequence[Room]:
        return [
            room for room in self.view.rooms.rooms if not any(held.in_house for held in self.holds.get(room.number, ()))
        ]

    def _in_some_order(self, rooms: Sequence[Room]) -> Sequence[Room]:
        if self.chance(self.hot):
            # Everybody's favourite rooms first.
            return sorted(rooms, key=lambda room: _heat(room.number))
        begin = self.below(len(rooms))
        return (*rooms[begin:], *rooms[:begin])

    @cached_property
    def _occupancies(self) -> list[tuple[str, dict[str, object]]]:
        rows = dict(cast("list[tuple[str, dict[str, object]]]", self.view.ledger.rows(OCCUPANCY)))
        for stay in self.memory.stays.keys:
            # What is at rest stands on no list; people look it up.
            shown = self.view.ledger.shown(Register(OCCUPANCY, stay))
            if shown is not None:
                rows[stay] = cast("dict[str, object]", shown)
        return sorted(rows.items(), key=_row_of)


def hottest(rows: Sequence[str]) -> str | None:
    """The row that is everybody's concern, the same at every desk that knows it; None without any."""
    return min(rows, key=_heat, default=None)


def _nothing(_form: str) -> None:
    pass


def _row_of(line: tuple[str, object]) -> str:
    return line[0]


@lru_cache(maxsize=65_536)
def _heat(row: str) -> tuple[int, str]:
    return crc32(row.encode()), row
