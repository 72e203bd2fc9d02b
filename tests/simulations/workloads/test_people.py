"""Invented guests: the same for the same booking, complete for the register, and nobody who exists."""

from __future__ import annotations

import re

from crdt_pms.hotel.register import PROFILE_FIELDS, register_missing
from simulations.workloads.names import CITIES, FAMILY_NAMES, GIVEN_NAMES
from simulations.workloads.people import Guest, guest_of

IDS = [f"city-{number:06d}" for number in range(2_000)]


def test_the_same_booking_has_the_same_guest_everywhere() -> None:
    # Written down, because a change of names or draws changes every recorded demonstration.
    assert guest_of("city-055210", 7) == Guest("藤井 勝", "フジイ マサル", "070-0000-2576", "埼玉県川越市")


def test_another_seed_or_booking_has_another_guest() -> None:
    assert guest_of("city-055210", 7) != guest_of("city-055210", 8)
    assert guest_of("city-055210", 7) != guest_of("city-055211", 7)


def test_a_guest_completes_the_register() -> None:
    profile = guest_of("city-055210", 7).profile()
    assert register_missing(profile, ("kana",)) == ()
    assert {*profile} <= {*PROFILE_FIELDS}


def test_telephone_numbers_are_of_nobody() -> None:
    assert all(re.fullmatch(r"0[789]0-0000-[0-9]{4}", guest_of(one, 7).contact) for one in IDS)


def test_addresses_stop_at_the_city() -> None:
    assert all(re.fullmatch(r"\w+[都道府県]\w+市", guest_of(one, 7).address) for one in IDS)


def test_kana_are_katakana_in_two_parts() -> None:
    assert all(re.fullmatch(r"[ァ-ヴー]+ [ァ-ヴー]+", guest_of(one, 7).kana) for one in IDS)
    assert all(re.fullmatch(r"\S+ \S+", guest_of(one, 7).name) for one in IDS)


def test_guests_vary() -> None:
    guests = [guest_of(one, 7) for one in IDS]
    assert len({one.name for one in guests}) > 1_200
    assert len({one.contact for one in guests}) > 1_800
    assert {one.address for one in guests} == {*CITIES}


def test_no_name_is_listed_twice() -> None:
    for names in (FAMILY_NAMES, GIVEN_NAMES):
        assert len({written for written, _ in names}) == len(names)
    assert len({*CITIES}) == len(CITIES)
