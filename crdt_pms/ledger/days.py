"""The business date, and dates that no calendar bears out."""

from __future__ import annotations

from crdt_pms.ledger.alerts import Alert, alert, written_dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import is_far_ahead, later_date
from crdt_pms.ledger.register import RegisterState


class BusinessDays:
    """The registers of the business day, of which a property has one."""

    def __init__(self, opening_date: str | None) -> None:
        self._opening_date = opening_date
        self._states: dict[str, RegisterState] = {}
        self._far_ahead: list[tuple[str, AppliedWrite]] = []

    def add(self, row: str, state: RegisterState) -> None:
        """Take over a register, with what stands in it."""
        self._states[row] = state
        for sibling in state.siblings:
            self.note(sibling)

    def note(self, applied: AppliedWrite) -> None:
        """Look at one more write."""
        if is_far_ahead(applied.value, applied.stamp):
            self._far_ahead.append((applied.write.register.row, applied))

    def date(self) -> str | None:
        """The business date that is shown; until the first night audit the opening date, None without one."""
        shown = [state.shown for state in self._states.values()]
        dated = [
            (later_date(one.value, one.write.stamp), str(one.value["date"])) for one in shown if one.write is not None
        ]
        return max(dated)[1] if dated else self._opening_date

    def alerts(self) -> list[Alert]:
        """`alert_business_date_ahead`: a date that its stamp does not bear out stands, shown or not.

        A later roll to an earlier date, by an author who saw it, supersedes it.
        """
        self._far_ahead = [
            (row, applied) for row, applied in self._far_ahead if self._states[row].is_sibling(applied.dot)
        ]
        return [
            alert(
                Matter.ALERT_BUSINESS_DATE_AHEAD,
                {"property": row, "date": str(applied.value["date"]), "entry": written_dot(applied.dot)},
                {"author": applied.author, "is_shown": int(applied.digest == self._states[row].shown.digest)},
            )
            for row, applied in self._far_ahead
        ]
