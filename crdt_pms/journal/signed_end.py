"""An end of the committed order that a relay vouches for.

The relay signs each end that it announces. Neighbours pass the signature on, so that no node has to take a
position from another one's bare word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crdt_pms.journal.keys import is_signed
from crdt_pms.journal.limits import CHAIN_BYTES_MAX, GENERATION_BYTES_MAX, HASH_BYTES, SEQ_MAX, SIGNATURE_BYTES
from crdt_pms.journal.trust import Chain, DeviceClass, EnrolledDevice
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_bytes_up_to, take_int, take_list

_DOMAIN: Final = b"crdt-pms order v1\0"
"""Keeps a signature over an end from being taken for one over anything else."""


@dataclass(frozen=True, slots=True)
class SignedEnd:
    """Up to position `through` the order of that generation of the relay's database has `digest`, says a device.

    It is proven only where `is_proven` says so. `chain` is that of the device.
    """

    generation: bytes
    through: int
    digest: bytes
    chain: Chain
    signature: bytes

    @classmethod
    def sign(cls, relay: EnrolledDevice, generation: bytes, through: int, digest: bytes) -> SignedEnd:
        """Vouch for an end, as that relay."""
        signature = relay.key.sign(_signed(relay.chain.property_id, generation, through, digest))
        return cls(generation, through, digest, relay.chain, signature)

    @classmethod
    def from_wire(cls, value: object) -> SignedEnd:
        """Read back `to_wire`, without verifying the signature. FieldWrong when malformed, CertificateRefused for its chain."""
        fields = take_list(value, "end of the order", 5)
        if len(fields) != 5:
            raise FieldWrong("an end of the order has five fields")
        generation, through, digest, chain, signature = fields
        if not isinstance(generation, bytes) or not 1 <= len(generation) <= GENERATION_BYTES_MAX:
            raise FieldWrong(f"a generation is 1 to {GENERATION_BYTES_MAX} bytes")
        return cls(
            generation,
            take_int(through, "position", 0, SEQ_MAX),
            take_bytes(digest, "digest", HASH_BYTES),
            Chain.decode(take_bytes_up_to(chain, "chain", CHAIN_BYTES_MAX)),
            take_bytes(signature, "signature", SIGNATURE_BYTES),
        )

    def to_wire(self) -> list[object]:
        """What is packed into a message or a store."""
        return [self.generation, self.through, self.digest, self.chain.encoded, self.signature]

    @property
    def device_key(self) -> bytes:
        """The key of the device that says so."""
        return self.chain.device_key

    def is_proven(self, property_id: str, root_key: bytes) -> bool:
        """Whether a relay of that property, under that root, signed it."""
        chain = self.chain
        if (chain.property_id, chain.root_key, chain.device_class) != (property_id, root_key, DeviceClass.RELAY):
            return False
        told = _signed(property_id, self.generation, self.through, self.digest)
        return is_signed(chain.device_key, self.signature, told)


def _signed(property_id: str, generation: bytes, through: int, digest: bytes) -> bytes:
    return _DOMAIN + pack([property_id, generation, through, digest])
