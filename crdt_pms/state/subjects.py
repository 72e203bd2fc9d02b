"""The documents of a property: the board, the notes on rooms and stays, and one shift log for each business date."""

from __future__ import annotations

import re
from typing import Final

BOARD: Final = "board"
_SUBJECT = re.compile(r"board|note/(?:room|stay)/[^/@\s]{1,80}|shift-log/\d{4}-\d{2}-\d{2}")


def is_subject(subject: str) -> bool:
    """Whether a property has a document of that id."""
    return _SUBJECT.fullmatch(subject) is not None
