"""How much what is written takes in an update at most, so that an author knows beforehand what fits into one."""

from __future__ import annotations

from typing import Final

UPDATE_FRAME_BYTES_MAX: Final = 64
"""The counts of clients, items and deletions, the author's client id and first clock."""
DELETION_BYTES_MAX: Final = 16
"""One deleted value or character that is the only one of its client: client id 8, number of ranges 1, clock 5, length 1."""
ITEM_BYTES_MAX: Final = 64
"""One added item without its key and content, with the deletion of what it replaces: neighbours 26, lengths 8, root 8, 16."""
CHARACTER_BYTES_MAX: Final = 4
