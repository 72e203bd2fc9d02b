"""Ablations of the content digest: nodes compare it and not their rows, so what it leaves out no comparison shows."""

from __future__ import annotations

from typing import Any, Final

from crdt_pms.documents.board import Board
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.replica.projection import Projector
from simulations.ablations.ablation import Ablation
from simulations.ablations.patching import replacing

CHECKER: Final = "content_digest"


def _nothing(_part: Any) -> bytes:
    return bytes(32)


ABLATIONS: Final = (
    Ablation(
        "digest_of_rows",
        "The content digest leaves the rows out (ledger/ledger.py).",
        CHECKER,
        replacing((Ledger, "content_hash", _nothing)),
    ),
    Ablation(
        "digest_of_board",
        "The content digest leaves the room board out (documents/board.py).",
        CHECKER,
        replacing((Board, "content_hash", _nothing)),
    ),
    Ablation(
        "digest_of_notes",
        "The content digest leaves the notes out (replica/projection.py).",
        CHECKER,
        replacing((Projector, "notes_hash", _nothing)),
    ),
)
