"""Every maximum of the journal, in one place, with the relations between them."""

from __future__ import annotations

from typing import Final

JOURNAL_ID_BYTES: Final = 16
HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
DEVICE_KEY_BYTES: Final = 32
GENERATION_BYTES_MAX: Final = 64

HEADER_BYTES_MAX: Final = 131_072
PAYLOAD_BYTES_MAX: Final = 262_144
ENTRY_BYTES_MAX: Final = HEADER_BYTES_MAX + PAYLOAD_BYTES_MAX + SIGNATURE_BYTES
TEXT_CHARACTERS_MAX: Final = 200
"""Longest staff id or document id."""
PREFIX_BYTES: Final = 8
"""How much of an entry's hash another entry names it by."""
SALT_BYTES: Final = 16
SUPERSEDES_MAX: Final = 512
READS_MAX: Final = 512
CONTEXT_JOURNALS_MAX: Final = 1_000
"""What one entry names. An author that has learned of more journals says so in several entries."""
KEYS_MAX: Final = 1_000
ROWS_MAX: Final = 1_000
DOCUMENTS_MAX: Final = 16
PARTS_MAX: Final = 8
GROUP_CHARACTERS_MAX: Final = 100
ROW_CHARACTERS_MAX: Final = 200
ACTION_CHARACTERS_MAX: Final = 100
CODE_MAX: Final = 65_535
"""Greatest kind, level, format, role or set of flags."""
PROPERTY_ID_CHARACTERS_MAX: Final = 64
DEVICE_NAME_CHARACTERS_MAX: Final = 64
DEVICE_CERTIFICATE_BYTES_MAX: Final = 672
CHAIN_LENGTH_MAX: Final = 4
"""Device certificates from a device up to the one that the root signed."""
CHAIN_BYTES_MAX: Final = CHAIN_LENGTH_MAX * (DEVICE_CERTIFICATE_BYTES_MAX + SIGNATURE_BYTES + 8) + 8
CERTIFICATE_BYTES_MAX: Final = CHAIN_BYTES_MAX + 128
SEQ_MAX: Final = 2**53 - 1

UNVERIFIED_BYTES_MAX: Final = 2 * HEADER_BYTES_MAX
"""A range of entries carries a valid signature each so many bytes of headers, and at its end."""
BRANCH_HEADERS_MAX: Final = 500
BRANCH_BYTES_MAX: Final = UNVERIFIED_BYTES_MAX + HEADER_BYTES_MAX
"""One side of a fork: its headers from the forked slot to the next valid signature."""

STAMP_AHEAD_MS_MAX: Final = 5 * 60 * 1000
"""A stamp further ahead of the reader's clock than this is kept, and alerted, but not merged into the reader's clock."""
STAMP_COUNTER_MAX: Final = 2**31 - 1

# A named entry takes at most 40 bytes, a context item 28: all three lists, full, leave half of a header for keys and rows,
# which are bounded by the bytes of the header.
assert 40 * (SUPERSEDES_MAX + READS_MAX) + 28 * CONTEXT_JOURNALS_MAX + 1_024 <= HEADER_BYTES_MAX * 3 // 4
# Two keys, two texts of at most four bytes a character, and less than 96 bytes of version, class and stamp.
assert 2 * DEVICE_KEY_BYTES + 4 * (PROPERTY_ID_CHARACTERS_MAX + DEVICE_NAME_CHARACTERS_MAX) + 96 <= (
    DEVICE_CERTIFICATE_BYTES_MAX
)
# A journal id, a head and a stamp beside the chain.
assert 2 * JOURNAL_ID_BYTES + HASH_BYTES + 48 <= CERTIFICATE_BYTES_MAX - CHAIN_BYTES_MAX
