"""Levels of meaning: what authors may write while other desks still run last year's program.

A property has a level, 1 at first. An administrator raises it by one step when every program of the hotel understands the next
one; it never falls. New meaning (a field, a word, a group, a format of payloads) belongs to a level, and an author writes it
only from that level on. An entry carries the level by which it is judged for ever, so a raise decides nothing anew.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

LEVEL: Final = 1
"""The highest level that this program understands."""
LEVEL_FIRST: Final = 1


def level_of(raises: Collection[int]) -> int:
    """The level of a property to which these levels were raised. A step that was left out counts as not taken."""
    level = LEVEL_FIRST
    while level + 1 in raises:
        level += 1
    return level
