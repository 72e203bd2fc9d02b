"""What stops a relay, and whose fault it is.

- `RelayError`: after one of these the process must end; nothing acknowledged is lost, and what was not yet acknowledged comes
  back from the terminals.
    - `DatabaseWentBack` (the operator's): PostgreSQL holds less than it did: another database, or an older backup of it.
    - `DatabaseReplaced` (the operator's): the same, found out by another relay process, or a database that is not ours.
    - `JournalsDisagree` (a device's): another relay process committed a different entry under one number.
    - `PropertyFilesDiffer` (the operator's): another relay process trusts another root than this one.
- `ProjectionFailed` (ours): applying an entry failed. The process goes on: it takes, forwards, commits and acknowledges.
  Only the readable tables and the origin desk stand still.
"""

from __future__ import annotations

from typing import Final

from crdt_pms.journal.identifiers import Dot

REPORT_DEVICE: Final = (
    "A device, or somebody with its key, wrote its journal twice: revoke it. After a restart the relay goes on with what is "
    "in PostgreSQL."
)


class RelayError(Exception):
    """Base of what ends a relay process. The text says what to do."""


class DatabaseWentBack(RelayError):
    """PostgreSQL holds less than this process saw committed. The database has been given a new generation."""


class DatabaseReplaced(RelayError):
    """PostgreSQL has another generation than this process knows."""


class ProjectionFailed(Exception):
    """Committed entries could not be applied to the readable tables. `str` says which one, why, and what to do."""

    def __init__(self, position: int, dot: Dot | None, cause: BaseException) -> None:
        """`dot` is the entry at `position`; None where no single one is at fault."""
        which = f"entry {dot}" if dot is not None else "what stands"
        super().__init__(
            f"{which} at position {position} cannot be applied: {type(cause).__name__}: {cause}. Committing goes on. Keep "
            "the database as it is, report this, and start the relay again, after an update if there is one: it tries again."
        )
        self.position = position
        self.dot = dot


class JournalsDisagree(RelayError):
    """PostgreSQL holds another entry than the one queued here under the same journal and number."""


class PropertyFilesDiffer(RelayError):
    """PostgreSQL holds a journal whose chain ends at another root than this process's property file names."""
