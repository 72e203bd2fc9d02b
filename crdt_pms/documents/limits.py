"""The maxima of documents, and the relations between them.

What a reader refuses for its size the author never writes: both count against the same constants (`splitting`). What costs no
more than its bytes, as deletions do, is bounded by the bytes of its update and by nothing else.
"""

from __future__ import annotations

from typing import Final

UPDATE_BYTES_MAX: Final = 262_144
"""As much as an entry's payload may hold."""
NOTE_CHARACTERS_MAX: Final = 20_000
"""A person may not make a note longer than this. Two people together may, so no reader counts."""
BOARD_KEY_CHARACTERS_MAX: Final = 120
BOARD_VALUE_BYTES_MAX: Final = 4_096
"""A value with its author's name: a reason and a name of 200 characters each, four bytes a character, fit twice."""
BOARD_NUMBER_MAX: Final = 2**53 - 1
"""Greatest stamp, counter or entry number in a board value, as in an entry's header."""
CLIENT_ID_BITS: Final = 53
"""Yjs keeps client ids in JavaScript numbers."""
CLOCK_MAX: Final = 2**31 - 1
"""Where the items of one client end; pycrdt counts them in 32 bits."""

assert 4 * BOARD_KEY_CHARACTERS_MAX + BOARD_VALUE_BYTES_MAX + 1_024 < UPDATE_BYTES_MAX, (
    "any one value must fit one update"
)
