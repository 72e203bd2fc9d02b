"""Ablations of what a desk shows and refuses: merging judges nobody, so every node agrees on what came of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from crdt_pms.desk import revisions
from crdt_pms.desk.actions import folio
from crdt_pms.desk.holding import RoomHolding
from simulations.ablations.ablation import Ablation
from simulations.ablations.patching import replacing
from simulations.world.work import scene

CHECKER: Final = "guards"
_OVERLOOKED_SHARE: Final = 0.8
"""How often staff overlook that a folio is closed."""
_revision_of: Final = revisions.revision_of


def _nobody(_holding: RoomHolding, _stay: str | None) -> tuple[()]:
    return ()


def _pass(*_arguments: Any) -> None:
    pass


def _revision_of_one(view: Any, row_kind: str, row: str) -> str:
    """The revision of a form that shows one write of each group, whatever stands against it."""
    ledger = SimpleNamespace(names=lambda register: view.ledger.names(register)[:1])
    view_of_one: Any = SimpleNamespace(ledger=ledger)
    return _revision_of(view_of_one, row_kind, row)


ABLATIONS: Final = (
    Ablation(
        "room_guards",
        "A room is given, and a guest shown to it, whoever else holds it on one of the nights (desk/holding.py).",
        CHECKER,
        replacing((RoomHolding, "others", _nobody)),
    ),
    Ablation(
        "closed_folio_guard",
        "Charges and payments are posted to folios that are closed (desk/folios.py).",
        CHECKER,
        replacing((folio, "require_open_window", _pass)),
        provokes=replacing((scene, "OVERLOOKED_SHARE", _OVERLOOKED_SHARE)),
    ),
    Ablation(
        "whole_forms",
        "A form carries one of the writes that stand in a row, not all (desk/revisions.py): who decides with it knows of one.",
        "forms",
        replacing((revisions, "revision_of", _revision_of_one)),
    ),
)
