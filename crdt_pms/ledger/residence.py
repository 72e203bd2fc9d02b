"""Which rows a ledger keeps in memory: those that are live, and a few that were asked for lately.

A stay, its folios, their postings and reversals are one *component*: everything that the conflicts and alerts of one of them
depend on. A component comes into memory whole when something asks for a row of it, and leaves it whole when it is *at rest*:
when no desk has anything to do with it any more. Being at rest is a function of the merged state (`Ledger.is_at_rest`);
how long a row stays in memory after that is not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from crdt_pms.ledger import limits
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FIELD_GROUPS
from crdt_pms.ledger.register import RegisterState

STAY: Final = "stay"
FOLIO: Final = "folio"
POSTING_ROW: Final = "posting"
GUEST: Final = "guest"
RESTING_KINDS: Final = frozenset({STAY, FOLIO, POSTING_ROW, GUEST})
"""The kinds of rows that come to rest. What the property is, and its business day, a ledger always keeps."""


class RowKey(NamedTuple):
    """A row that comes and goes as one: its kind and id; for a group that this version does not know, the group and the id."""

    kind: str
    row: str


def key_of(register: Register) -> RowKey | None:
    """The row that a register comes and goes with; None for one that is always kept."""
    group = FIELD_GROUPS.get(register.group)
    if group is None:
        return RowKey(register.group, register.row)
    return RowKey(group.row_kind, register.row) if group.row_kind in RESTING_KINDS else None


class StoredRows(Protocol):
    """What a ledger asks of the store about rows that it does not hold."""

    def registers_of(self, key: RowKey) -> Iterable[RegisterState]:
        """Every register of a row, new copies of them."""
        ...

    def naming(self, key: RowKey) -> Iterable[RowKey]:
        """The rows that name this one: of a stay the folios that were opened or posted to for it, of a folio its postings, of
        a posting those that reverse it."""
        ...

    def newest_closed(self, amount: int) -> Iterable[Register]:
        """The registers of the conflicts that were closed last, the newest first, at most that many conflicts."""
        ...


class NoStoredRows:
    """A store that holds nothing: everything is in memory."""

    def registers_of(self, key: RowKey) -> Iterable[RegisterState]:
        """See `StoredRows`."""
        return ()

    def naming(self, key: RowKey) -> Iterable[RowKey]:
        """See `StoredRows`."""
        return ()

    def newest_closed(self, amount: int) -> Iterable[Register]:
        """See `StoredRows`."""
        return ()


class LiveChanges(NamedTuple):
    """Which rows became live, and which are at rest now."""

    live: tuple[RowKey, ...]
    at_rest: tuple[RowKey, ...]


class Residence:
    """Which rows are in memory: the live ones, and those at rest that were asked for lately.

    Invariant: the links of a row that is in memory lead to rows that are in memory.
    """

    def __init__(self) -> None:
        self._live: set[RowKey] = set()
        self._present: set[RowKey] = set()
        self._recent: OrderedDict[RowKey, None] = OrderedDict()
        self._changed: set[RowKey] = set()
        """Rows that are live now and were not when changes were last taken, or the other way round."""

    def __contains__(self, key: RowKey) -> bool:
        return key in self._present

    def __len__(self) -> int:
        return len(self._present)

    def enter_live(self, key: RowKey) -> None:
        """Note that a row is in memory that the store has marked as live."""
        self._present.add(key)
        self._live.add(key)

    def enter(self, keys: Iterable[RowKey]) -> None:
        """Note that these rows, that have not been judged yet, are in memory."""
        for key in keys:
            self._present.add(key)
            self._recent[key] = None

    def leave(self, keys: Iterable[RowKey]) -> None:
        """Note that these rows are in memory no more."""
        for key in keys:
            self._present.discard(key)
            self._recent.pop(key, None)

    def touch(self, key: RowKey) -> None:
        """Note that a row in memory was asked for: it stays a while even if it is at rest."""
        if key not in self._live:
            self._recent[key] = None
            self._recent.move_to_end(key)

    def is_live(self, key: RowKey) -> bool:
        """Whether the row was live when it was last judged."""
        return key in self._live

    def judge(self, key: RowKey, *, is_live: bool) -> None:
        """Note whether a row in memory is live. One that came to rest stays a while."""
        if is_live == (key in self._live):
            return
        self._changed ^= {key}
        if is_live:
            self._live.add(key)
            self._recent.pop(key, None)
        else:
            self._live.remove(key)
            self._recent[key] = None

    def outdated(self) -> Iterator[RowKey]:
        """The rows at rest that were asked for before the newest `ROWS_AT_HAND_MAX`."""
        while len(self._recent) > limits.ROWS_AT_HAND_MAX:
            key, _nothing = self._recent.popitem(last=False)
            if key not in self._live:
                yield key

    def take_changes(self) -> LiveChanges:
        """What the store has to mark otherwise than at the last call."""
        changed, self._changed = sorted(self._changed), set()
        return LiveChanges(
            tuple(key for key in changed if key in self._live),
            tuple(key for key in changed if key not in self._live),
        )


def reached_from(start: RowKey, links: Callable[[RowKey], Iterable[RowKey]]) -> Iterator[RowKey]:
    """A row and all that its links lead to, each once. Links of a row are followed when the next one is asked for."""
    seen, waiting = {start}, [start]
    while waiting:
        key = waiting.pop()
        yield key
        for other in links(key):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
