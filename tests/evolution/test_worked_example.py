"""The worked example of `docs/evolution.md`: a field, a word and a group more, between two neighbouring versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from crdt_pms.desk.actions.folio import PostCharge
from crdt_pms.desk.actions.levels import RaiseLevel
from crdt_pms.desk.actions.reservations import AmendGuest, CreateStay
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.journal.entry import KeyFlag
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.fields import Field, Value
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import DECLARED, GUEST_PROFILE, TERMS, FieldGroup
from crdt_pms.state.projection import FOLLOWING_TABLES
from crdt_pms.state.quarantine import FORMATS
from simulations.world.versions import CURRENT, Program, running
from tests.crdt_pms.replica.terminals import OPENING_DATE, Desk, desks
from tests.evolution.acting import Written

PAGE = Path(__file__).parents[2] / "docs" / "evolution.md"
STAY = "stay-1"


def declared() -> dict[str, Any]:
    """What the code blocks of the page declare."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(block, names)
    return names


EXAMPLE = declared()
MOBILE = cast(Field, EXAMPLE["MOBILE"])
SERVICE = cast(Field, EXAMPLE["SERVICE"])
PREFERENCES = cast(FieldGroup, EXAMPLE["PREFERENCES"])


def next_version() -> Program:
    profile = DECLARED[GUEST_PROFILE]
    groups = {
        **DECLARED,
        GUEST_PROFILE: replace(profile, fields=(*profile.fields, MOBILE)),
        PREFERENCES.name: PREFERENCES,
    }
    return Program("the next version", 2, groups, dict(FORMATS))


NEXT = next_version()


@contextmanager
def managers_desks(folder: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two terminals on which the property can be changed."""
    with desks(folder) as made:
        for desk in made:
            desk.device_class = DeviceClass.ADMINISTRATOR
            desk.restart()
        first, second = made
        yield first, second


@contextmanager
def two_versions(folder: Path) -> Iterator[tuple[Desk, Desk]]:
    """A desk of this version, and one whose program is the next one; both know one stay."""
    with managers_desks(folder) as (old, new):
        old.reserve(STAY)
        with running(NEXT):
            new.restart()
            new.pull(old)
        yield old, new


def at(desk: Desk, *actions: Any) -> None:
    with running(NEXT):
        for action in actions:
            desk.do(action)


def profile(desk: Desk, guest: str) -> Value:
    return desk.replica.view().require_guest(guest)


def guest_of(desk: Desk) -> str:
    return desk.replica.view().require_stay(STAY).guest


def with_mobile(desk: Desk, number: str) -> Written:
    guest = guest_of(desk)
    return Written(Register(GUEST_PROFILE, guest), {**profile(desk, guest), "mobile": number})


def test_the_next_version_writes_nothing_new_before_the_property_was_raised(tmp_path: Path) -> None:
    with two_versions(tmp_path) as (_old, new), running(NEXT):
        with pytest.raises(Refused) as refused:
            new.do(with_mobile(new, "090-1234-5678"))
        assert refused.value.code is RefusalCode.LEVEL_TOO_LOW
        with pytest.raises(Refused) as refused:
            new.do(RaiseLevel(3))
        assert refused.value.code is RefusalCode.LEVEL_NOT_NEXT


def test_a_program_does_not_raise_the_property_beyond_what_it_understands(tmp_path: Path) -> None:
    with two_versions(tmp_path) as (old, _new):
        with pytest.raises(Refused) as refused:
            old.do(RaiseLevel(2))
        assert refused.value.code is RefusalCode.PROGRAM_TOO_OLD


def test_an_author_that_does_not_know_an_independent_field_carries_it_on(tmp_path: Path) -> None:
    with two_versions(tmp_path) as (old, new):
        at(new, RaiseLevel(2))
        at(new, with_mobile(new, "090-1234-5678"))
        old.pull(new)
        assert not old.replica.state.quarantine.records
        assert "mobile" not in profile(old, guest_of(old))
        old.do(AmendGuest(guest_of(old), guest_contact="03-0000-0000"))
        with running(NEXT):
            new.pull(old)
            shown = profile(new, guest_of(new))
            assert (shown["mobile"], shown["contact"]) == ("090-1234-5678", "03-0000-0000")
        assert old.replica.state.content_hash() == new.replica.state.content_hash()


def test_an_older_program_merges_a_group_that_it_does_not_know_and_takes_no_money_there(tmp_path: Path) -> None:
    with two_versions(tmp_path) as (old, new):
        at(new, RaiseLevel(2), Written(Register(PREFERENCES.name, STAY, KeyFlag.REPLACE), {"pillow": "そば殻"}))
        old.pull(new)
        assert old.replica.state.content_hash() == new.replica.state.content_hash()
        assert ("stay", STAY) in old.replica.view().newer_rows
        with pytest.raises(Refused) as refused:
            old.do(PostCharge(STAY, "minibar", 500))
        assert refused.value.code is RefusalCode.UPDATE_NEEDED
        with running(NEXT):
            old.restart()
            assert not old.replica.view().newer_rows
            assert old.replica.view().ledger.shown(Register(PREFERENCES.name, STAY)) == {"pillow": "そば殻"}
            old.do(PostCharge(STAY, "minibar", 500))


def test_a_program_below_the_level_keeps_working_and_says_that_it_needs_its_update(tmp_path: Path) -> None:
    with two_versions(tmp_path) as (old, new):
        at(new, RaiseLevel(2))
        old.pull(new)
        assert Matter.ALERT_PROGRAM_TOO_OLD in {alert.matter for alert in old.replica.alerts()}
        old.do(AmendGuest(guest_of(old), guest_contact="03-0000-0000"))
        with running(NEXT):
            new.pull(old)
            assert profile(new, guest_of(new))["contact"] == "03-0000-0000"
            assert Matter.ALERT_PROGRAM_TOO_OLD not in {alert.matter for alert in new.replica.alerts()}


def test_a_word_more_is_shown_as_the_safe_one_and_kept_as_it_was_written() -> None:
    older = replace(
        SERVICE, words_since=None, check=EXAMPLE["choice"]("service", ["none", "make_up"], safe="none").check
    )
    group = replace(PREFERENCES, fields=(older,))
    reading = group.read({"service": "late_clean"})
    assert (reading.value, reading.without_meaning) == ({"service": "none"}, ("service",))
    assert replace(PREFERENCES, fields=(SERVICE,), since=1).level_of({"service": "late_clean"}) == 2


def test_the_present_version_is_what_this_tree_declares() -> None:
    assert CURRENT.groups == DECLARED


def test_after_an_update_every_readable_row_says_what_the_new_program_reads(tmp_path: Path) -> None:
    terms = DECLARED[TERMS]
    without_segment = replace(terms, fields=tuple(field for field in terms.fields if field.name != "segment"))
    older = Program("the version before", 1, {**DECLARED, TERMS: without_segment}, dict(FORMATS))
    with desks(tmp_path) as (desk, other):
        other.do(
            CreateStay(OPENING_DATE, 2, "A", 12_000, 2, "direct", stay=STAY, segment="法人", guest_name="佐藤 花子")
        )
        with running(older):
            desk.restart()
            desk.pull(other)
            assert rows(desk, "reservation")[0]["segment"] is None
        desk.restart()
        assert rows(desk, "reservation")[0]["segment"] == "法人"
        before = {table: rows(desk, table) for table in FOLLOWING_TABLES}
        assert before == {table: rows(other, table) for table in FOLLOWING_TABLES}


def rows(desk: Desk, table: str) -> list[dict[str, Any]]:
    """The readable rows of one table."""
    with desk.store.transaction() as transaction:
        return [dict(row) for row in transaction.projected(table)]
