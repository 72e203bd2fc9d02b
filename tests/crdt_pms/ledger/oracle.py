"""What a ledger must show, recomputed naively from the whole set of operations. Uses none of the ledger's own code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, cast

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.operation import Register
from tests.crdt_pms.ledger.histories import Record

MANUAL = {"folio.window", "folio.settlement", "posting.content"}
PRESENCE = {"in_house": 3, "checked_out": 2, "cancelled": 1, "no_show": 1}
RANKS = {"hotel-pms": 3, "hotel-member": 2, "booking-engine": 1}
MEMBER_RANKS = {"hotel-member": 3, "hotel-pms": 2, "booking-engine": 1}


class Written(NamedTuple):
    dot: Dot
    stamp: Stamp
    origin: str
    value: Value
    names: tuple[Dot, ...]
    base: Value | None
    resolution: bool
    reads: tuple[Dot, ...]

    def knows(self, other: Written) -> bool:
        same = self.dot.journal == other.dot.journal
        return self.dot.seq >= other.dot.seq if same else other.dot in (*self.names, *self.reads)


class Outcome(NamedTuple):
    siblings: dict[Register, tuple[Dot, ...]]
    shown: dict[Register, Value]
    stands: dict[Register, Written | None]
    standing: set[tuple[Register, tuple[Dot, ...], str]]
    closed: set[tuple[Register, Dot, tuple[Dot, ...]]]


def outcome_of(records: Iterable[Record]) -> Outcome:
    outcome = Outcome({}, {}, {}, set(), set())
    everything = writes_of(records)
    # Decisions about postings first: what the postings show rests on them.
    for register, writes in sorted(everything.items(), key=lambda item: item[0].group != "posting.decision"):
        by_dot = {written.dot: written for written in writes}
        named = {dot for written in writes for dot in written.names}
        standing = sorted((written for written in writes if written.dot not in named), key=lambda each: each.dot)
        dots = tuple(written.dot for written in standing)
        outcome.siblings[register] = dots
        decision = outcome.stands.get(Register("posting.decision", register.row)) if register.is_append else None
        outcome.stands[register] = stands = _stands(register.group, standing, decision)
        base = min(standing, key=lambda each: (each.stamp, each.dot)).base
        outcome.shown[register] = stands.value if stands is not None else base or {}
        if _differ(register.group, standing):
            if decision is not None and set(dots) <= set(decision.reads):
                outcome.closed.add((register, decision.dot, dots))
            else:
                outcome.standing.add((register, dots, "open" if register.group in MANUAL else "settled_by_policy"))
        for written in writes:
            ended = [by_dot[dot] for dot in written.names if dot in by_dot]
            if _differ(register.group, ended):
                outcome.closed.add((register, written.dot, tuple(sorted(each.dot for each in ended))))
    return outcome


def writes_of(records: Iterable[Record]) -> dict[Register, list[Written]]:
    found: dict[Register, list[Written]] = {}
    for record in records:
        operation = record.operation
        for write in operation.writes:
            found.setdefault(write.register, []).append(
                Written(
                    record.dot,
                    record.stamp,
                    operation.origin,
                    _read(write.register.group, write.content) or {},
                    write.names,
                    _read(write.register.group, write.base),
                    write.resolution,
                    write.reads,
                )
            )
    return found


ABSENT: dict[str, dict[str, str | bool | None]] = {
    "stay.occupancy": dict.fromkeys(("room", "arrived_at", "departed_at", "note")),
    "stay.terms": {"segment": None, "do_not_move": False},
    "guest.profile": dict.fromkeys(("kana", "contact", "address", "nationality", "passport", "member")),
    "folio.window": {"note": None},
    "posting.content": {"reverses": None, "reference": None},
}


def _read(group: str, content: Value | None) -> Value | None:
    if content is None:
        return None
    return {**ABSENT.get(group, {}), **{name.removeprefix("+"): scalar for name, scalar in content.items()}}


def _differ(group: str, writes: list[Written]) -> bool:
    if group == "guest.profile":
        return len(writes) > 1  # personal data is compared by its salted digest
    return any(dict(written.value) != dict(writes[0].value) for written in writes)


def _stands(group: str, standing: list[Written], decision: Written | None) -> Written | None:
    by_age = sorted(standing, key=lambda each: (each.stamp, each.dot))
    if group in MANUAL:
        resolutions = [written for written in by_age if written.resolution]
        if not _differ(group, standing):
            return standing[0]
        for written in standing:
            if decision is not None and decision.value["entry"] == f"{written.dot.journal.hex()}:{written.dot.seq}":
                return written
        if resolutions:
            return resolutions[-1]
        if group != "posting.content" and by_age[0].base is not None:
            return None
        return standing[0]

    def order(written: Written) -> tuple[object, ...]:
        declared: object = 0
        if group == "stay.occupancy":
            declared = PRESENCE.get(str(written.value["status"]), 0)
        elif group == "property.day":
            day = date.fromisoformat(str(written.value["date"]))
            declared = (False, -day.toordinal()) if _is_far(written) else (True, day.toordinal())
        ranks = MEMBER_RANKS if group == "guest.profile" else RANKS
        rank = 0 if group in ("property.day", "posting.decision") else ranks[written.origin]
        return (written.resolution, declared, rank, written.stamp, written.dot)

    return max(standing, key=order)


def _is_far(written: Written) -> bool:
    today = datetime.fromtimestamp(written.stamp.milliseconds / 1000, UTC).date()
    return date.fromisoformat(str(written.value["date"])) > today + timedelta(days=2)


Facts = tuple[str, tuple[tuple[str, object], ...]]


def alerts_of(records: list[Record]) -> set[Facts]:
    outcome, writes = outcome_of(records), writes_of(records)
    rows: dict[str, dict[str, Value]] = {}
    for register, value in outcome.shown.items():
        rows.setdefault(register.group, {})[register.row] = value
    return {
        *_double_booked(rows),
        *_money(rows, outcome),
        *_reversed(rows),
        *_overruled(rows, outcome, writes),
        *_apart(outcome),
        *_incomplete(rows),
        *_far_ahead(outcome, writes),
    }


def _facts(kind: str, **facts: object) -> Facts:
    return (kind, tuple(sorted(facts.items())))


def _double_booked(rows: Mapping[str, Mapping[str, Value]]) -> Iterable[Facts]:
    days = rows.get("property.day", {})
    today = max((date.fromisoformat(str(value["date"])) for value in days.values()), default=date.min)
    held: list[tuple[str, str, bool, set[date]]] = []
    for stay, value in rows.get("stay.occupancy", {}).items():
        agreed = rows.get("stay.terms", {}).get(stay)
        if agreed is None or not value["room"] or value["status"] not in ("in_house", "reserved"):
            continue
        arrival = date.fromisoformat(str(agreed["arrival"]))
        in_house = value["status"] == "in_house"
        length = max(cast("int", agreed["nights"]), 1, (today - arrival).days if in_house else 0)
        held.append((stay, str(value["room"]), in_house, {arrival + timedelta(days) for days in range(length)}))
    held.sort(key=lambda each: each[0])
    for position, (stay, room, in_house, nights) in enumerate(held):
        for other, other_room, other_in_house, other_nights in held[position + 1 :]:
            shared = nights & other_nights
            if room == other_room and in_house and other_in_house and not shared:
                shared = {max(today, min(nights), min(other_nights))}
            if room == other_room and shared:
                yield _facts(
                    "alert_room_double_booked",
                    first_stay=stay,
                    second_stay=other,
                    room=room,
                    from_date=min(shared).isoformat(),
                    until_date=(max(shared) + timedelta(1)).isoformat(),
                )


def _apart(outcome: Outcome) -> Iterable[Facts]:
    for register, occupancy in outcome.stands.items():
        agreed = outcome.stands.get(Register("stay.terms", register.row))
        if register.group != "stay.occupancy" or occupancy is None or agreed is None:
            continue
        if not occupancy.knows(agreed) and not agreed.knows(occupancy):
            yield _facts(
                "alert_stay_changed_apart",
                stay=register.row,
                occupancy=f"{occupancy.dot.journal.hex()}:{occupancy.dot.seq}",
                terms=f"{agreed.dot.journal.hex()}:{agreed.dot.seq}",
            )


def _far_ahead(outcome: Outcome, writes: Mapping[Register, list[Written]]) -> Iterable[Facts]:
    for register, dots in outcome.siblings.items():
        for written in writes[register] if register.group == "property.day" else ():
            if written.dot in dots and _is_far(written):
                yield _facts(
                    "alert_business_date_ahead",
                    property=register.row,
                    date=written.value["date"],
                    entry=f"{written.dot.journal.hex()}:{written.dot.seq}",
                )


def _incomplete(rows: Mapping[str, Mapping[str, Value]]) -> Iterable[Facts]:
    for stay, value in rows.get("stay.occupancy", {}).items():
        known = stay in rows.get("stay.terms", {}) and stay in rows.get("stay.guest", {})
        if value["status"] == "in_house" and not known:
            yield _facts("alert_stay_incomplete", stay=stay)


def _money(rows: Mapping[str, Mapping[str, Value]], outcome: Outcome) -> Iterable[Facts]:
    postings = rows.get("posting.content", {})
    windows = rows.get("folio.window", {})
    for folio in {*windows, *(str(value["folio"]) for value in postings.values())}:
        lines = {row: value for row, value in postings.items() if value["folio"] == folio}
        balance = sum(cast("int", value["amount_minor"]) for value in lines.values())
        shown = windows.get(folio)
        stay = str(shown["stay"]) if shown else str(lines[min(lines)]["stay"])
        closed = shown is not None and shown["status"] == "closed"
        note = bool(shown and shown["note"])
        status = rows.get("stay.occupancy", {}).get(stay, {}).get("status")
        facts = {"stay": stay, "folio": folio, "balance_minor": balance}
        due = status in ("requested", "waitlisted", "optional", "reserved", "in_house")
        deposits = sum(cast("int", value["amount_minor"]) for value in lines.values() if value["kind"] == "deposit")
        if due and not closed and folio not in rows.get("folio.settlement", {}):
            overpaid = balance < 0 and balance - deposits < 0
        else:
            overpaid = balance < 0
        if overpaid:
            yield _facts("alert_settlement_over_balance", **facts)
        if closed and (_has_unseen(folio, lines, outcome) or (not note and balance != 0)):
            yield _facts("alert_posting_into_closed_window", **facts)
        if status == "checked_out" and balance != 0 and not (closed and note):
            yield _facts("alert_check_out_with_balance", **facts)


def _has_unseen(folio: str, lines: Iterable[str], outcome: Outcome) -> bool:
    closing = outcome.stands[Register("folio.window", folio)]
    posted = [outcome.stands[Register("posting.content", row)] for row in lines]
    return closing is not None and any(one is not None and not closing.knows(one) for one in posted)


def _reversed(rows: Mapping[str, Mapping[str, Value]]) -> Iterable[Facts]:
    postings = rows.get("posting.content", {})
    for original in {str(value["reverses"]) for value in postings.values() if value["reverses"]}:
        amount = cast("int", postings[original]["amount_minor"]) if original in postings else 0
        taken = -sum(cast("int", value["amount_minor"]) for value in postings.values() if value["reverses"] == original)
        if not (0 <= taken <= amount or amount <= taken <= 0):
            yield _facts("alert_reversal_over_original", original=original, original_minor=amount, reversed_minor=taken)


def _overruled(
    rows: Mapping[str, Mapping[str, Value]], outcome: Outcome, writes: Mapping[Register, list[Written]]
) -> Iterable[Facts]:
    for stay, value in rows.get("stay.occupancy", {}).items():
        register = Register("stay.occupancy", stay)
        standing = [written for written in writes[register] if written.dot in outcome.siblings[register]]
        if value["status"] != "in_house":
            continue
        same = [written for written in standing if dict(written.value) == dict(value)]
        winner = max(same, key=lambda each: (each.resolution, RANKS[each.origin], each.stamp, each.dot))
        for written in standing:
            if written.value["status"] == "checked_out":
                yield _facts(
                    "alert_check_out_overruled",
                    stay=stay,
                    check_in=f"{winner.dot.journal.hex()}:{winner.dot.seq}",
                    check_out=f"{written.dot.journal.hex()}:{written.dot.seq}",
                )
