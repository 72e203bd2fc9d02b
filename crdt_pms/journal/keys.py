"""The device's Ed25519 key pair (RFC 8032), by which its journals and sessions are known."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crdt_pms.journal.identifiers import DeviceId, device_id_of


class DeviceKey:
    """A private key. The caller must keep `seed` secret and give the same one on every start of the device."""

    def __init__(self, seed: bytes) -> None:
        """`seed` is the 32-byte private key; ValueError for any other length."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_bytes: bytes = self._private.public_key().public_bytes_raw()
        self.device_id: DeviceId = device_id_of(self.public_bytes)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature of `data`."""
        return self._private.sign(data)


def is_signed(device_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` was made with the private half of the 32-byte `device_key`."""
    try:
        Ed25519PublicKey.from_public_bytes(device_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
