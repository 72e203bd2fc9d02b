"""Every maximum of the ledger, in one place.

Those of operations are part of the format: a replica that judged by another number would quarantine other
entries than its peers do. They therefore stand here and not with the desk's own rules, which may change. They
are frozen: author and reader take them from here, on every version.
"""

from __future__ import annotations

from typing import Final

from crdt_pms.journal.limits import KEYS_MAX, SEQ_MAX, SUPERSEDES_MAX
from crdt_pms.journal.limits import READS_MAX as HEADER_READS_MAX

WRITES_MAX: Final = KEYS_MAX
NAMES_MAX: Final = SUPERSEDES_MAX
READS_MAX: Final = HEADER_READS_MAX
FIELDS_MAX: Final = 200
"""Fields of one write, those that this version does not know included."""
FIELD_NAME_CHARACTERS_MAX: Final = 60
SCALAR_CHARACTERS_MAX: Final = 10_000
"""Longest text of any field that can be written. What a declared field holds is shorter."""
ORIGIN_CHARACTERS_MAX: Final = 100
ROW_CHARACTERS_MAX: Final = 200
REASON_CHARACTERS_MAX: Final = 2_000
TEXT_CHARACTERS_MAX: Final = 2_000
"""Longest text of one declared field."""
INTEGER_MAX: Final = SEQ_MAX
"""Largest size of an integer in a field, either sign: what every database and JavaScript hold exactly."""
NIGHTS_MAX: Final = 1_000
GUESTS_MAX: Final = 1_000
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2999
BUSINESS_DAYS_AHEAD_MAX: Final = 2
"""A business date further ahead of the UTC date of its stamp than this is shown only where nothing else stands."""

SUPERSEDED_KEPT_MAX: Final = 32
"""Superseded writes that a register keeps whole; of older ones it keeps the dot and a digest of the value."""
ROWS_AT_HAND_MAX: Final = 512
"""Rows at rest that a ledger keeps in memory after they were last asked for."""
PROPOSED_ROOMS_MAX: Final = 5
"""Free rooms that an alert proposes."""
