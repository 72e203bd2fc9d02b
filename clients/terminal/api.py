"""The terminal's local HTTP API: what the screens are clients of, and nothing else.

Every endpoint is a coroutine on the loop's thread, which owns the replica. An action answers when it is durable here;
it never waits for a network. What is not done or not found is always said as a `RefusedBody`.
"""

import pathlib
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Annotated, Any, Final, cast, get_type_hints

from fastapi import APIRouter, FastAPI, Header, Path, Query, status
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, create_model
from starlette.middleware.trustedhost import TrustedHostMiddleware

from clients.terminal.answers import NotFoundError, install_answers, nothing, refused_body
from clients.terminal.bodies import (
    ActedBody,
    ClockBody,
    DigestBody,
    DigestFieldsBody,
    DigestRow,
    DigestRowsBody,
    HealthBody,
    NoteBody,
    PlugBody,
    PlugState,
    RefusedBody,
    StartedBody,
    SyncBody,
)
from clients.terminal.events import change_events
from clients.terminal.lists_api import lists_router
from clients.terminal.terminal import Terminal
from crdt_pms.desk import views
from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.documents import has_document
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.words import Words
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.runtime.text_route import TextRoute
from crdt_pms.state.content_digest import BUCKETS, RowName

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]", "::1"]
WEB = pathlib.Path(__file__).parent.parent / "web"
PAGE_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
"""The page runs its own scripts only, and a guest's name or a note cannot add one."""


_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {status.HTTP_404_NOT_FOUND: {"model": RefusedBody}}


def build_app(terminal: Terminal, handed_clock: HandedClock | None = None) -> FastAPI:
    """The application. With `handed_clock`, the control channel of a replay exists; otherwise its path does not."""
    app = FastAPI(
        title="crdt-pms terminal",
        version="1",
        docs_url="/docs",
        redoc_url=None,
        responses={422: {"model": RefusedBody}, 507: {"model": RefusedBody}},
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_HOSTS)
    app.include_router(_actions(terminal), prefix="/api/actions", tags=["actions"])
    app.include_router(_reading(terminal), prefix="/api", tags=["reading"])
    app.include_router(lists_router(terminal), prefix="/api", tags=["reading"])
    app.include_router(_pages(terminal), prefix="/api", tags=["reading"])
    app.include_router(_network(terminal), prefix="/api", tags=["network"])
    app.include_router(_comparing(terminal), prefix="/api", tags=["comparing"])
    if handed_clock is not None:
        app.include_router(_control(handed_clock), prefix="/control", include_in_schema=False)
    install_answers(app)
    app.mount("/static", StaticFiles(directory=WEB), name="static")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(WEB / "index.html", headers={"Content-Security-Policy": PAGE_POLICY})

    @app.get("/health", tags=["network"])
    async def health() -> HealthBody:
        """Answers as soon as the terminal can be used."""
        return HealthBody()

    return app


def _actions(terminal: Terminal) -> APIRouter:
    """One endpoint for each action of the desk; its body is the action's fields."""
    router = APIRouter(route_class=TextRoute, responses={status.HTTP_409_CONFLICT: {"model": RefusedBody}})

    def add(name: str, action_class: type[Action]) -> None:
        make = cast("Callable[..., Action]", action_class)

        async def act(
            body: BaseModel,
            x_staff: Annotated[str, Header(min_length=1, max_length=64, description="Who acts")],
        ) -> ActedBody:
            acted = terminal.act(make(**body.model_dump()), x_staff)
            decision = acted.decision
            return ActedBody(
                entries=[(entry.dot.journal.hex(), entry.dot.seq) for entry in acted.entries],
                outcome={"stay": decision.stay, "guest": decision.guest, "posting": decision.posting},
                notices=[views.notice_line(notice) for notice in decision.notices],
            )

        act.__annotations__["body"] = _body_of(action_class)
        summary, _break, description = (action_class.__doc__ or name).partition("\n")
        router.post(f"/{name}", name=name, summary=summary, description=description)(act)

    for name, action_class in ACTIONS.items():
        add(name, action_class)

    @router.post("/{name}", include_in_schema=False)
    async def unknown(name: str) -> None:
        advice = Words("画面を読み込み直してください。", "Load the page again.")
        raise nothing("action_unknown", name, Words("処理", "action"), advice)

    return router


def _body_of(action_class: type[Action]) -> type[BaseModel]:
    """The action's fields as a strict model: a misspelt field is an error, not an ignored wish."""
    hints = get_type_hints(action_class)
    declared: dict[str, Any] = {
        one.name: (hints[one.name], ... if one.default is MISSING else one.default)
        for one in fields(cast("Any", action_class))
    }
    return create_model(
        f"{action_class.__name__}Body",
        __config__=ConfigDict(extra="forbid", strict=True),
        __doc__=action_class.__doc__,
        **declared,
    )


def _reading(terminal: Terminal) -> APIRouter:
    """The property and its lists."""
    router = APIRouter(route_class=TextRoute)

    @router.get("/property")
    async def property_() -> views.PropertyView:
        """The property, its staff, and the words for everything that has a fixed set of values."""
        return views.property_view(terminal.replica.view())

    @router.get("/board")
    async def board() -> tuple[views.BoardRow, ...]:
        """Every room with what housekeeping, maintenance and the front office say of it, and what stands about it."""
        view = terminal.replica.view()
        return views.room_board(view, terminal.alerts(), terminal.reading.departed(view.business_date))

    @router.get("/arrivals")
    async def arrivals() -> tuple[views.StayLine, ...]:
        """Reserved stays that arrive on the business date, or should have."""
        return views.arrivals(terminal.replica.view())

    @router.get("/in-house")
    async def in_house() -> tuple[views.StayLine, ...]:
        """Every stay whose guest is here."""
        return views.in_house(terminal.replica.view())

    @router.get("/due-outs")
    async def due_outs() -> tuple[views.StayLine, ...]:
        """Guests in house who leave on the business date, or should have."""
        return views.due_outs(terminal.replica.view())

    return router


def _pages(terminal: Terminal) -> APIRouter:
    """Single rows and documents, and what needs a person's eye."""
    router = APIRouter(route_class=TextRoute)

    @router.get("/stays/{stay}", responses=_NOT_FOUND)
    async def stay_(stay: str) -> views.StayDetail:
        """Everything about one stay."""
        found = views.stay_detail(terminal.replica.view(), stay)
        if found is None:
            raise NotFoundError(refused_body(Refused(RefusalCode.STAY_UNKNOWN, stay=stay[:80])))
        return found

    @router.get("/folios/{folio:path}", responses=_NOT_FOUND)
    async def folio_(folio: str) -> views.FolioDetail:
        """One folio with its postings."""
        found = views.folio_detail(terminal.replica.view(), folio)
        if found is None:
            advice = Words("滞在から開いてください。", "Open it from its stay.")
            raise nothing("folio_unknown", folio, Words("会計", "folio"), advice)
        return found

    @router.get("/conflicts")
    async def conflicts() -> tuple[views.ConflictLine, ...]:
        """Every conflict that stands, of rows and of the board, and the newest closed ones."""
        return views.conflict_lines(terminal.replica.view())

    @router.get("/alerts")
    async def alerts() -> tuple[views.AlertLine, ...]:
        """Every rule that does not hold: of rows, of the board, of the journals."""
        return views.alert_lines(terminal.replica.view(), terminal.alerts())

    @router.get("/notes/{document:path}", responses=_NOT_FOUND)
    async def note(document: str) -> NoteBody:
        """The note of a room (`note/room/…`) or stay (`note/stay/…`), or a day's shift log (`shift-log/…`)."""
        if not has_document(terminal.replica.view(), document):
            raise NotFoundError(refused_body(Refused(RefusalCode.DOCUMENT_UNKNOWN, document=document[:80])))
        return NoteBody(document=document, text=terminal.replica.note_text(document))

    return router


def _network(terminal: Terminal) -> APIRouter:
    """Plugs, links and sync state."""
    router = APIRouter(route_class=TextRoute)

    @router.get("/sync")
    async def sync(
        *, vector: Annotated[bool, Query(description="Whether to name every journal that is held")] = False
    ) -> SyncBody:
        """What is held, what the relay has not committed yet, and how every link stands."""
        return SyncBody.model_validate({**terminal.sync_state(), "vector": terminal.vector() if vector else None})

    @router.post("/sync/run", status_code=status.HTTP_202_ACCEPTED)
    async def run_sync() -> StartedBody:
        """Connect and compare now instead of at the next interval (同期実行)."""
        terminal.sync_now()
        return StartedBody()

    @router.post("/plugs/{name}", responses=_NOT_FOUND)
    async def set_plug(name: str, body: PlugBody) -> PlugState:
        """Pull a network plug (`relay` or `lan`) or put it back."""
        plug = terminal.plugs.get(name)
        if plug is None:
            advice = Words("relay か lan です。", "Use relay or lan.")
            raise nothing("plug_unknown", name, Words("プラグ", "plug"), advice)
        if body.plugged:
            plug.put_back()
        else:
            plug.pull()
        terminal.changes.notify()
        return PlugState(name=name, plugged=body.plugged)

    @router.get("/events", response_class=StreamingResponse)
    async def events() -> StreamingResponse:
        """Server-sent events: one at once, and one for each burst of changes."""
        return StreamingResponse(
            change_events(terminal), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return router


def _comparing(terminal: Terminal) -> APIRouter:
    """Where this terminal's content differs from another node's."""
    router = APIRouter(route_class=TextRoute)

    @router.get("/digest")
    async def digest() -> DigestBody:
        """The content digest in buckets, to be compared with another terminal's."""
        return DigestBody(buckets=[one.hex() for one in terminal.replica.digest_buckets()])

    @router.get("/digest/{bucket}")
    async def digest_rows(bucket: Annotated[int, Path(ge=0, lt=BUCKETS)]) -> DigestRowsBody:
        """The rows of one bucket."""
        rows = terminal.replica.digest_rows(bucket).items()
        return DigestRowsBody(rows=[DigestRow(group=name.group, row=name.row, sum=one.hex()) for name, one in rows])

    @router.get("/digest/row/{group}/{row:path}")
    async def digest_fields(group: str, row: str) -> DigestFieldsBody:
        """The fields of one row; none for a row that is not here."""
        found = terminal.replica.digest_fields(RowName(group, row))
        return DigestFieldsBody(fields={field: one.hex() for field, one in found.items()})

    return router


def _control(clock: HandedClock) -> APIRouter:
    router = APIRouter(route_class=TextRoute)

    @router.post("/clock")
    async def hand(body: ClockBody) -> ClockBody:
        clock.hand(body.now_ms)
        return ClockBody(now_ms=clock.now_ms())

    return router
