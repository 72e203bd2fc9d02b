"""Whom a property trusts: chains of device certificates from the property's root key down to a device.

The root key is kept offline and signs the first administrator device. Administrators sign other devices, further
administrators too. A chain is verified from its own bytes and the root's public key alone: no list, no rows, no clock.
Whether a device *may write now* is another question, which rows answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.identifiers import DeviceId, device_id_of
from crdt_pms.journal.keys import DeviceKey, is_signed
from crdt_pms.journal.limits import (
    CHAIN_BYTES_MAX,
    CHAIN_LENGTH_MAX,
    DEVICE_CERTIFICATE_BYTES_MAX,
    DEVICE_KEY_BYTES,
    DEVICE_NAME_CHARACTERS_MAX,
    PROPERTY_ID_CHARACTERS_MAX,
    SEQ_MAX,
    SIGNATURE_BYTES,
    STAMP_COUNTER_MAX,
)
from crdt_pms.journal.wire import (
    FieldWrong,
    pack,
    take_bytes,
    take_int,
    take_list,
    take_text,
    unpack_any_array,
    unpack_array,
)

DEVICE_CERTIFICATE_VERSION: Final = 1
_DOMAIN: Final = b"crdt-pms device v1\0"
_CHAINS_REMEMBERED: Final = 1_024


class DeviceClass(StrEnum):
    """What a device is to the property. An administrator works as a terminal too."""

    TERMINAL = "terminal"
    ADMINISTRATOR = "administrator"
    RELAY = "relay"


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """One link of a chain: the issuer's word that a key belongs to a device of that class and name.

    `encoded` and `signature` are its bytes as the issuer made them; `Chain` verifies the signature.
    """

    property_id: str
    device_key: bytes
    device_class: DeviceClass
    name: str
    issued: Stamp
    issuer_key: bytes
    encoded: bytes
    signature: bytes

    @classmethod
    def issue(
        cls, issuer: DeviceKey, property_id: str, device_key: bytes, device_class: DeviceClass, name: str, issued: Stamp
    ) -> DeviceCertificate:
        """Sign a device's public key. CertificateRefused for what no reader would take."""
        encoded = pack(
            [
                DEVICE_CERTIFICATE_VERSION,
                property_id,
                device_key,
                device_class.value,
                name,
                [issued.milliseconds, issued.counter],
                issuer.public_bytes,
            ]
        )
        return cls.decode(encoded, issuer.sign(_DOMAIN + encoded))

    @classmethod
    def decode(cls, encoded: bytes, signature: bytes) -> DeviceCertificate:
        """Decode, without verifying the signature. CertificateRefused when malformed."""
        try:
            version, property_id, device_key, device_class, name, issued, issuer_key = unpack_array(
                encoded, 7, DEVICE_CERTIFICATE_BYTES_MAX
            )
            take_int(version, "version", DEVICE_CERTIFICATE_VERSION, DEVICE_CERTIFICATE_VERSION)
            return cls(
                _take_name(property_id, "property", PROPERTY_ID_CHARACTERS_MAX),
                take_bytes(device_key, "device key", DEVICE_KEY_BYTES),
                _take_class(device_class),
                _take_name(name, "device name", DEVICE_NAME_CHARACTERS_MAX),
                _take_stamp(issued),
                take_bytes(issuer_key, "issuer key", DEVICE_KEY_BYTES),
                encoded,
                signature,
            )
        except FieldWrong as error:
            raise CertificateRefused(f"device certificate refused: {error}") from error

    @property
    def is_signed(self) -> bool:
        """Whether the issuer that it names signed it."""
        return is_signed(self.issuer_key, self.signature, _DOMAIN + self.encoded)


@dataclass(frozen=True, slots=True)
class Chain:
    """A verified chain, the device's own certificate first; `root_key` signed the last one.

    Whether that root is the property's is for the reader to compare.
    """

    certificates: tuple[DeviceCertificate, ...]
    encoded: bytes

    @classmethod
    def of(cls, certificates: tuple[DeviceCertificate, ...]) -> Chain:
        """The chain of these links. CertificateRefused as `decode`."""
        return cls.decode(pack([[link.encoded, link.signature] for link in certificates]))

    @classmethod
    def decode(cls, encoded: bytes) -> Chain:
        """Decode and verify. CertificateRefused when malformed, wrongly signed, or signed by no administrator."""
        return _decoded(encoded)

    @property
    def property_id(self) -> str:
        """The property that the device belongs to."""
        return self.certificates[0].property_id

    @property
    def device_key(self) -> bytes:
        """The device's public key."""
        return self.certificates[0].device_key

    @property
    def device_id(self) -> DeviceId:
        """The device's id."""
        return device_id_of(self.device_key)

    @property
    def device_class(self) -> DeviceClass:
        """What the device is to the property."""
        return self.certificates[0].device_class

    @property
    def name(self) -> str:
        """What the administrator called the device."""
        return self.certificates[0].name

    @property
    def root_key(self) -> bytes:
        """The public key that vouches for everything below it."""
        return self.certificates[-1].issuer_key

    def require_of(self, property_id: str, root_key: bytes) -> None:
        """CertificateRefused unless the device belongs to that property under that root."""
        if self.property_id != property_id:
            raise CertificateRefused(
                f"device {self.name!r} belongs to property {self.property_id!r}, this is {property_id!r}"
            )
        if self.root_key != root_key:
            raise CertificateRefused(
                f"device {self.name!r} ({self.device_id}) is enrolled under another root key than this property's"
            )


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """A device's own key and the chain that vouches for it."""

    key: DeviceKey
    chain: Chain

    def __post_init__(self) -> None:
        """CertificateRefused when the chain is of another key."""
        if self.chain.device_key != self.key.public_bytes:
            raise CertificateRefused(f"the chain of {self.chain.name!r} vouches for another key than this device's")

    @property
    def device_id(self) -> DeviceId:
        """The device's id."""
        return self.key.device_id

    @property
    def public_bytes(self) -> bytes:
        """The device's public key."""
        return self.key.public_bytes

    def enrol(self, device_key: bytes, device_class: DeviceClass, name: str, issued: Stamp) -> Chain:
        """Vouch for another device, as an administrator. CertificateRefused for what no reader would take."""
        link = DeviceCertificate.issue(self.key, self.chain.property_id, device_key, device_class, name, issued)
        return Chain.of((link, *self.chain.certificates))


def found_property(
    root: DeviceKey, property_id: str, administrator: DeviceKey, name: str, issued: Stamp
) -> EnrolledDevice:
    """The first administrator device of a property, vouched for by its root. CertificateRefused as `Chain.of`."""
    link = DeviceCertificate.issue(
        root, property_id, administrator.public_bytes, DeviceClass.ADMINISTRATOR, name, issued
    )
    return EnrolledDevice(administrator, Chain.of((link,)))


@lru_cache(maxsize=_CHAINS_REMEMBERED)
def _decoded(encoded: bytes) -> Chain:
    """Every journal of a device carries the same chain, so it is verified once."""
    try:
        links = tuple(_take_link(item) for item in _bounded(unpack_any_array(encoded, CHAIN_BYTES_MAX)))
    except FieldWrong as error:
        raise CertificateRefused(f"chain refused: {error}") from error
    for link, issuer in pairwise(links):
        if link.issuer_key != issuer.device_key or link.property_id != issuer.property_id:
            raise CertificateRefused(f"the chain of {links[0].name!r} is broken above {link.name!r}")
        if issuer.device_class is not DeviceClass.ADMINISTRATOR:
            raise CertificateRefused(f"{issuer.name!r} signed {link.name!r}, but is a {issuer.device_class}")
    for link in links:
        if not link.is_signed:
            raise CertificateRefused(f"the certificate of device {link.name!r} is not signed by its issuer")
    return Chain(links, encoded)


def _bounded(items: list[object]) -> list[object]:
    if not 1 <= len(items) <= CHAIN_LENGTH_MAX:
        raise FieldWrong(f"a chain has 1 to {CHAIN_LENGTH_MAX} certificates, this one {len(items)}")
    return items


def _take_link(item: object) -> DeviceCertificate:
    fields = take_list(item, "device certificate", 2)
    if len(fields) != 2 or not isinstance(fields[0], bytes):
        raise FieldWrong("a device certificate is bytes and a signature")
    return DeviceCertificate.decode(fields[0], take_bytes(fields[1], "signature", SIGNATURE_BYTES))


def _take_name(value: object, field: str, characters_max: int) -> str:
    text = take_text(value, field, characters_max)
    if not text or text != text.strip() or not text.isprintable():
        raise FieldWrong(f"{field} is empty, begins or ends with a space, or cannot be printed")
    return text


def _take_class(value: object) -> DeviceClass:
    try:
        return DeviceClass(str(value))
    except ValueError as error:
        raise FieldWrong(f"there is no class of devices {value!r}") from error


def _take_stamp(value: object) -> Stamp:
    fields = take_list(value, "issued", 2)
    if len(fields) != 2:
        raise FieldWrong("a stamp is milliseconds and a counter")
    return Stamp(take_int(fields[0], "milliseconds", 0, SEQ_MAX), take_int(fields[1], "counter", 0, STAMP_COUNTER_MAX))
