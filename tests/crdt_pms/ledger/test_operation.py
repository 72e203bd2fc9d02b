"""An operation survives its encoding unchanged, and nothing but an operation is taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import PAYLOAD_BYTES_MAX
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.errors import OperationMalformed
from crdt_pms.ledger.fields import Scalar, Value
from crdt_pms.ledger.limits import INTEGER_MAX, NAMES_MAX, WRITES_MAX
from crdt_pms.ledger.operation import Operation, Register, Write, decode_operation, encode_operation
from crdt_pms.ledger.policies import FOLIO_WINDOW, GUEST_PROFILE, OCCUPANCY, ORIGINS, POSTING, STAY_GUEST, TERMS
from tests.crdt_pms.ledger.histories import journal_id, occupancy, posting, terms, window

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
whole = st.integers(-INTEGER_MAX, INTEGER_MAX)
dates = st.dates().map(str).filter(lambda day: "1900" <= day < "3000")
dots = st.builds(Dot, st.integers(1, 5).map(journal_id), st.integers(1, 9))


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
    names = tuple(sorted(draw(st.sets(dots, max_size=4))))
    return Write(
        Register(group, draw(ids)),
        draw(VALUES[group]),
        names,
        draw(st.none() | VALUES[group]),
        len(names) > 1 and draw(st.booleans()),
    )


operations = st.builds(
    Operation,
    st.text("abc_", min_size=1, max_size=20),
    st.sampled_from(ORIGINS),
    texts,
    st.lists(writes(), min_size=1, max_size=4, unique_by=lambda write: write.register).map(tuple),
)

SIMPLE = Operation("assign_room", "hotel-pms", "", (Write(Register(OCCUPANCY, "stay"), occupancy()),))


def decoded(payload: bytes, dependencies: tuple[Dot, ...] = ()) -> Operation:
    return decode_operation(payload, dependencies)


@given(operations)
def test_an_operation_is_read_back_as_it_was_written(operation: Operation) -> None:
    payload, dependencies = encode_operation(operation)
    assert decode_operation(payload, dependencies) == operation
    assert encode_operation(decode_operation(payload, dependencies)) == (payload, dependencies)
    assert dependencies == tuple(sorted({dot for write in operation.writes for dot in write.names}))


@given(operations)
def test_the_bytes_do_not_depend_on_the_order_of_keys(operation: Operation) -> None:
    turned = tuple(replace(write, value=dict(reversed(list(write.value.items())))) for write in operation.writes)
    assert encode_operation(replace(operation, writes=turned)) == encode_operation(operation)


def malformed(payload: bytes, dependencies: tuple[Dot, ...]) -> bool:
    """Whether the bytes are refused; whatever is taken for an operation must be one that an author could write."""
    try:
        taken = decode_operation(payload, dependencies)
    except OperationMalformed:
        return True
    assert encode_operation(taken)[1] == dependencies
    return False


@settings(max_examples=100)
@given(operations, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_mutated_bytes_are_an_operation_or_malformed_and_nothing_else(
    operation: Operation, changes: list[tuple[int, int]]
) -> None:
    payload, dependencies = encode_operation(operation)
    mutated = bytearray(payload)
    for at, byte in changes:
        mutated[at % len(mutated)] = byte
    malformed(bytes(mutated), dependencies)
    assert malformed(payload[: changes[0][0] % len(payload)], dependencies)
    assert malformed(payload + b"\x00", dependencies)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | texts | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.tuples(st.just(1) | anything, st.just("act") | anything, st.just("hotel-pms") | anything, anything, anything))
def test_arrays_of_anything_are_malformed(parts: tuple[object, ...]) -> None:
    with pytest.raises(OperationMalformed):
        decoded(pack(list(parts)))


@given(st.binary(max_size=200))
def test_bytes_of_anything_are_malformed(payload: bytes) -> None:
    with pytest.raises(OperationMalformed):
        decoded(payload)


NESTED = b"\x91" * 1_000 + b"\x90"


@pytest.mark.parametrize(
    "payload",
    [
        b"\x95" + NESTED + b"\xa3act\xa9hotel-pms\xa0\x91\x90",
        b"\x95\x01" + NESTED + b"\xa9hotel-pms\xa0\x91\x90",
        b"\x95\x01\xa3act" + NESTED + b"\xa0\x91\x90",
        b"\x95\x01\xa3act\xa9hotel-pms" + NESTED + b"\x91\x90",
        b"\x95\x01\xa3act\xa9hotel-pms\xa0\x91\x96" + NESTED + b"\xa3row\x80\x90\xc0\xc2",
        b"\x95\x01\xa3act\xa9hotel-pms\xa0\x91\x96\xaastay.guest" + NESTED + b"\x80\x90\xc0\xc2",
        b"\x95\x01\xa3act\xa9hotel-pms\xa0\x91\x96\xaastay.guest\xa3row\x81\xa5guest" + NESTED + b"\x90\xc0\xc2",
        b"\x95\x01\xa3act\xa9hotel-pms\xa0\x91\x96\xaastay.guest\xa3row\x81\xa5guest\xa1a\x90" + NESTED + b"\xc2",
        b"\x95\x01\xa3act\xa9hotel-pms\xa0\x91\x96\xaastay.guest\xa3row\x81\xa5guest\xa1a\x90\xc0" + NESTED,
    ],
)
def test_a_deep_nest_in_any_part_is_malformed_however_deep_the_reader_stands(payload: bytes) -> None:
    with pytest.raises(OperationMalformed) as refused:
        decoded(payload)
    assert len(str(refused.value)) < 1_000


def packed(**changed: object) -> bytes:
    parts: dict[str, object] = {
        "version": 1,
        "action": "assign_room",
        "origin": "hotel-pms",
        "reason": "",
        "writes": [[STAY_GUEST, "stay", {"guest": "sato"}, [], None, False]],
    }
    return pack(list({**parts, **changed}.values()))


def with_write(group: object = STAY_GUEST, row: object = "stay", value: object = None, **rest: object) -> bytes:
    parts: dict[str, object] = {"names": [], "base": None, "resolution": False}
    return packed(writes=[[group, row, value or {"guest": "sato"}, *{**parts, **rest}.values()]])


def test_the_plain_form_of_these_examples_is_an_operation() -> None:
    assert decoded(packed()).writes == decoded(with_write()).writes


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (packed(version=2), "version"),
        (packed(version=True), "version"),
        (packed(action=""), "which action"),
        (packed(action="x" * 101), "action"),
        (packed(origin="fax"), "origin"),
        (packed(reason="x" * 2_001), "reason"),
        (packed(writes=[]), "0 writes"),
        (packed(writes=[[STAY_GUEST, "stay", {"guest": "sato"}, [], None]]), "six parts"),
        (packed(writes=[[STAY_GUEST, "stay", {"guest": "sato"}, [], None, False]] * 2), "twice"),
        (packed(writes=[[STAY_GUEST, f"{n}", {"guest": "a"}, [], None, False] for n in range(WRITES_MAX + 1)]), "1000"),
        (with_write(group="stay.weather"), "no field group"),
        (with_write(group=7), "no field group"),
        (with_write(row=""), "row id"),
        (with_write(row="a\nb"), "row id"),
        (with_write(row="x" * 201), "row id"),
        (with_write(value={"guest": None}), "row id"),
        (with_write(value={"guest": "sato", "mood": "good"}), "no field 'mood'"),
        (with_write(value={"mood": "good"}), "lacks the field guest"),
        (with_write(value=[1]), "not a mapping"),
        (with_write(names=[0]), "positions"),
        (with_write(base={"guest": 5}), "row id"),
        (with_write(resolution=None), "resolution"),
        (with_write(resolution=True), "nothing to choose"),
        (with_write(group=TERMS, value={**terms(), "arrival": "2016-W32-1"}), "YYYY-MM-DD"),
        (with_write(group=TERMS, value={**terms(), "arrival": "20160808"}), "YYYY-MM-DD"),
        (with_write(group=TERMS, value={**terms(), "arrival": "1815-06-18"}), "years"),
        (with_write(group=TERMS, value={**terms(), "nights": -1}), "within"),
        (with_write(group=TERMS, value={**terms(), "nights": True}), "integer"),
        (with_write(group=TERMS, value={**terms(), "rate_minor": 1.5}), "integer"),
        (with_write(group=TERMS, value={**terms(), "do_not_move": 1}), "neither true nor false"),
        (with_write(group=OCCUPANCY, value={**occupancy(), "status": "asleep"}), "none of"),
        (with_write(group=OCCUPANCY, value={**occupancy(), "room": "1" * 17}), "longer"),
    ],
)
def test_what_is_not_of_the_format_is_refused_with_the_reason(payload: bytes, why: str) -> None:
    with pytest.raises(OperationMalformed, match=why):
        decoded(payload)


def test_a_header_may_not_name_writes_that_no_register_replaces() -> None:
    with pytest.raises(OperationMalformed, match="header"):
        decoded(packed(), (Dot(journal_id(1), 1),))


@pytest.mark.parametrize("names", [[1, 0], [0, 0], [2], [-1], [True], ["0"], 0])
def test_names_are_ascending_positions_in_the_header(names: object) -> None:
    with pytest.raises(OperationMalformed):
        decoded(with_write(names=names), (Dot(journal_id(1), 1), Dot(journal_id(2), 1)))


def test_a_posting_never_changes() -> None:
    one = Dot(journal_id(1), 1)
    change = Write(Register(POSTING, "charge:a"), posting("stay", 1), (one,))
    with pytest.raises(OperationMalformed, match="never changes"):
        encode_operation(replace(SIMPLE, writes=(change,)))
    chosen = replace(change, names=(one, Dot(journal_id(2), 1)), resolution=True)
    payload, dependencies = encode_operation(replace(SIMPLE, writes=(chosen,)))
    assert decode_operation(payload, dependencies).writes == (chosen,)


def many_names(number: int) -> Operation:
    names = tuple(Dot(journal_id(1), seq) for seq in range(1, number + 1))
    return replace(SIMPLE, writes=(Write(Register(OCCUPANCY, "stay"), occupancy(), names),))


@pytest.mark.parametrize(
    "operation",
    [
        replace(SIMPLE, action=""),
        replace(SIMPLE, origin="fax"),
        replace(SIMPLE, reason="x" * 2_001),
        replace(SIMPLE, reason="\ud800"),
        replace(SIMPLE, writes=()),
        replace(SIMPLE, writes=SIMPLE.writes * 2),
        replace(SIMPLE, writes=(Write(Register("stay.weather", "stay"), {}),)),
        replace(SIMPLE, writes=(Write(Register(FOLIO_WINDOW, "stay/1"), window(""), ()),)),
        many_names(NAMES_MAX + 1),
    ],
)
def test_an_author_refuses_what_its_peers_would_quarantine(operation: Operation) -> None:
    with pytest.raises(OperationMalformed):
        encode_operation(operation)


def test_an_operation_has_at_most_the_bytes_of_a_payload() -> None:
    note = occupancy(note="x" * 2_000)
    filled = tuple(Write(Register(OCCUPANCY, f"stay-{number}"), note) for number in range(200))
    with pytest.raises(OperationMalformed, match=f"{PAYLOAD_BYTES_MAX}"):
        encode_operation(replace(SIMPLE, writes=filled))
    with pytest.raises(OperationMalformed, match=f"{PAYLOAD_BYTES_MAX}"):
        decoded(b"\x95" + b"\x00" * PAYLOAD_BYTES_MAX)


def test_as_many_names_as_a_header_holds_can_be_named() -> None:
    payload, dependencies = encode_operation(many_names(NAMES_MAX))
    assert len(decode_operation(payload, dependencies).writes[0].names) == NAMES_MAX
