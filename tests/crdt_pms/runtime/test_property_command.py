"""An operator founds a property and enrols its devices by commands; what is wrong is told, and nothing is overwritten."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.device_files import (
    ADMINISTRATOR_CLASSES,
    DESK_CLASSES,
    DeviceNotEnrolled,
    chain_file_of,
    load_device,
)
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.errors import OperatorError
from crdt_pms.runtime.property_command import app
from crdt_pms.runtime.property_loading import load_property
from crdt_pms.store.desk_file import open_desk


def run(*arguments: str) -> None:
    app(args=list(arguments), prog_name="crdt-pms property", standalone_mode=False)


def found(folder: Path, *more: str) -> Path:
    run("init", str(folder), "--property-id", "seaside", "--name-ja", "海辺ホテル", "--name-en", "Seaside Hotel",
        "--manager", "sato", *more)  # fmt: skip
    return folder


def rows_of(folder: Path) -> PropertyDefinition:
    """What the first administrator's device shows of the property."""
    definition = load_property(folder / "property.json", None)
    key_file = folder / "administrator.device-key"
    device = load_device(key_file, "seaside", definition.root_key, ADMINISTRATOR_CLASSES)
    with closing(open_desk(folder / "administrator.sqlite", "seaside", device.device_id)) as store:
        return Replica.open(store, definition, device, JournalId(b"j" * 16), 1).view().definition


def enrol(folder: Path, name: str, *more: str, administrator: str = "administrator") -> Path:
    key_file = folder / f"{name}.device-key"
    key = load_device_key(key_file).public_bytes.hex()
    run("enrol", "--property", str(folder / "property.json"), "--administrator",
        str(folder / f"{administrator}.device-key"), "--device-key", key, "--name", name, "--out",
        str(chain_file_of(key_file)), *more)  # fmt: skip
    return key_file


def test_a_founded_property_is_rows_that_its_first_administrator_wrote(tmp_path: Path) -> None:
    folder = found(tmp_path / "hotel", "--opening-date", "2026-07-01", "--relay-url", "wss://relay.example")
    assert set(json.loads((folder / "property.json").read_text())) == {
        "property_id", "root_key", "relay_url", "peers",
    }  # fmt: skip
    definition = load_property(folder / "property.json", None)
    shown = rows_of(folder)
    assert (shown.name_ja, shown.opening_date, shown.currency.code) == ("海辺ホテル", "2026-07-01", "JPY")
    assert [(member.staff_id, member.role) for member in shown.staff] == [("sato", "manager")]
    device = load_device(
        folder / "administrator.device-key", "seaside", definition.root_key, ADMINISTRATOR_CLASSES
    )  # fmt: skip
    assert [one.device_id for one in shown.devices] == [device.device_id]


FOUNDING = {
    "room_types": [{"room_type": "twin", "name_ja": "ツイン", "name_en": "Twin"}],
    "rooms": [{"number": "201", "floor": 2, "room_type": "twin"}, {"number": "301", "floor": 3, "room_type": "suite"}],
    "staff": [
        {"staff_id": "sato", "name_ja": "佐藤 美咲", "name_en": "Misaki Sato", "role": "manager"},
        {"staff_id": "suzuki", "name_ja": "鈴木 陽菜", "name_en": "Hina Suzuki", "role": "clerk"},
    ],
    "codes": [{"code": "onsen", "name_ja": "温泉", "name_en": "Hot spring", "kinds": ["charge"]}],
    "register_fields": ["kana"],
}


def written(folder: Path, **changed: object) -> str:
    path = folder / "founding.json"
    path.write_text(json.dumps({**FOUNDING, **changed}), encoding="utf-8")
    return str(path)


def test_a_founding_file_becomes_the_first_rows(tmp_path: Path) -> None:
    shown = rows_of(found(tmp_path / "hotel", "--founding", written(tmp_path)))
    assert [(room.number, room.floor, room.room_type) for room in shown.rooms] == [
        ("201", 2, "twin"), ("301", 3, "suite"),
    ]  # fmt: skip
    assert [(one.staff_id, one.name_ja, one.role) for one in shown.staff] == [
        ("sato", "佐藤 美咲", "manager"), ("suzuki", "鈴木 陽菜", "clerk"),
    ]  # fmt: skip
    assert shown.room_types == {"twin": ("ツイン", "Twin")}
    assert (shown.codes["onsen"].ja, "charge" in shown.codes["onsen"].kinds) == ("温泉", True)
    assert shown.register_fields == ("kana",)


def test_a_wrong_founding_file_is_told_before_anything_is_written(tmp_path: Path) -> None:
    wrong = [
        (written(tmp_path, rooms=[{"number": "1/2", "floor": 1, "room_type": "twin"}]), r"rooms\[0\]\.number"),
        (str(tmp_path / "nowhere.json"), "cannot be read"),
    ]
    for path, said in wrong:
        with pytest.raises(OperatorError, match=said):
            found(tmp_path / "hotel", "--founding", path)
    with pytest.raises(OperatorError, match="suzuki is a clerk"):
        run("init", str(tmp_path / "hotel"), "--property-id", "seaside", "--name-ja", "海辺ホテル", "--name-en",
            "Seaside Hotel", "--manager", "suzuki", "--founding", written(tmp_path))  # fmt: skip
    assert not (tmp_path / "hotel").exists()


def test_an_enrolled_device_starts_and_a_further_administrator_enrols_others(tmp_path: Path) -> None:
    folder = found(tmp_path / "hotel")
    definition = load_property(folder / "property.json", None)
    enrol(folder, "second", "--device-class", "administrator")
    desk = enrol(folder, "desk", administrator="second")
    device = load_device(desk, "seaside", definition.root_key, DESK_CLASSES)
    assert device.chain.device_class is DeviceClass.TERMINAL
    assert [link.name for link in device.chain.certificates] == ["desk", "second", "administrator"]


def test_only_an_administrators_device_enrols_others(tmp_path: Path) -> None:
    folder = found(tmp_path / "hotel")
    enrol(folder, "desk")
    with pytest.raises(DeviceNotEnrolled, match="as a terminal"):
        enrol(folder, "other", administrator="desk")


@pytest.mark.parametrize(
    "more", [("--zone", "Mars/Olympus"), ("--currency", "yen"), ("--opening-date", "tomorrow"), ("--relay-url", "x")]
)
def test_what_cannot_be_is_told(tmp_path: Path, more: tuple[str, str]) -> None:
    with pytest.raises(OperatorError) as told:
        found(tmp_path / "hotel", *more)
    assert told.value.remedy


def test_a_root_key_is_never_overwritten(tmp_path: Path) -> None:
    folder = found(tmp_path / "hotel")
    before = (folder / "root.key").read_bytes()
    with pytest.raises(OperatorError, match="not empty"):
        found(folder)
    assert (folder / "root.key").read_bytes() == before


@pytest.mark.parametrize("key", ["", "zz", "ab" * 31])
def test_what_is_no_public_key_is_told(tmp_path: Path, key: str) -> None:
    folder = found(tmp_path / "hotel")
    with pytest.raises(OperatorError, match="cannot be enrolled"):
        run("enrol", "--property", str(folder / "property.json"), "--administrator",
            str(folder / "administrator.device-key"), "--device-key", key, "--name", "desk", "--out",
            str(folder / "desk.device-chain"))  # fmt: skip
