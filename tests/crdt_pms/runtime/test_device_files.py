"""A device starts only as what its chain says that it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.runtime.device_files import (
    DESK_CLASSES,
    RELAY_CLASSES,
    DeviceNotEnrolled,
    chain_file_of,
    load_device,
    save_chain,
)
from crdt_pms.runtime.device_key_file import load_device_key
from tests.crdt_pms.journal.journals import OTHER_ROOT, PROPERTY_ID, ROOT, administrator


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "desk.device-key"


def enrol(key_file: Path, device_class: DeviceClass = DeviceClass.TERMINAL) -> None:
    key = load_device_key(key_file).public_bytes
    save_chain(chain_file_of(key_file), administrator().enrol(key, device_class, "desk", Stamp(1, 0)))


def load(key_file: Path, root_key: bytes = ROOT.public_bytes) -> EnrolledDevice:
    return load_device(key_file, PROPERTY_ID, root_key, DESK_CLASSES)


@pytest.mark.parametrize("device_class", DESK_CLASSES)
def test_an_enrolled_device_starts_as_what_it_is(key_file: Path, device_class: DeviceClass) -> None:
    enrol(key_file, device_class)
    assert load(key_file).chain.device_class is device_class


def test_a_device_that_is_not_enrolled_is_told_how_to_be(key_file: Path) -> None:
    with pytest.raises(DeviceNotEnrolled, match="no chain") as refused:
        load(key_file)
    assert load_device_key(key_file).public_bytes.hex() in refused.value.remedy


def test_a_chain_of_another_class_root_or_key_is_refused(key_file: Path) -> None:
    enrol(key_file)
    with pytest.raises(DeviceNotEnrolled, match="as a terminal"):
        load_device(key_file, PROPERTY_ID, ROOT.public_bytes, RELAY_CLASSES)
    with pytest.raises(DeviceNotEnrolled, match="another root"):
        load(key_file, OTHER_ROOT.public_bytes)
    key_file.unlink()
    with pytest.raises(DeviceNotEnrolled, match="another key"):
        load(key_file)


def test_a_damaged_chain_is_refused(key_file: Path) -> None:
    enrol(key_file)
    file = chain_file_of(key_file)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DeviceNotEnrolled, match="does not vouch"):
        load(key_file)
