"""What a store reports, and whose fault it is."""

from __future__ import annotations


class StoreError(Exception):
    """Base of what a store reports. After one inside a transaction, nothing of it happened.

    `reason` is a stable code for counters and logs.
    """

    reason = "store_error"


class StoreUnavailable(StoreError):
    """The database cannot be reached or does not answer: try again later; nothing is lost."""

    reason = "store_unavailable"


class StoreCorrupt(StoreError):
    """The database file is damaged or not one of ours: stop, keep the file, start the repair."""

    reason = "store_corrupt"


class StoreKeyUnusable(StoreError):
    """The key of an encrypted database is missing or no key: put it back; nothing was touched."""

    reason = "store_key_unusable"


class StoreNewer(StoreError):
    """A newer version of the program wrote this database: start that version; nothing was touched."""

    reason = "store_newer"


class StoreDoubtful(StoreError):
    """The database may lack what its node has told others: stop, nothing was changed; an operator looks and decides."""

    reason = "store_doubtful"


class StoreWentBack(StoreDoubtful):
    """The disk's fault, or that of a restored copy: the database holds less than it once held.

    `own` counts the lost entries that this device wrote, `others` those of other devices; None where that cannot be told.
    """

    reason = "store_went_back"

    def __init__(self, words: str, own: int | None, others: int | None) -> None:
        super().__init__(words)
        self.own = own
        self.others = others


class WitnessUnusable(StoreDoubtful):
    """The witness of the database is missing, damaged or another database's, so nothing says whether the database is whole."""

    reason = "witness_unusable"


class StoreFull(StoreError):
    """The disk is full or not writable: nothing was saved; make room and repeat the action."""

    reason = "store_full"


class StoreFailing(StoreError):
    """The disk reports an error: nothing was saved; check the disk, restart, replace it when it happens again.

    After an error of the last sync only the next start shows whether what was being saved is there all the same.
    """

    reason = "store_failing"


class CommitOutcomeUnknown(StoreError):
    """The connection broke while committing: read back before deciding whether it happened."""

    reason = "commit_outcome_unknown"
