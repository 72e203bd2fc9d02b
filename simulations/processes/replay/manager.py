"""The manager on duty: looks at conflicts and alerts at one desk, decides what waits for a person, and acts on proposals."""

from __future__ import annotations

from collections import Counter
from typing import Any

from simulations.processes.cluster import TerminalProcess
from simulations.processes.hotel_driver import HotelDriver, Refusal

STAFF = "sato"


class Manager:
    """Decides at one desk, so that nothing is decided twice."""

    def __init__(self, driver: HotelDriver, desk: TerminalProcess) -> None:
        self._driver = driver
        self._desk = desk
        self._number = 0
        self.decided: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self._identities: set[str] = set()

    async def look(self) -> None:
        """Count what is new, resolve open conflicts, and follow the first proposal that still fits."""
        for conflict in await self._driver.read(self._desk, "conflicts"):
            self._count(conflict)
            if conflict["state"] == "open":
                await self._resolve(conflict)
        for alert in await self._driver.read(self._desk, "alerts"):
            self._count(alert)
            if alert["matter"] == "alert_room_double_booked":
                await self._move(alert)
            elif alert["matter"] in ("alert_settlement_over_balance", "alert_check_out_with_balance"):
                await self._refund(alert)

    def _count(self, line: dict[str, Any]) -> None:
        if line["identity"] not in self._identities:
            self._identities.add(line["identity"])
            self.seen[line["matter"]] += 1

    async def _resolve(self, conflict: dict[str, Any]) -> None:
        first = min(conflict["options"], key=lambda option: (option["at_ms"], option["dot"]))
        answer = await self._driver.act(
            self._desk,
            "resolve",
            STAFF,
            group=conflict["group"],
            row=conflict["row"],
            chosen=first["dot"],
            reason="先の処理を採用",
        )
        self._note(f"{conflict['matter']}: a person chose", answer)

    async def _move(self, alert: dict[str, Any]) -> None:
        for remedy in alert["remedies"]:
            fields = dict(remedy["fields"])
            if remedy["action"] == "move_room":
                fields |= {"override_reason": "重複のため移動", "reason": "重複のため移動"}
            answer = await self._driver.act(self._desk, remedy["action"], STAFF, **fields)
            self._note("alert_room_double_booked: moved to a proposed room", answer)
            if not isinstance(answer, Refusal):
                return

    async def _refund(self, alert: dict[str, Any]) -> None:
        balance: int = alert["facts"]["balance_minor"]
        if balance >= 0:
            return
        stay = alert["facts"]["stay"]
        # The alert does not say whether the guest has left. Where not, the one changes nothing and the other is refused.
        await self._driver.act(self._desk, "reopen_folio", STAFF, stay=stay, reason="二重精算の返金")
        self._number += 1
        answer = await self._driver.act(
            self._desk, "post_refund", STAFF, stay=stay, amount_minor=-balance, method="cash",
            reason="二重精算の返金", idempotency_key=f"refund-{self._number}", seen_balance_minor=balance,
        )  # fmt: skip
        await self._driver.act(self._desk, "close_folio", STAFF, stay=stay)
        self._note(f"{alert['matter']}: refunded", answer)

    def _note(self, how: str, answer: dict[str, Any] | Refusal) -> None:
        self.decided[f"{how} (refused: {answer.code})" if isinstance(answer, Refusal) else how] += 1
