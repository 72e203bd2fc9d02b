"""Law 0, so to speak: a conflict that the driver provoked on purpose stands on the conflict desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simulations.checkers.comparing import meaning
from simulations.checkers.evidence import Evidence
from simulations.checkers.tables import ALERT, CONFLICT, CONFLICT_VALUE, Row
from simulations.checkers.violation import Violation
from simulations.checkers.witnessed import Scheduled

LAW = 0


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every provoked conflict that no row tells of: on the relay, or on the first node where there is none.

    That other nodes show the same rows is law 1.
    """
    if not evidence.scheduled:
        return
    reference = evidence.reference
    values: dict[str, list[str]] = {}
    for value in reference.tables[CONFLICT_VALUE].values():
        values.setdefault(str(value["identity"]), []).append(_texts(value))
    rows = [
        (row, "\n".join([_texts(row), *values.get(str(row["identity"]), ())]))
        for table in (CONFLICT, ALERT)
        for row in reference.tables[table].values()
    ]
    for scheduled in evidence.scheduled:
        if not any(_tells(row, texts, scheduled) for row, texts in rows):
            wanted = f"one of {', '.join(scheduled.matters)} that mentions {', '.join(scheduled.about)}"
            words = f"{reference.name}: tables {CONFLICT} and {ALERT}: {scheduled.kind} was provoked, but there is not {wanted}"
            yield Violation(LAW, reference.name, words)


def _tells(row: Row, texts: str, scheduled: Scheduled) -> bool:
    return row["matter"] in scheduled.matters and all(_mentions(texts, about) for about in scheduled.about)


def _mentions(texts: str, about: str) -> bool:
    """Whether a text stands there as a whole word: room 20 is not mentioned where 201 is."""
    return re.search(rf"(?<!\w){re.escape(about)}(?!\w)", texts) is not None


def _texts(row: Row) -> str:
    """Every text and number in a row, one a line."""
    found: list[str] = []
    waiting: list[Any] = [meaning(column, cell) for column, cell in row.items()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            found.append(str(value))
    return "\n".join(found)
