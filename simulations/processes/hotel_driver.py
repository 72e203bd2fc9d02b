"""Acts on a running hotel from outside, as its staff and its booking engine do, and keeps what was answered.

Everything goes through the two HTTP APIs. What a terminal or the relay acknowledged is written down here, by the outside, for
the judge to hold against what is found on the disks later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

import httpx

from simulations.checkers.contents import RELAY
from simulations.checkers.witnessed import Acknowledged
from simulations.processes.cluster import Cluster, TerminalProcess
from simulations.workloads.booking import Booking
from simulations.workloads.people import guest_of

UNANSWERED: Final = "unanswered"
UNAVAILABLE: Final = "unavailable"
ODD_TERMS_REASON: Final = "取り込み元の記載どおり"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that was not taken: the stable code and the words in English."""

    code: str
    words: str


@dataclass(slots=True)
class History:
    """What the outside saw."""

    acknowledged: list[Acknowledged] = field(default_factory=list[Acknowledged])
    done: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    action_seconds: list[float] = field(default_factory=list[float])

    def note(self, node: str, what: str, body: Mapping[str, Any]) -> None:
        """Keep an answer."""
        entries = tuple((journal, seq) for journal, seq in body["entries"])
        self.acknowledged.append(Acknowledged(node, what, entries))
        self.done[what] += 1


class HotelDriver:
    """Staff and booking engine of one running hotel."""

    def __init__(self, cluster: Cluster, seed: int, *, hands_clock: bool) -> None:
        """`hands_clock`: the processes run under `--replay-control` and take their time from `now_ms` here."""
        self._cluster = cluster
        self._client = cluster.client
        self._seed = seed
        self._hands_clock = hands_clock
        self.now_ms = 0
        self.history = History()

    # At the desks

    async def act(
        self, desk: TerminalProcess, action: str, staff: str = "suzuki", /, **fields: object
    ) -> dict[str, Any] | Refusal:
        """Do something at a desk. A desk whose process died meanwhile gives `UNANSWERED`: done or not, who knows."""
        try:
            await self.hand_clock(desk.url)
            began = monotonic()
            response = await self._client.post(
                f"{desk.url}/api/actions/{action}", json=fields, headers={"X-Staff": staff}
            )
        except httpx.TransportError as error:
            return self._unanswered(action, error)
        self.history.action_seconds.append(monotonic() - began)
        return self._answer(desk.name, action, response)

    async def must(
        self, desk: TerminalProcess, action: str, staff: str = "suzuki", /, **fields: object
    ) -> dict[str, Any]:
        """Like `act`, for what cannot be refused here; a refusal is an error of the run."""
        answer = await self.act(desk, action, staff, **fields)
        if isinstance(answer, Refusal):
            raise RuntimeError(f"{desk.name} refused {action} {fields}: {answer.code}: {answer.words}")
        return answer

    async def read(self, desk: TerminalProcess, path: str) -> Any:
        """What a desk's screen reads; None for what does not exist there."""
        response = await self._client.get(f"{desk.url}/api/{path}")
        if response.status_code == HTTPStatus.NOT_FOUND:
            return None
        response.raise_for_status()
        return response.json()

    async def take_over(self, desk: TerminalProcess, booking: Booking, room: str) -> dict[str, Any] | Refusal:
        """Take over a guest who is in house when the hotel begins to work with this system."""
        guest = guest_of(booking.booking_id, self._seed)
        return await self.act(
            desk, "take_over_stay", "sato", stay=booking.booking_id, room=room, arrival=booking.arrival, nights=booking.nights,
            room_type=booking.room_type_booked, rate_minor=booking.rate_minor, adults=booking.adults,
            children=booking.children + booking.babies, source=booking.channel, segment=booking.segment,
            guest_name=guest.name, guest_contact=guest.contact, guest_address=guest.address, reason="開業時の引継ぎ",
        )  # fmt: skip

    # From the booking engine

    async def book(self, booking: Booking) -> dict[str, Any] | Refusal:
        """Make a booking at the relay. Odd terms carry a reason, so that the desk's rule for them is met."""
        guest = guest_of(booking.booking_id, self._seed)
        body = {
            "stay": booking.booking_id,
            "guest": guest.profile(),
            "terms": {
                "arrival": booking.arrival,
                "nights": booking.nights,
                "room_type": booking.room_type_booked,
                "rate_minor": booking.rate_minor,
                "adults": booking.adults,
                "children": booking.children + booking.babies,
                "source": booking.channel,
                "segment": booking.segment,
            },
            "reason": ODD_TERMS_REASON if booking.needs_reason else "",
        }
        return await self._origin("POST", "", "book", body, f"book-{booking.booking_id}")

    async def amend(self, stay: str, number: int, terms: Mapping[str, object]) -> dict[str, Any] | Refusal:
        """Change a booking as last read. `number` counts the amendments of this booking."""
        etag = await self.etag(stay)
        if isinstance(etag, Refusal):
            return etag
        body = {"terms": dict(terms), "reason": ODD_TERMS_REASON}
        return await self._origin("PATCH", f"/{stay}", "amend", body, f"amend-{stay}-{number}", etag)

    async def cancel(self, stay: str) -> dict[str, Any] | Refusal:
        """Cancel a booking as last read."""
        etag = await self.etag(stay)
        if isinstance(etag, Refusal):
            return etag
        body = {"reason": "お客様都合"}
        return await self._origin("POST", f"/{stay}/cancel", "cancel", body, f"cancel-{stay}", etag)

    async def etag(self, stay: str) -> str | Refusal:
        """The revision of a booking at the relay."""
        url = f"{self._cluster.relay.api}/reservations/{stay}"
        try:
            response = await self._client.get(url, headers=self._authorization)
        except httpx.TransportError as error:
            return self._unanswered("read", error)
        if response.is_success:
            return response.headers["ETag"]
        return self._refusal("read", response)

    async def hand_clock(self, url: str) -> None:
        """Give a process the hotel's time, under replay."""
        if self._hands_clock:
            response = await self._client.post(f"{url}/control/clock", json={"now_ms": self.now_ms})
            response.raise_for_status()

    async def _origin(
        self, method: str, path: str, what: str, body: Mapping[str, object], key: str, etag: str | None = None
    ) -> dict[str, Any] | Refusal:
        headers = {**self._authorization, "Idempotency-Key": key} | ({"If-Match": etag} if etag is not None else {})
        try:
            await self.hand_clock(self._cluster.relay.url)
            response = await self._client.request(
                method, f"{self._cluster.relay.api}/reservations{path}", json=body, headers=headers
            )
        except httpx.TransportError as error:
            return self._unanswered(what, error)
        return self._answer(RELAY, what, response)

    async def line(self, desk: TerminalProcess, stay: str) -> dict[str, Any] | None:
        """A stay as a desk's lists show it; None when the desk does not know it."""
        detail = await self.read(desk, f"stays/{stay}")
        return None if detail is None else detail["line"]

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._cluster.relay.token}"}

    def _answer(self, node: str, what: str, response: httpx.Response) -> dict[str, Any] | Refusal:
        if response.is_success:
            body: dict[str, Any] = response.json()
            self.history.note(node, what, body)
            return body
        return self._refusal(what, response)

    def _unanswered(self, what: str, error: httpx.TransportError) -> Refusal:
        self.history.refused[f"{what}: {UNANSWERED}"] += 1
        return Refusal(UNANSWERED, f"{type(error).__name__}: {error}")

    def _refusal(self, what: str, response: httpx.Response) -> Refusal:
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            self.history.refused[f"{what}: {UNAVAILABLE}"] += 1
            return Refusal(UNAVAILABLE, response.text)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            response.raise_for_status()
        body: dict[str, Any] = response.json()
        refusal = Refusal(str(body.get("code")), str(body.get("message_en") or body.get("detail")))
        self.history.refused[f"{what}: {refusal.code}"] += 1
        return refusal
