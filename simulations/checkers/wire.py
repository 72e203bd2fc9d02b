"""The bytes of entries and certificates: decoded, hashed and verified here, from the format's description alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import msgpack
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from simulations.checkers.violation import Dot

ENTRY_DOMAIN: Final = b"crdt-pms entry v1\0"
CERTIFICATE_DOMAIN: Final = b"crdt-pms certificate v1\0"
OPERATION: Final = 1
DOCUMENT: Final = 2
JOURNAL_BYTES: Final = 16
HASH_BYTES: Final = 32
_NOT_MSGPACK: Final = (ValueError, TypeError, OverflowError, RecursionError, msgpack.exceptions.UnpackException)


class FormatWrong(ValueError):
    """Bytes are not of the format that they should have; the text says how."""


class Header(NamedTuple):
    """What the signed part of an entry says."""

    dot: Dot
    previous_hash: bytes
    stamp: tuple[int, int]
    kind: int
    author: str
    context: Mapping[bytes, int]
    dependencies: tuple[Dot, ...]
    subject: str
    payload_digest: bytes


class Certificate(NamedTuple):
    """What the certificate of a journal says. `previous` is the entry of the device's former journal that it goes on from.

    The number of `previous` is 0 where nothing had been written to the former journal; it is None for a device's first one.
    """

    journal: bytes
    property_id: str
    device_key: bytes
    previous: Dot | None


def unpacked(data: bytes) -> object:
    """What msgpack bytes hold. Raises FormatWrong."""
    unpack = cast("Callable[..., object]", msgpack.unpackb)
    try:
        return unpack(data, raw=False, strict_map_key=False)
    except _NOT_MSGPACK as error:
        raise FormatWrong(f"not msgpack: {type(error).__name__}") from error


def packed(value: object) -> bytes:
    """A value as msgpack bytes."""
    return cast("bytes", cast("Callable[..., object]", msgpack.packb)(value, use_bin_type=True))


def digest(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def genesis_hash(journal: bytes) -> bytes:
    """What the first entry of a journal names as the hash before it."""
    return journal + bytes(HASH_BYTES - len(journal))


def device_id(device_key: bytes) -> str:
    """The device that a public key belongs to."""
    return digest(device_key).hex()[:32]


def is_signed(device_key: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether Ed25519 has this signature under this key over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(device_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def decode_header(header: bytes) -> Header:
    """The header of an entry. Raises FormatWrong."""
    match unpacked(header):
        case [
            1, bytes(journal), int(seq), bytes(previous), int(milliseconds), int(counter), int(kind), str(author),
            dict(context), list(dependencies), str(subject), bytes(payload_digest),
        ] if len(journal) == JOURNAL_BYTES and seq > 0 and kind in (OPERATION, DOCUMENT):  # fmt: skip
            named = tuple(_dot(item) for item in cast("list[Any]", dependencies))
            seen = _vector(cast("dict[Any, Any]", context))
            stamp = (milliseconds, counter)
            return Header(Dot(journal, seq), previous, stamp, kind, author, seen, named, subject, payload_digest)
        case _:
            raise FormatWrong("not the header of an entry")


def decode_certificate(encoded: bytes) -> Certificate:
    """The certificate of a journal, its signature not verified. Raises FormatWrong."""
    match unpacked(encoded):
        case [1, bytes(journal), str(property_id), bytes(device_key), previous, int(), int()]:
            return Certificate(journal, property_id, device_key, _previous(previous))
        case _:
            raise FormatWrong("not the certificate of a journal")


def _previous(item: object) -> Dot | None:
    match item:
        case None:
            return None
        case [bytes(journal), int(seq), bytes()]:
            return Dot(journal, seq)
        case _:
            raise FormatWrong("what a certificate goes on from is not the identity of an entry and its hash")


def _vector(items: Mapping[Any, Any]) -> Mapping[bytes, int]:
    if not all(type(journal) is bytes and type(seq) is int for journal, seq in items.items()):
        raise FormatWrong("a context is not a vector")
    return items


def _dot(item: object) -> Dot:
    match item:
        case [bytes(journal), int(seq)]:
            return Dot(journal, seq)
        case _:
            raise FormatWrong("a dependency is not the identity of an entry")
