"""An end of the committed order that a relay vouches for.

The relay signs each end that it announces. Neighbours pass the signature on, so that nobody has to take a position from anybody
else's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crdt_pms.journal.keys import DeviceKey, is_signed
from crdt_pms.journal.limits import DEVICE_KEY_BYTES, GENERATION_BYTES_MAX, HASH_BYTES, SEQ_MAX, SIGNATURE_BYTES
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list

_DOMAIN: Final = b"crdt-pms order v1\0"
"""Keeps a signature over an end from being taken for one over anything else."""


@dataclass(frozen=True, slots=True)
class SignedEnd:
    """Up to position `through` the order of that generation of the relay's database has `digest`, says `device_key`.

    It is proven only where `is_signed_for` says so and the key is that of a relay of the property.
    """

    generation: bytes
    through: int
    digest: bytes
    device_key: bytes
    signature: bytes

    @classmethod
    def sign(cls, property_id: str, key: DeviceKey, generation: bytes, through: int, digest: bytes) -> SignedEnd:
        """Vouch for an end, as the relay that holds `key`."""
        signature = key.sign(_signed(property_id, generation, through, digest))
        return cls(generation, through, digest, key.public_bytes, signature)

    @classmethod
    def from_wire(cls, value: object) -> SignedEnd:
        """Read back `to_wire`, without verifying the signature. FieldWrong when malformed."""
        fields = take_list(value, "end of the order", 5)
        if len(fields) != 5:
            raise FieldWrong("an end of the order has five fields")
        generation, through, digest, device_key, signature = fields
        if not isinstance(generation, bytes) or not 1 <= len(generation) <= GENERATION_BYTES_MAX:
            raise FieldWrong(f"a generation is 1 to {GENERATION_BYTES_MAX} bytes")
        return cls(
            generation,
            take_int(through, "position", 0, SEQ_MAX),
            take_bytes(digest, "digest", HASH_BYTES),
            take_bytes(device_key, "device key", DEVICE_KEY_BYTES),
            take_bytes(signature, "signature", SIGNATURE_BYTES),
        )

    def to_wire(self) -> list[object]:
        """What is packed into a message or a store."""
        return [self.generation, self.through, self.digest, self.device_key, self.signature]

    def is_signed_for(self, property_id: str) -> bool:
        """Whether the holder of the key that it names signed it for that property."""
        told = _signed(property_id, self.generation, self.through, self.digest)
        return is_signed(self.device_key, self.signature, told)


def _signed(property_id: str, generation: bytes, through: int, digest: bytes) -> bytes:
    return _DOMAIN + pack([property_id, generation, through, digest])
