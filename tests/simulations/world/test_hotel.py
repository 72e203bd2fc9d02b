"""What the worlds of one program share is made once, and is the same in every program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crdt_pms.journal.trust import DeviceClass
from simulations.world import hotel as module
from simulations.world.hotel import (
    ADMINISTRATORS,
    OPENING_DATE,
    ROOM_TYPES,
    TERMINALS_MAX,
    Hotel,
    device_key,
)
from simulations.world.plan import DAY_MS, MINUTE_MS
from tests.simulations.faults.small_world import small_plan

PLAN = small_plan()


def test_the_key_of_a_machine_follows_from_its_number() -> None:
    keys = [device_key(number).public_bytes for number in range(TERMINALS_MAX + 2)]
    assert len(set(keys)) == len(keys)
    assert device_key(1) is device_key(1)
    # Written down, because another key is another world for every seed.
    assert keys[1].hex() == "7422b9887598068e32c4448a949adb290d0f4e35b9e01b0ee5f1a1e600fe2674"


def test_every_terminal_that_a_world_may_have_and_the_relay_are_enrolled() -> None:
    hotel = Hotel(PLAN)
    devices = [hotel.device(number) for number in range(TERMINALS_MAX + 1)]
    assert [device.chain.device_class for device in devices] == [
        DeviceClass.RELAY,
        *[DeviceClass.ADMINISTRATOR] * ADMINISTRATORS,
        *[DeviceClass.TERMINAL] * (TERMINALS_MAX - ADMINISTRATORS),
    ]  # fmt: skip
    assert {device.chain.root_key for device in devices} == {hotel.definition.root_key} == {hotel.facts.root_key}
    assert hotel.device(TERMINALS_MAX + 1).chain.root_key != hotel.definition.root_key


@pytest.mark.parametrize(("day_ms", "opening_date"), [(DAY_MS, OPENING_DATE), (MINUTE_MS, "2026-06-24")])
def test_a_hotel_with_short_days_opened_earlier_so_that_no_audit_is_ahead_of_the_calendar(
    day_ms: int, opening_date: str
) -> None:
    hotel = Hotel(replace(PLAN, property=replace(PLAN.property, day_ms=day_ms)))
    assert hotel.definition.opening_date == opening_date


def test_a_hotel_has_as_many_rooms_as_its_plan_says() -> None:
    for rooms in (6, 40):
        hotel = Hotel(replace(PLAN, property=replace(PLAN.property, rooms=rooms)))
        assert len(hotel.definition.rooms.rooms) == rooms
        assert {room.room_type for room in hotel.definition.rooms.rooms} <= set(ROOM_TYPES)


def test_an_empty_database_is_made_once_and_copied_for_every_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Hotel(PLAN).disk(tmp_path / "first", is_encrypted=False)
    monkeypatch.setattr(module, "DiskTemplate", None)
    second = Hotel(PLAN).disk(tmp_path / "second", is_encrypted=False)
    assert first.path.read_bytes() == second.path.read_bytes()


def test_an_encrypted_disk_says_nothing_of_what_is_on_it(tmp_path: Path) -> None:
    hotel = Hotel(PLAN)
    plain, encrypted = (hotel.disk(tmp_path / str(is_), is_encrypted=is_) for is_ in (False, True))
    for disk in (plain, encrypted):
        disk.open()
        disk.close()
    assert b"CREATE TABLE" in plain.path.read_bytes()
    assert b"CREATE TABLE" not in encrypted.path.read_bytes()
    assert not encrypted.path.read_bytes().startswith(b"SQLite format 3")


def test_two_disks_of_one_template_do_not_know_of_each_other(tmp_path: Path) -> None:
    hotel = Hotel(PLAN)
    one, other = (hotel.disk(tmp_path / name, is_encrypted=False) for name in ("one", "other"))
    with one.open().transaction() as transaction:
        transaction.put_state("here", b"only")
    with other.open().transaction() as transaction:
        assert transaction.get_state("here") is None
    one.close()
    other.close()
