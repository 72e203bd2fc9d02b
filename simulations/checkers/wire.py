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
DEVICE_DOMAIN: Final = b"crdt-pms device v1\0"
ADMINISTRATOR: Final = "administrator"
OPERATION: Final = 1
DOCUMENT: Final = 2
STATEMENT: Final = 3
CONTENT: Final = 0
PERSONAL: Final = 1
PREFIX_BYTES: Final = 8
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
    supersedes: tuple[Dot, ...]
    reads: tuple[Dot, ...]
    prefixes: Mapping[Dot, bytes]
    keys: tuple[tuple[str, str, int], ...]
    documents: tuple[str, ...]
    action: tuple[str, int]
    level: int
    format: int
    parts: tuple[tuple[int, bytes], ...]

    @property
    def document(self) -> str:
        """The document that an update changes; empty for all else."""
        return self.documents[0] if self.kind == DOCUMENT and len(self.documents) == 1 else ""


class DeviceLink(NamedTuple):
    """One link of a chain: an issuer's word on a device. `signed` is what `signature` is over."""

    property_id: str
    device_key: bytes
    device_class: str
    issuer_key: bytes
    signed: bytes
    signature: bytes


class Certificate(NamedTuple):
    """What the certificate of a journal says. `chain` begins with the device's own link.

    `previous` is the entry of the device's former journal that it goes on from.

    The number of `previous` is 0 where nothing had been written to the former journal; it is None for a device's first one.
    """

    journal: bytes
    chain: tuple[DeviceLink, ...]
    previous: Dot | None

    @property
    def property_id(self) -> str:
        """The property of the journal's device."""
        return self.chain[0].property_id

    @property
    def device_key(self) -> bytes:
        """The key of the journal's device."""
        return self.chain[0].device_key


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
            bytes(journal), int(seq), bytes(previous), int(kind), int(milliseconds), int(counter), str(author), str(),
            dict(context), list(supersedes), list(reads), list(keys), list(), list(documents), [str(action), int(first)],
            _, int(level), int(payload_format), list(parts),
        ] if len(journal) == JOURNAL_BYTES and seq > 0:  # fmt: skip
            replaced, read = _named(supersedes), _named(reads)
            return Header(
                Dot(journal, seq),
                previous,
                (milliseconds, counter),
                kind,
                author,
                _vector(cast("dict[Any, Any]", context)),
                tuple(replaced),
                tuple(read),
                {**replaced, **read},
                tuple(_key(key) for key in cast("list[object]", keys)),
                tuple(str(document) for document in cast("list[object]", documents)),
                (action, first),
                level,
                payload_format,
                tuple(_part(part) for part in cast("list[object]", parts)),
            )
        case _:
            raise FormatWrong("not the header of an entry")


def decode_certificate(encoded: bytes) -> Certificate:
    """The certificate of a journal, no signature verified. Raises FormatWrong."""
    match unpacked(encoded):
        case [1, bytes(journal), bytes(chain), previous, int(), int()]:
            return Certificate(journal, _chain(chain), _previous(previous))
        case _:
            raise FormatWrong("not the certificate of a journal")


def parts_of(encoded: bytes) -> tuple[bytes | None, ...]:
    """The stored parts of a payload. Raises FormatWrong."""
    match unpacked(encoded):
        case list(parts) if all(part is None or type(part) is bytes for part in cast("list[object]", parts)):
            return tuple(cast("list[bytes | None]", parts))
        case _:
            raise FormatWrong("not the parts of a payload")


def _chain(encoded: bytes) -> tuple[DeviceLink, ...]:
    match unpacked(encoded):
        case [*items] if items:
            return tuple(_link(item) for item in cast("list[Any]", items))
        case _:
            raise FormatWrong("not a chain of device certificates")


def _link(item: object) -> DeviceLink:
    match item:
        case [bytes(encoded), bytes(signature)]:
            pass
        case _:
            raise FormatWrong("a link of a chain is not bytes and a signature")
    match unpacked(encoded):
        case [1, str(property_id), bytes(key), str(device_class), str(), [int(), int()], bytes(issuer)]:
            return DeviceLink(property_id, key, device_class, issuer, DEVICE_DOMAIN + encoded, signature)
        case _:
            raise FormatWrong("not the certificate of a device")


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


def _named(items: list[Any]) -> dict[Dot, bytes]:
    found: dict[Dot, bytes] = {}
    for item in items:
        match item:
            case [bytes(journal), int(seq), bytes(prefix)] if len(prefix) == PREFIX_BYTES:
                found[Dot(journal, seq)] = prefix
            case _:
                raise FormatWrong("not the name of an entry")
    return found


def _key(item: object) -> tuple[str, str, int]:
    match item:
        case [str(group), str(row), int(flags)]:
            return group, row, flags
        case _:
            raise FormatWrong("not the key of a register")


def _part(item: object) -> tuple[int, bytes]:
    match item:
        case [int(role), bytes(found)] if len(found) == HASH_BYTES:
            return role, found
        case _:
            raise FormatWrong("not the digest of a part")
