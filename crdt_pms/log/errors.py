"""What may be wrong with a snapshot."""

from __future__ import annotations


class SnapshotError(Exception):
    """Base of what makes a snapshot unusable; what a node holds already is untouched. `reason` is a stable code."""

    reason = "snapshot_error"


class SnapshotMalformed(SnapshotError):
    """The maker's fault, or the disk's: a head, an index or a chunk does not read, or is not what its hash says."""

    reason = "snapshot_malformed"


class SnapshotNewer(SnapshotError):
    """A newer program made it: update this one. Until then what it would have brought is missing here."""

    reason = "snapshot_newer"


class SnapshotForeign(SnapshotError):
    """It is of another order than the one that is known here, or of another property: it is not taken."""

    reason = "snapshot_foreign"


class SnapshotTooLarge(SnapshotError):
    """One record of it is larger than a chunk may be: no snapshot is made, and nothing is pruned."""

    reason = "snapshot_too_large"
