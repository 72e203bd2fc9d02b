"""Alerts: rules that no longer hold after everything merged. Derived, never stored.

An alert ends when its facts do.

Those across rows are made by the indexes of `crdt_pms.ledger.holdings` and `crdt_pms.ledger.folios`; those
that need more than rows (the room board, the journals) are the pure functions below.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from crdt_pms.hotel.statuses import MAINTENANCE, Maintenance
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.conflicts import Board
from crdt_pms.ledger.levels import LEVEL
from crdt_pms.ledger.matters import Matter

Fact = str | int
Detail = str | int | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule that does not hold.

    `facts` (sorted by name) are what it is about; with the kind they are its identity. `details` (sorted by
    name) say more and may change while the alert stays the same one. `proposal` lists what would fit; for a
    double-booked room, free rooms, the asked type first.
    """

    matter: Matter
    facts: tuple[tuple[str, Fact], ...]
    details: tuple[tuple[str, Detail], ...] = ()
    proposal: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """Thirty-two hexadecimal digits that name this alert on every replica."""
        listed = [[name, fact] for name, fact in self.facts]
        return hashlib.sha256(pack([self.matter.value, listed])).hexdigest()[:32]

    def fact(self, name: str) -> Fact:
        """The fact of that name. Raises KeyError where this kind of alert has none."""
        return dict(self.facts)[name]

    def detail(self, name: str) -> Detail:
        """The detail of that name, None where there is none."""
        return dict(self.details).get(name)


def alert(
    matter: Matter,
    facts: Mapping[str, Fact],
    details: Mapping[str, Detail] | None = None,
    proposal: Iterable[str] = (),
) -> Alert:
    """An alert with facts and details in their canonical order."""
    return Alert(matter, tuple(sorted(facts.items())), tuple(sorted((details or {}).items())), tuple(proposal))


def in_order(alerts: Iterable[Alert]) -> list[Alert]:
    """Alerts in the order of the list of matters, then by facts."""
    return sorted(alerts, key=lambda item: (_MATTER_ORDER[item.matter], [str(fact) for _name, fact in item.facts]))


_MATTER_ORDER: Final = {matter: position for position, matter in enumerate(Matter)}


_DOT: Final = re.compile(r"[0-9a-f]{32}:[1-9][0-9]{0,15}", re.ASCII)


class RoomOccupant(NamedTuple):
    """A stay that is in a room, or assigned to it for tonight."""

    stay: str
    status: str


def alerts_of_board(board: Board, occupants: Mapping[str, Iterable[RoomOccupant]]) -> list[Alert]:
    """Rooms that the board has out of use while a stay is in them or assigned to them today.

    `occupants` gives for each room those stays (`Ledger.occupants`). One alert for each room and stay. Of
    concurrent maintenance values the newest counts, as on the board itself.
    """
    found: list[Alert] = []
    for room, fields in board.items():
        values = fields.get(MAINTENANCE, ())
        if not values:
            continue
        newest = max(values, key=lambda standing: (standing.stamp, standing.journal, standing.seq))
        if newest.value in (Maintenance.OUT_OF_ORDER, Maintenance.OUT_OF_SERVICE):
            found += [
                alert(
                    Matter.ALERT_MAINTENANCE_ON_ASSIGNED_ROOM,
                    {"room": room, "stay": occupant.stay, "maintenance": str(newest.value)},
                    {"status": occupant.status, "author": newest.author},
                )
                for occupant in occupants.get(room, ())
            ]
    return in_order(found)


class JournalFact(NamedTuple):
    """What is known of one journal: its device, the head that it continues, its last held entry."""

    journal: JournalId
    device: DeviceId
    previous: tuple[JournalId, int] | None
    held: int


class StampFact(NamedTuple):
    """A journal whose clock ran ahead of what honest clocks agree on, and the greatest lead seen, in milliseconds."""

    journal: JournalId
    lead_ms: int


class QuarantineFact(NamedTuple):
    """An entry that is held and never applied."""

    dot: Dot
    reason: str


class ForkFact(NamedTuple):
    """A slot of a device's journal that was written twice, and the two lowest hashes that were shown there."""

    device: DeviceId
    journal: JournalId
    seq: int
    lower: bytes
    higher: bytes


def alerts_of_journals(
    journals: Iterable[JournalFact],
    stamps_out_of_bound: Iterable[StampFact] = (),
    quarantined: Iterable[QuarantineFact] = (),
    forks: Iterable[ForkFact] = (),
) -> list[Alert]:
    """Everything that the journals themselves give reason to alert."""
    listed = sorted(journals)
    return in_order(
        [
            *_forked(listed),
            *_restored(listed),
            *_out_of_bound(stamps_out_of_bound),
            *_quarantined(quarantined),
            *_written_twice(forks),
        ]
    )


def alerts_of_versions(held: Iterable[QuarantineFact], level: int) -> list[Alert]:
    """What tells that this program is older than others of its property: entries that it cannot read, and the level.

    These depend on the version that asks: a newer one reads the entries.
    """
    found = [alert(Matter.ALERT_ENTRY_HELD, {"entry": written_dot(dot), "reason": reason}) for dot, reason in held]
    if level > LEVEL:
        found.append(alert(Matter.ALERT_PROGRAM_TOO_OLD, {"level": level, "known": LEVEL}))
    return in_order(found)


def written_dot(dot: Dot) -> str:
    """The whole identity of an entry as text: journal in hexadecimal digits, a colon, the number."""
    return f"{dot.journal.hex()}:{dot.seq}"


def dot_written(text: str) -> Dot | None:
    """The identity that `written_dot` wrote; None for anything else."""
    journal, colon, seq = text.partition(":")
    if not colon or not _DOT.fullmatch(text):
        return None
    return Dot(JournalId(bytes.fromhex(journal)), int(seq))


def _forked(journals: Iterable[JournalFact]) -> list[Alert]:
    """Two journals of one device that continue the same one, or both none.

    Its disk was copied, or an older copy of it was put back. One alert for each journal that has several
    successors, at any of its heads.
    """
    successors: dict[tuple[DeviceId, JournalId | None], list[JournalFact]] = {}
    for fact in journals:
        before = None if fact.previous is None else fact.previous[0]
        successors.setdefault((fact.device, before), []).append(fact)
    return [
        alert(
            Matter.ALERT_JOURNAL_FORKED,
            {"device": device, "continued": "" if before is None else before.hex()},
            {"journals": tuple(fact.journal.hex() for fact in facts)},
        )
        for (device, before), facts in successors.items()
        if len(facts) > 1
    ]


def _restored(journals: list[JournalFact]) -> list[Alert]:
    """A journal that continues an earlier head than others hold: its device had forgotten the rest."""
    held = {fact.journal: fact.held for fact in journals}
    found: list[Alert] = []
    for fact in journals:
        if fact.previous is None:
            continue
        before, seq = fact.previous
        forgotten = held.get(before, 0) - seq
        if forgotten > 0:
            found.append(
                alert(
                    Matter.ALERT_JOURNAL_RESTORED,
                    {
                        "device": fact.device,
                        "journal": fact.journal.hex(),
                        "continued": before.hex(),
                        "from": seq,
                    },
                    {"forgotten_entries": forgotten},
                )
            )
    return found


def _out_of_bound(stamps: Iterable[StampFact]) -> list[Alert]:
    """One alert for each journal: a clock that is wrong is wrong for every entry of a process run."""
    return [
        alert(Matter.ALERT_STAMP_OUT_OF_BOUND, {"journal": journal.hex()}, {"lead_ms": lead_ms})
        for journal, lead_ms in stamps
    ]


def _quarantined(facts: Iterable[QuarantineFact]) -> list[Alert]:
    return [
        alert(Matter.ALERT_ENTRY_QUARANTINED, {"entry": written_dot(dot), "reason": reason}) for dot, reason in facts
    ]


def _written_twice(forks: Iterable[ForkFact]) -> list[Alert]:
    """One alert for each forked slot: the device was resumed from a snapshot of its memory, or lies."""
    return [
        alert(
            Matter.ALERT_JOURNAL_SLOT_FORKED,
            {"device": fork.device, "journal": fork.journal.hex(), "slot": fork.seq},
            {"hashes": (fork.lower.hex(), fork.higher.hex())},
        )
        for fork in forks
    ]
