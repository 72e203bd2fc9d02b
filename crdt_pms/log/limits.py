"""Every maximum of snapshots, in one place, with the relations between them."""

from __future__ import annotations

from typing import Final

from crdt_pms.journal.limits import BRANCH_BYTES_MAX, ENTRY_BYTES_MAX

CHUNK_BYTES_MAX: Final = 900 * 1024
"""A compressed chunk as it is sent."""
CHUNK_PLAIN_BYTES_MAX: Final = 8 * 1024 * 1024
"""What a chunk may unfold to."""
CHUNK_PLAIN_BYTES: Final = 512 * 1024
"""A maker closes a chunk when it reaches this; a single larger record stands alone."""
RECORD_BYTES_MAX: Final = CHUNK_BYTES_MAX - 64 * 1024
"""A record that no chunk could carry, if it did not compress at all, makes no snapshot."""
SECTIONS_MAX: Final = 100_000
SECTION_CHUNKS_MAX: Final = 100_000
SEGMENT_POSITIONS: Final = 4_096
"""How many positions of the committed order share a section of a snapshot: what began there is encoded together."""

assert CHUNK_PLAIN_BYTES + RECORD_BYTES_MAX < CHUNK_PLAIN_BYTES_MAX
assert ENTRY_BYTES_MAX + 1_024 < RECORD_BYTES_MAX
assert 2 * BRANCH_BYTES_MAX + 16 * 1024 < RECORD_BYTES_MAX
