"""Ablations of the content digest: nodes compare it and not their rows, so what it leaves out no comparison shows."""

from __future__ import annotations

from typing import Any, Final

from crdt_pms.ledger.rows import Rows
from crdt_pms.state import property_state as state
from simulations.ablations.ablation import Ablation
from simulations.ablations.patching import replacing

CHECKER: Final = "content_digest"


def _no_changes(_ledger: Any) -> dict[Any, int]:
    return {}


def _zero(_name: str, _content: Any) -> int:
    return 0


ABLATIONS: Final = (
    Ablation(
        "digest_of_rows",
        "The content digest leaves the rows out (ledger/ledger.py).",
        CHECKER,
        replacing((Rows, "take_content_changes", _no_changes)),
    ),
    Ablation(
        "digest_of_board",
        "The content digest leaves the room board out (state/property_state.py).",
        CHECKER,
        replacing((state, "room_sum", _zero)),
    ),
    Ablation(
        "digest_of_notes",
        "The content digest leaves the notes out (state/property_state.py).",
        CHECKER,
        replacing((state, "note_sum", _zero)),
    ),
)
