"""What a projector does next, without threads and timers: the same steps in a process and in a simulated world."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from crdt_pms.ports.errors import StoreError
from relay_server.errors import ProjectionFailed
from relay_server.origin_desk import OriginDesk
from relay_server.projection import Projection

Asked = TypeVar("Asked")
logger = logging.getLogger(__name__)


class Next(Enum):
    """What is to be done after a step."""

    STEP = auto()
    """The next one, at once: more was committed."""
    REST = auto()
    """Nothing until more is committed."""
    WAIT = auto()
    """The same again after a pause: the database did not answer."""
    STOP = auto()
    """Nothing any more: there is an alarm."""


class Projecting:
    """Brings rows, then alerts, up to what is committed, a transaction at a time. All calls on one thread; what is only read
    may be read on any."""

    def __init__(self, projection: Projection, desk: OriginDesk) -> None:
        self.snapshots_handed_out = 0
        """How often another snapshot became the one that is handed out."""
        self.projection = projection
        self.projected_through = 0
        self.failure: StoreError | None = None
        """Why the last step came to nothing, while the database does not answer."""
        self._desk = desk

    @property
    def written(self) -> int:
        """How often other systems wrote something here, as far as is known."""
        return self._desk.written

    @property
    def alarm(self) -> ProjectionFailed | None:
        """The entry that could not be applied: nothing is projected until the process is started again."""
        return self.projection.alarm

    def step(self) -> Next:
        """Apply the next entries; when none are left, derive the alerts."""
        try:
            standing = self.projection.catch_up()
            self.projected_through = standing.position
            if standing.caught_up:
                self.projection.refresh_alerts()
                self.snapshots_handed_out += self.projection.make_snapshots()
        except StoreError as error:
            if self.failure is None:
                logger.warning("the projection waits: %s: %s", type(error).__name__, error)
            self.failure = error
            return Next.WAIT
        except ProjectionFailed as failed:
            logger.critical("the projection stops: %s", failed, exc_info=failed)
            return Next.STOP
        self.failure = None
        return Next.REST if standing.caught_up else Next.STEP

    def ask(self, call: Callable[[OriginDesk], Asked]) -> Asked:
        """Let another system do something. Raises what the desk raises, and ProjectionFailed after an alarm."""
        if self.alarm is not None:
            raise self.alarm
        return call(self._desk)

    def content_hash(self) -> bytes | None:
        """Digest of what is projected; None after an alarm. Raises StoreError."""
        return None if self.alarm is not None else self.projection.content_hash()
