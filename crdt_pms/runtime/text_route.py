"""Refuses requests with what JSON can say and no text can hold: lone surrogates and NUL, at any place.

No file, database, signature or screen takes them. They are refused before anything else looks at the request, as the error
with which every other unusable field is answered.
"""

import json
import re
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from typing import Any, Final, cast

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_NO_HEADER_TEXT: Final = re.compile(r"[^\x20-\x7e]")
HEADERS_READ: Final = ("authorization", "idempotency-key", "if-match", "x-staff")
PLACES_TOLD_MAX: Final = 5

Place = tuple[str | int, ...]


class TextRoute(APIRoute):
    """A route whose handler sees usable text only. Raises RequestValidationError that names the places otherwise."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            # A caller that only reads may be a stream of events, whose request never ends.
            body = b"" if request.method == "GET" else await request.body()
            wrong = list(islice(_unusable(request, body), PLACES_TOLD_MAX))
            if wrong:
                raise RequestValidationError(
                    [{"type": "text_unusable", "loc": place, "msg": "holds what no text can hold"} for place in wrong]
                )
            return await handle(request)

        return checked


def unusable_places(said: object, place: Place = ()) -> Iterator[Place]:
    """Where decoded JSON says what no text can hold, keys too."""
    waiting: list[tuple[Place, object]] = [(place, said)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, str):
            if NO_TEXT.search(value):
                yield at
        elif isinstance(value, list):
            waiting.extend(((*at, index), item) for index, item in enumerate(cast("list[object]", value)))
        elif isinstance(value, dict):
            for key, item in cast("dict[str, object]", value).items():
                # Told in ASCII: the answer is text.
                told = ascii(key)[1:-1] if NO_TEXT.search(key) else key
                if told != key:
                    yield (*at, told)
                waiting.append(((*at, told), item))


def _unusable(request: Request, body: bytes) -> Iterator[Place]:
    for kind, texts in (("path", request.path_params), ("query", request.query_params)):
        yield from ((kind, name) for name, text in texts.items() if NO_TEXT.search(str(text)))
    yield from (("header", name) for name in HEADERS_READ if _NO_HEADER_TEXT.search(request.headers.get(name, "")))
    try:
        said = json.loads(body or b"null")
    except json.JSONDecodeError:
        # The route itself says where it is none.
        return
    except (ValueError, RecursionError):
        yield ("body",)
        return
    yield from unusable_places(said, ("body",))
