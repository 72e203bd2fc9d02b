"""Everything that is not done or not found, as one shape of answer: a code, the reason and the advice in both languages."""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from clients.terminal.bodies import RefusedBody
from crdt_pms.desk.refusals import Refused
from crdt_pms.documents.errors import BoardWriteRefused, CardNumberRefused, DocumentError, TextTooLong
from crdt_pms.hotel.words import Words
from crdt_pms.ports.errors import (
    CommitOutcomeUnknown,
    StoreError,
    StoreFailing,
    StoreFull,
    StoreNewer,
    StoreUnavailable,
)
from crdt_pms.reading.pages import CursorInvalid
from crdt_pms.reading.ranges import RANGE_DAYS_MAX, RangeInvalid


class NotFoundError(Exception):
    """The request names something that is not here. `body` is the whole answer."""

    def __init__(self, body: RefusedBody) -> None:
        super().__init__(body.message_en)
        self.body = body


def install_answers(app: FastAPI) -> None:
    """Answer every refusal and error of the application in words."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(RequestValidationError, _unusable)
    app.add_exception_handler(DocumentError, _document_refused)
    app.add_exception_handler(CursorInvalid, _cursor_invalid)
    app.add_exception_handler(RangeInvalid, _range_invalid)
    app.add_exception_handler(StoreError, _not_saved)
    app.add_exception_handler(HTTPException, _no_endpoint)


def _body(code: str, message: Words, advice: Words) -> RefusedBody:
    return RefusedBody(
        code=code, message_ja=message.ja, message_en=message.en, advice_ja=advice.ja, advice_en=advice.en
    )


def nothing(code: str, name: str, kind: Words, advice: Words) -> NotFoundError:
    shown = name[:80]
    return NotFoundError(_body(code, Words(f"{kind.ja}「{shown}」はありません。", f"No {kind.en}: {shown}"), advice))


def refused_body(refused: Refused) -> RefusedBody:
    message, advice = (refused.message_ja, refused.message_en), (refused.advice_ja, refused.advice_en)
    return _body(refused.code, Words(*message), Words(*advice))


def _answer(body: RefusedBody, status_code: int) -> JSONResponse:
    return JSONResponse(body.model_dump(), status_code)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return _answer(refused_body(error), status.HTTP_409_CONFLICT)


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


async def _cursor_invalid(_request: Request, _error: Exception) -> JSONResponse:
    message = Words("一覧の続きを開けません。", "The cursor is none that this list gave.")
    advice = Words("一覧を最初から開いてください。", "Begin with the first page, without a cursor.")
    return _answer(_body("cursor_invalid", message, advice), status.HTTP_422_UNPROCESSABLE_CONTENT)


async def _range_invalid(_request: Request, error: Exception) -> JSONResponse:
    message = Words("日付の範囲が正しくありません。", f"The range of dates cannot be shown: {error}")
    advice = Words(
        f"開始日から終了日まで{RANGE_DAYS_MAX}日以内にしてください。",
        f"Give a first date that is not after the last, and at most {RANGE_DAYS_MAX} days.",
    )
    return _answer(_body("range_invalid", message, advice), status.HTTP_422_UNPROCESSABLE_CONTENT)


async def _no_endpoint(_request: Request, error: Exception) -> JSONResponse:
    """The path or its method is none of this application's."""
    assert isinstance(error, HTTPException)
    message = Words("この操作はありません。", f"There is nothing here: {error.detail}")
    advice = Words("画面を読み込み直してください。", "Load the page again; /openapi.json lists what there is.")
    return _answer(_body("endpoint_unknown", message, advice), error.status_code)


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
    BoardWriteRefused: _body(
        "board_value_unusable",
        Words("客室ボードに書けない文字または長さです。", "The room board cannot hold this text."),
        Words("短くするか、特殊な文字を除いてください。", "Shorten it, or leave out unusual characters."),
    ),
}
_REPAIR: Final = Words(
    "ファイルを消さず、データ修復を始めてください。", "Keep the files as they are and start the repair."
)
_STORE_ADVICE: Final[Mapping[type[StoreError], Words]] = {
    StoreFull: Words("ディスクの空きを作り、やり直してください。", "Make room on the disk and try again."),
    StoreFailing: Words(
        "ディスクを点検し、端末を再起動してください。繰り返す場合はディスクを交換してください。",
        "Check the disk and restart the terminal; replace the disk when it happens again.",
    ),
    StoreNewer: Words("新しい版のプログラムを起動してください。", "Start the newer version of the program."),
    StoreUnavailable: Words("少し待ってやり直してください。", "Wait a moment and try again."),
    CommitOutcomeUnknown: Words(
        "結果を確かめてから、必要ならやり直してください。", "Look whether it happened before trying again."
    ),
}
"""What to do; what else a store reports means repair."""
