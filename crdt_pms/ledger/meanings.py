"""Shown values that this version cannot make sense of: behind `alert_value_without_meaning`."""

from __future__ import annotations

from crdt_pms.ledger.alerts import Alert, alert, written_dot
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FIELD_GROUPS
from crdt_pms.ledger.showing import Shown


class MeaningIndex:
    """The shown writes of which a field has no meaning here."""

    def __init__(self) -> None:
        self._alerts: dict[Register, list[Alert]] = {}

    def set_shown(self, register: Register, shown: Shown) -> None:
        """Take over what a register of a declared group shows."""
        write = shown.write
        if write is None or not write.reading.without_meaning:
            self._alerts.pop(register, None)
            return
        content = write.write.content or {}
        group = FIELD_GROUPS[register.group]
        wire = {field.name: field.wire for field in group.fields}
        self._alerts[register] = [
            alert(
                Matter.ALERT_VALUE_WITHOUT_MEANING,
                {"group": register.group, "row": register.row, "field": name, "entry": written_dot(write.dot)},
                {"written": repr(content.get(wire[name]))[:200], "author": write.author},
                (group.rewritten_by,),
            )
            for name in write.reading.without_meaning
        ]

    def forget(self, register: Register) -> None:
        """Put away what is known of a register."""
        self._alerts.pop(register, None)

    def __contains__(self, register: Register) -> bool:
        return register in self._alerts

    def alerts(self) -> list[Alert]:
        """One for each field that is shown by its safe value; it ends when an author writes the group anew."""
        return [found for listed in self._alerts.values() for found in listed]
