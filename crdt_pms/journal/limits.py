"""Every maximum of the journal, in one place, with the relations between them."""

from __future__ import annotations

from typing import Final

JOURNAL_ID_BYTES: Final = 16
HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
DEVICE_KEY_BYTES: Final = 32

HEADER_BYTES_MAX: Final = 65_536
PAYLOAD_BYTES_MAX: Final = 262_144
ENTRY_BYTES_MAX: Final = HEADER_BYTES_MAX + PAYLOAD_BYTES_MAX + SIGNATURE_BYTES
CERTIFICATE_BYTES_MAX: Final = 1_024
TEXT_CHARACTERS_MAX: Final = 200
"""Longest staff id, subject or property id."""
DEPENDENCIES_MAX: Final = 512
CONTEXT_JOURNALS_MAX: Final = 2_000
SEQ_MAX: Final = 2**53 - 1

STAMP_AHEAD_MS_MAX: Final = 5 * 60 * 1000
"""A stamp further ahead of the reader's clock than this is kept, and alerted, but not merged into the reader's clock."""
STAMP_COUNTER_MAX: Final = 2**31 - 1

# A dot or a context item takes at most 28 bytes: either list, full, must fit a header.
assert 28 * CONTEXT_JOURNALS_MAX + 1_024 <= HEADER_BYTES_MAX
assert 28 * DEPENDENCIES_MAX + 1_024 <= HEADER_BYTES_MAX
