"""Ablations of merging rows: what a register remembers, which value it shows, which conflicts and alerts follow."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import Any, Final

from crdt_pms.desk import drafting
from crdt_pms.desk.actions import folio
from crdt_pms.desk.drafting import Draft
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger import policies, showing
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.holdings import HoldingIndex
from crdt_pms.ledger.matters import Policy
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import FieldGroup
from crdt_pms.ledger.register import RegisterState
from crdt_pms.ledger.showing import Shown, Siblings
from crdt_pms.ledger.stays import StayIndex
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_managers
from simulations.ablations.patching import replaced, replacing

_apply: Final = RegisterState.apply
_shown: Final = Siblings.shown
_precedence: Final = showing.precedence


def _keep_newest_writer(state: Any, applied: AppliedWrite) -> None:
    _apply(state, applied)
    kept = state.shown.write or max(state.siblings, key=_age, default=None)
    for sibling in state.siblings:
        if sibling is not kept:
            state._count(sibling.dot, -1)
            state._siblings.remove(sibling.dot)
            state.sibling_sum -= state._name(sibling.dot)
            state._keep(sibling)
    state.shown = state._siblings.shown()


def _age(applied: AppliedWrite) -> tuple[Stamp, Dot]:
    return applied.stamp, applied.dot


def _digest_of_standing(state: Any, dot: Dot) -> bytes | None:
    standing = (sibling for sibling in state.siblings if sibling.dot == dot)
    return next((sibling.digest for sibling in standing), None)


def _shown_by_field(siblings: Any) -> Shown:
    """Every field for itself: the newest one that says something."""
    whole = _shown(siblings)
    group = siblings._group
    if group is None or group.waits_for_person or not siblings.differ:
        return whole
    merged: dict[str, Any] = {}
    for sibling in sorted(siblings.writes, key=_age):
        merged.update({name: value for name, value in sibling.value.items() if value is not None})
    return whole._replace(value={name: merged.get(name) for name in whole.value})


def _waits_for_identity_only(group: Any) -> bool:
    return group.policy is Policy.IDENTITY


def _waits_for_manual_only(group: Any) -> bool:
    return group.policy is Policy.MANUAL


def _precedence_without_class(group: FieldGroup, applied: AppliedWrite) -> tuple[Any, ...]:
    resolution, _class, rank, stamp, dot = _precedence(group, applied)
    return resolution, rank, stamp, dot


def _undecided(applied: AppliedWrite) -> AppliedWrite:
    """The same write by somebody who decided nothing."""
    return replace(applied, write=replace(applied.write, resolution=False))


def _apply_undecided(state: Any, applied: AppliedWrite) -> None:
    _apply(state, _undecided(applied))


def _name_nothing(_draft: Any, _register: Register) -> tuple[Dot, ...]:
    return ()


def _name_what_stands(draft: Any, register: Register) -> tuple[Dot, ...]:
    return draft.view.ledger.names(register)


def _no_rank(_group: Any, _origin: str) -> int:
    return 0


def _no_alerts(_index: Any, _unavailable: Any) -> list[Any]:
    return []


def _no_alerts_of_stays(_index: Any) -> list[Any]:
    return []


def _read_nothing(_view: Any, write: Write, _written: Any, _saw: Any) -> Write:
    return write


def _posted_each_time() -> AbstractContextManager[None]:
    numbers = count(1)

    def payment_row(key: str) -> str:
        return f"payment-{next(numbers)}:{key}"

    return replaced((folio, "payment_row", payment_row))


_PRESENCE_ALONE: Final = MappingProxyType({status.value: int(status.presence) for status in StayStatus})


ABLATIONS: Final = (
    Ablation(
        "naming",
        "An operation names none of the writes that its author read, so that each is concurrent with all before "
        "(desk/drafting.py).",
        "writes_follow_reads",
        replacing((Draft, "_names", _name_nothing)),
    ),
    Ablation(
        "form_revisions",
        "An operation names what stands when a form is sent, instead of what the form showed: what came in between is "
        "overwritten by somebody who never saw it (desk/drafting.py, desk/revisions.py).",
        "writes_follow_reads",
        replacing((Draft, "_names", _name_what_stands)),
    ),
    Ablation(
        "named_writes",
        "A register keeps of concurrent writes only the one that it shows, instead of every write that no other names "
        "(ledger/register.py).",
        "convergence",
        replacing((RegisterState, "apply", _keep_newest_writer)),
    ),
    Ablation(
        "conflict_names",
        "A conflict counts as closed only where it stood open when the closing write came: what arrived in another order is "
        "forgotten (ledger/register.py).",
        "conflict_totality",
        replacing((RegisterState, "_digest_of", _digest_of_standing)),
    ),
    Ablation(
        "field_groups",
        "Concurrent writes of a register are merged field by field instead of standing or falling whole (ledger/register.py).",
        "convergence",
        replacing((Siblings, "shown", _shown_by_field)),
    ),
    Ablation(
        "manual_policy",
        "Of two settlements or folio windows the newest wins, nobody is asked (ledger/policies.py, `manual`).",
        "conflict_totality",
        replacing((FieldGroup, "waits_for_person", property(_waits_for_identity_only))),
    ),
    Ablation(
        "posting_identity",
        "Of two contents of one posting the newest wins instead of the first one until a person chooses (ledger/policies.py, "
        "`identity`).",
        "money",
        replacing((FieldGroup, "waits_for_person", property(_waits_for_manual_only))),
    ),
    Ablation(
        "payment_keys",
        "A payment's row is a new one at each attempt instead of the one of its idempotency key (desk/actions/folio.py).",
        "money",
        _posted_each_time,
    ),
    Ablation(
        "presence_class",
        "The newest occupancy wins, whether or not the guest stands in the house (ledger/register.py).",
        "convergence",
        replacing((showing, "precedence", _precedence_without_class)),
    ),
    Ablation(
        "resolution",
        "What a person decided about a conflict does not outrank what was written at the same time elsewhere "
        "(ledger/register.py).",
        "convergence",
        replacing((RegisterState, "apply", _apply_undecided)),
        draw=with_managers,
    ),
    Ablation(
        "ended_over_paper",
        "A cancellation does not outrank a concurrent change of the reservation (ledger/policies.py, `presence`).",
        "no_resurrection",
        replacing((policies, "_PRESENCE", _PRESENCE_ALONE)),
    ),
    Ablation(
        "system_priority",
        "No system outranks another: the newest wins (ledger/policies.py).",
        "convergence",
        replacing((FieldGroup, "rank", _no_rank)),
    ),
    Ablation(
        "reads",
        "An operation does not say what its author saw beside what it replaces (desk/drafting.py).",
        "writes_follow_reads",
        replacing((drafting, "with_reads", _read_nothing)),
    ),
    Ablation(
        "apart_alert",
        "A booking cancelled here and amended there raises nothing (ledger/stays.py).",
        "row_alerts",
        replacing((StayIndex, "alerts", _no_alerts_of_stays)),
    ),
    Ablation(
        "double_booking_alert",
        "Nobody is told that two stays hold one room (ledger/holdings.py).",
        "double_booking",
        replacing((HoldingIndex, "alerts", _no_alerts)),
    ),
)
