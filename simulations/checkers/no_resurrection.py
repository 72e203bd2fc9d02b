"""Law 9: a cancelled thing never comes back without a write that knew of the cancellation.

While a stay's cancellation (or its no-show) stands, that is while no write names it, the stay is never shown as one that is
still to come. By the declared class of occupancies a guest who stands in the house, or has left it, outranks paper, so these
may be shown. A person's resolution outranks everything: it is somebody's word about a conflict, not a stale terminal's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.grammar import OCCUPANCY
from simulations.checkers.violation import Violation

LAW = 9
ENDED: Final = frozenset({"cancelled", "no_show"})
TO_COME: Final = frozenset({"requested", "waitlisted", "optional", "reserved"})


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every stay that is shown as still to come although its cancellation stands."""
    yield from evidence.by_content(_stays)


def _stays(node: NodeContents, fold: Fold) -> Iterator[Violation]:
    rows = node.tables["reservation"]
    for stay, register in sorted(fold.registers[OCCUPANCY].items()):
        status = rows[stay]["status"] if stay in rows else None
        if status not in TO_COME or any(written.resolution for written in register.siblings):
            continue
        for written in register.siblings:
            if written.value["status"] in ENDED:
                words = (
                    f"{node.name}: table reservation, row {stay}, column status: {status}, although the"
                    f" {written.value['status']} of {written.dot} stands unnamed"
                )
                yield Violation(LAW, node.name, words)
