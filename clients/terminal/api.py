"""The terminal's local HTTP API: what the screens are clients of, and nothing else.

Every endpoint is a coroutine on the loop's thread, which owns the replica. An action answers when it is durable here;
it never waits for a network. What is not done or not found is always said as a `RefusedBody`.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast, get_type_hints

from fastapi import APIRouter, FastAPI, Header, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, create_model
from starlette.middleware.trustedhost import TrustedHostMiddleware

from clients.terminal.events import change_events
from clients.terminal.terminal import Terminal
from crdt_pms.desk import views
from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.documents.errors import CardNumberRefused, DocumentError, TextTooLong
from crdt_pms.hotel.words import Words
from crdt_pms.replica.port import CommitOutcomeUnknown, StoreError, StoreFull, StoreNewer, StoreUnavailable
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.runtime.link_status import LinkStatus

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]", "::1"]
WEB = Path(__file__).parent.parent / "web"
PAGE_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
"""The page runs its own scripts only, whatever a guest's name or a note may contain."""


class ActedBody(BaseModel):
    """What an action wrote: its entries as [journal (hex), number], the rows it was about, notices to its author."""

    entries: list[tuple[str, int]]
    outcome: dict[Literal["stay", "guest", "posting"], str | None]
    notices: list[views.NoticeLine]


class RefusedBody(BaseModel):
    """Why something was not done or not found, in words, and what to do instead; nothing was written."""

    code: str
    message_ja: str
    message_en: str
    advice_ja: str
    advice_en: str


class NoteBody(BaseModel):
    """The text of a note or shift log as it stands here; empty before anybody wrote it."""

    document: str
    text: str


class PlugsBody(BaseModel):
    """Which network plugs are in."""

    relay: bool
    lan: bool


class SyncBody(BaseModel):
    """How this terminal, the device of that name, stands to the others. Instants are UTC milliseconds.

    `offline`: no link to the relay is open; `relay_overdue`: it failed so often that somebody should look. `tentative`
    entries are durable here and not committed by the relay; its order is known here through `committed_through`, in the
    database `generation`. `vector` says for each journal (hex) the last entry held. Two terminals with equal vectors have
    equal `content_hash`.
    """

    device: str
    tentative: int
    committed_through: int
    generation: str | None
    vector: dict[str, int]
    content_hash: str
    offline: bool
    relay_overdue: bool
    quarantined: int
    position: int
    plugs: PlugsBody
    links: list[LinkStatus]
    counters: dict[str, int]


class StartedBody(BaseModel):
    """Something goes on in the background."""

    status: Literal["started"] = "started"


class HealthBody(BaseModel):
    """The terminal can be used."""

    status: Literal["ok"] = "ok"


class PlugBody(BaseModel):
    """Whether the network plug is to be in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    plugged: bool


class PlugState(BaseModel):
    """A network plug, and whether it is in."""

    name: str
    plugged: bool


class ClockBody(BaseModel):
    """Hotel time in UTC milliseconds, handed out by a replay's driver."""

    now_ms: int


class NotFoundError(Exception):
    """The request names something that is not here. `body` is the whole answer."""

    def __init__(self, body: RefusedBody) -> None:
        super().__init__(body.message_en)
        self.body = body


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
    app.include_router(_pages(terminal), prefix="/api", tags=["reading"])
    app.include_router(_network(terminal), prefix="/api", tags=["network"])
    if handed_clock is not None:
        app.include_router(_control(handed_clock), prefix="/control", include_in_schema=False)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(RequestValidationError, _unusable)
    app.add_exception_handler(DocumentError, _document_refused)
    app.add_exception_handler(StoreError, _not_saved)
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
    router = APIRouter(responses={status.HTTP_409_CONFLICT: {"model": RefusedBody}})

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
        raise _nothing("action_unknown", name, Words("処理", "action"), advice)

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
    router = APIRouter()

    @router.get("/property")
    async def property_() -> views.PropertyView:
        """The property, its staff, and the words for everything that has a fixed set of values."""
        return views.property_view(terminal.replica.view())

    @router.get("/board")
    async def board() -> tuple[views.BoardRow, ...]:
        """Every room with what housekeeping, maintenance and the front office say of it."""
        return views.room_board(terminal.replica.view())

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
    router = APIRouter()

    @router.get("/stays/{stay}", responses=_NOT_FOUND)
    async def stay_(stay: str) -> views.StayDetail:
        """Everything about one stay."""
        found = views.stay_detail(terminal.replica.view(), stay)
        if found is None:
            raise NotFoundError(_refused_body(Refused(RefusalCode.STAY_UNKNOWN, stay=stay[:80])))
        return found

    @router.get("/folios/{folio:path}", responses=_NOT_FOUND)
    async def folio_(folio: str) -> views.FolioDetail:
        """One folio with its postings."""
        found = views.folio_detail(terminal.replica.view(), folio)
        if found is None:
            advice = Words("滞在から開いてください。", "Open it from its stay.")
            raise _nothing("folio_unknown", folio, Words("会計", "folio"), advice)
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
        if not views.has_document(terminal.replica.view(), document):
            raise NotFoundError(_refused_body(Refused(RefusalCode.DOCUMENT_UNKNOWN, document=document[:80])))
        return NoteBody(document=document, text=terminal.replica.note_text(document))

    return router


def _network(terminal: Terminal) -> APIRouter:
    """Plugs, links and sync state."""
    router = APIRouter()

    @router.get("/sync")
    async def sync() -> SyncBody:
        """What is held, what the relay has not committed yet, and how every link stands."""
        return SyncBody.model_validate(terminal.sync_state())

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
            raise _nothing("plug_unknown", name, Words("プラグ", "plug"), advice)
        if body.plugged:
            plug.put_back()
        else:
            plug.pull()
        terminal.node.changes.notify()
        return PlugState(name=name, plugged=body.plugged)

    @router.get("/events", response_class=StreamingResponse)
    async def events() -> StreamingResponse:
        """Server-sent events: one at once, and one for each burst of changes."""
        return StreamingResponse(
            change_events(terminal), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return router


def _control(clock: HandedClock) -> APIRouter:
    router = APIRouter()

    @router.post("/clock")
    async def hand(body: ClockBody) -> ClockBody:
        clock.hand(body.now_ms)
        return ClockBody(now_ms=clock.now_ms())

    return router


def _body(code: str, message: Words, advice: Words) -> RefusedBody:
    return RefusedBody(
        code=code, message_ja=message.ja, message_en=message.en, advice_ja=advice.ja, advice_en=advice.en
    )


def _nothing(code: str, name: str, kind: Words, advice: Words) -> NotFoundError:
    shown = name[:80]
    return NotFoundError(_body(code, Words(f"{kind.ja}「{shown}」はありません。", f"No {kind.en}: {shown}"), advice))


def _refused_body(refused: Refused) -> RefusedBody:
    message, advice = (refused.message_ja, refused.message_en), (refused.advice_ja, refused.advice_en)
    return _body(refused.code, Words(*message), Words(*advice))


def _answer(body: RefusedBody, status_code: int) -> JSONResponse:
    return JSONResponse(body.model_dump(), status_code)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return _answer(_refused_body(error), status.HTTP_409_CONFLICT)


async def _not_found(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, NotFoundError)
    return _answer(error.body, status.HTTP_404_NOT_FOUND)


async def _unusable(_request: Request, error: Exception) -> JSONResponse:
    """The request itself is wrong: a field is missing, of another type, or unknown."""
    assert isinstance(error, RequestValidationError)
    wrong = {str(one["loc"][-1]): str(one["msg"]) for one in error.errors()}
    body = _STAFF_MISSING
    if "x-staff" not in wrong:
        said_en = ", ".join(f"{name} ({why})" for name, why in wrong.items())
        message = Words(f"使えない項目があります: {'、'.join(wrong)}", f"Some fields cannot be used: {said_en}")
        body = _body("request_unusable", message, Words("入力を確かめてください。", "Check what was entered."))
    return _answer(body, status.HTTP_422_UNPROCESSABLE_CONTENT)


async def _document_refused(request: Request, error: Exception) -> JSONResponse:
    for kind, body in _DOCUMENT_REFUSALS.items():
        if isinstance(error, kind):
            return _answer(body, status.HTTP_409_CONFLICT)
    # What is stored does not load: nothing that the author could do differently.
    return await _not_saved(request, error)


async def _not_saved(_request: Request, error: Exception) -> JSONResponse:
    advice = next((words for kind, words in _STORE_ADVICE.items() if isinstance(error, kind)), _REPAIR)
    message = Words("💾 保存エラー: 保存できませんでした。", f"💾 Not saved: {error}")
    return _answer(_body(type(error).__name__, message, advice), status.HTTP_507_INSUFFICIENT_STORAGE)


_STAFF_MISSING: Final = _body(
    "staff_missing",
    Words("担当者が選ばれていません。", "Nobody is chosen as acting."),
    Words("担当者を選んでからやり直してください。", "Choose who acts, then try again."),
)
_DOCUMENT_REFUSALS: Final[Mapping[type[DocumentError], RefusedBody]] = {
    TextTooLong: _body(
        "note_too_long",
        Words("メモが長すぎます。", "The note would become too long."),
        Words("短くするか、別のメモに書いてください。", "Shorten it, or use another note."),
    ),
    CardNumberRefused: _body(
        "card_number",
        Words("カード番号らしき数字が含まれています。", "The text holds what looks like a card number."),
        Words("履歴に残るため、番号を除いてください。", "History keeps what a note once said: leave the number out."),
    ),
}
_REPAIR: Final = Words(
    "ファイルを消さず、データ修復を始めてください。", "Keep the files as they are and start the repair."
)
_STORE_ADVICE: Final[Mapping[type[StoreError], Words]] = {
    StoreFull: Words("ディスクの空きを作り、やり直してください。", "Make room on the disk and try again."),
    StoreNewer: Words("新しい版のプログラムを起動してください。", "Start the newer version of the program."),
    StoreUnavailable: Words("少し待ってやり直してください。", "Wait a moment and try again."),
    CommitOutcomeUnknown: Words(
        "結果を確かめてから、必要ならやり直してください。", "Look whether it happened before trying again."
    ),
}
"""What to do; whatever else a store reports means repair."""
