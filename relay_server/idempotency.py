"""Answers that were given under an idempotency key, kept in the transaction of what they answer for, for some days."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, cast

import msgpack

from crdt_pms.journal.wire import pack
from crdt_pms.ports.store import Transaction
from relay_server.limits import IDEMPOTENCY_FORGOTTEN_AT_ONCE, IDEMPOTENCY_KEPT_MS

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with: HTTP status, JSON body as bytes, entity tag."""

    status: int
    body: bytes
    etag: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An idempotency key as one origin system gave it, and the digest of the request that it came with."""

    origin: str
    key: str
    fingerprint: bytes

    @property
    def name(self) -> str:
        """Under which name the answer is kept."""
        return f"{self.origin}/{hashlib.sha256(self.key.encode()).hexdigest()}"


class KeyReused(Exception):
    """The key was used before with another request; nothing was done."""


def remembered(transaction: Transaction, key: RequestKey) -> Answer | None:
    """The answer that was given under this key. Raises KeyReused when it was given to another request."""
    stored = transaction.answer(key.name)
    if stored is None:
        return None
    _, fingerprint, status, body, etag = cast(tuple[int, bytes, int, bytes, str], msgpack.unpackb(stored))
    if fingerprint != key.fingerprint:
        raise KeyReused(key.key)
    return Answer(status, body, etag, repeated=True)


def remember(transaction: Transaction, key: RequestKey, answer: Answer, now_ms: int) -> None:
    """Keep the answer given now, and forget some that are old; the caller must do so in the transaction of what was written.

    Each answer forgets more than one at most, so no more of them are kept than are given in the time of keeping.
    """
    content = pack([_VERSION, key.fingerprint, answer.status, answer.body, answer.etag])
    transaction.put_answer(key.name, content, now_ms)
    transaction.forget_answers(now_ms - IDEMPOTENCY_KEPT_MS, IDEMPOTENCY_FORGOTTEN_AT_ONCE)
