"""A ledger that puts away whatever is at rest, over a store in memory: what follows must be as if everything were kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.conflicts import closed_at
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FIELD_GROUPS, FOLIO_WINDOW, GROUPS_OF_KIND, POSTING
from crdt_pms.ledger.register import RegisterState, StoredWrite
from crdt_pms.ledger.residence import FOLIO, POSTING_ROW, RESTING_KINDS, STAY, RowKey, key_of
from tests.crdt_pms.ledger.histories import PLAN, Record


@dataclass
class MemoryRows:
    """Registers by row, and what the readable rows would say of windows and postings. See `StoredRows`."""

    writes: dict[Register, dict[Dot, StoredWrite]] = field(default_factory=dict[Register, dict[Dot, StoredWrite]])
    shown: dict[Register, Value] = field(default_factory=dict[Register, Value])
    live: set[RowKey] = field(default_factory=set[RowKey])
    asked: Counter[RowKey] = field(default_factory=Counter[RowKey])

    def registers_of(self, key: RowKey) -> Iterable[RegisterState]:
        self.asked[key] += 1
        groups = [group.name for group in GROUPS_OF_KIND.get(key.kind, ())] or [key.kind]
        found = [register for register in sorted(self.writes) if register.group in groups and register.row == key.row]
        return [RegisterState.load(register, self.writes[register].values()) for register in found]

    def naming(self, key: RowKey) -> Iterable[RowKey]:
        def rows(group: str, name: str) -> list[tuple[str, Value]]:
            return [
                (one.row, value) for one, value in self.shown.items() if one.group == group and value[name] == key.row
            ]

        if key.kind == STAY:
            named = {row for row, _value in rows(FOLIO_WINDOW, "stay")}
            return [
                RowKey(FOLIO, row) for row in named | {str(value["folio"]) for _row, value in rows(POSTING, "stay")}
            ]
        name = {FOLIO: "folio", POSTING_ROW: "reverses"}.get(key.kind)
        return [] if name is None else [RowKey(POSTING_ROW, row) for row, _value in rows(POSTING, name)]

    def newest_closed(self, amount: int) -> Iterable[Register]:
        states = (RegisterState.load(register, writes.values()) for register, writes in self.writes.items())
        return [state.register for state in states if state.has_closings and state.register.group in FIELD_GROUPS]

    def keep(self, ledger: Ledger) -> None:
        """What a flush does: store what changed, mark what is live, and let the ledger put the rest away."""
        changes = ledger.take_changes()
        for stored in ledger.stored(changes):
            self.writes.setdefault(stored.register, {})[stored.dot] = stored
        for register in changes:
            if (value := ledger.shown(register)) is not None:
                self.shown[register] = value
        live, at_rest = ledger.settle()
        self.live |= set(live)
        self.live -= set(at_rest)
        ledger.let_go()

    def opened(self, plan: RoomPlan = PLAN) -> Ledger:
        """A ledger as a node makes it when it starts: with what is always kept, and what is live."""
        ledger = Ledger(plan, stored=self)
        every = [one for _register, writes in sorted(self.writes.items()) for one in writes.values()]
        ledger.load(one for one in every if key_of(one.register) is None)
        for kind in sorted(RESTING_KINDS):
            ledger.load_live(
                one
                for one in every
                if (key := key_of(one.register)) in self.live and key is not None and key.kind == kind
            )
        return ledger


def outcome(ledger: Ledger, registers: Iterable[Register]) -> tuple[object, ...]:
    """All that a ledger derives, asked for row by row."""
    listed = sorted(registers)
    folios = sorted({register.row for register in listed if register.group == FOLIO_WINDOW})
    stays = sorted({register.row for register in listed if register.group.startswith("stay.")})
    closed = [conflict for register in listed for conflict in ledger.closed_conflicts(register)]
    return (
        [
            (register, ledger.names(register), ledger.shown(register), ledger.superseded(register))
            for register in listed
        ],
        [ledger.conflict(register) for register in listed],
        sorted(closed, key=closed_at),
        ledger.newest_closed(3),
        ledger.conflicts(),
        ledger.alerts(),
        ledger.displaced_stays(),
        [(folio, ledger.folio_balance(folio), ledger.postings_of_folio(folio)) for folio in folios],
        [(stay, ledger.folios_of_stay(stay), ledger.shown_room(stay), ledger.revision("stay", stay)) for stay in stays],
    )


def apply(ledger: Ledger, record: Record) -> None:
    ledger.apply(record.dot, record.stamp, record.author, record.operation)
