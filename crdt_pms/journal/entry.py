"""An entry: one numbered, hashed and signed record of a journal. Its bytes are encoded once, by its author.

The header is what is hashed and signed. It carries the *digest* of the payload, so that privacy law can have a payload erased
later while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import EntryMalformed
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import (
    CONTEXT_JOURNALS_MAX,
    DEPENDENCIES_MAX,
    HASH_BYTES,
    HEADER_BYTES_MAX,
    JOURNAL_ID_BYTES,
    PAYLOAD_BYTES_MAX,
    SEQ_MAX,
    SIGNATURE_BYTES,
    STAMP_COUNTER_MAX,
    TEXT_CHARACTERS_MAX,
)
from crdt_pms.journal.wire import (
    FieldWrong,
    pack,
    take_bytes,
    take_int,
    take_list,
    take_mapping,
    take_text,
    unpack_array,
)

ENTRY_VERSION: Final = 1
ENTRY_DOMAIN: Final = b"crdt-pms entry v1\0"
"""Precedes the hash when it is signed, so that the signature cannot be taken for one over anything else."""


class EntryKind(IntEnum):
    """What the payload of an entry is."""

    OPERATION = 1
    """Writes to registers of rows (`crdt_pms.ledger.operation`)."""
    DOCUMENT = 2
    """A Yjs v1 update of the document named by `subject`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, decoded. `header`, `payload` and `signature` are its bytes as the author made them.

    `context` holds the advances of the author's version vector since its previous entry (for the first entry of a journal the
    whole vector); it says what the author had seen. `dependencies` are the entries that this one names: the writes it
    supersedes. Both are sorted.
    """

    dot: Dot
    stamp: Stamp
    kind: EntryKind
    author: str
    context: Mapping[JournalId, int]
    dependencies: tuple[Dot, ...]
    subject: str
    previous_hash: bytes
    payload_digest: bytes
    header: bytes
    payload: bytes
    signature: bytes
    hash: bytes

    @classmethod
    def decode(cls, header: bytes, payload: bytes, signature: bytes) -> Entry:
        """Decode what a wire or a database holds. Signature and chain are verified by `chain.verify_range`, not here.

        Raises EntryMalformed when the header is not of this format, too large, or does not belong to the payload.
        """
        try:
            return cls._decode(header, payload, signature)
        except FieldWrong as error:
            raise EntryMalformed(f"entry refused: {error}") from error

    @classmethod
    def _decode(cls, header: bytes, payload: bytes, signature: bytes) -> Entry:
        fields = unpack_array(header, 12, HEADER_BYTES_MAX)
        version, journal, seq, previous, milliseconds, counter, kind, author, context, dependencies, subject, digest = (
            fields
        )
        take_int(version, "version", ENTRY_VERSION, ENTRY_VERSION)
        if len(payload) > PAYLOAD_BYTES_MAX:
            raise FieldWrong(f"payload of {len(payload)} bytes, at most {PAYLOAD_BYTES_MAX} are allowed")
        payload_digest = take_bytes(digest, "payload digest", HASH_BYTES)
        if hashlib.sha256(payload).digest() != payload_digest:
            raise FieldWrong("the payload does not match its digest")
        take_bytes(signature, "signature", SIGNATURE_BYTES)
        stamp = Stamp(
            take_int(milliseconds, "milliseconds", 0, SEQ_MAX), take_int(counter, "counter", 0, STAMP_COUNTER_MAX)
        )
        return cls(
            dot=_take_dot([journal, seq]),
            stamp=stamp,
            kind=EntryKind(take_int(kind, "kind", min(EntryKind), max(EntryKind))),
            author=take_text(author, "author", TEXT_CHARACTERS_MAX),
            context=_take_vector(context),
            dependencies=_take_dependencies(dependencies),
            subject=take_text(subject, "subject", TEXT_CHARACTERS_MAX),
            previous_hash=take_bytes(previous, "previous hash", HASH_BYTES),
            payload_digest=payload_digest,
            header=header,
            payload=payload,
            signature=signature,
            hash=hashlib.sha256(header).digest(),
        )

    @property
    def size(self) -> int:
        """Bytes that this entry takes on a wire or disk, framing aside."""
        return len(self.header) + len(self.payload) + len(self.signature)


def encode_header(
    dot: Dot,
    previous_hash: bytes,
    stamp: Stamp,
    kind: EntryKind,
    author: str,
    context: Mapping[JournalId, int],
    dependencies: tuple[Dot, ...],
    subject: str,
    payload_digest: bytes,
) -> bytes:
    """The one encoding of a header: mappings and lists sorted, so that equal content gives equal bytes."""
    return pack(
        [
            ENTRY_VERSION,
            dot.journal,
            dot.seq,
            previous_hash,
            stamp.milliseconds,
            stamp.counter,
            int(kind),
            author,
            dict(sorted(context.items())),
            [list(dependency) for dependency in sorted(set(dependencies))],
            subject,
            payload_digest,
        ]
    )


def _take_dot(value: object) -> Dot:
    items = take_list(value, "dot", 2)
    if len(items) != 2:
        raise FieldWrong("a dot is a journal and a number")
    return Dot(JournalId(take_bytes(items[0], "journal", JOURNAL_ID_BYTES)), take_int(items[1], "number", 1, SEQ_MAX))


def _take_vector(value: object) -> dict[JournalId, int]:
    return {
        JournalId(take_bytes(journal, "context journal", JOURNAL_ID_BYTES)): take_int(seq, "context number", 1, SEQ_MAX)
        for journal, seq in take_mapping(value, "context", CONTEXT_JOURNALS_MAX).items()
    }


def _take_dependencies(value: object) -> tuple[Dot, ...]:
    dots = tuple(_take_dot(item) for item in take_list(value, "dependencies", DEPENDENCIES_MAX))
    if any(left >= right for left, right in itertools.pairwise(dots)):
        raise FieldWrong("dependencies are not sorted and unique")
    return dots
