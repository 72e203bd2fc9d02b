"""Desks and other systems that write, hear of each other late, and disagree. No clock, no randomness of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Operation, Register, Write, decode_operation, encode_operation
from crdt_pms.ledger.policies import FIELD_GROUPS

PLAN = RoomPlan([Room("101", 1, "twin"), Room("102", 1, "twin"), Room("201", 2, "double"), Room("202", 2, "double")])


class Record(NamedTuple):
    """What an entry carries of an operation."""

    dot: Dot
    stamp: Stamp
    author: str
    payload: bytes
    dependencies: tuple[Dot, ...]

    @property
    def operation(self) -> Operation:
        return decode_operation(self.payload, self.dependencies)


def journal_id(number: int) -> JournalId:
    return JournalId(number.to_bytes(16, "big"))


def ledger_of(records: Iterable[Record], plan: RoomPlan = PLAN) -> Ledger:
    ledger = Ledger(plan)
    for record in records:
        ledger.apply(record.dot, record.stamp, record.author, record.operation)
    return ledger


@dataclass
class Desk:
    """One author: a journal, a clock that is set by hand, and a replica of what it has heard."""

    number: int
    origin: str = "hotel-pms"
    now_ms: int = 1_000
    plan: RoomPlan = PLAN
    records: list[Record] = field(default_factory=list[Record])
    _seq: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.plan)

    @property
    def author(self) -> str:
        return f"staff-{self.number}"

    def hear(self, *others: Desk | Record) -> None:
        """Receive one record, or everything that another desk holds, in the order in which it got it."""
        for other in others:
            for record in (other,) if isinstance(other, Record) else tuple(other.records):
                if record not in self.records:
                    self._take(record)

    def act(self, *writes: Write, action: str = "act", reason: str = "") -> Record:
        """Write one operation."""
        payload, dependencies = encode_operation(Operation(action, self.origin, reason, writes))
        self._seq += 1
        self.now_ms += 1
        record = Record(
            Dot(journal_id(self.number), self._seq), Stamp(self.now_ms, 0), self.author, payload, dependencies
        )
        self._take(record)
        return record

    def put(self, group: str, row: str, value: Value) -> Record:
        """Write one register after what this desk reads of it."""
        return self.act(self.over(group, row, value))

    def over(self, group: str, row: str, value: Value) -> Write:
        """A write that replaces what this desk reads."""
        register = Register(group, row)
        base = self.ledger.shown(register) if FIELD_GROUPS[group].waits_for_person else None
        return Write(register, value, self.ledger.names(register), base)

    def stale(self, group: str, row: str, value: Value) -> Write:
        """A write that replaces only what its own system wrote, whatever else is there."""
        siblings = self.ledger.siblings(Register(group, row))
        names = tuple(sibling.dot for sibling in siblings if sibling.origin == self.origin)
        return Write(Register(group, row), value, names)

    def choose(self, group: str, row: str, value: Value) -> Record:
        """Resolve what stands in a register."""
        register = Register(group, row)
        return self.act(
            Write(register, value, self.ledger.names(register), self.ledger.shown(register), resolution=True),
            action="resolve",
        )

    def _take(self, record: Record) -> None:
        self.records.append(record)
        self.ledger.apply(record.dot, record.stamp, record.author, record.operation)


def occupancy(
    status: str = "reserved", room: str | None = None, arrived_at: int | None = None, note: str | None = None
) -> Value:
    return {"status": status, "room": room, "arrived_at": arrived_at, "departed_at": None, "note": note}


def terms(arrival: str = "2016-08-08", nights: int = 2, room_type: str = "twin", rate_minor: int = 9_000) -> Value:
    return {
        "arrival": arrival,
        "nights": nights,
        "room_type": room_type,
        "rate_minor": rate_minor,
        "adults": 2,
        "children": 0,
        "source": "direct",
        "segment": None,
        "do_not_move": False,
    }


def profile(name: str) -> Value:
    rest = dict.fromkeys(("kana", "contact", "address", "nationality", "passport", "member"))
    return {"name": name, **rest}


def window(stay: str, status: str = "open", note: str | None = None) -> Value:
    return {"stay": stay, "status": status, "note": note}


def settlement(payment: str, balance_minor: int, method: str = "cash") -> Value:
    return {"payment": payment, "balance_minor": balance_minor, "method": method}


def posting(
    stay: str, amount_minor: int, kind: str = "charge", reverses: str | None = None, folio: str | None = None
) -> Value:
    return {
        "stay": stay,
        "folio": folio or f"{stay}/1",
        "kind": kind,
        "code": "cash" if kind in ("payment", "deposit", "refund") else "room",
        "amount_minor": amount_minor,
        "business_date": "2016-08-08",
        "revenue_date": "2016-08-08",
        "reverses": reverses,
        "reference": None,
        "description": kind,
    }


def in_arrival_order(records: Sequence[Record], priorities: Sequence[int]) -> list[Record]:
    """The records in an order that keeps only to what they name; priorities choose among those that could come next."""
    rank = {record.dot: priorities[index % len(priorities)] for index, record in enumerate(records)}
    waiting = list(records)
    held: set[Dot] = set()
    ordered: list[Record] = []
    while waiting:
        ready = [record for record in waiting if held.issuperset(record.dependencies)]
        record = min(ready, key=lambda each: (rank[each.dot], each.dot))
        waiting.remove(record)
        held.add(record.dot)
        ordered.append(record)
    return ordered


class Step(NamedTuple):
    """One thing that happens in a random history; the numbers are reduced to what there is to choose from."""

    actor: int
    verb: int
    row: int
    choice: int


def play(steps: Iterable[Step], numbers: Sequence[int] = (1, 2, 3, 4), skews_ms: Sequence[int] = (0,)) -> list[Record]:
    """Run a history of three desks and a booking engine. Returns every record, in the order of writing."""
    actors = [
        Desk(
            number,
            "booking-engine" if index == 3 else "hotel-pms",
            now_ms=1_000_000 + skews_ms[index % len(skews_ms)],
        )
        for index, number in enumerate(numbers)
    ]
    written: list[Record] = []
    for step in steps:
        actor = actors[step.actor % len(actors)]
        if step.verb % 4 == 0:
            actor.hear(actors[step.choice % len(actors)])
            continue
        record = _decide(actor, step)
        if record is not None:
            written.append(record)
    return written


def _decide(actor: Desk, step: Step) -> Record | None:
    standing = actor.ledger.conflicts()
    if standing and step.verb % 4 == 1:
        conflict = standing[step.row % len(standing)]
        chosen = conflict.siblings[step.choice % len(conflict.siblings)].value
        return actor.choose(*conflict.register, chosen)
    stay = f"stay-{step.row % 3}"
    write = actor.stale if actor.origin == "booking-engine" else actor.over
    candidates = _stay_writes(stay, step.choice) + _money_writes(stay, step.choice)
    group, row, value = candidates[(step.verb // 4) % len(candidates)]
    if group == "posting.content":
        if actor.ledger.shown(Register(group, row)) is not None:
            return None
        return actor.act(Write(Register(group, row), value), write("folio.window", f"{stay}/1", window(stay)))
    return actor.act(write(group, row, value))


def _stay_writes(stay: str, choice: int) -> list[tuple[str, str, Value]]:
    room = PLAN.rooms[choice % 2].number
    day = f"2016-08-{8 + choice % 3:02}"
    return [
        ("stay.occupancy", stay, occupancy("in_house", room, arrived_at=choice % 5 or None)),
        ("stay.occupancy", stay, occupancy("reserved", room)),
        ("stay.occupancy", stay, occupancy(("cancelled", "checked_out", "no_show", "optional")[choice % 4])),
        ("stay.terms", stay, terms(day, choice % 4, ("twin", "double")[choice % 2])),
        ("stay.guest", stay, {"guest": f"guest-{choice % 2}"}),
        ("guest.profile", f"guest-{choice % 2}", profile(f"name-{choice % 3}")),
        ("property.day", "hotel", {"date": f"2016-08-{8 + choice % 5:02}"}),
    ]


def _money_writes(stay: str, choice: int) -> list[tuple[str, str, Value]]:
    folio = f"{stay}/1"
    night = f"audit:{stay}:2016-08-08:room"
    return [
        (
            "folio.window",
            folio,
            window(stay, ("open", "closed", "void")[choice % 3], (None, "city ledger")[choice % 2]),
        ),
        ("folio.settlement", folio, settlement(f"payment:{choice % 3}", 9_000)),
        ("posting.content", night, posting(stay, (9_000, 9_000, 8_000)[choice % 3])),
        ("posting.content", f"payment:{stay}:{choice % 3}", posting(stay, -9_000, "payment")),
        ("posting.content", f"deposit:{stay}", posting(stay, -4_000, "deposit")),
        ("posting.content", f"reversal:{stay}:{choice % 3}", posting(stay, -9_000, "reversal", night)),
    ]
