"""The HTTP API for other systems: create, read, amend and cancel reservations.

A request answers when PostgreSQL has committed it and the readable tables show it. A repeated request with the same
Idempotency-Key gets the first answer again, for seven days, and does nothing.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.reading.ranges import require_range
from crdt_pms.reading.rows import StayRow
from crdt_pms.runtime.paging import First, Paged, Until
from crdt_pms.runtime.text_route import TextRoute
from relay_server.addressing import PROPERTY, origin_for
from relay_server.idempotency import Answer, RequestKey
from relay_server.limits import IDEMPOTENCY_KEY_CHARACTERS_MAX
from relay_server.origin_bodies import AmendBody, CancelBody, CreateBody, ReservationBody, WrittenBody
from relay_server.origin_desk import Change, OriginDesk
from relay_server.problems import MEDIA_TYPE, Problem, ProblemBody
from relay_server.projecting import Asked
from relay_server.service_tokens import ServiceTokens


class OriginGateway(Protocol):
    """The way to the origin desk, which lives on a thread of its own."""

    def ask(self, call: Callable[[OriginDesk], Asked]) -> Awaitable[Asked]:
        """Run `call` there. Raises what it raises, and Problem when too many are waiting."""
        ...


_ETAG = {"ETag": {"description": "The revision, for If-Match", "schema": {"type": "string"}}}

StayId = Annotated[str, Path(min_length=1, max_length=80, description="The id of the stay")]
IfMatch = Annotated[str | None, Header(max_length=32_768, description="The ETag that the caller read; required")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=IDEMPOTENCY_KEY_CHARACTERS_MAX,
        pattern=r"^[\x21-\x7e]+$",
        description="A random text of the caller's, the same for every repeat of one request; known for seven days",
    ),
]


def _problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status.value: {"description": status.phrase, "model": ProblemBody, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in (
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.SERVICE_UNAVAILABLE,
            *statuses,
        )
    }


_CHANGE_PROBLEMS = _problems(
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.PRECONDITION_REQUIRED,
)
_CREATE_PROBLEMS = _problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)
_WRITTEN: dict[int | str, dict[str, Any]] = {200: {"headers": _ETAG, "description": "Done and durable"}}


def origin_router(gateway: OriginGateway, property_id: str, tokens: ServiceTokens) -> APIRouter:
    """The endpoints of the property that `gateway` leads to, behind service tokens for it."""
    router = APIRouter(prefix=f"{PROPERTY}/reservations", tags=["reservations"], route_class=TextRoute)
    origin_of_token = origin_for(property_id, tokens)

    @router.post(
        "",
        status_code=201,
        response_model=WrittenBody,
        responses={
            201: {"headers": _ETAG, "description": "Taken and durable"},
            200: {"model": WrittenBody, "headers": _ETAG, "description": "The stay existed with this content"},
        }
        | _CREATE_PROBLEMS,
    )
    async def create(
        request: Request,
        origin: Annotated[str, Depends(origin_of_token)],
        body: CreateBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Take a reservation."""
        key = _key(request, origin, body, idempotency_key)
        if key is None:
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                "idempotency_key_missing",
                "Creating needs an Idempotency-Key, so that a repeat after a lost answer creates nothing twice.",
                "Send a random Idempotency-Key, and the same one when repeating the request.",
            )
        return _response(await gateway.ask(lambda desk: desk.create(origin, body.action(), key)))

    @router.get("", responses=_problems(), dependencies=[Depends(origin_of_token)])
    async def listed(
        paging: Paged, response: Response, status: StayStatus, first: First, until: Until
    ) -> tuple[StayRow, ...]:
        """The stays of a status that arrive in a range of dates, as committed and merged."""
        dates = require_range(first, until)
        page = await gateway.ask(lambda desk: desk.stays(status, *dates, paging.cursor, paging.rows))
        response.headers["Cache-Control"] = "no-store"
        return paging.answer(page)

    @router.get(
        "/{stay}",
        response_model=ReservationBody,
        responses={200: {"headers": _ETAG}} | _problems(),
        dependencies=[Depends(origin_of_token)],
    )
    async def read(stay: StayId) -> Response:
        """A reservation as committed and merged."""
        return _response(await gateway.ask(lambda desk: desk.read(stay)))

    @router.patch("/{stay}", response_model=WrittenBody, responses=_WRITTEN | _CHANGE_PROBLEMS)
    async def amend(
        request: Request,
        stay: StayId,
        origin: Annotated[str, Depends(origin_of_token)],
        body: AmendBody,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Change terms or guest of a reservation, as last read."""
        if body.terms is None and body.guest is None:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "nothing_to_change",
                "The request names nothing to change.",
                "Give terms, guest, or both.",
            )
        change = Change(stay, _etags(if_match), lambda guest, revision: body.actions(stay, guest, revision))
        key = _key(request, origin, body, idempotency_key)
        return _response(await gateway.ask(lambda desk: desk.change(origin, change, key)))

    @router.post("/{stay}/cancel", response_model=WrittenBody, responses=_WRITTEN | _CHANGE_PROBLEMS)
    async def cancel(
        request: Request,
        stay: StayId,
        origin: Annotated[str, Depends(origin_of_token)],
        body: CancelBody,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Cancel a reservation, as last read. It never comes back."""
        change = Change(stay, _etags(if_match), lambda _guest, revision: body.actions(stay, revision))
        key = _key(request, origin, body, idempotency_key)
        return _response(await gateway.ask(lambda desk: desk.change(origin, change, key)))

    return router


def _key(request: Request, origin: str, body: BaseModel, given: str | None) -> RequestKey | None:
    if given is None:
        return None
    content = json.dumps(body.model_dump(exclude_unset=True), sort_keys=True)
    described = f"{request.method} {request.url.path}\n{content}"
    return RequestKey(origin, given, hashlib.sha256(described.encode()).digest())


def _etags(if_match: str | None) -> frozenset[str]:
    """The strong entity tags of an If-Match header. Problem without any."""
    # Our tags contain no comma, so that splitting there is exact for every tag that could match.
    tags = frozenset(tag.strip() for tag in (if_match or "").split(",") if tag.strip())
    if not tags or tags == {"*"}:
        raise Problem(
            HTTPStatus.PRECONDITION_REQUIRED,
            "if_match_missing",
            "Changing a reservation needs If-Match with the ETag of what was read; * does not say what that was.",
            "Read the reservation and send its ETag in If-Match.",
        )
    return tags


def _response(answer: Answer) -> Response:
    headers = {"ETag": answer.etag, "Cache-Control": "no-store"}
    if answer.repeated:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, media_type="application/json")
