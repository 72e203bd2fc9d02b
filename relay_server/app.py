"""The relay's HTTP side: the API for other systems, and how the relay stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Response, status
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from crdt_pms.ports.errors import StoreError
from crdt_pms.runtime.clocks import HandedClock
from relay_server.addressing import PROPERTIES, PROPERTY, PropertyId, require_served
from relay_server.body_limit import BodyLimit
from relay_server.limits import REQUEST_BODY_BYTES_MAX
from relay_server.origin_api import origin_router
from relay_server.problems import ProblemBody, install_problems
from relay_server.relay import Relay
from relay_server.service_tokens import ServiceTokens

_PAGE: Final = Path(__file__).parent / "status_page.html"


class StatusBody(BaseModel):
    """How the relay stands with a property."""

    property_id: str
    generation: str = Field(description="Id of the database; while it stays, committed positions stay")
    committed_through: int = Field(description="Entries committed to PostgreSQL")
    projected_through: int = Field(description="Entries that the readable tables show")
    alarm: str | None = Field(
        description="The entry that the projection could not apply, and what to do; null while all goes well"
    )
    queue: int = Field(description="Entries that wait for PostgreSQL")
    content_hash: str | None = Field(
        description="Digest of the projected rows, board and notes; null while they cannot be read"
    )
    journals: int = Field(description="Journals of which entries are held")
    vector: dict[str, int] | None = Field(description="For each journal the last entry held, where it was asked for")
    links: dict[str, str] = Field(description="Device → state of its link")
    counters: dict[str, int]


class HealthBody(BaseModel):
    """That the process lives; `alarm` says what needs a person all the same."""

    status: str = "ok"
    alarm: str | None = None


class ReadyBody(BaseModel):
    """Whether the relay can commit, and show what it committed."""

    ready: bool
    reason: str | None = None
    alarm: str | None = None


class PropertiesBody(BaseModel):
    """The properties that are found at this relay."""

    properties: list[str]


class ClockBody(BaseModel):
    """Hotel time in UTC milliseconds, handed out by a replay's driver."""

    now_ms: int


def build_app(relay: Relay, tokens: ServiceTokens, handed_clock: HandedClock | None = None) -> FastAPI:
    """The application. With `handed_clock`, the control channel of a replay exists; otherwise its path does not."""
    app = FastAPI(title="crdt-pms relay", version="1", redoc_url=None)
    app.add_middleware(BodyLimit, bytes_max=REQUEST_BODY_BYTES_MAX)
    install_problems(app)
    app.include_router(origin_router(relay.projector, relay.node.identity.property_id, tokens))
    app.include_router(_status_router(relay))
    if handed_clock is not None:
        app.include_router(_control(handed_clock), prefix="/control", include_in_schema=False)
    return app


def _status_router(relay: Relay) -> APIRouter:
    router = APIRouter(tags=["status"])

    def alarm() -> str | None:
        return None if relay.projector.alarm is None else str(relay.projector.alarm)

    @router.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE)

    @router.get("/health")
    async def health() -> HealthBody:
        """Answers as long as the process lives."""
        return HealthBody(alarm=alarm())

    @router.get("/ready", responses={503: {"model": ReadyBody}})
    async def ready(response: Response) -> ReadyBody:
        """Whether entries can be committed and read."""
        trouble = relay.committer.failure or relay.projector.alarm or relay.projector.failure
        if trouble is None and not relay.committer.is_stuck:
            return ReadyBody(ready=True)
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        reason = type(trouble).__name__ if trouble is not None else "queue_stuck"
        return ReadyBody(ready=False, reason=reason, alarm=alarm())

    @router.get(PROPERTIES)
    async def properties() -> PropertiesBody:
        """Which properties are found here."""
        return PropertiesBody(properties=[relay.node.identity.property_id])

    @router.get(f"{PROPERTY}/status", responses={404: {"model": ProblemBody}})
    async def standing(
        property_id: PropertyId,
        *,
        vector: Annotated[bool, Query(description="Whether to name every journal that is held")] = False,
    ) -> StatusBody:
        """How the relay stands with a property, while PostgreSQL does not answer too."""
        require_served(property_id, relay.node.identity.property_id)
        intake = relay.intake
        try:
            content_hash = await relay.projector.content_hash()
        except StoreError:
            content_hash = None
        return StatusBody(
            property_id=relay.node.identity.property_id,
            generation=intake.order.generation.hex(),
            committed_through=intake.order.through,
            projected_through=relay.projector.projected_through,
            queue=intake.queued,
            content_hash=None if content_hash is None else content_hash.hex(),
            alarm=alarm(),
            journals=len(intake.vector),
            vector={journal.hex(): seq for journal, seq in sorted(intake.vector.items())} if vector else None,
            links={str(link.peer): link.state.value for link in relay.links.statuses},
            counters=dict(sorted((intake.counters + relay.committer.counters).items())),
        )

    return router


def _control(clock: HandedClock) -> APIRouter:
    router = APIRouter()

    @router.post("/clock")
    async def hand(body: ClockBody) -> dict[str, int]:
        clock.hand(body.now_ms)
        return {"now_ms": clock.now_ms()}

    return router
