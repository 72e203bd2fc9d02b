"""Postings by folio: balances, and the alerts about money.

Of each posting row the shown value counts, once. A balance is the sum of them; nothing else is added to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import DUE_STATUSES, StayStatus
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.ledger.alerts import Alert, alert
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.showing import Shown


def folio_balance(postings: Iterable[Value]) -> int:
    """What is owed on a folio with these postings, in minor units; below zero, what the house owes."""
    return sum(cast("int", posting["amount_minor"]) for posting in postings)


class _Window(NamedTuple):
    stay: str
    is_closed: bool
    note: str | None
    write: AppliedWrite | None
    """The write that is shown; None while a base is shown that no sibling wrote."""


class _Posting(NamedTuple):
    value: Value
    write: AppliedWrite | None


class FolioIndex:
    """Postings, windows and settlements by folio, and reversals by original."""

    def __init__(self) -> None:
        self._postings: dict[str, _Posting] = {}
        self._rows_of_folio: dict[str, set[str]] = {}
        self._balance: dict[str, int] = {}
        self._deposits: dict[str, int] = {}
        self._windows: dict[str, _Window] = {}
        self._settled: set[str] = set()
        self._status: dict[str, str] = {}
        self._folios_of_stay: dict[str, set[str]] = {}
        self._reversals_of: dict[str, set[str]] = {}
        self._folios_changed: set[str] = set()
        self._folios_touched: set[str] = set()
        self._originals_changed: set[str] = set()
        self._folio_alerts: dict[str, list[Alert]] = {}
        self._reversal_alerts: dict[str, Alert] = {}

    def set_posting(self, row: str, shown: Shown) -> None:
        """Take over the content that a posting row shows."""
        before = self._postings.get(row)
        value = shown.value
        if before is not None:
            if before.value == value and before.write == shown.write:
                return
            self._remove_posting(row, before.value)
        self._postings[row] = _Posting(value, shown.write)
        folio, amount = cast("str", value["folio"]), cast("int", value["amount_minor"])
        self._rows_of_folio.setdefault(folio, set()).add(row)
        self._balance[folio] = self._balance.get(folio, 0) + amount
        if value["kind"] == PostingKind.DEPOSIT:
            self._deposits[folio] = self._deposits.get(folio, 0) + amount
        self._folios_of_stay.setdefault(cast("str", value["stay"]), set()).add(folio)
        self._folios_changed.add(folio)
        self._folios_touched.add(folio)
        reverses = cast("str | None", value["reverses"])
        if reverses is not None:
            self._reversals_of.setdefault(reverses, set()).add(row)
            self._originals_changed.add(reverses)
        if row in self._reversals_of:
            self._originals_changed.add(row)

    def set_window(self, folio: str, shown: Shown) -> None:
        """Take over the window that a folio shows."""
        value = shown.value
        window = _Window(
            cast("str", value["stay"]),
            value["status"] == WindowStatus.CLOSED,
            cast("str | None", value["note"]),
            shown.write,
        )
        self._windows[folio] = window
        self._folios_of_stay.setdefault(window.stay, set()).add(folio)
        self._folios_changed.add(folio)

    def set_settlement(self, folio: str) -> None:
        """Note that a folio has been settled at least once."""
        self._settled.add(folio)
        self._folios_changed.add(folio)

    def set_status(self, stay: str, status: str) -> None:
        """Take over the status that a stay shows."""
        if self._status.get(stay) != status:
            self._status[stay] = status
            self._folios_changed |= self._folios_of_stay.get(stay, set())

    def take_touched(self) -> set[str]:
        """The folios to which postings came, or from which they went, since the last call."""
        touched, self._folios_touched = self._folios_touched, set()
        return touched

    def forget_stay(self, stay: str) -> None:
        """Put away what is known of a stay. The caller puts away its folios too."""
        self._status.pop(stay, None)
        self._folios_of_stay.pop(stay, None)

    def forget_folio(self, folio: str) -> None:
        """Put away what is known of a folio. The caller puts away its postings too."""
        for known in (self._windows, self._rows_of_folio, self._balance, self._deposits, self._folio_alerts):
            known.pop(folio, None)
        for known in (self._settled, self._folios_changed, self._folios_touched):
            known.discard(folio)

    def forget_posting(self, row: str) -> None:
        """Put away what is known of a posting. The caller puts away what it reverses, and what reverses it, too."""
        self._postings.pop(row, None)
        self._reversals_of.pop(row, None)
        self._reversal_alerts.pop(row, None)
        self._originals_changed.discard(row)

    def is_folio_at_rest(self, folio: str) -> bool:
        """Whether nothing is owed on the folio, and nothing about it needs a person's eye."""
        return self.balance(folio) == 0 and not self._judge_folio(folio)

    def is_posting_at_rest(self, row: str) -> bool:
        """Whether what reverses the posting fits it."""
        return not self._reversals_of.get(row) or self._reversal_over_original(row) is None

    def folios_linked_to(self, stay: str) -> list[str]:
        """The folios of which the window, or a posting, names the stay."""
        return [folio for folio in self._folios_of_stay.get(stay, ()) if self._is_linked(folio, stay)]

    def stay_of_window(self, folio: str) -> str | None:
        """The stay for which the folio's window was opened."""
        window = self._windows.get(folio)
        return None if window is None else window.stay

    def posting(self, row: str) -> Value | None:
        """What a posting row shows."""
        posting = self._postings.get(row)
        return None if posting is None else posting.value

    def balance(self, folio: str) -> int:
        """The sum of the folio's postings in minor units; 0 for a folio without any."""
        return self._balance.get(folio, 0)

    def rows_of_folio(self, folio: str) -> tuple[str, ...]:
        """The rows that show the folio as theirs, sorted."""
        return tuple(sorted(self._rows_of_folio.get(folio, ())))

    def reversals_of(self, original: str) -> tuple[str, ...]:
        """The rows that cite this posting as their original, sorted."""
        return tuple(sorted(self._reversals_of.get(original, ())))

    def folios_of_stay(self, stay: str) -> tuple[str, ...]:
        """The folios that belong to the stay, by row id."""
        return tuple(folio for folio in sorted(self._folios_of_stay.get(stay, ())) if self._stay_of(folio) == stay)

    def alerts(self) -> list[Alert]:
        """All alerts about money. Only what changed since the last call is judged anew."""
        for folio in self._folios_changed:
            found = self._judge_folio(folio)
            if found:
                self._folio_alerts[folio] = found
            else:
                self._folio_alerts.pop(folio, None)
        self._folios_changed.clear()
        for original in self._originals_changed:
            reversal = self._reversal_over_original(original)
            if reversal is not None:
                self._reversal_alerts[original] = reversal
            else:
                self._reversal_alerts.pop(original, None)
        self._originals_changed.clear()
        return [
            *(found for listed in self._folio_alerts.values() for found in listed),
            *self._reversal_alerts.values(),
        ]

    def _remove_posting(self, row: str, value: Value) -> None:
        folio, amount = cast("str", value["folio"]), cast("int", value["amount_minor"])
        self._rows_of_folio[folio].discard(row)
        self._balance[folio] -= amount
        if value["kind"] == PostingKind.DEPOSIT:
            self._deposits[folio] -= amount
        self._folios_changed.add(folio)
        self._folios_touched.add(folio)
        reverses = cast("str | None", value["reverses"])
        if reverses is not None:
            self._reversals_of[reverses].discard(row)
            self._originals_changed.add(reverses)

    def _is_linked(self, folio: str, stay: str) -> bool:
        rows = self._rows_of_folio.get(folio, ())
        return self.stay_of_window(folio) == stay or any(self._postings[row].value["stay"] == stay for row in rows)

    def _stay_of(self, folio: str) -> str:
        """The stay of a folio: its window's; without a window, that of its first posting row."""
        window = self._windows.get(folio)
        if window is not None:
            return window.stay
        rows = self._rows_of_folio.get(folio)
        return cast("str", self._postings[min(rows)].value["stay"]) if rows else ""

    def _judge_folio(self, folio: str) -> list[Alert]:
        stay = self._stay_of(folio)
        facts = {"stay": stay, "folio": folio, "balance_minor": self.balance(folio)}
        judged = (
            self._settlement_over_balance(folio, stay, facts),
            self._posting_into_closed_window(folio, facts),
            self._check_out_with_balance(folio, stay, facts),
        )
        return [found for found in judged if found is not None]

    def _settlement_over_balance(self, folio: str, stay: str, facts: Mapping[str, str | int]) -> Alert | None:
        """`alert_settlement_over_balance`: more was paid than is owed, the balance is below zero.

        A deposit is paid before there is anything to owe: while the stay is still due and its folio neither
        settled nor closed, deposits are left out of the sum.
        """
        balance = self.balance(folio)
        window = self._windows.get(folio)
        is_closed = window is not None and window.is_closed
        if self._status.get(stay) in _DUE and folio not in self._settled and not is_closed:
            balance -= self._deposits.get(folio, 0)
        if self.balance(folio) < 0 and balance < 0:
            return alert(Matter.ALERT_SETTLEMENT_OVER_BALANCE, facts)
        return None

    def _posting_into_closed_window(self, folio: str, facts: Mapping[str, str | int]) -> Alert | None:
        """`alert_posting_into_closed_window`: the window shows closed, but not over what it was closed on.

        It stands on a posting that its closing had not seen; or it has no note, and so closes at zero, and its balance is
        another one. Reopening the window, or closing it again after the postings were seen, ends the alert.
        """
        window = self._windows.get(folio)
        if window is None or not window.is_closed:
            return None
        unseen = tuple(row for row in self.rows_of_folio(folio) if not _knows(window.write, self._postings[row].write))
        if unseen or (not window.note and self.balance(folio) != 0):
            return alert(Matter.ALERT_POSTING_INTO_CLOSED_WINDOW, facts, {"postings_unseen": unseen})
        return None

    def _check_out_with_balance(self, folio: str, stay: str, facts: Mapping[str, str | int]) -> Alert | None:
        """`alert_check_out_with_balance`: the stay shows checked out and the balance is not zero.

        A window that was closed to receivables, with a note, is left alone.
        """
        window = self._windows.get(folio)
        if self._status.get(stay) != StayStatus.CHECKED_OUT or self.balance(folio) == 0:
            return None
        if window is not None and window.is_closed and window.note:
            return None
        return alert(Matter.ALERT_CHECK_OUT_WITH_BALANCE, facts)

    def _reversal_over_original(self, original: str) -> Alert | None:
        """`alert_reversal_over_original`: the postings that cite an original take back more than it was.

        An original that is not there counts as 0; reversals that add to their original are alerted too.
        """
        reversals = self.reversals_of(original)
        posting = self._postings.get(original)
        amount = 0 if posting is None else cast("int", posting.value["amount_minor"])
        reversed_minor = -folio_balance(self._postings[row].value for row in reversals)
        if min(amount, 0) <= reversed_minor <= max(amount, 0):
            return None
        return alert(
            Matter.ALERT_REVERSAL_OVER_ORIGINAL,
            {"original": original, "original_minor": amount, "reversed_minor": reversed_minor},
            {"reversals": reversals},
        )


def _knows(window: AppliedWrite | None, posting: AppliedWrite | None) -> bool:
    """Whether a closing had seen a posting; of what both sides started from no write tells."""
    return window is None or posting is None or window.knows(posting)


_DUE = frozenset(status.value for status in DUE_STATUSES)
