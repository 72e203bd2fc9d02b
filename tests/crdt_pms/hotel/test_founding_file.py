"""The founding file is read whole or refused with the place of the first wrong value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.checked_json import FILE_CHARACTERS_MAX
from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.founding_file import Founding, parse_founding
from crdt_pms.hotel.property_file import StaffMember
from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.hotel.transaction_codes import PostingKind, TransactionCode


def plain(**changed: object) -> dict[str, Any]:
    return {
        "room_types": [{"room_type": "twin", "name_ja": "ツイン", "name_en": "Twin"}],
        "rooms": [room(), room(number="201", floor=2, room_type="double")],
        "staff": [staff()],
        "codes": [code()],
        "register_fields": ["kana"],
        **changed,
    }


def parsed(**changed: object) -> Founding:
    return parse_founding(json.dumps(plain(**changed)))


def staff(**changed: object) -> dict[str, object]:
    return {"staff_id": "hana", "name_ja": "花", "name_en": "Hana", "role": "clerk", **changed}


def room(**changed: object) -> dict[str, object]:
    return {"number": "101", "floor": 1, "room_type": "twin", **changed}


def code(**changed: object) -> dict[str, object]:
    return {"code": "onsen", "name_ja": "温泉", "name_en": "Hot spring", "kinds": ["charge"], **changed}


def test_a_founding_file_says_what_a_property_begins_with() -> None:
    assert parsed() == Founding(
        room_types={"twin": ("ツイン", "Twin")},
        rooms=RoomPlan((Room("101", 1, "twin"), Room("201", 2, "double"))),
        staff=(StaffMember("hana", "花", "Hana", "clerk"),),
        codes=(TransactionCode("onsen", "温泉", "Hot spring", frozenset({PostingKind.CHARGE})),),
        register_fields=("kana",),
    )


@pytest.mark.parametrize("absent", plain())
def test_every_list_may_be_absent(absent: str) -> None:
    content = plain()
    del content[absent]
    assert not list(getattr(parse_founding(json.dumps(content)), absent))


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"property_id": "harbour"}, "property_id"),
        ({"room_types": [{"room_type": "twin", "name_ja": "ツイン"}]}, "room_types[0].name_en"),
        ({"room_types": [*plain()["room_types"], *plain()["room_types"]]}, "room_types[1].room_type"),
        ({"codes": [code(kinds=["gift"])]}, "codes[0].kinds[0]"),
        ({"codes": [code(kinds=[])]}, "codes[0].kinds"),
        ({"codes": [code(), code()]}, "codes[1].code"),
        ({"codes": [code(code="hot spring")]}, "codes[0].code"),
        ({"staff": [staff(role="king")]}, "staff[0].role"),
        ({"staff": [staff(), staff()]}, "staff[1].staff_id"),
        ({"staff": [7]}, "staff[0]"),
        ({"register_fields": ["kana", "shoe_size"]}, "register_fields[1]"),
        ({"register_fields": "kana"}, "register_fields"),
        ({"rooms": [room(), room(floor=2)]}, "rooms[1].number"),
        ({"rooms": [room(number="1/2")]}, "rooms[0].number"),
        ({"rooms": [room(number="1" * 5_000)]}, "rooms[0].number"),
        ({"rooms": [room(number=101)]}, "rooms[0].number"),
        ({"rooms": [room(floor="1")]}, "rooms[0].floor"),
        ({"rooms": [room(floor=True)]}, "rooms[0].floor"),
        ({"rooms": [room(room_type="")]}, "rooms[0].room_type"),
        ({"rooms": [room(room_type="twin ")]}, "rooms[0].room_type"),
        ({"rooms": [room(room_type="x" * 101)]}, "rooms[0].room_type"),
        ({"rooms": [room(number=" 101")]}, "rooms[0].number"),
        ({"rooms": [{"number": "101", "floor": 1}]}, "rooms[0].room_type"),
        ({"rooms": [room(number=str(number)) for number in range(5_001)]}, "rooms"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(changed: dict[str, object], place: str) -> None:
    with pytest.raises(PropertyInvalid) as raised:
        parsed(**changed)
    assert raised.value.place == place
    assert place in str(raised.value)
    assert raised.value.problem


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", "[]", "null", " " * (FILE_CHARACTERS_MAX + 1)])
def test_what_is_no_object_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(PropertyInvalid) as raised:
        parse_founding(text)
    assert raised.value.place == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(list(plain())), values)
def test_any_value_anywhere_is_taken_or_refused_with_its_place(key: str, value: object) -> None:
    try:
        parsed(**{key: value})
    except PropertyInvalid as refused:
        assert_names_a_place(refused, key)


def assert_names_a_place(refused: PropertyInvalid, key: str) -> None:
    assert refused.place.startswith(key)
