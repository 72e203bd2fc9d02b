"""Errors of the HTTP API as problem details (RFC 9457): what was refused, why, and what to do about it."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreError
from crdt_pms.reading.pages import CursorInvalid
from crdt_pms.reading.ranges import RANGE_DAYS_MAX, RangeInvalid
from relay_server.idempotency import KeyReused
from relay_server.origin_desk import RevisionStale

MEDIA_TYPE = "application/problem+json"

REFUSAL_STATUS: dict[RefusalCode, HTTPStatus] = {
    RefusalCode.ORIGIN_NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    RefusalCode.STAY_UNKNOWN: HTTPStatus.NOT_FOUND,
    RefusalCode.STALE_FORM: HTTPStatus.PRECONDITION_FAILED,
} | dict.fromkeys(
    (
        RefusalCode.TEXT_MISSING,
        RefusalCode.TEXT_UNUSABLE,
        RefusalCode.CARD_NUMBER,
        RefusalCode.KEY_UNUSABLE,
        RefusalCode.DATE_IMPOSSIBLE,
        RefusalCode.NIGHTS_IMPOSSIBLE,
        RefusalCode.GUESTS_IMPOSSIBLE,
        RefusalCode.AMOUNT_IMPOSSIBLE,
        RefusalCode.ODD_TERMS,
        RefusalCode.REASON_NEEDED,
        RefusalCode.GUEST_UNKNOWN,
        RefusalCode.ROOM_UNKNOWN,
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""Every other refusal is a conflict with the present state of the stay: 409."""


HTTP_REMEDIES: dict[RefusalCode, str] = {
    RefusalCode.STAY_EXISTS: "Read the stay and PATCH it with If-Match, or create another one under another id.",
}
"""What to do over HTTP, where the words for a person at the desk do not say it."""


class ProblemBody(BaseModel):
    """A problem detail. `code` is stable; the words may change."""

    type: str = Field(description="Identifies the kind of problem", examples=["urn:crdt-pms:problem:revision_stale"])
    title: str
    status: int
    detail: str = Field(description="What was refused and why")
    code: str
    remedy: str = Field(description="What to do")
    detail_ja: str | None = None
    remedy_ja: str | None = None
    revision: str | None = Field(None, description="The present ETag, where the request named another one")
    errors: list[dict[str, Any]] | None = Field(None, description="Where the request body or a header is wrong")


class Problem(Exception):
    """A problem found by the HTTP layer itself."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str, remedy: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.headers = headers or {}


def problem_response(
    status: HTTPStatus, code: str, detail: str, remedy: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem as a response."""
    body = ProblemBody(
        type=f"urn:crdt-pms:problem:{code}",
        title=status.phrase,
        status=status,
        detail=detail,
        code=code,
        remedy=remedy,
        **more,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Answer every error of the application with a problem detail."""
    handlers = {
        Problem: _problem,
        Refused: _refused,
        RevisionStale: _stale,
        KeyReused: _key_reused,
        StoreError: _not_stored,
        RequestValidationError: _invalid,
        CursorInvalid: _cursor_invalid,
        RangeInvalid: _range_invalid,
        HTTPException: _http,
        Exception: _defect,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return problem_response(error.status, error.code, error.detail, error.remedy, error.headers)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return problem_response(
        REFUSAL_STATUS.get(error.code, HTTPStatus.CONFLICT),
        error.code,
        error.message_en,
        HTTP_REMEDIES.get(error.code, error.advice_en),
        detail_ja=error.message_ja,
        remedy_ja=error.advice_ja,
    )


async def _stale(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RevisionStale)
    return problem_response(
        HTTPStatus.PRECONDITION_FAILED,
        "revision_stale",
        "The stay was changed since the revision that If-Match names.",
        "Read the stay, decide again on what it is now, and send the request with its present ETag.",
        {"ETag": error.etag},
        revision=error.etag.strip('"'),
    )


async def _key_reused(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "This Idempotency-Key was used before with another request. Nothing was done.",
        "Use a new key for a new request, and the same key only to repeat exactly the same one.",
    )


async def _not_stored(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, CommitOutcomeUnknown):
        return problem_response(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "outcome_unknown",
            "The database went away while committing: the request may have been done or not.",
            "Repeat it with the same Idempotency-Key, or read the stay first.",
            {"Retry-After": "2"},
        )
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database_unavailable",
        "The database does not answer. Nothing was done.",
        "Repeat the request, with the same Idempotency-Key, after the time in Retry-After.",
        {"Retry-After": "2"},
    )


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"place": ".".join(str(part) for part in one["loc"]), "problem": one["msg"]} for one in error.errors()]
    places = "; ".join(f"{one['place']}: {one['problem']}" for one in errors[:5])
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "request_invalid",
        f"The request is not of the documented form ({places}).",
        "Correct the places named in errors; /openapi.json documents every field.",
        errors=errors,
    )


async def _cursor_invalid(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "cursor_invalid",
        "The cursor is none that this list gave.",
        "Begin with the first page, without a cursor, and follow the addresses in Link.",
    )


async def _range_invalid(_request: Request, error: Exception) -> JSONResponse:
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "range_invalid",
        f"The range of dates cannot be listed: {error}.",
        f"Give a first date that is not after the last, and at most {RANGE_DAYS_MAX} days.",
    )


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return problem_response(
        status,
        status.name.lower(),
        str(error.detail),
        "See /openapi.json for the paths and methods that exist.",
        dict(error.headers or {}),
    )


async def _defect(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "defect",
        "The relay failed in a way that it does not know. Nothing was done, or all of it.",
        "Repeat the request with the same Idempotency-Key; if it fails again, tell the operator.",
    )
