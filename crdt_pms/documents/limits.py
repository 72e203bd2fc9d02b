"""The maxima of documents, and the relations between them."""

from __future__ import annotations

from typing import Final

UPDATE_BYTES_MAX: Final = 262_144
"""As much as an entry's payload may hold."""
CLIENTS_PER_UPDATE_MAX: Final = 64
"""Deletions may name several clients; content only one."""
STRUCTS_PER_UPDATE_MAX: Final = 65_536
NOTE_CHARACTERS_MAX: Final = 20_000
BOARD_KEY_CHARACTERS_MAX: Final = 120
BOARD_VALUE_BYTES_MAX: Final = 1_024
BOARD_NUMBER_MAX: Final = 2**53 - 1
"""Greatest stamp, counter or entry number in a board value, as in an entry's header."""
CLIENT_ID_BITS: Final = 53
"""Yjs keeps client ids in JavaScript numbers."""

assert 4 * NOTE_CHARACTERS_MAX < UPDATE_BYTES_MAX, "a whole note must fit one update, four bytes a character"
