"""The frames of a session's messages.

    frame = CRC-32 of the rest (4 bytes, big-endian) + number (4 bytes, big-endian) + body
    body  = msgpack [kind, field, …]

Each side numbers its frames from one. The checksum finds what a broken middle box or memory does, the number finds frames that
were lost, repeated or overtaken on the way; who sent an entry is known by its signature.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final
from zlib import crc32

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry, take_parts
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.limits import (
    CERTIFICATE_BYTES_MAX,
    CHAIN_BYTES_MAX,
    HASH_BYTES,
    JOURNAL_ID_BYTES,
    PREFIX_BYTES,
    SEQ_MAX,
    SIGNATURE_BYTES,
)
from crdt_pms.journal.positions import MARKS_MAX, CommittedRun, OrderMark, checkpoint_after, is_checkpoint
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import Chain
from crdt_pms.journal.wire import (
    FieldWrong,
    pack,
    take_bytes,
    take_bytes_up_to,
    take_int,
    take_list,
    take_mapping,
    take_text,
    unpack_any_array,
)
from crdt_pms.log.limits import CHUNK_BYTES_MAX
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.session.errors import FrameMalformed, FrameOutOfOrder, MessageUnexpected
from crdt_pms.session.limits import (
    CERTIFICATES_PER_FRAME_MAX,
    CHUNKS_PER_QUESTION_MAX,
    ENTRIES_PER_FRAME_MAX,
    FORKS_PER_FRAME_MAX,
    FRAME_BYTES_MAX,
    NONCE_BYTES,
    RUNS_PER_FRAME_MAX,
    SLOTS_PER_QUESTION_MAX,
    VECTOR_JOURNALS_MAX,
    WORDS_CHARACTERS_MAX,
)
from crdt_pms.session.messages import (
    BranchCompared,
    BranchShown,
    Bye,
    Certificates,
    Chunk,
    ChunksAsked,
    Committed,
    Entries,
    Forks,
    Held,
    Hello,
    Message,
    OrderKnown,
    Ping,
    Pong,
    Proof,
    Slots,
    SlotsAsked,
    SnapshotHeld,
    SnapshotOffered,
    State,
    Taken,
)

_CHECKSUM_BYTES: Final = 4
_NUMBER_BYTES: Final = 4
_NUMBER_MASK: Final = 2**32 - 1
_MILLISECONDS_MAX: Final = SEQ_MAX


def encode(message: Message, number: int) -> bytes:
    """The frame of a message, as that number of its sender's frames."""
    rest = (number & _NUMBER_MASK).to_bytes(_NUMBER_BYTES, "big") + pack(_fields_of(message))
    return crc32(rest).to_bytes(_CHECKSUM_BYTES, "big") + rest


def decode(frame: object, number: int, expected: Collection[type[Message]] | None = None) -> Message:
    """The message of the frame that must be that number of its sender's.

    FrameMalformed; FrameOutOfOrder; MessageUnexpected, before anything of it is looked at, when it is none of the `expected`
    kinds; a JournalError when it carries what is no chain, certificate or entry.
    """
    body = _opened(frame, number)
    try:
        kind, *fields = unpack_any_array(body, FRAME_BYTES_MAX)
        known = _DECODERS.get(take_int(kind, "kind", 0, 255))
        if known is None:
            raise FieldWrong(f"there is no message of kind {kind}")
        message, decoder = known
        # A stranger must not be able to have signatures verified.
        if expected is not None and message not in expected:
            waited_for = ", ".join(one.__name__ for one in expected)
            raise MessageUnexpected(f"{message.__name__} came, {waited_for} was to come")
        return decoder(fields)
    except (FieldWrong, ValueError) as error:
        raise FrameMalformed(f"a frame was refused: {error}") from error


def _opened(frame: object, number: int) -> bytes:
    if not isinstance(frame, bytes):
        raise FrameMalformed("a text frame came, this protocol has binary frames only")
    if len(frame) > FRAME_BYTES_MAX:
        raise FrameMalformed(f"a frame of {len(frame)} bytes, at most {FRAME_BYTES_MAX} are allowed")
    rest = frame[_CHECKSUM_BYTES:]
    if len(rest) < _NUMBER_BYTES or crc32(rest).to_bytes(_CHECKSUM_BYTES, "big") != frame[:_CHECKSUM_BYTES]:
        raise FrameMalformed("the checksum of a frame is wrong: it was truncated or damaged on its way")
    found, expected = int.from_bytes(rest[:_NUMBER_BYTES], "big"), number & _NUMBER_MASK
    if found != expected:
        raise FrameOutOfOrder(f"frame {found} came, {expected} was to come: one was lost, repeated or overtaken")
    return rest[_NUMBER_BYTES:]


def _decode_hello(fields: list[object]) -> Hello:
    version_min, version_max, chain, nonce = fields
    return Hello(
        take_int(version_min, "lowest version", 1, 2**31),
        take_int(version_max, "highest version", 1, 2**31),
        Chain.decode(take_bytes_up_to(chain, "chain", CHAIN_BYTES_MAX)),
        take_bytes(nonce, "nonce", NONCE_BYTES),
    )


def _decode_proof(fields: list[object]) -> Proof:
    (signature,) = fields
    return Proof(take_bytes(signature, "signature", SIGNATURE_BYTES))


def _decode_held(fields: list[object]) -> Held:
    (items,) = fields
    return Held(*_take_heads(items))


def _decode_order_known(fields: list[object]) -> OrderKnown:
    end, items = fields
    marks: list[OrderMark] = []
    for item in take_list(items, "marks", MARKS_MAX):
        position, digest = take_list(item, "mark", 2)
        marks.append(OrderMark(take_int(position, "position", 1, SEQ_MAX), take_bytes(digest, "digest", HASH_BYTES)))
    if any(following.position >= mark.position for mark, following in pairwise(marks)):
        raise FieldWrong("the marks of the order do not descend")
    # Any other position costs the reader up to a checkpoint's worth of hashes.
    if not all(is_checkpoint(mark.position) for mark in marks[1:]):
        raise FieldWrong("a mark of the order after the first one is at no checkpoint")
    return OrderKnown(None if end is None else SignedEnd.from_wire(end), tuple(marks))


def _decode_state(fields: list[object]) -> State:
    common, items = fields
    return State(*_take_heads(items), take_int(common, "common point", 0, SEQ_MAX))


def _take_heads(items: object) -> tuple[dict[JournalId, int], dict[JournalId, bytes]]:
    vector: dict[JournalId, int] = {}
    prefixes: dict[JournalId, bytes] = {}
    for key, value in take_mapping(items, "vector", VECTOR_JOURNALS_MAX).items():
        journal = JournalId(take_bytes(key, "journal", JOURNAL_ID_BYTES))
        seq, prefix = take_list(value, "head", 2)
        vector[journal] = take_int(seq, "number", 1, SEQ_MAX)
        prefixes[journal] = take_bytes(prefix, "hash prefix", PREFIX_BYTES)
    return vector, prefixes


def _decode_certificates(fields: list[object]) -> Certificates:
    (items,) = fields
    certificates: list[Certificate] = []
    for item in take_list(items, "certificates", CERTIFICATES_PER_FRAME_MAX):
        encoded, signature = take_list(item, "certificate", 2)
        if not isinstance(encoded, bytes) or len(encoded) > CERTIFICATE_BYTES_MAX:
            raise FieldWrong("a certificate is too large or no bytes")
        certificates.append(Certificate.decode(encoded, take_bytes(signature, "signature", SIGNATURE_BYTES)))
    return Certificates(tuple(certificates))


def _decode_entries(fields: list[object]) -> Entries:
    (items,) = fields
    entries: list[Entry] = []
    for item in take_list(items, "entries", ENTRIES_PER_FRAME_MAX):
        header, parts, signature = take_list(item, "entry", 3)
        if not isinstance(header, bytes):
            raise FieldWrong("an entry's header is no bytes")
        entries.append(Entry.decode(header, take_parts(parts), take_bytes(signature, "signature", SIGNATURE_BYTES)))
    return Entries(tuple(entries))


def _decode_taken(fields: list[object]) -> Taken:
    (frames,) = fields
    return Taken(take_int(frames, "frames", 0, SEQ_MAX))


def _decode_committed(fields: list[object]) -> Committed:
    told_end, items = fields
    end = SignedEnd.from_wire(told_end)
    runs: list[CommittedRun] = []
    for item in take_list(items, "runs", RUNS_PER_FRAME_MAX):
        position, journal, first_seq, count = take_list(item, "run", 4)
        runs.append(
            CommittedRun(
                take_int(position, "position", 1, SEQ_MAX),
                JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
                take_int(first_seq, "number", 1, SEQ_MAX),
                take_int(count, "count", 1, SEQ_MAX),
            )
        )
    _require_piece(runs, end)
    return Committed(end, tuple(runs))


def _require_piece(runs: Sequence[CommittedRun], end: SignedEnd) -> None:
    if not runs or runs[-1].last_position != end.through:
        raise FieldWrong("the runs do not lead to the end that is signed")
    if any(following.position != run.last_position + 1 for run, following in pairwise(runs)):
        raise FieldWrong("there is a gap between two runs")
    if end.through > checkpoint_after(runs[0].position - 1):
        raise FieldWrong("the runs go beyond a checkpoint")


def _decode_ping(fields: list[object]) -> Ping:
    (sent_ms,) = fields
    return Ping(take_int(sent_ms, "time", 0, _MILLISECONDS_MAX))


def _decode_pong(fields: list[object]) -> Pong:
    sent_ms, now_ms = fields
    return Pong(take_int(sent_ms, "time", 0, _MILLISECONDS_MAX), take_int(now_ms, "time", 0, _MILLISECONDS_MAX))


def _decode_slots_asked(fields: list[object]) -> SlotsAsked:
    journal, seqs = fields
    return SlotsAsked(
        JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
        tuple([take_int(seq, "number", 1, SEQ_MAX) for seq in take_list(seqs, "slots", SLOTS_PER_QUESTION_MAX)]),
    )


def _decode_slots(fields: list[object]) -> Slots:
    journal, prefixes = fields
    return Slots(
        JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
        {
            take_int(seq, "number", 1, SEQ_MAX): take_bytes(prefix, "hash prefix", PREFIX_BYTES)
            for seq, prefix in take_mapping(prefixes, "slots", SLOTS_PER_QUESTION_MAX).items()
        },
    )


def _decode_branch(fields: list[object]) -> BranchShown:
    (branch,) = fields
    return BranchShown(Branch.from_wire(branch))


def _decode_compared(fields: list[object]) -> BranchCompared:
    journal, proof = fields
    return BranchCompared(
        JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
        None if proof is None else ForkProof.from_wire(proof),
    )


def _decode_forks(fields: list[object]) -> Forks:
    (items,) = fields
    return Forks(tuple([ForkProof.from_wire(item) for item in take_list(items, "forks", FORKS_PER_FRAME_MAX)]))


def _decode_offered(fields: list[object]) -> SnapshotOffered:
    head, is_needed = fields
    if type(is_needed) is not bool:
        raise FieldWrong("an offer does not say whether the snapshot is needed")
    return SnapshotOffered(SnapshotHead.from_wire(head), is_needed)


def _decode_snapshot_held(fields: list[object]) -> SnapshotHeld:
    (through,) = fields
    return SnapshotHeld(take_int(through, "position", 0, SEQ_MAX))


def _decode_chunks_asked(fields: list[object]) -> ChunksAsked:
    (names,) = fields
    items = take_list(names, "chunks", CHUNKS_PER_QUESTION_MAX)
    return ChunksAsked(tuple([take_bytes(name, "name of a chunk", HASH_BYTES) for name in items]))


def _decode_chunk(fields: list[object]) -> Chunk:
    name, body = fields
    return Chunk(
        take_bytes(name, "name of a chunk", HASH_BYTES),
        None if body is None else take_bytes_up_to(body, "chunk", CHUNK_BYTES_MAX),
    )


def _decode_bye(fields: list[object]) -> Bye:
    reason, words = fields
    return Bye(take_text(reason, "reason", 80), take_text(words, "words", WORDS_CHARACTERS_MAX))


def _fields_of(message: Message) -> list[object]:
    match message:
        case Hello() | Proof() | OrderKnown() | Held() | State():
            return _fields_of_opening(message)
        case SnapshotOffered() | SnapshotHeld() | ChunksAsked() | Chunk():
            return _fields_about_snapshots(message)
        case SlotsAsked() | Slots() | BranchShown() | BranchCompared() | Forks():
            return _fields_about_forks(message)
        case _:
            return _fields_of_exchange(message)


def _fields_of_exchange(
    message: Certificates | Entries | Taken | Committed | Ping | Pong | Bye,
) -> list[object]:
    match message:
        case Certificates(certificates):
            return [4, [[one.encoded, one.signature] for one in certificates]]
        case Entries(entries):
            return [5, [[one.header, list(one.parts), one.signature] for one in entries]]
        case Taken(frames):
            return [6, frames]
        case Committed(end, runs):
            return [7, end.to_wire(), [list(run) for run in runs]]
        case Ping(sent_ms):
            return [8, sent_ms]
        case Pong(sent_ms, now_ms):
            return [9, sent_ms, now_ms]
        case Bye(reason, words):
            return [10, reason, words[:WORDS_CHARACTERS_MAX]]


def _fields_about_snapshots(message: SnapshotOffered | SnapshotHeld | ChunksAsked | Chunk) -> list[object]:
    match message:
        case SnapshotOffered(head, is_needed):
            return [30, head.to_wire(), is_needed]
        case SnapshotHeld(through):
            return [33, through]
        case ChunksAsked(names):
            return [31, list(names)]
        case Chunk(name, body):
            return [32, name, body]


def _fields_about_forks(message: SlotsAsked | Slots | BranchShown | BranchCompared | Forks) -> list[object]:
    match message:
        case SlotsAsked(journal, seqs):
            return [20, journal, list(seqs)]
        case Slots(journal, prefixes):
            return [21, journal, dict(prefixes)]
        case BranchShown(branch):
            return [22, branch.to_wire()]
        case BranchCompared(journal, proof):
            return [23, journal, None if proof is None else proof.to_wire()]
        case Forks(proofs):
            return [24, [proof.to_wire() for proof in proofs]]


def _fields_of_opening(message: Hello | Proof | OrderKnown | Held | State) -> list[object]:
    match message:
        case Hello(version_min, version_max, chain, nonce):
            return [1, version_min, version_max, chain.encoded, nonce]
        case Proof(signature):
            return [2, signature]
        case Held(vector, prefixes):
            return [11, _heads_to_wire(vector, prefixes)]
        case OrderKnown(end, marks):
            return [12, None if end is None else end.to_wire(), [list(mark) for mark in marks]]
        case State(vector, prefixes, common):
            return [3, common, _heads_to_wire(vector, prefixes)]


def _heads_to_wire(vector: VersionVector, prefixes: Mapping[JournalId, bytes]) -> dict[JournalId, list[int | bytes]]:
    return {journal: [seq, prefixes[journal]] for journal, seq in vector.items()}


_DECODERS: Final[Mapping[int, tuple[type[Message], Callable[[list[object]], Message]]]] = {
    1: (Hello, _decode_hello),
    2: (Proof, _decode_proof),
    3: (State, _decode_state),
    4: (Certificates, _decode_certificates),
    5: (Entries, _decode_entries),
    6: (Taken, _decode_taken),
    7: (Committed, _decode_committed),
    8: (Ping, _decode_ping),
    9: (Pong, _decode_pong),
    10: (Bye, _decode_bye),
    11: (Held, _decode_held),
    12: (OrderKnown, _decode_order_known),
    20: (SlotsAsked, _decode_slots_asked),
    21: (Slots, _decode_slots),
    22: (BranchShown, _decode_branch),
    23: (BranchCompared, _decode_compared),
    24: (Forks, _decode_forks),
    30: (SnapshotOffered, _decode_offered),
    31: (ChunksAsked, _decode_chunks_asked),
    32: (Chunk, _decode_chunk),
    33: (SnapshotHeld, _decode_snapshot_held),
}
