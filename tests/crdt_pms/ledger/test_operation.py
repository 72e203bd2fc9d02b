"""An operation survives its encoding unchanged, and nothing but an operation is taken for one, on whatever version."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import ActionMark, PartDigest, RegisterKey
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import PAYLOAD_BYTES_MAX
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.errors import OperationMalformed
from crdt_pms.ledger.fields import Scalar, Value
from crdt_pms.ledger.limits import (
    FIELD_NAME_CHARACTERS_MAX,
    FIELDS_MAX,
    INTEGER_MAX,
    NAMES_MAX,
    ORIGIN_CHARACTERS_MAX,
    READS_MAX,
    REASON_CHARACTERS_MAX,
    SCALAR_CHARACTERS_MAX,
    WRITES_MAX,
)
from crdt_pms.ledger.operation import Operation, Register, Write, decode_operation, encode_operation
from crdt_pms.ledger.policies import FOLIO_WINDOW, GUEST_PROFILE, OCCUPANCY, ORIGINS, POSTING, STAY_GUEST, TERMS
from tests.crdt_pms.ledger.histories import Record, journal_id, occupancy, posting, profile, record_of, terms, window

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
whole = st.integers(-INTEGER_MAX, INTEGER_MAX)
dates = st.dates().map(str).filter(lambda day: "1900" <= day < "3000")
dots = st.builds(Dot, st.integers(1, 5).map(journal_id), st.integers(1, 9))
OWN = Dot(journal_id(9), 1)


def maybe(strategy: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    return st.none() | strategy


VALUES: dict[str, st.SearchStrategy[Value]] = {
    OCCUPANCY: st.fixed_dictionaries(
        {
            "status": st.sampled_from([status.value for status in StayStatus]),
            "room": maybe(st.text("0123456789", min_size=1, max_size=16)),
            "arrived_at": maybe(st.integers(0, INTEGER_MAX)),
            "departed_at": maybe(st.integers(0, INTEGER_MAX)),
            "note": maybe(texts),
        }
    ),
    TERMS: st.fixed_dictionaries(
        {
            "arrival": dates,
            "nights": st.integers(0, 1_000),
            "room_type": texts,
            "rate_minor": whole,
            "adults": st.integers(0, 1_000),
            "children": st.integers(0, 1_000),
            "source": texts,
            "segment": maybe(texts),
            "do_not_move": st.booleans(),
        }
    ),
    STAY_GUEST: st.fixed_dictionaries({"guest": ids}),
    GUEST_PROFILE: st.fixed_dictionaries(
        {
            "name": texts,
            **{field: maybe(texts) for field in ("kana", "contact", "address", "nationality", "passport", "member")},
        }
    ),
    FOLIO_WINDOW: st.fixed_dictionaries(
        {"stay": ids, "status": st.sampled_from([status.value for status in WindowStatus]), "note": maybe(texts)}
    ),
}


@st.composite
def writes(draw: st.DrawFn) -> Write:
    group = draw(st.sampled_from(sorted(VALUES)))
    names, reads = (tuple(sorted(draw(st.sets(dots, max_size=4)))) for _ in range(2))
    return Write.of(
        Register(group, draw(ids)),
        draw(VALUES[group]),
        names,
        reads,
        draw(st.none() | VALUES[group]),
        resolution=bool(names) and draw(st.booleans()),
    )


scalars = st.none() | st.booleans() | whole | texts
names_of_fields = st.text("abc+", min_size=1, max_size=5)


@st.composite
def newer_writes(draw: st.DrawFn) -> Write:
    """Of groups and fields that this version does not know."""
    register = Register(draw(st.sampled_from(["stay.pets", "spa.booking"])), draw(ids), draw(st.sampled_from([0, 2])))
    content = draw(st.dictionaries(names_of_fields, scalars, max_size=5))
    return Write(register, dict(sorted(content.items())), tuple(sorted(draw(st.sets(dots, max_size=3)))))


operations = st.builds(
    Operation,
    st.text("abc_", min_size=1, max_size=20),
    st.sampled_from((*ORIGINS, "a-system-of-tomorrow")),
    texts,
    st.lists(writes() | newer_writes(), min_size=1, max_size=4, unique_by=lambda write: write.register[:2]).map(tuple),
)

SIMPLE = Operation("assign_room", "hotel-pms", "", (Write.of(Register(OCCUPANCY, "stay"), occupancy()),))


def written(operation: Operation) -> Record:
    return record_of(OWN, Stamp(1, 0), "suzuki", operation)


def as_entry(record: Record, *parts: bytes, **fields: Any) -> Record:
    """The same entry with other parts, whose digests its header names."""
    digests = tuple(
        PartDigest(role, hashlib.sha256(part).digest())
        for (role, _digest), part in zip(record.part_digests, parts, strict=False)
    )
    return record._replace(**({"parts": parts, "part_digests": digests} | fields))


@given(operations)
def test_an_operation_is_read_back_as_it_was_written(operation: Operation) -> None:
    record = written(operation)
    assert decode_operation(record) == operation
    assert written(decode_operation(record)) == record
    assert record.supersedes == tuple(sorted({dot for write in operation.writes for dot in write.names}))
    assert record.reads == tuple(sorted({dot for write in operation.writes for dot in write.reads}))


@given(operations)
def test_the_bytes_do_not_depend_on_the_order_of_fields(operation: Operation) -> None:
    turned = tuple(
        replace(write, content=dict(reversed(list((write.content or {}).items())))) for write in operation.writes
    )
    assert written(replace(operation, writes=turned)) == written(operation)


def refused(record: Record) -> bool:
    """Whether the entry is refused; whatever is taken for an operation has a structure that can be written."""
    try:
        taken = decode_operation(record)
    except OperationMalformed:
        return True
    assert len(taken.writes) == len(record.keys)
    return False


@settings(max_examples=100)
@given(operations, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_mutated_bytes_are_an_operation_or_malformed_and_nothing_else(
    operation: Operation, changes: list[tuple[int, int]]
) -> None:
    record = written(operation)
    for place, part in enumerate(record.parts):
        assert part is not None
        mutated = bytearray(part)
        for at, byte in changes:
            mutated[at % len(mutated)] = byte
        parts = [one or b"" for one in record.parts]
        for damaged in (bytes(mutated), part[: changes[0][0] % len(part)], part + b"\x00"):
            refused(as_entry(record, *parts[:place], damaged, *parts[place + 1 :]))
        assert refused(as_entry(record, *parts[:place], part + b"\x00", *parts[place + 1 :]))


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | texts | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.tuples(st.just("hotel-pms") | anything, st.just("") | anything, st.lists(anything, min_size=1, max_size=1)))
def test_arrays_of_anything_are_malformed(parts: tuple[object, ...]) -> None:
    assert refused(as_entry(written(SIMPLE), pack(list(parts))))


@given(st.binary(max_size=200))
def test_bytes_of_anything_are_malformed(payload: bytes) -> None:
    assert refused(as_entry(written(SIMPLE), payload))


NESTED = b"\x91" * 1_000 + b"\x90"


@pytest.mark.parametrize("payload", [b"\x93" + NESTED + b"\xa0\x90", b"\x93\xa1x" + NESTED + b"\x90", NESTED])
def test_a_nest_that_exhausts_the_stack_is_malformed_and_not_written_out(payload: bytes) -> None:
    with pytest.raises(OperationMalformed) as raised:
        decode_operation(as_entry(written(SIMPLE), payload))
    assert len(str(raised.value)) < 500


def with_write(
    content: object = None, names: object = (), reads: object = (), base: object = None, more: object = ()
) -> Record:
    """One write of a group that no version knows, in plain form."""
    key = RegisterKey("spa.booking", "x")
    item = [{} if content is None else content, list(names), list(reads), base, False, *more]  # type: ignore[call-overload]
    return as_entry(written(SIMPLE), pack(["hotel-pms", "", [item]]), keys=(key,))


def keyed(*keys: RegisterKey) -> Record:
    """As many writes as keys, empty ones."""
    return as_entry(written(SIMPLE), pack(["hotel-pms", "", [[{}, [], [], None, False] for _key in keys]]), keys=keys)


def test_the_plain_forms_of_these_examples_are_operations() -> None:
    assert not refused(with_write())
    assert not refused(keyed(RegisterKey("spa.booking", "x", 3), RegisterKey("spa.booking", "y")))


STRUCTURE: dict[str, tuple[Record, str]] = {
    "no origin": (as_entry(written(SIMPLE), pack(["", "", [[{}, [], [], None, False]]])), "which system"),
    "a long origin": (as_entry(written(SIMPLE), pack(["x" * (ORIGIN_CHARACTERS_MAX + 1), "", []])), "origin|writes"),
    "a long reason": (
        as_entry(written(SIMPLE), pack(["x", "x" * (REASON_CHARACTERS_MAX + 1), [[{}, [], [], None, False]]])),
        "reason",
    ),
    "no writes": (as_entry(written(SIMPLE), pack(["x", "", []])), "0 writes"),
    "more writes than keys": (keyed()._replace(keys=()), "0 writes"),
    "fewer writes than keys": (
        keyed(RegisterKey("a.b", "x"))._replace(keys=(RegisterKey("a.b", "x"), RegisterKey("a.b", "y"))),
        "the header names 2",
    ),
    "too many writes": (keyed(*(RegisterKey("a.b", f"{n}") for n in range(WRITES_MAX + 1))), "1000"),
    "one register twice": (keyed(RegisterKey("a.b", "x"), RegisterKey("a.b", "x", 1)), "twice"),
    "no group": (keyed(RegisterKey("", "x")), "field group"),
    "no row": (keyed(RegisterKey("a.b", "")), "row id"),
    "a row of two lines": (keyed(RegisterKey("a.b", "x\ny")), "row id"),
    "an unknown flag": (keyed(RegisterKey("a.b", "x", 4)), "flags"),
    "a write of six parts": (with_write(more=(1,)), "6 items"),
    "a content that is a list": (with_write([1]), "not a mapping"),
    "a field without a name": (with_write({"": 1}), "field name"),
    "a long field name": (with_write({"x" * (FIELD_NAME_CHARACTERS_MAX + 1): 1}), "field name"),
    "a field named by a number": (with_write({7: 1}), "field name"),
    "too many fields": (with_write({f"{n}": 1 for n in range(FIELDS_MAX + 1)}), "fields"),
    "a fraction": (with_write({"x": 1.5}), "type float"),
    "a list in a field": (with_write({"x": [1]}), "type list"),
    "bytes in a field": (with_write({"x": b"1"}), "type bytes"),
    "a great integer": (with_write({"x": INTEGER_MAX + 1}), "within"),
    "a long text": (with_write({"x": "x" * (SCALAR_CHARACTERS_MAX + 1)}), "characters"),
    "a base that is none": (with_write(base=5), "not a mapping"),
    "a name that the header has not": (with_write(names=[0]), "positions|items"),
    "a read that the header has not": (with_write(reads=[0]), "positions|items"),
    "a name that no write has": (with_write()._replace(supersedes=(OWN,)), "no register of it replaces"),
    "a read that no write has": (with_write()._replace(reads=(OWN,)), "no register of it has"),
    "no content anywhere": (as_entry(written(SIMPLE), pack(["x", "", [[None, [], [], None, False]]])), "no content"),
    "no parts": (written(SIMPLE)._replace(parts=(), part_digests=()), "content part"),
}


@pytest.mark.parametrize("wrong", STRUCTURE)
def test_what_is_not_of_the_structure_is_refused_with_the_reason(wrong: str) -> None:
    record, why = STRUCTURE[wrong]
    with pytest.raises(OperationMalformed, match=why):
        decode_operation(record)


@pytest.mark.parametrize("names", [[1, 0], [0, 0], [2], [-1], [True], ["0"]])
def test_names_are_ascending_positions_in_the_header(names: list[object]) -> None:
    two = (Dot(journal_id(1), 1), Dot(journal_id(2), 1))
    assert refused(with_write(names=names)._replace(supersedes=two))


def test_what_a_version_does_not_know_is_an_operation_all_the_same() -> None:
    record = with_write({"+mood": "good", "bed": 2, "dog": None, "soft": True})
    assert decode_operation(record).writes[0].content == {"+mood": "good", "bed": 2, "dog": None, "soft": True}
    strange = as_entry(written(SIMPLE), pack(["fax", "", [[{"status": "asleep", "room": 7}, [], [], None, False]]]))
    (write,) = decode_operation(strange).writes
    assert write.content == {"status": "asleep", "room": 7}


def test_what_is_appended_replaces_nothing_on_whatever_version() -> None:
    one = Dot(journal_id(1), 1)
    change = Write.of(Register(POSTING, "charge:a"), posting("stay", 1), (one,))
    with pytest.raises(OperationMalformed, match="never changes"):
        written(replace(SIMPLE, writes=(change,)))
    unknown = with_write(names=[0])._replace(supersedes=(one,), keys=(RegisterKey("spa.bill", "x", 1),))
    with pytest.raises(OperationMalformed, match="never changes"):
        decode_operation(unknown)


# Personal data


SATO = replace(SIMPLE, writes=(*SIMPLE.writes, Write.of(Register(GUEST_PROFILE, "sato"), profile("Sato"))))


def test_personal_data_stands_in_a_part_of_its_own_and_nothing_of_it_elsewhere() -> None:
    content, personal = written(SATO).parts
    assert b"Sato" not in (content or b"")
    assert b"Sato" in (personal or b"")


def test_once_erased_an_operation_says_the_same_of_everything_else() -> None:
    record = written(SATO)
    whole, erased = decode_operation(record), decode_operation(record.erased())
    assert erased.writes[0] == whole.writes[0]
    assert erased.writes[1] == replace(whole.writes[1], content=None)
    assert [write.digest for write in erased.writes] == [write.digest for write in whole.writes]


def test_equal_personal_data_of_two_entries_cannot_be_told_from_its_digests() -> None:
    one, other = (record_of(Dot(journal_id(number), 1), Stamp(1, 0), "suzuki", SATO) for number in (1, 2))
    digests = [decode_operation(record).writes[1].digest for record in (one, other)]
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("personal", "why"),
    [
        (b"short", "salt"),
        (bytes(16) + pack({}), "array"),
        (bytes(16) + pack([]), "no personal content"),
        (bytes(16) + pack([[1, None, None]]), "no personal content"),
        (bytes(16) + pack([[1, {"name": 1.5}, None]]), "type float"),
        (bytes(16) + pack([[0, {}, None], [1, {}, None]]), "belongs to no write"),
        (bytes(16) + pack([[1, {}, None], [1, {}, None]]), "integer in"),
        (bytes(16) + pack([[1, {}]]), "a base"),
    ],
)
def test_a_personal_part_holds_the_content_of_its_writes_and_nothing_else(personal: bytes, why: str) -> None:
    record = written(SATO)
    with pytest.raises(OperationMalformed, match=why):
        decode_operation(as_entry(record, record.parts[0] or b"", personal))


# What an author may write, all can read


def many(names: int = 0, reads: int = 0) -> Operation:
    listed = tuple(Dot(journal_id(1), seq) for seq in range(1, max(names, reads) + 1))
    write = Write.of(Register(OCCUPANCY, "stay"), occupancy(), listed[:names], listed[:reads])
    return replace(SIMPLE, writes=(write,))


def spa(content: dict[str, Scalar]) -> Operation:
    return replace(SIMPLE, writes=(Write(Register("spa.booking", "x"), content),))


@pytest.mark.parametrize(
    "operation",
    [
        replace(SIMPLE, action=""),
        replace(SIMPLE, origin=""),
        replace(SIMPLE, origin="x" * (ORIGIN_CHARACTERS_MAX + 1)),
        replace(SIMPLE, reason="x" * (REASON_CHARACTERS_MAX + 1)),
        replace(SIMPLE, reason="\ud800"),
        replace(SIMPLE, writes=()),
        replace(SIMPLE, writes=SIMPLE.writes * 2),
        spa({"x": "x" * (SCALAR_CHARACTERS_MAX + 1)}),
        spa({"x" * (FIELD_NAME_CHARACTERS_MAX + 1): 1}),
        spa({f"{n}": 1 for n in range(FIELDS_MAX + 1)}),
        spa({"x": INTEGER_MAX + 1}),
        many(names=NAMES_MAX + 1),
        many(reads=READS_MAX + 1),
        replace(SIMPLE, writes=(Write(Register(GUEST_PROFILE, "sato"), None),)),
    ],
)
def test_an_author_refuses_what_its_readers_would_quarantine(operation: Operation) -> None:
    with pytest.raises(OperationMalformed):
        written(operation)


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        (lambda size: many(names=size), NAMES_MAX),
        (lambda size: many(reads=size), READS_MAX),
        (lambda size: spa({"x": "x" * size}), SCALAR_CHARACTERS_MAX),
        (lambda size: spa({"x" * size: 1}), FIELD_NAME_CHARACTERS_MAX),
        (lambda size: spa({f"{n}": 1 for n in range(size)}), FIELDS_MAX),
        (lambda size: replace(SIMPLE, reason="x" * size), REASON_CHARACTERS_MAX),
        (lambda size: replace(SIMPLE, origin="x" * size), ORIGIN_CHARACTERS_MAX),
    ],
)
def test_each_limit_is_the_authors_and_the_readers(make: Callable[[int], Operation], limit: int) -> None:
    assert decode_operation(written(make(limit))) == make(limit)
    with pytest.raises(OperationMalformed):
        written(make(limit + 1))


@pytest.mark.parametrize(
    ("group", "content", "why"),
    [
        (STAY_GUEST, {"guest": None}, "row id"),
        (STAY_GUEST, {}, "lacks the field guest"),
        (FOLIO_WINDOW, {"stay": "", "status": "open"}, "row id"),
        (TERMS, {**terms(), "arrival": "2016-W32-1"}, "YYYY-MM-DD|lacks"),
        (OCCUPANCY, {"status": "asleep"}, "none of"),
        (OCCUPANCY, {"status": "reserved", "room": "1" * 17}, "longer"),
        (OCCUPANCY, {"status": "reserved", "room": None}, "default, which is not written"),
    ],
)
def test_an_author_writes_nothing_that_has_no_meaning_to_it(group: str, content: Value, why: str) -> None:
    with pytest.raises(OperationMalformed, match=why):
        written(replace(SIMPLE, writes=(Write(Register(group, "row"), content),)))


def test_an_operation_has_at_most_the_bytes_of_a_payload() -> None:
    note = occupancy(note="x" * 2_000)
    filled = tuple(Write.of(Register(OCCUPANCY, f"stay-{number}"), note) for number in range(200))
    with pytest.raises(OperationMalformed, match=f"{PAYLOAD_BYTES_MAX}"):
        written(replace(SIMPLE, writes=filled))
    with pytest.raises(OperationMalformed, match=f"{PAYLOAD_BYTES_MAX}"):
        decode_operation(as_entry(written(SIMPLE), b"\x95" + b"\x00" * PAYLOAD_BYTES_MAX))


def test_the_rows_that_an_operation_is_about_are_named_in_the_header() -> None:
    charge = Write.of(Register(POSTING, "charge:a"), posting("stay", 1, reverses="charge:b"))
    encoded = encode_operation(
        replace(SIMPLE, writes=(charge, Write.of(Register(FOLIO_WINDOW, "f"), window("s")))), b""
    )
    assert set(encoded.rows) == {("stay", "stay"), ("folio", "stay/1"), ("posting", "charge:b"), ("stay", "s")}
    assert ActionMark(SIMPLE.action, 1).name == SIMPLE.action
