"""The certificate that opens a journal: the device's key vouches for a journal id and names the device's previous head.

It carries the device's chain, so that it is verified without any state, long after the device is gone.

Two journals that name one head reveal a cloned disk; a named head below what others hold of that journal reveals a
restored backup. Neither can fork anything, since no journal's number is ever used twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.identifiers import DeviceId, JournalId
from crdt_pms.journal.keys import is_signed
from crdt_pms.journal.limits import (
    CERTIFICATE_BYTES_MAX,
    CHAIN_BYTES_MAX,
    HASH_BYTES,
    JOURNAL_ID_BYTES,
    SEQ_MAX,
    STAMP_COUNTER_MAX,
)
from crdt_pms.journal.trust import Chain, DeviceClass, EnrolledDevice
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_bytes_up_to, take_int, take_list, unpack_array

CERTIFICATE_VERSION: Final = 1
_DOMAIN: Final = b"crdt-pms certificate v1\0"
"""Keeps a signature over a certificate from being taken for one over anything else."""


class Head(NamedTuple):
    """The last entry of a journal as an author knew it; `seq` 0 and the genesis hash for an empty journal."""

    journal: JournalId
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """A verified certificate; `encoded` and `signature` are its bytes as the device made them.

    Its chain is verified up to the root that it names; whether that is the property's, `Chain.require_of` says.
    """

    journal: JournalId
    chain: Chain
    previous: Head | None
    opened: Stamp
    encoded: bytes
    signature: bytes

    @classmethod
    def create(cls, journal: JournalId, device: EnrolledDevice, previous: Head | None, opened: Stamp) -> Certificate:
        """Open `journal` for a device, after its `previous` journal if it had one."""
        encoded = pack(
            [
                CERTIFICATE_VERSION,
                journal,
                device.chain.encoded,
                None if previous is None else list(previous),
                opened.milliseconds,
                opened.counter,
            ]
        )
        return cls.decode(encoded, device.key.sign(_DOMAIN + encoded))

    @classmethod
    def decode(cls, encoded: bytes, signature: bytes) -> Certificate:
        """Decode and verify. CertificateRefused when malformed, or when a signature of it or of its chain is wrong."""
        try:
            version, journal, chain, previous, milliseconds, counter = unpack_array(encoded, 6, CERTIFICATE_BYTES_MAX)
            take_int(version, "version", CERTIFICATE_VERSION, CERTIFICATE_VERSION)
            certificate = cls(
                JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
                Chain.decode(take_bytes_up_to(chain, "chain", CHAIN_BYTES_MAX)),
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
        if not is_signed(certificate.device_key, signature, _DOMAIN + encoded):
            raise CertificateRefused(f"certificate of journal {certificate.journal.hex()} is not signed by its device")
        return certificate

    @property
    def property_id(self) -> str:
        """The property that the journal belongs to."""
        return self.chain.property_id

    @property
    def device_key(self) -> bytes:
        """The key that signs the journal's entries."""
        return self.chain.device_key

    @property
    def device_id(self) -> DeviceId:
        """The device that writes the journal."""
        return self.chain.device_id

    @property
    def device_class(self) -> DeviceClass:
        """What the journal's device is to the property."""
        return self.chain.device_class

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
