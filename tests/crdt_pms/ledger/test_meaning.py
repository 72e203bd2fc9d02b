"""Merging knows structure, showing knows meaning: what a newer version writes is kept whole and shown with care."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.ledger import applied, operation, register
from crdt_pms.ledger import ledger as ledger_module
from crdt_pms.ledger.fields import Content, Scalar
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.limits import INTEGER_MAX
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FIELD_GROUPS,
    FOLIO_WINDOW,
    GUEST_PROFILE,
    OCCUPANCY,
    ORIGINS,
    POSTING,
    STAY_GUEST,
    TERMS,
    FieldGroup,
)
from tests.crdt_pms.ledger.histories import (
    PLAN,
    Desk,
    Record,
    in_arrival_order,
    ledger_of,
    occupancy,
    terms,
    window,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars: st.SearchStrategy[Scalar] = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts
groups = st.sampled_from(list(FIELD_GROUPS.values()))


def contents(group: FieldGroup) -> st.SearchStrategy[Content]:
    known = st.sampled_from([field.wire for field in group.fields])
    return st.dictionaries(known | st.text("+xyz", min_size=1, max_size=4), scalars, max_size=12)


# What a reader makes of anything


@given(groups.flatmap(lambda group: st.tuples(st.just(group), contents(group))))
def test_no_content_has_no_reading_and_what_is_shown_can_be_written(pair: tuple[FieldGroup, Content]) -> None:
    group, content = pair
    value, without_meaning = group.read(content)
    assert set(value) == {field.name for field in group.fields} >= set(without_meaning)
    for field in group.fields:
        if field.name in without_meaning:
            assert value[field.name] == field.safe
        else:
            field.require(value[field.name])


@given(groups.flatmap(lambda group: st.tuples(st.just(group), st.lists(contents(group), min_size=1, max_size=3))))
def test_a_ledger_shows_something_of_whatever_arrives(pair: tuple[FieldGroup, list[Content]]) -> None:
    group, listed = pair
    ledger = Ledger(PLAN, "2016-08-08")
    for number, content in enumerate(listed, start=1):
        record = Desk(number, now_ms=number).newer(group.name, "row", content)
        ledger.apply(record.dot, record.stamp, record.author, record.operation)
        ledger.alerts()
    assert ledger.shown(Register(group.name, "row")) is not None
    ledger.conflicts()
    ledger.closed_conflicts()
    ledger.displaced_stays()
    ledger.occupants()
    ledger.business_date()
    ledger.folio_balance("x")
    ledger.free_rooms("2016-08-08", 1, "twin")


@pytest.mark.parametrize(
    ("group", "content", "field", "shown"),
    [
        (OCCUPANCY, {"status": "teleported"}, "status", "in_house"),
        (OCCUPANCY, {"status": 3}, "status", "in_house"),
        (OCCUPANCY, {}, "status", "in_house"),
        (OCCUPANCY, {"status": "reserved", "room": 7}, "room", None),
        (TERMS, {"arrival": "tomorrow"}, "arrival", "2990-01-01"),
        (TERMS, {"nights": -1}, "nights", 1),
        (TERMS, {"rate_minor": "12.50"}, "rate_minor", 0),
        (TERMS, {"do_not_move": "maybe"}, "do_not_move", True),
        (FOLIO_WINDOW, {"stay": "s", "status": "frozen"}, "status", "open"),
        (POSTING, {"kind": "voucher"}, "kind", "charge"),
        (POSTING, {"amount_minor": True}, "amount_minor", 0),
        (BUSINESS_DAY, {"date": 20160808}, "date", "1900-01-01"),
    ],
)
def test_what_makes_no_sense_is_shown_as_what_keeps_guests_and_money_safe(
    group: str, content: Content, field: str, shown: Scalar
) -> None:
    value, without_meaning = FIELD_GROUPS[group].read(content)
    assert value[field] == shown
    assert field in without_meaning


def test_what_is_absent_has_its_default_and_a_default_is_not_written() -> None:
    group = FIELD_GROUPS[TERMS]
    assert "do_not_move" not in group.content_of(terms())
    assert group.read(group.content_of(terms())).value == terms()
    assert group.content_of({**terms(), "do_not_move": True})["do_not_move"] is True


# What an author carries on


def test_an_author_carries_on_what_is_independent_and_drops_what_was_bound_when_it_changes_the_group() -> None:
    desk = Desk(1)
    content = dict(FIELD_GROUPS[TERMS].content_of(terms())) | {"+pet": "dog", "bed": "king"}
    desk.newer(TERMS, "row", content)
    kept = desk.put(TERMS, "row", terms())
    assert kept.operation.writes[0].content == content, "nothing of the group changed"
    changed = desk.put(TERMS, "row", terms(nights=5))
    assert changed.operation.writes[0].content == {**FIELD_GROUPS[TERMS].content_of(terms(nights=5)), "+pet": "dog"}


@given(
    st.permutations(range(4)), st.dictionaries(st.text("+abc", min_size=1, max_size=4), scalars, min_size=1, max_size=5)
)
def test_unknown_groups_and_fields_survive_in_every_order_and_across_a_restart(
    order: list[int], content: dict[str, Scalar]
) -> None:
    one, other = Desk(1), Desk(2, now_ms=2_000)
    first = one.newer("stay.pets", "row", content, flags=0)
    other.hear(first)
    second = one.newer("stay.pets", "row", content | {"size": 1}, flags=0)
    third = other.newer("stay.pets", "row", content | {"size": 2}, flags=0)
    fourth = other.newer("spa.bill", "row", content, flags=1)
    records = [first, second, third, fourth]
    ledger = ledger_of(in_arrival_order(records, order))
    assert ledger.content_sums() == ledger_of(records).content_sums()
    pets = Register("stay.pets", "row", 0)
    assert {sibling.dot: sibling.write.content for sibling in ledger.siblings(pets)} == {
        second.dot: content | {"size": 1},
        third.dot: content | {"size": 2},
    }
    assert (ledger.shown(pets), ledger.conflicts(), ledger.alerts()) == (None, [], [])
    loaded = Ledger(PLAN)
    loaded.load(ledger.all_stored())
    assert loaded.content_sums() == ledger.content_sums()


def test_a_register_of_another_kind_than_declared_is_another_register_and_shown_nowhere() -> None:
    desk = Desk(1)
    desk.newer(OCCUPANCY, "row", {"status": "in_house"}, flags=1)
    assert desk.ledger.shown(Register(OCCUPANCY, "row")) is None
    assert desk.ledger.shown(Register(OCCUPANCY, "row", 1)) is None
    assert list(desk.ledger.rows(OCCUPANCY)) == []
    desk.put(OCCUPANCY, "row", occupancy("reserved"))
    assert (desk.ledger.shown(Register(OCCUPANCY, "row")) or {})["status"] == "reserved"


# Two versions with different tables


def without(group: str, *fields: str) -> FieldGroup:
    """The group as a version declares it that does not know those fields."""
    declared = FIELD_GROUPS[group]
    kept = tuple(field for field in declared.fields if field.name not in fields)
    return FieldGroup(
        declared.name,
        kept,
        declared.policy,
        declared.conflict,
        declared.rewritten_by,
        declared.origins,
        declared.class_of,
    )


@given(st.permutations(range(3)))
def test_versions_with_different_tables_merge_the_same(order: list[int]) -> None:
    newer, older = Desk(1), Desk(2, now_ms=2_000)
    records: list[Record] = [
        newer.put(TERMS, "row", {**terms(), "segment": "group"}),
        older.put(TERMS, "row", terms(nights=4)),
        newer.put(TERMS, "row", {**terms(), "do_not_move": True}),
    ]
    listed = in_arrival_order(records, order)
    here = ledger_of(listed).content_sums()
    table: dict[str, Any] = {**FIELD_GROUPS, TERMS: without(TERMS, "segment", "do_not_move")}
    del table[GUEST_PROFILE], table[STAY_GUEST]
    with older_version(table):
        ledger = ledger_of(listed)
        assert ledger.content_sums() == here
        assert set(ledger.shown(Register(TERMS, "row")) or {}) == {field.name for field in table[TERMS].fields}


@contextmanager
def older_version(table: dict[str, Any]) -> Iterator[None]:
    """The program as it is with another table of groups."""
    with ExitStack() as stack:
        for module in (applied, ledger_module, operation, register):
            stack.enter_context(patch.object(module, "FIELD_GROUPS", table))
        yield


def test_a_system_of_a_later_version_ranks_below_all_that_are_known() -> None:
    stranger, engine = Desk(1, "robot", now_ms=9_000), Desk(2, ORIGINS[-1], now_ms=1_000)
    stranger.put(TERMS, "row", terms(nights=9))
    engine.put(TERMS, "row", terms(nights=1))
    engine.hear(stranger)
    assert engine.ledger.shown(Register(TERMS, "row")) == terms(nights=1)
    assert len(engine.ledger.conflicts()) == 1


def test_a_window_of_no_known_status_takes_postings_and_is_alerted() -> None:
    desk = Desk(1)
    desk.newer(FOLIO_WINDOW, "stay/1", {"stay": "stay", "status": "frozen"})
    assert desk.ledger.shown(Register(FOLIO_WINDOW, "stay/1")) == window("stay")
    assert [alert.matter.value for alert in desk.ledger.alerts()] == ["alert_value_without_meaning"]
