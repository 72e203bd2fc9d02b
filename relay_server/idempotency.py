"""Answers that were given under an idempotency key, kept in the transaction of what they answer for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, cast

import msgpack

from crdt_pms.journal.wire import pack
from crdt_pms.replica.port import Transaction

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
        return f"idempotency/{self.origin}/{hashlib.sha256(self.key.encode()).hexdigest()}"


class KeyReused(Exception):
    """The key was used before with another request; nothing was done."""


def remembered(transaction: Transaction, key: RequestKey) -> Answer | None:
    """The answer that was given under this key. Raises KeyReused when it was given to another request."""
    stored = transaction.get_state(key.name)
    if stored is None:
        return None
    _, fingerprint, status, body, etag = cast(tuple[int, bytes, int, bytes, str], msgpack.unpackb(stored))
    if fingerprint != key.fingerprint:
        raise KeyReused(key.key)
    return Answer(status, body, etag, repeated=True)


def remember(transaction: Transaction, key: RequestKey, answer: Answer) -> None:
    """Keep the answer; the caller must do so in the transaction of what was written."""
    transaction.put_state(key.name, pack([_VERSION, key.fingerprint, answer.status, answer.body, answer.etag]))
