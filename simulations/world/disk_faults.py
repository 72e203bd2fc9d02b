"""What can go wrong between a process and its disk, armed ahead and counted when it happens."""

from __future__ import annotations

from collections import Counter, deque
from enum import Enum, StrEnum, auto
from typing import Final

from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreError, StoreFailing, StoreUnavailable


class Crash(BaseException):
    """The process was killed at this effect. No `Exception`, so that nothing of the product handles it."""


class Effect(Enum):
    """The moments of a transaction at which something can go wrong."""

    BEGIN = auto()
    COMMIT = auto()
    WITNESS = auto()
    """The transaction committed; its witness is about to be written."""
    COMMITTED = auto()


class Fault(StrEnum):
    """What went wrong."""

    CRASH = "crash"
    UNAVAILABLE = "unavailable"
    """The file did not open, or the transaction did not begin."""
    FAILING = "failing"
    """Writing failed at the commit: nothing of the transaction happened."""
    NOT_WITNESSED = "not_witnessed"
    """Writing the witness failed: the transaction happened, and nothing of it may leave the node."""
    FILLED = "filled"
    """SQLite itself found no room (`Disk.fill`)."""
    OUTCOME_UNKNOWN_KEPT = "outcome_unknown_kept"
    """The answer to the commit was lost; the transaction happened."""
    OUTCOME_UNKNOWN_LOST = "outcome_unknown_lost"
    """The answer to the commit was lost; nothing of the transaction happened."""
    NOT_SYNCED = "not_synced"
    """A durable commit that wrote something was not synced (`DiskFaults.durability_lies`)."""


_EFFECTS: Final = {
    Fault.UNAVAILABLE: Effect.BEGIN,
    Fault.FAILING: Effect.COMMIT,
    Fault.NOT_WITNESSED: Effect.WITNESS,
    Fault.OUTCOME_UNKNOWN_LOST: Effect.COMMIT,
    Fault.OUTCOME_UNKNOWN_KEPT: Effect.COMMITTED,
}
_ERRORS: Final[dict[Fault, tuple[type[StoreError], str]]] = {
    Fault.UNAVAILABLE: (StoreUnavailable, "another program has the simulated disk's file open"),
    Fault.FAILING: (StoreFailing, "the simulated disk reports an error: nothing was saved"),
    Fault.NOT_WITNESSED: (StoreFailing, "the simulated disk reports an error: the witness was not written"),
    Fault.OUTCOME_UNKNOWN_LOST: (CommitOutcomeUnknown, "the simulated disk did not answer the commit"),
    Fault.OUTCOME_UNKNOWN_KEPT: (CommitOutcomeUnknown, "the simulated disk did not answer the commit"),
}


class DiskFaults:
    """The faults of one disk. What is armed stays armed over kills and restarts until it fired or was disarmed."""

    def __init__(self) -> None:
        self.effects = 0
        """How many effects were reached."""
        self.fired: Counter[Fault] = Counter()
        """How often each fault had an effect."""
        self.durability_lies = False
        """The ablation "no sync": what durable transactions committed counts as not synced."""
        self.waits_for_origin: deque[Fault] = deque()
        """What the commits of the next requests of other systems are to suffer: whoever passes one on arms it."""
        self._is_unavailable = False
        self._effects_until_crash = 0
        self._spared = 0
        self._next: deque[Fault] = deque()

    @property
    def armed(self) -> list[Fault]:
        """What still waits for its moment, so that a fault without effect is seen."""
        waiting = [Fault.CRASH] if self._effects_until_crash else []
        return [*waiting, *([Fault.UNAVAILABLE] if self._is_unavailable else []), *self._next]

    def crash_at_effect(self, count: int) -> None:
        """Kill the process at the effect number `count` from now; the very next one is 1."""
        if count < 1:
            raise ValueError("effects are counted from 1")
        self._effects_until_crash = count

    def fail_next(self, fault: Fault, transactions: int = 1) -> None:
        """Let the next transactions suffer `fault`, after those that already wait.

        A fault of a commit waits for a transaction that changed something: one that only reads has nothing to lose.
        """
        if fault not in _EFFECTS:
            raise ValueError(f"{fault} is no fault of one transaction")
        self._next.extend([fault] * transactions)

    def spare(self, transactions: int) -> None:
        """Let so many commits that change something pass before anything waits for one again."""
        self._spared = transactions

    def set_unavailable(self, *, is_unavailable: bool) -> None:
        """Until it is set back, the file does not open and no transaction begins."""
        self._is_unavailable = is_unavailable

    def disarm(self) -> None:
        """Take back everything that is armed, and let durable transactions be durable again. The counts stay."""
        self._effects_until_crash = 0
        self._spared = 0
        self._next.clear()
        self.waits_for_origin.clear()
        self._is_unavailable = False
        self.durability_lies = False

    def count(self, fault: Fault) -> None:
        """Note a fault that came about without `reach`."""
        self.fired[fault] += 1

    def reach(self, effect: Effect, *, has_changes: bool) -> None:
        """Pass this moment, or suffer what is armed for it: Crash, StoreUnavailable, StoreFailing or CommitOutcomeUnknown."""
        self.effects += 1
        if self._effects_until_crash:
            self._effects_until_crash -= 1
            if not self._effects_until_crash:
                self.count(Fault.CRASH)
                raise Crash(f"killed at effect {self.effects}, {effect.name}")
        if effect is Effect.BEGIN and self._is_unavailable:
            raise self._error_of(Fault.UNAVAILABLE)
        if self._spared:
            self._spared -= effect is Effect.COMMITTED and has_changes
            return
        if self._next and _EFFECTS[self._next[0]] is effect and (has_changes or effect is Effect.BEGIN):
            raise self._error_of(self._next.popleft())

    def require_openable(self) -> None:
        """StoreUnavailable while the file does not open."""
        if self._is_unavailable:
            raise self._error_of(Fault.UNAVAILABLE)

    def _error_of(self, fault: Fault) -> StoreError:
        self.count(fault)
        kind, words = _ERRORS[fault]
        return kind(words)
