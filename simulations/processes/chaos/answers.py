"""What came of asking a node for something, while that node may be dying, standing still or out of disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import anyio
import httpx

from simulations.processes.chaos.witness import Witness

REQUEST_SECONDS_MAX: Final = 3.0
"""A person looks away from a screen that does not answer for so long."""
UNANSWERED: Final = "unanswered"
NOT_SAVED: Final = "not saved"
"""The node answered that it cannot save now: a full disk, or no database."""
_NOT_SAVED: Final = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
ODD: Final = "internal error"
_ENDING_SECONDS: Final = 2.0
"""A process that answered as it began to end is gone after this."""
_POLL_SECONDS: Final = 0.05


class NotDone(Exception):
    """What was asked for did not happen, or nobody knows whether it did. `why` is a reason from above or a refusal's code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    @property
    def may_be_repeated(self) -> bool:
        """Whether asking again in the same words may help."""
        return self.why in (UNANSWERED, NOT_SAVED)


class Asking:
    """Sends requests and tells the witness what was odd about the answers."""

    def __init__(self, client: httpx.AsyncClient, witness: Witness, is_running: Callable[[str], bool]) -> None:
        """`is_running` tells of a node whether its process runs."""
        self._client = client
        self._witness = witness
        self._is_running = is_running

    async def ask(
        self,
        node: str,
        method: str,
        url: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer of a node that did what it was asked. Raises NotDone."""
        try:
            answer = await self._client.request(method, url, json=body, headers=headers, timeout=REQUEST_SECONDS_MAX)
        except httpx.TransportError as error:
            raise NotDone(UNANSWERED) from error
        if answer.is_success:
            return answer
        if answer.status_code in _NOT_SAVED:
            raise NotDone(NOT_SAVED)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            said = f"{node} answered {answer.status_code} to {method} {httpx.URL(url).path}: {answer.text[:300]}"
            at_ms = self._witness.now_ms
            if await self._ends(node):
                # Its requests were given up with it: the same as no answer.
                raise NotDone(UNANSWERED)
            self._witness.odd.append(f"at {at_ms} ms {said}")
            raise NotDone(ODD)
        content: dict[str, Any] = answer.json()
        raise NotDone(str(content.get("code", answer.status_code)))

    async def _ends(self, node: str) -> bool:
        with anyio.move_on_after(_ENDING_SECONDS):
            while self._is_running(node):  # noqa: ASYNC110 - nobody tells of the end of a process
                await anyio.sleep(_POLL_SECONDS)
        return not self._is_running(node)
