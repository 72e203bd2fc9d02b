"""The property file is read whole or refused with the place of the first wrong value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.money import CURRENCIES, JPY
from crdt_pms.hotel.property_file import (
    NOT_OPENED,
    PROPERTY_FILE_CHARACTERS_MAX,
    STAFF_ROLES,
    PeerAddress,
    PropertyDefinition,
    StaffMember,
    parse_property,
    render_property,
)
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.rooms import Room, RoomPlan

KEY = "0" * 64


def plain(**changed: object) -> dict[str, Any]:
    return {
        "property_id": "harbour",
        "root_key": KEY,
        "name_ja": "港ホテル",
        "name_en": "Harbour Hotel",
        "zone": "Asia/Tokyo",
        "currency": "JPY",
        "opening_date": "2016-08-08",
        "rooms": [
            {"number": "101", "floor": 1, "room_type": "twin"},
            {"number": "201", "floor": 2, "room_type": "double"},
        ],
        **changed,
    }


def parsed(**changed: object) -> PropertyDefinition:
    return parse_property(json.dumps(plain(**changed)))


def staff(**changed: object) -> dict[str, object]:
    return {"staff_id": "hana", "name_ja": "花", "name_en": "Hana", "role": "clerk", **changed}


def room(**changed: object) -> dict[str, object]:
    return {"number": "101", "floor": 1, "room_type": "twin", **changed}


def test_a_plain_file_has_no_peers_or_staff() -> None:
    definition = parsed()
    assert (definition.property_id, definition.currency, definition.opening_date) == ("harbour", JPY, "2016-08-08")
    assert [each.number for each in definition.rooms] == ["101", "201"]
    assert (definition.peers, definition.staff, definition.relay_url) == ((), (), None)


def test_a_file_may_name_the_property_and_its_root_only() -> None:
    definition = parse_property(json.dumps({"property_id": "harbour", "root_key": KEY}))
    assert (definition.name_ja, len(definition.rooms), definition.opening_date) == ("harbour", 0, NOT_OPENED)
    assert parse_property(render_property(definition)) == definition


names = st.text("abcXYZ0129._-", max_size=12).map("a".__add__)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(str.strip).filter(bool)
addresses = st.sampled_from(
    ["ws://192.0.2.7:7411", "wss://relay.example", "ws://desk-1:7411", "ws://[2001:db8::7]:7411"]
)
rooms = st.lists(
    st.builds(
        Room,
        st.text("0123456789AB", min_size=1, max_size=6),
        st.integers(-3, 60),
        words,
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.number,
).map(RoomPlan)
definitions = st.builds(
    PropertyDefinition,
    property_id=names,
    root_key=st.binary(min_size=32, max_size=32),
    name_ja=words,
    name_en=words,
    zone=st.sampled_from(["Asia/Tokyo", "Europe/Lisbon", "UTC"]),
    currency=st.sampled_from(list(CURRENCIES.values())),
    opening_date=st.dates().map(str).filter(lambda day: "1900" <= day < "3000"),
    rooms=rooms,
    relay_url=st.none() | addresses,
    peers=st.lists(st.builds(PeerAddress, names, addresses), max_size=3).map(tuple),
    staff=st.lists(
        st.builds(StaffMember, names, words, words, st.sampled_from(STAFF_ROLES)),
        max_size=3,
        unique_by=lambda each: each.staff_id,
    ).map(tuple),
    register_fields=st.lists(st.sampled_from(PROFILE_FIELDS), max_size=3).map(tuple),
)


@given(definitions)
def test_a_definition_is_read_back_as_it_was_rendered(definition: PropertyDefinition) -> None:
    assert parse_property(render_property(definition)) == definition


@pytest.mark.parametrize("key", ["property_id", "root_key"])
def test_what_is_missing_is_named(key: str) -> None:
    content = plain()
    del content[key]
    with pytest.raises(PropertyInvalid) as raised:
        parse_property(json.dumps(content))
    assert raised.value.place == key


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"property_id": "a b"}, "property_id"),
        ({"property_id": "x" * 65}, "property_id"),
        ({"property_id": 7}, "property_id"),
        ({"name_ja": "  "}, "name_ja"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "Asia"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": "/etc/passwd"}, "zone"),
        ({"currency": "yen"}, "currency"),
        ({"opening_date": "8 August"}, "opening_date"),
        ({"opening_date": "2016-02-30"}, "opening_date"),
        ({"colour": "red"}, "colour"),
        ({"relay_url": "http://relay.example"}, "relay_url"),
        ({"relay_url": "ws://relay example"}, "relay_url"),
        ({"relay_url": "wss://relay.example/path"}, "relay_url"),
        ({"relay_url": "ws://desk:port"}, "relay_url"),
        ({"peers": {}}, "peers"),
        ({"peers": [{"name": "a"}]}, "peers[0].url"),
        ({"peers": [{"name": "a", "url": "ws://a:1", "port": 1}]}, "peers[0].port"),
        ({"peers": [{"name": "a", "url": "ws://a:1"}, {"name": "b", "url": "b"}]}, "peers[1].url"),
        ({"root_key": KEY[1:]}, "root_key"),
        ({"root_key": "G" * 64}, "root_key"),
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


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", "[]", "null", " " * (PROPERTY_FILE_CHARACTERS_MAX + 1)])
def test_what_is_no_object_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(PropertyInvalid) as raised:
        parse_property(text)
    assert raised.value.place == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*plain(), "peers", "staff", "relay_url", "register_fields"]), values)
def test_any_value_anywhere_is_taken_or_refused_as_a_property_file(key: str, value: object) -> None:
    try:
        definition = parsed(**{key: value})
    except PropertyInvalid as refused:
        assert_names_a_place(refused, key)
    else:
        assert parse_property(render_property(definition)) == definition


def assert_names_a_place(refused: PropertyInvalid, key: str) -> None:
    assert refused.place.startswith(key)
