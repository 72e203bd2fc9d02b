"""What can be wrong with an operation, a declaration or a stored register, and whose fault it is.

LedgerError
├── OperationMalformed      the author's fault: its operation is not of the declared format. The author's own
│                           replica refuses it before an entry is written; an entry that arrives with one is
│                           quarantined, by every replica alike
├── PolicyTableIncomplete   our own fault: a field group or a kind of row has no policy. Nothing starts
└── RegisterCorrupt         the store's fault: a dumped register cannot be read. Rebuild from the entries
"""

from __future__ import annotations


class LedgerError(Exception):
    """Base of everything that the ledger refuses. `reason` is a stable code for counters and logs."""

    reason = "ledger_error"


class OperationMalformed(LedgerError):
    """The operation is not of the declared format; `refused` says which part and why."""

    reason = "operation_malformed"

    def __init__(self, refused: str) -> None:
        super().__init__(f"operation refused: {refused}")
        self.refused = refused


class PolicyTableIncomplete(LedgerError):
    """A field group or a kind of row has no policy; declare one in `crdt_pms.ledger.policies`."""

    reason = "policy_table_incomplete"


class RegisterCorrupt(LedgerError):
    """The stored state of a register does not decode; rebuild the ledger from the entries."""

    reason = "register_corrupt"
