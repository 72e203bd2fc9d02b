"""Ablations of what people are told about devices and what they wrote."""

from __future__ import annotations

from typing import Any, Final

from crdt_pms.ledger import alerts
from crdt_pms.ledger.alerts import Alert
from crdt_pms.state.clock_evidence import ClockEvidence
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_restored_terminal
from simulations.ablations.patching import replacing

CHECKER: Final = "journal_alerts"


def _nothing(*_arguments: Any) -> list[Alert]:
    return []


ABLATIONS: Final = (
    Ablation(
        "fork_alert",
        "Nobody is told that two journals of one device continue the same one (ledger/alerts.py).",
        CHECKER,
        replacing((alerts, "_forked", _nothing)),
    ),
    Ablation(
        "restore_alert",
        "Nobody is told that a device came back from an older copy of its disk (ledger/alerts.py).",
        CHECKER,
        replacing((alerts, "_restored", _nothing)),
        draw=with_restored_terminal,
    ),
    Ablation(
        "clock_alert",
        "Nobody is told that the stamps of a journal were ahead of what others stamped who had seen them "
        "(state/clock_evidence.py).",
        CHECKER,
        replacing((ClockEvidence, "facts", _nothing)),
    ),
    Ablation(
        "quarantine_alert",
        "Nobody is told that an entry was set aside: it stands in the table of those and nowhere else (ledger/alerts.py).",
        CHECKER,
        replacing((alerts, "_quarantined", _nothing)),
    ),
)
