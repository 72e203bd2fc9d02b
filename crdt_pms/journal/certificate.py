"""The certificate that opens a journal: the device's key vouches for a journal id and names the device's previous head.

Two journals that name one head reveal a cloned disk; a named head below what others hold of that journal reveals a
restored backup. Neither can fork anything, since no journal's number is ever used twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.identifiers import DeviceId, JournalId, device_id_of
from crdt_pms.journal.keys import DeviceKey, is_signed
from crdt_pms.journal.limits import (
    CERTIFICATE_BYTES_MAX,
    DEVICE_KEY_BYTES,
    HASH_BYTES,
    JOURNAL_ID_BYTES,
    SEQ_MAX,
    STAMP_COUNTER_MAX,
    TEXT_CHARACTERS_MAX,
)
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list, take_text, unpack_array

CERTIFICATE_VERSION: Final = 1
_DOMAIN: Final = b"crdt-pms certificate v1\0"
"""Keeps a signature over a certificate from being taken for one over anything else."""


class Head(NamedTuple):
    """The last entry of a journal as somebody knew it; `seq` 0 and the genesis hash for an empty journal."""

    journal: JournalId
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """A verified certificate; `encoded` and `signature` are its bytes as the device made them."""

    journal: JournalId
    property_id: str
    device_id: DeviceId
    device_key: bytes
    previous: Head | None
    opened: Stamp
    encoded: bytes
    signature: bytes

    @classmethod
    def create(
        cls, journal: JournalId, property_id: str, key: DeviceKey, previous: Head | None, opened: Stamp
    ) -> Certificate:
        """Open `journal` for the device that holds `key`, after its `previous` journal if it had one."""
        encoded = pack(
            [
                CERTIFICATE_VERSION,
                journal,
                property_id,
                key.public_bytes,
                None if previous is None else list(previous),
                opened.milliseconds,
                opened.counter,
            ]
        )
        return cls.decode(encoded, key.sign(_DOMAIN + encoded))

    @classmethod
    def decode(cls, encoded: bytes, signature: bytes) -> Certificate:
        """Decode and verify. CertificateRefused when malformed or not signed by the key that it names."""
        try:
            version, journal, property_id, device_key, previous, milliseconds, counter = unpack_array(
                encoded, 7, CERTIFICATE_BYTES_MAX
            )
            take_int(version, "version", CERTIFICATE_VERSION, CERTIFICATE_VERSION)
            key = take_bytes(device_key, "device key", DEVICE_KEY_BYTES)
            certificate = cls(
                JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
                take_text(property_id, "property", TEXT_CHARACTERS_MAX),
                device_id_of(key),
                key,
                None if previous is None else _take_head(previous),
                Stamp(
                    take_int(milliseconds, "milliseconds", 0, SEQ_MAX),
                    take_int(counter, "counter", 0, STAMP_COUNTER_MAX),
                ),
                encoded,
                signature,
            )
        except FieldWrong as error:
            raise CertificateRefused(f"certificate refused: {error}") from error
        if not is_signed(key, signature, _DOMAIN + encoded):
            raise CertificateRefused(f"certificate of journal {certificate.journal.hex()} is not signed by its device")
        return certificate

    @property
    def genesis(self) -> Head:
        """The head of this journal before its first entry."""
        return Head(self.journal, 0, genesis_hash(self.journal))


def genesis_hash(journal: JournalId) -> bytes:
    """What the first entry of a journal names as its previous hash: the journal's id, padded to a hash's length."""
    return journal.ljust(HASH_BYTES, b"\0")


def _take_head(value: object) -> Head:
    fields = take_list(value, "previous", 3)
    if len(fields) != 3:
        raise FieldWrong("a previous head is a journal, a number and a hash")
    journal, seq, digest = fields
    return Head(
        JournalId(take_bytes(journal, "previous journal", JOURNAL_ID_BYTES)),
        take_int(seq, "previous seq", 0, SEQ_MAX),
        take_bytes(digest, "previous hash", HASH_BYTES),
    )
