"""What stops a relay, and whose fault it is.

- `RelayError`: after one of these the process must end; nothing acknowledged is lost, and what was not yet acknowledged comes
  back from the terminals.
    - `DatabaseWentBack` (the operator's): PostgreSQL holds less than it did: another database, or an older backup of it.
    - `DatabaseReplaced` (the operator's): the same, found out by another relay process, or a database that is not ours.
    - `JournalsDisagree` (a device's): another relay process committed a different entry under one number.
    - `PropertyFilesDiffer` (the operator's): another relay process trusts another root than this one.
"""

from __future__ import annotations

from typing import Final

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


class JournalsDisagree(RelayError):
    """PostgreSQL holds another entry than the one queued here under the same journal and number."""


class PropertyFilesDiffer(RelayError):
    """PostgreSQL holds a journal whose chain ends at another root than this process's property file names."""
