"""The property file is read whole or refused with the place of the first wrong value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.checked_json import FILE_CHARACTERS_MAX
from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.property_file import PeerAddress, PropertyDefinition, parse_property, render_property

KEY = "0" * 64


def plain(**changed: object) -> dict[str, Any]:
    return {"property_id": "harbour", "root_key": KEY, **changed}


def parsed(**changed: object) -> PropertyDefinition:
    return parse_property(json.dumps(plain(**changed)))


def test_a_file_names_the_property_and_its_root_and_says_nothing_of_its_rows() -> None:
    definition = parsed()
    assert (definition.property_id, definition.root_key) == ("harbour", bytes(32))
    assert (definition.peers, definition.relay_url) == ((), None)
    assert (list(definition.rooms), definition.staff, definition.is_founded) == ([], (), False)


names = st.text("abcXYZ0129._-", max_size=12).map("a".__add__)
addresses = st.sampled_from(
    ["ws://192.0.2.7:7411", "wss://relay.example", "ws://desk-1:7411", "ws://[2001:db8::7]:7411"]
)
contents = st.fixed_dictionaries(
    {"property_id": names, "root_key": st.binary(min_size=32, max_size=32).map(bytes.hex)},
    optional={
        "relay_url": st.none() | addresses,
        "peers": st.lists(st.fixed_dictionaries({"name": names, "url": addresses}), max_size=3),
    },
)


@given(contents)
def test_what_a_file_says_is_read_and_rendered_as_it_was(content: dict[str, Any]) -> None:
    definition = parse_property(json.dumps(content))
    assert definition.relay_url == content.get("relay_url")
    assert definition.peers == tuple(PeerAddress(**peer) for peer in content.get("peers", []))
    rendered = render_property(definition)
    assert set(json.loads(rendered)) == {"property_id", "root_key", "relay_url", "peers"}
    assert parse_property(rendered) == definition


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("name_ja", "define_hotel"),
        ("name_en", "define_hotel"),
        ("zone", "define_hotel"),
        ("currency", "define_hotel"),
        ("opening_date", "define_hotel"),
        ("register_fields", "define_hotel"),
        ("rooms", "define_room"),
        ("room_types", "define_room_type"),
        ("staff", "define_staff"),
        ("codes", "define_code"),
        ("devices", "define_device"),
    ],
)
def test_what_is_a_row_is_refused_with_the_way_to_write_it(key: str, action: str) -> None:
    with pytest.raises(PropertyInvalid) as raised:
        parsed(**{key: []})
    assert raised.value.place == key
    assert f"administrator's desk (action {action})" in raised.value.problem
    assert "crdt-pms property init --founding" in raised.value.problem


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
        parse_property(text)
    assert raised.value.place == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*plain(), "peers", "relay_url", "rooms"]), values)
def test_any_value_anywhere_is_taken_or_refused_as_a_property_file(key: str, value: object) -> None:
    try:
        definition = parsed(**{key: value})
    except PropertyInvalid as refused:
        assert_names_a_place(refused, key)
    else:
        assert parse_property(render_property(definition)) == definition


def assert_names_a_place(refused: PropertyInvalid, key: str) -> None:
    assert refused.place.startswith(key)
