"""The chain: writing one's own journal, and verifying ranges of another's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.entry import ENTRY_DOMAIN, Content, Entry, encode_header
from crdt_pms.journal.errors import ChainBroken, SignatureInvalid
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.keys import DeviceKey, is_signed
from crdt_pms.journal.limits import SALT_BYTES, UNVERIFIED_BYTES_MAX

SALT_DOMAIN = b"crdt-pms salt v1\0"
"""Precedes what is signed for a salt; such a signature never leaves the device."""


class JournalWriter:
    """Appends to the one journal of this process run.

    The caller must persist what `append` returns before it leaves the process; after a failed transaction it must drop
    the writer and open a new journal, since a number that may have left must never be used again.
    """

    def __init__(self, certificate: Certificate, key: DeviceKey) -> None:
        self._key = key
        self._head = certificate.genesis
        self.certificate = certificate

    @property
    def head(self) -> Head:
        """The last entry written."""
        return self._head

    def salt(self) -> bytes:
        """What makes the digest of the next entry's personal part say nothing of it: without this key it cannot be guessed."""
        place = self._head.journal + (self._head.seq + 1).to_bytes(8, "big")
        return hashlib.sha256(self._key.sign(SALT_DOMAIN + place)).digest()[:SALT_BYTES]

    def append(self, content: Content) -> Entry:
        """The next entry of this journal, signed.

        Raises EntryMalformed for what a reader would refuse: the author's entry passes the reader's own check.
        """
        header = encode_header(Dot(self._head.journal, self._head.seq + 1), self._head.hash, content)
        signature = self._key.sign(ENTRY_DOMAIN + hashlib.sha256(header).digest())
        entry = Entry.decode(header, tuple([part for _role, part in content.parts]), signature)
        self._head = Head(*entry.dot, entry.hash)
        return entry


def verify_range(entries: Sequence[Entry], head: Head, device_key: bytes) -> Head:
    """Verify that `entries`, all of one journal, continue `head`, and return the new head.

    Only the last signature is checked, and one each `UNVERIFIED_BYTES_MAX` bytes of headers: each entry hashes the one before,
    so it vouches for all before it. Raises ChainBroken or SignatureInvalid.
    """
    unverified = 0
    for entry in entries:
        if entry.dot.journal != head.journal or entry.dot.seq != head.seq + 1:
            raise ChainBroken(
                f"entry {entry.dot} does not follow number {head.seq} of journal {head.journal.hex()[:8]}"
            )
        if entry.previous_hash != head.hash:
            raise ChainBroken(f"entry {entry.dot} names another predecessor than the one held here")
        head = Head(entry.dot.journal, entry.dot.seq, entry.hash)
        unverified += len(entry.header)
        if entry is entries[-1] or unverified > UNVERIFIED_BYTES_MAX:
            if not is_signed(device_key, entry.signature, ENTRY_DOMAIN + entry.hash):
                raise SignatureInvalid(f"entry {entry.dot} is not signed by the device of its journal")
            unverified = 0
    return head
