"""Whether what is stored of what follows from the log follows from it."""

from __future__ import annotations

from typing import Final

from crdt_pms.ports.values import Values

_STALE: Final = "derived_stale"


def mark_stale(transaction: Values) -> None:
    """Have what follows from the log computed anew before it is used again."""
    transaction.put_state(_STALE, b"1")


def mark_fresh(transaction: Values) -> None:
    """Note that it was."""
    transaction.put_state(_STALE, b"")


def is_stale(transaction: Values) -> bool:
    """Whether what follows from the log must be computed anew."""
    return transaction.get_state(_STALE) == b"1"
