"""A frame is exactly the message that was sent, or refused with a typed reason before it does anything."""

from __future__ import annotations

from zlib import crc32

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.errors import CertificateRefused, EntryMalformed, JournalError
from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.positions import CHECKPOINT_POSITIONS, MARKS_MAX, OrderMark, marked_positions
from crdt_pms.session import codec
from crdt_pms.session.codec import decode, encode
from crdt_pms.session.errors import FrameMalformed
from crdt_pms.session.limits import (
    CERTIFICATES_PER_FRAME_MAX,
    ENTRIES_PER_FRAME_MAX,
    FRAME_BYTES_MAX,
    RUNS_PER_FRAME_MAX,
    WORDS_CHARACTERS_MAX,
)
from crdt_pms.session.messages import Bye, Message, OrderKnown
from tests.crdt_pms.journal.journals import append, device, writer
from tests.crdt_pms.session.conversations import messages, signed_end

FRAMES = [encode(message, 1) for message in messages()]


def framed(fields: object) -> bytes:
    """What a peer of our protocol would send that means no well."""
    body = msgpack.packb(fields, use_bin_type=True)
    assert isinstance(body, bytes)
    return sealed(body)


def sealed(body: bytes) -> bytes:
    """The first frame of a peer, with that body."""
    rest = (1).to_bytes(4, "big") + body
    return crc32(rest).to_bytes(4, "big") + rest


def refuses(frame: object) -> None:
    """Decodes to a message, or is refused as it should; anything else fails the test."""
    try:
        decode(frame, 1)
    except (FrameMalformed, JournalError):
        return


@pytest.mark.parametrize("message", messages(), ids=lambda message: type(message).__name__)
def test_what_was_sent_is_what_is_heard(message: Message) -> None:
    assert decode(encode(message, 1), 1) == message


def test_every_kind_of_message_has_a_decoder() -> None:
    assert {type(message) for message in messages()} == set(Message.__args__)
    assert len(codec._DECODERS) == len(Message.__args__)


@given(st.sampled_from(FRAMES), st.data())
def test_one_flipped_bit_is_found(frame: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(frame) - 1))
    damaged = bytearray(frame)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(FrameMalformed):
        decode(bytes(damaged), 1)


@given(st.sampled_from(FRAMES), st.data())
def test_a_truncated_frame_is_found(frame: bytes, data: st.DataObject) -> None:
    with pytest.raises(FrameMalformed):
        decode(frame[: data.draw(st.integers(0, len(frame) - 1))], 1)


@given(st.sampled_from(FRAMES), st.binary(min_size=1, max_size=40))
def test_an_extended_frame_is_found(frame: bytes, more: bytes) -> None:
    with pytest.raises(FrameMalformed):
        decode(frame + more, 1)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(noise: bytes) -> None:
    with pytest.raises(FrameMalformed):
        decode(noise, 1)


@given(st.sampled_from(FRAMES), st.data())
def test_damage_under_a_right_checksum_raises_nothing_untyped(frame: bytes, data: st.DataObject) -> None:
    body = bytearray(frame[8:])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        cut, grown = data.draw(st.sampled_from([(1, 1), (1, 0), (0, 1), (4, 1), (1, 9)]))
        body[at : at + cut] = data.draw(st.binary(min_size=grown, max_size=grown))
        body = body or bytearray(b"\0")
    refuses(sealed(bytes(body)))


_SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=8) | st.binary(max_size=70)
)  # fmt: skip
_ANYTHING = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_SCALARS, inner, max_size=4), max_leaves=20
)


@given(st.integers(-1, 12) | _SCALARS, st.lists(_ANYTHING, max_size=6))
def test_fields_of_any_type_raise_nothing_untyped(kind: object, fields: list[object]) -> None:
    refuses(framed([kind, *fields]))


def test_a_deep_nest_is_refused() -> None:
    body = b"\x92\x05" + b"\x91" * 5_000 + b"\xc0"
    with pytest.raises(FrameMalformed):
        decode(sealed(body), 1)


@pytest.mark.parametrize("frame", ["text", None, 7, bytearray(FRAMES[0])])
def test_what_is_no_binary_frame_is_refused(frame: object) -> None:
    with pytest.raises(FrameMalformed, match="binary"):
        decode(frame, 1)


def test_an_oversized_frame_is_refused_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_arguments: object) -> object:
        raise AssertionError("it was looked at")

    monkeypatch.setattr(codec, "crc32", touched)
    monkeypatch.setattr(codec, "unpack_any_array", touched)
    with pytest.raises(FrameMalformed, match="at most"):
        decode(b"\0" * (FRAME_BYTES_MAX + 1), 1)


def test_a_frame_carries_only_so_many_items() -> None:
    run = [1, b"j" * 16, 1, 1]
    for kind, item, maximum in (
        (4, [b"c", b"s" * 64], CERTIFICATES_PER_FRAME_MAX),
        (5, [b"h", b"p", b"s" * 64], ENTRIES_PER_FRAME_MAX),
    ):
        with pytest.raises(FrameMalformed, match="at most"):
            decode(framed([kind, [item] * (maximum + 1)]), 1)
    runs = [[position, b"j" * 16, 2 * position, 1] for position in range(1, RUNS_PER_FRAME_MAX + 1)]
    decode(framed([7, signed_end(b"g", RUNS_PER_FRAME_MAX).to_wire(), runs]), 1)
    with pytest.raises(FrameMalformed, match="at most"):
        decode(framed([7, signed_end(b"g", 1).to_wire(), [run] * (RUNS_PER_FRAME_MAX + 1)]), 1)


@pytest.mark.parametrize(
    "marks",
    [
        [(0, 32)],
        [(5, 31)],
        [(5, 32), (5, 32)],
        [(CHECKPOINT_POSITIONS, 32), (2 * CHECKPOINT_POSITIONS, 32)],
        [(3_000, 32), (CHECKPOINT_POSITIONS + 1, 32)],
        [(position * CHECKPOINT_POSITIONS, 32) for position in range(MARKS_MAX + 1, 0, -1)],
    ],
    ids=["no position", "short", "twice", "ascending", "off a checkpoint", "too many"],
)
def test_marks_that_no_order_has_or_that_cost_their_reader_much_are_refused(marks: list[tuple[int, int]]) -> None:
    said = [[position, b"d" * length] for position, length in marks]
    with pytest.raises(FrameMalformed):
        decode(framed([12, None, said]), 1)


def test_all_marks_that_an_author_may_say_are_read() -> None:
    marks = tuple(OrderMark(position, b"d" * 32) for position in marked_positions(SEQ_MAX))
    assert decode(encode(OrderKnown(None, marks), 1), 1) == OrderKnown(None, marks)


@pytest.mark.parametrize(
    ("runs", "through"),
    [
        ([], 1),
        ([(1, 1)], 2),
        ([(1, 2)], 1),
        ([(1, 1), (3, 1)], 3),
        ([(2, 1), (1, 1)], 1),
        ([(1, 2), (2, 1)], 2),
        ([(1_000, 100)], 1_099),
        ([(1, 2**53 - 1)], 2**53 - 1),
        ([(1, 1), (2, 2**53 - 2)], 2**53 - 1),
    ],
)
def test_a_piece_of_the_order_leads_without_a_gap_to_its_end_and_not_beyond_a_checkpoint(
    runs: list[tuple[int, int]], through: int
) -> None:
    told = [[position, b"j" * 16, 1, count] for position, count in runs]
    with pytest.raises(FrameMalformed):
        decode(framed([7, signed_end(b"g", through).to_wire(), told]), 1)


def test_what_is_no_entry_or_certificate_is_the_authors_fault() -> None:
    journal = writer(1)
    entry = append(journal)
    with pytest.raises(EntryMalformed):
        decode(framed([5, [[entry.header, [b"another payload"], entry.signature]]]), 1)
    with pytest.raises(CertificateRefused, match="not signed"):
        decode(framed([4, [[journal.certificate.encoded, device(2).sign(b"something else")]]]), 1)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [1],
        [0, 1],
        [11, 1],
        [True, 1],
        [2, b"short"],
        [3, {b"j" * 16: 0}, None],
        [3, {b"short": 1}, None],
        [3, {}],
        [3, {}, b"g"],
        [3, {}, []],
        [6, -1],
        [6, True],
        [7, None, [[1, b"j" * 16, 1, 1]]],
        [7, signed_end(b"g", 0).to_wire(), [[0, b"j" * 16, 1, 1]]],
        [7, signed_end(b"g", 1).to_wire(), [[1, b"j" * 16, 1]]],
        [8, -1],
        [9, 1],
        [10, "reason", 7],
        [10, "r" * 81, "words"],
    ],
    ids=repr,
)
def test_fields_out_of_their_bounds_are_refused(fields: list[object]) -> None:
    with pytest.raises(FrameMalformed):
        decode(framed(fields), 1)


def test_long_words_are_shortened_where_they_are_said() -> None:
    heard = decode(encode(Bye("peer_left", "長" * 2_000), 1), 1)
    assert isinstance(heard, Bye)
    assert heard.words == "長" * WORDS_CHARACTERS_MAX
