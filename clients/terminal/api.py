"""The terminal's local HTTP API: what the screens are clients of, and nothing else.

Every endpoint is a coroutine on the loop's thread, which owns the replica. An action answers when it is durable here; it never
waits for a network.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, HTTPException, Request, status
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from clients.terminal.events import change_events
from clients.terminal.terminal import Terminal
from crdt_pms.desk import views
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.refusals import Refused
from crdt_pms.documents.errors import DocumentError
from crdt_pms.replica.port import StoreError
from crdt_pms.runtime.clocks import HandedClock

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]", "::1"]
WEB = Path(__file__).parent.parent / "web"


class ActedBody(BaseModel):
    """What an action wrote: its entries as [journal (hex), number], the rows it was about, and notices to its author."""

    entries: list[tuple[str, int]]
    outcome: dict[str, str | None]
    notices: list[dict[str, str]]


class RefusedBody(BaseModel):
    """Why an action was not taken, in words; nothing was written."""

    code: str
    message_ja: str
    message_en: str
    advice_ja: str
    advice_en: str


class PlugBody(BaseModel):
    """Whether the network plug is in."""

    plugged: bool


class ClockBody(BaseModel):
    """Hotel time in UTC milliseconds, handed out by a replay's driver."""

    now_ms: int


def build_app(terminal: Terminal, handed_clock: HandedClock | None = None) -> FastAPI:
    """The application. With `handed_clock`, the control channel of a replay exists; otherwise its path does not."""
    app = FastAPI(title="crdt-pms terminal", version="1", docs_url="/docs", redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_HOSTS)
    app.include_router(_actions(terminal), prefix="/api/actions", tags=["actions"])
    app.include_router(_reading(terminal), prefix="/api", tags=["reading"])
    app.include_router(_network(terminal), prefix="/api", tags=["network"])
    if handed_clock is not None:
        app.include_router(_control(handed_clock), prefix="/control", include_in_schema=False)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(DocumentError, _document_refused)
    app.add_exception_handler(StoreError, _not_saved)
    app.mount("/static", StaticFiles(directory=WEB), name="static")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:  # pyright: ignore[reportUnusedFunction]
        return FileResponse(WEB / "index.html")

    @app.get("/health", tags=["network"])
    async def health() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        """Answers as soon as the terminal can be used."""
        return {"status": "ok"}

    return app


def _actions(terminal: Terminal) -> APIRouter:
    """One endpoint for each action of the desk; its body is the action's fields."""
    router = APIRouter(responses={status.HTTP_409_CONFLICT: {"model": RefusedBody}})

    def add(name: str, action_class: type[Any]) -> None:
        async def act(
            action: action_class,  # pyright: ignore[reportInvalidTypeForm]
            x_staff: Annotated[str, Header(min_length=1, max_length=64, description="Who acts")],
        ) -> ActedBody:
            acted = terminal.act(action, x_staff)
            decision = acted.decision
            return ActedBody(
                entries=[(entry.dot.journal.hex(), entry.dot.seq) for entry in acted.entries],
                outcome={"stay": decision.stay, "guest": decision.guest, "posting": decision.posting},
                notices=[views.notice_words(notice) for notice in decision.notices],
            )

        router.post(f"/{name}", name=name, summary=(action_class.__doc__ or name).splitlines()[0])(act)

    for name, action_class in ACTIONS.items():
        add(name, action_class)
    return router


def _reading(terminal: Terminal) -> APIRouter:
    """The read models of the screens."""
    router = APIRouter()

    @router.get("/board")
    async def board() -> list[dict[str, Any]]:  # pyright: ignore[reportUnusedFunction]
        """Every room with what housekeeping, maintenance and the front office say of it."""
        return [asdict(room) for room in views.room_board(terminal.replica.view())]

    return router


def _network(terminal: Terminal) -> APIRouter:
    """Plugs, links and sync state."""
    router = APIRouter()

    @router.get("/property")
    async def property_() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """The property, its staff and the words of its rooms."""
        return terminal.describe_property()

    @router.get("/sync")
    async def sync() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """What is held, what the relay has not committed yet, and how every link stands."""
        return terminal.sync_state()

    @router.post("/sync/run", status_code=status.HTTP_202_ACCEPTED)
    async def run_sync() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        """Connect and compare now instead of at the next interval (同期実行)."""
        terminal.sync_now()
        return {"status": "started"}

    @router.post("/plugs/{name}")
    async def set_plug(name: str, body: PlugBody) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Pull a network plug (`relay` or `lan`) or put it back."""
        plug = terminal.plugs.get(name)
        if plug is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"there is no plug {name!r}: use relay or lan")
        if body.plugged:
            plug.put_back()
        else:
            plug.pull()
        terminal.node.changes.notify()
        return {"name": name, "plugged": body.plugged}

    @router.get("/events")
    async def events() -> StreamingResponse:  # pyright: ignore[reportUnusedFunction]
        """Server-sent events: one for each burst of changes."""
        return StreamingResponse(change_events(terminal), media_type="text/event-stream")

    return router


def _control(clock: HandedClock) -> APIRouter:
    router = APIRouter()

    @router.post("/clock")
    async def hand(body: ClockBody) -> dict[str, int]:  # pyright: ignore[reportUnusedFunction]
        clock.hand(body.now_ms)
        return {"now_ms": clock.now_ms()}

    return router


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    body = RefusedBody(
        code=error.code,
        message_ja=error.message_ja,
        message_en=error.message_en,
        advice_ja=error.advice_ja,
        advice_en=error.advice_en,
    )
    return JSONResponse(body.model_dump(), status.HTTP_409_CONFLICT)


async def _document_refused(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": type(error).__name__, "message_en": str(error)}, status.HTTP_409_CONFLICT)


async def _not_saved(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse(
        {
            "code": type(error).__name__,
            "message_ja": "💾 保存エラー・データ修復",
            "message_en": f"💾 not saved: {error}",
        },
        status.HTTP_507_INSUFFICIENT_STORAGE,
    )
