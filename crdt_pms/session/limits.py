"""Every maximum of a session, in one place, with the relations between them."""

from __future__ import annotations

from typing import Final

from crdt_pms.journal.limits import (
    BRANCH_BYTES_MAX,
    BRANCH_HEADERS_MAX,
    CERTIFICATE_BYTES_MAX,
    CHAIN_BYTES_MAX,
    ENTRY_BYTES_MAX,
    HASH_BYTES,
    SIGNATURE_BYTES,
)
from crdt_pms.journal.positions import CHECKPOINT_POSITIONS, MARKS_MAX
from crdt_pms.log.limits import CHUNK_BYTES_MAX

PROTOCOL_VERSION_MIN: Final = 2
PROTOCOL_VERSION_MAX: Final = 3
"""Version 1 said full version vectors."""
PROTOCOL_VERSION_SNAPSHOTS: Final = 3
"""The first version that knows snapshots."""

FRAME_BYTES_MAX: Final = 1024 * 1024
"""Larger frames are refused before they are decoded."""
NONCE_BYTES: Final = 32
VECTOR_JOURNALS_MAX: Final = 20_000
"""Journals in one frame. What is more is said in several."""
VECTOR_FRAMES_MAX: Final = 64
"""Frames in which a peer says what it holds: bounds the memory that a session takes before it is open."""

ENTRIES_PER_FRAME_MAX: Final = 500
ENTRIES_BYTES_MAX: Final = 512 * 1024
"""A sender closes a frame of entries at these limits; a single larger entry travels alone."""
CERTIFICATES_PER_FRAME_MAX: Final = 250
JOURNALS_OPENED_AT_ONCE_MAX: Final = 512
"""Journals of its own that a device may bring at once: eight starts a day for two months without a link."""
JOURNALS_OPENED_PER_SECOND: Final = 1.0
"""How many more it may bring afterwards."""
RUNS_PER_FRAME_MAX: Final = CHECKPOINT_POSITIONS
"""A piece of the order ends at the next checkpoint at the latest."""
FRAMES_IN_FLIGHT_MAX: Final = 4
"""Frames of entries that the receiver has not yet taken: bounds what a slow receiver must hold."""
FRAMES_BETWEEN_TAKEN: Final = 2
"""A receiver says that it took frames when it took so many: before the sender would have to wait."""
WORDS_CHARACTERS_MAX: Final = 500

SLOTS_PER_QUESTION_MAX: Final = 64
"""Hash prefixes that one question about a journal asks for."""
FORKS_PER_FRAME_MAX: Final = 64
FORK_SEARCHES_MAX: Final = 16
"""Journals about which one session asks at a time."""
UNREAD_MESSAGES_MAX: Final = 64
"""Messages that wait while a fork is looked into. Frames of entries among them are bounded by those in flight."""

CHUNKS_PER_QUESTION_MAX: Final = 4
"""Chunks of a snapshot that are asked for at a time: bounds what the sender must have in flight."""
SNAPSHOT_INSTEAD_POSITIONS: Final = 8_192
"""A relay, which holds every entry, offers a snapshot instead to a peer that lacks so many positions up to it."""
SNAPSHOT_GAIN: Final = 3
"""So much longer it takes to apply an entry than to take over what a snapshot holds of one."""

PING_SECONDS: Final = 2.0
SILENCE_SECONDS_MAX: Final = 10.0
"""A peer that said nothing for so long is gone, even if the connection does not know it."""

assert 1 <= FRAMES_BETWEEN_TAKEN < FRAMES_IN_FLIGHT_MAX
assert ENTRY_BYTES_MAX + ENTRIES_BYTES_MAX < FRAME_BYTES_MAX
assert CERTIFICATES_PER_FRAME_MAX * (CERTIFICATE_BYTES_MAX + SIGNATURE_BYTES) < FRAME_BYTES_MAX
assert VECTOR_JOURNALS_MAX * 40 < FRAME_BYTES_MAX
assert MARKS_MAX * 48 + CHAIN_BYTES_MAX < FRAME_BYTES_MAX
assert 2 * (BRANCH_BYTES_MAX + 5 * BRANCH_HEADERS_MAX + SIGNATURE_BYTES) + 1_024 < FRAME_BYTES_MAX
assert ENTRIES_PER_FRAME_MAX <= BRANCH_HEADERS_MAX
assert CHUNK_BYTES_MAX + HASH_BYTES + 64 < FRAME_BYTES_MAX
assert RUNS_PER_FRAME_MAX * 48 < FRAME_BYTES_MAX
