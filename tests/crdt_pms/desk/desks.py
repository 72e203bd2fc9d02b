"""Terminals of one property: each decides against its own view, writes what was decided, and hears of the others late."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.folios import Folio, folio_of
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.documents.board import Board
from crdt_pms.hotel.money import JPY
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.hotel.statuses import HK_CONDITION, MAINTENANCE, StayStatus
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.alerts import Alert, alerts_of_board
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.matters import Matter
from crdt_pms.state.projection import board_values
from tests.crdt_pms.ledger.histories import Record, record_of

TODAY, TOMORROW, DAY_AFTER = "2016-08-08", "2016-08-09", "2016-08-10"
YESTERDAY = "2016-08-07"
RATE = 9_000
WEEKS_LATER_MS = 1_472_000_000_000
"""2016-08-24 in Japan: a desk that is behind with its audits may run them one after the other."""

DEFINITION = PropertyDefinition(
    property_id="harbour",
    root_key=bytes(32),
    name_ja="港ホテル",
    name_en="Harbour Hotel",
    zone="Asia/Tokyo",
    currency=JPY,
    opening_date=TODAY,
    rooms=RoomPlan([Room("101", 1, "twin"), Room("102", 1, "twin"), Room("103", 1, "twin"), Room("201", 2, "double")]),
)

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True)
class Heard:
    """One entry: what it carries of an operation, or an update of the board."""

    dot: Dot
    stamp: Stamp
    author: str
    content: Record | bytes


@dataclass
class Terminal:
    """A replica with a clock that is set by hand. `origin` is the system in which its author acts."""

    number: int = 1
    origin: str = "hotel-pms"
    now_ms: int = WEEKS_LATER_MS
    definition: PropertyDefinition = DEFINITION
    entries: list[Heard] = field(default_factory=list[Heard])
    is_administrator: bool = False
    _ids: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.definition.rooms)
        self.board = Board(self.number)

    @property
    def author(self) -> str:
        return f"staff-{self.number}"

    @property
    def view(self) -> DeskView:
        held: dict[JournalId, int] = {}
        for entry in self.entries:
            held[entry.dot.journal] = max(held.get(entry.dot.journal, 0), entry.dot.seq)
        return DeskView(self.ledger, self.board, self.definition, held, is_administrator=self.is_administrator)

    @property
    def moment(self) -> Moment:
        return Moment(self.now_ms, self.author, self.origin, self._new_id)

    def decide(self, action: Action) -> Decision:
        return action.decide(self.view, self.moment)

    def do(self, *actions: Action) -> Decision:
        """Take actions one after the other; the last decision is given back."""
        decision = Decision()
        for action in actions:
            decision = self.decide(action)
            self.write(decision)
        return decision

    def refuses(self, action: Action, code: RefusalCode) -> Refused:
        """The action is refused with that code, in both languages, with all their placeholders filled."""
        with pytest.raises(Refused) as raised:
            self.decide(action)
        refused = raised.value
        assert refused.code is code
        for words in (refused.message_ja, refused.advice_ja):
            assert JAPANESE.search(words)
        assert refused.message_en
        assert refused.advice_en
        return refused

    def write(self, decision: Decision) -> None:
        for operation in decision.operations:
            dot, stamp = self._next_dot(), self._tick()
            self._take(Heard(dot, stamp, self.author, record_of(dot, stamp, self.author, operation)))
        if decision.board_writes:
            dot, stamp = self._next_dot(), self._tick()
            ((_signed, update),) = self.board.set_many(
                decision.board_writes, lambda: stamp, dot.journal, dot.seq, self.author
            )
            self.entries.append(Heard(dot, stamp, self.author, update))

    def hear(self, *others: Terminal) -> None:
        """Receive everything that other terminals hold."""
        for other in others:
            for entry in tuple(other.entries):
                if entry not in self.entries:
                    self._take(entry)

    # What is read

    def stay(self, stay_id: str = "sato") -> Stay:
        return self.view.require_stay(stay_id)

    def folio(self, stay_id: str = "sato") -> Folio:
        return folio_of(self.view, self.stay(stay_id))

    def balance(self, stay_id: str = "sato") -> int:
        return self.folio(stay_id).balance_minor

    def condition(self, room: str) -> str:
        return self.view.room_board(room).condition.value

    def revision(self, row_kind: str, row: str) -> str:
        return revision_of(self.view, row_kind, row)

    def alerts(self) -> list[Alert]:
        """Every alert of rows and board."""
        values = board_values(self.board, self.board.rooms())
        return [*self.ledger.alerts(), *alerts_of_board(values, self.ledger.occupants())]

    def departed(self) -> list[SimpleNamespace]:
        """The stays that have left and of which the business date is the date of departure."""
        left = (stay for stay in self.view.stays() if stay.status is StayStatus.CHECKED_OUT)
        return [
            SimpleNamespace(room=stay.room, arrival=stay.terms.arrival, nights=stay.terms.nights)
            for stay in left
            if stay.terms.departure == self.view.business_date
        ]

    def matters(self) -> list[Matter]:
        """The matter of everything that stands on the conflict desk."""
        return [each.matter for each in (*self.ledger.conflicts(), *self.ledger.alerts())]

    # What many statements start from

    def clean(self, *rooms: str) -> Terminal:
        self.do(*(SetRoomCondition(room, HK_CONDITION, "clean") for room in rooms))
        return self

    def out_of_order(self, room: str) -> Terminal:
        self.do(SetRoomCondition(room, MAINTENANCE, "out_of_order", "water"))
        return self

    def reserve(self, stay: str = "sato", room: str | None = None, nights: int = 2, arrival: str = TODAY) -> Terminal:
        self.do(reservation(stay, room, nights, arrival))
        return self

    def house(self, stay: str = "sato", room: str = "101", nights: int = 2) -> Terminal:
        """A guest in house who arrived today."""
        self.reserve(stay, room, nights).clean(room)
        self.do(CheckIn(stay))
        return self

    def _take(self, entry: Heard) -> None:
        self.entries.append(entry)
        if isinstance(entry.content, bytes):
            self.board.apply(entry.content)
        else:
            self.ledger.apply(entry.dot, entry.stamp, entry.author, entry.content.operation)

    def _next_dot(self) -> Dot:
        journal = JournalId(self.number.to_bytes(16, "big"))
        return Dot(journal, sum(entry.dot.journal == journal for entry in self.entries) + 1)

    def _tick(self) -> Stamp:
        self.now_ms += 1
        return Stamp(self.now_ms, 0)

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self.number:08x}{self._ids:024x}"


def reservation(
    stay: str | None = "sato", room: str | None = None, nights: int = 2, arrival: str = TODAY
) -> CreateStay:
    return CreateStay(
        arrival=arrival,
        nights=nights,
        room_type="twin",
        rate_minor=RATE,
        adults=2,
        source="direct",
        room=room,
        stay=stay,
        guest_name=f"Guest {stay}",
        guest_contact="090-0000-0000",
        guest_address="Yokohama",
    )


def cut_apart(terminal: Terminal, *numbers: int, later_ms: int = 1_000) -> list[Terminal]:
    """Further terminals that hold what this one does, each with a clock a little later; from now on they are cut off."""
    others: list[Terminal] = []
    for place, number in enumerate(numbers, start=1):
        other = Terminal(number, now_ms=terminal.now_ms + place * later_ms, definition=terminal.definition)
        other.hear(terminal)
        others.append(other)
    return others


def heal(*terminals: Terminal) -> None:
    """Everybody hears of everybody and shows the same."""
    for terminal in terminals:
        terminal.hear(*terminals)
    for terminal in terminals[1:]:
        assert terminal.ledger.content_sums() == terminals[0].ledger.content_sums()
        assert terminal.board.content() == terminals[0].board.content()
