"""Desks and other systems that write, hear of each other late, and disagree. No clock, no randomness of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from unittest.mock import patch

from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import ActionMark, PartDigest, RegisterKey
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger import operation
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Operation, Register, Write, decode_operation, encode_operation
from crdt_pms.ledger.policies import FIELD_GROUPS

MORNING_MS = 1_470_614_400_000
"""The 8th of August 2016; desks count from there."""
PLAN = RoomPlan([Room("101", 1, "twin"), Room("102", 1, "twin"), Room("201", 2, "double"), Room("202", 2, "double")])


class Record(NamedTuple):
    """What an entry carries of an operation."""

    dot: Dot
    stamp: Stamp
    author: str
    action: ActionMark
    supersedes: tuple[Dot, ...]
    reads: tuple[Dot, ...]
    keys: tuple[RegisterKey, ...]
    part_digests: tuple[PartDigest, ...]
    parts: tuple[bytes | None, ...]

    @property
    def operation(self) -> Operation:
        return decode_operation(self)

    def erased(self) -> Record:
        """The same entry after its personal part was erased."""
        return self._replace(parts=(self.parts[0], *(None for _part in self.parts[1:])))


def record_of(dot: Dot, stamp: Stamp, author: str, operation: Operation) -> Record:
    """An entry's view of an operation, salted with its own number."""
    encoded = encode_operation(operation, bytes([*dot.journal[-8:], *dot.seq.to_bytes(8, "big")]))
    return Record(
        dot,
        stamp,
        author,
        ActionMark(operation.action, dot.seq),
        encoded.supersedes,
        encoded.reads,
        encoded.keys,
        tuple(PartDigest(role, hashlib.sha256(part).digest()) for role, part in encoded.parts),
        tuple(part for _role, part in encoded.parts),
    )


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
        operation = Operation(action, self.origin, reason, writes)
        dot, stamp = Dot(journal_id(self.number), self._seq + 1), Stamp(MORNING_MS + self.now_ms + 1, 0)
        record = record_of(dot, stamp, self.author, operation)
        self._seq += 1
        self.now_ms += 1
        self._take(record)
        return record

    def newer(self, group: str, row: str, content: Value, flags: int | None = None) -> Record:
        """Write what a newer version writes, which this version's author would refuse."""
        write = Write(Register(group, row, flags), content, self.ledger.names(Register(group, row, flags)))
        with patch.object(operation, "FIELD_GROUPS", {}):
            return self.act(write, action="newer")

    def put(self, group: str, row: str, value: Value) -> Record:
        """Write one register after what this desk reads of it."""
        return self.act(self.over(group, row, value))

    def over(self, group: str, row: str, value: Value) -> Write:
        """A write that replaces what this desk reads."""
        register = Register(group, row)
        declared = FIELD_GROUPS[group]
        base = self.ledger.shown_content(register) if declared.waits_for_person else None
        content = declared.content_of(value, self.ledger.shown_content(register))
        names = () if register.is_append else self.ledger.names(register)
        return Write(register, content, names, self.seen(register, value), base)

    def seen(self, register: Register, value: Value) -> tuple[Dot, ...]:
        """What this desk holds of the other registers of a declared pair."""
        group, row, _flags = register
        others = {
            "stay.occupancy": [Register("stay.terms", row)],
            "stay.terms": [Register("stay.occupancy", row)],
            "folio.window": [Register("posting.content", one) for one in self.ledger.postings_of_folio(row)],
            "posting.content": [Register("folio.window", str(value.get("folio")))],
        }.get(group, [])
        return tuple(sorted({dot for other in others for dot in self.ledger.names(other)}))

    def stale(self, group: str, row: str, value: Value) -> Write:
        """A write that replaces only what its own system wrote, whatever else is there."""
        siblings = self.ledger.siblings(Register(group, row))
        names = tuple(sibling.dot for sibling in siblings if sibling.origin == self.origin)
        return Write.of(Register(group, row), value, names)

    def choose(self, group: str, row: str, value: Value) -> Record:
        """Resolve what stands in a register."""
        register = Register(group, row)
        names = self.ledger.names(register)
        if register.is_append:
            return self._decide(register, value)
        base = self.ledger.shown(register) if FIELD_GROUPS[group].waits_for_person else None
        reads = self.seen(register, value)
        return self.act(Write.of(register, value, names, reads, base, resolution=True), action="resolve")

    def _decide(self, register: Register, value: Value) -> Record:
        """Of writes that are never superseded one is chosen in a register of its own."""
        siblings = self.ledger.siblings(register)
        chosen = next(one for one in siblings if one.value == value)
        decision = Register("posting.decision", register.row)
        entry = {"entry": f"{chosen.dot.journal.hex()}:{chosen.dot.seq}"}
        return self.act(
            Write.of(decision, entry, self.ledger.names(decision), self.ledger.names(register)), action="resolve"
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
        ready = [record for record in waiting if held.issuperset(record.supersedes)]
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
        return actor.choose(*conflict.register[:2], chosen)
    stay = f"stay-{step.row % 3}"
    write = actor.stale if actor.origin == "booking-engine" else actor.over
    candidates = _stay_writes(stay, step.choice) + _money_writes(stay, step.choice)
    group, row, value = candidates[(step.verb // 4) % len(candidates)]
    if group == "posting.content":
        if actor.ledger.shown(Register(group, row)) is not None:
            return None
        return actor.act(Write.of(Register(group, row), value), write("folio.window", f"{stay}/1", window(stay)))
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
