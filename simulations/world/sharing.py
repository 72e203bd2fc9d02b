"""What many nodes in one program compute of the same bytes is computed once: whether they are signed, and what an entry says.

Both are pure functions of the bytes, so no node can tell the difference. Real nodes do this once each; a world of
twelve would do it twelve times and be a world of six instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final
from unittest.mock import patch

from crdt_pms.journal import certificate, chain, keys
from crdt_pms.journal.entry import Entry
from crdt_pms.session import session

REMEMBERED: Final = 4_096


@contextmanager
def shared_work() -> Iterator[None]:
    """While this holds, the nodes of this program share what they verified and decoded."""
    is_signed = lru_cache(REMEMBERED)(keys.is_signed)
    decode = lru_cache(REMEMBERED)(Entry.decode)
    with (
        patch.object(chain, "is_signed", is_signed),
        patch.object(certificate, "is_signed", is_signed),
        patch.object(session, "is_signed", is_signed),
        patch.object(Entry, "decode", decode),
    ):
        yield
