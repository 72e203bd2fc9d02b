"""What a replica refuses, and whose fault it is.

- `ReplicaError`
    - `ReplicaBroken` (ours): a transaction failed under it; its memory may be ahead of its database. Open a new one.
    - `RunSpoilt` (another device's): it deleted what this process run was yet to write; the next run is not concerned.
    - `OwnEntryRefused` (ours): an action produced what every replica would quarantine; nothing of it was stored.
"""

from __future__ import annotations


class ReplicaError(Exception):
    """Base of what a replica itself reports. Refusals of the desk, of journals and of the store have their own trees.

    `reason` is a stable code for counters and logs.
    """

    reason = "replica_error"


class ReplicaBroken(ReplicaError):
    """A transaction failed. Nothing of it happened on disk; drop this replica and open a new one over the same store."""

    reason = "replica_broken"


class OwnEntryRefused(ReplicaError):
    """An action's own entry does not pass the gate that all entries pass: a defect of that action, please report it."""

    reason = "own_entry_refused"


class RunSpoilt(ReplicaError):
    """Another device deleted what this process run was yet to write into a document: open a new one and repeat the action."""

    reason = "run_spoilt"
