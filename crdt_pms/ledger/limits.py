"""Every maximum of the ledger, in one place.

Those of operations are part of the format: a replica that judged by another number would quarantine other
entries than its peers do. They therefore stand here and not with the desk's own rules, which may change.
"""

from __future__ import annotations

from typing import Final

from crdt_pms.journal.limits import SEQ_MAX, SUPERSEDES_MAX

WRITES_MAX: Final = 1_000
NAMES_MAX: Final = SUPERSEDES_MAX
ROW_CHARACTERS_MAX: Final = 200
ACTION_CHARACTERS_MAX: Final = 100
REASON_CHARACTERS_MAX: Final = 2_000
TEXT_CHARACTERS_MAX: Final = 2_000
"""Longest text of one field."""
INTEGER_MAX: Final = SEQ_MAX
"""Largest size of an integer in a field, either sign: what every database and JavaScript hold exactly."""
NIGHTS_MAX: Final = 1_000
GUESTS_MAX: Final = 1_000
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2999

SUPERSEDED_KEPT_MAX: Final = 32
"""Superseded writes that a register keeps whole; of older ones it keeps the dot and a digest of the value."""
PROPOSED_ROOMS_MAX: Final = 5
"""Free rooms that an alert proposes."""
