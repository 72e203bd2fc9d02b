"""Neighbouring versions: what waits, what says more than its level allows, what an older program loses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import msgpack
import pytest

from simulations.checkers.contents import HeldEntry, NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import ADMINISTRATORS, APPEND, PREFERENCES, TERMS, decode_operation
from simulations.checkers.history import Acted
from simulations.checkers.versions import CARRIED, CONVERGES, LEVEL, NEXT_LEVEL, SWALLOWS
from simulations.checkers.violation import Dot
from simulations.checkers.wire import OPERATION, decode_header, digest, unpacked
from tests.simulations.checkers.tampering import Change, again, changed, entries, events, found, nodes_of

CHECKER = "versions"
KEYS, LEVEL_OF, PARTS = 11, 16, 18
"""The places of a header that are altered here."""

Fields = list[Any]


def rewritten(held: HeldEntry, alter: Callable[[Fields], None], content: bytes | None = None) -> HeldEntry:
    """The entry as another author would have written it: header and content fit each other."""
    header = cast("Fields", unpacked(held.header))
    alter(header)
    parts = held.parts
    if content is not None:
        header[PARTS][0][1] = digest(content)
        parts = (content, *parts[1:])
    return replace(held, header=msgpack.packb(header), parts=parts)


def with_entry(dot: Dot, change: Callable[[HeldEntry], HeldEntry]) -> Change:
    return entries(lambda log: [change(one) if one.dot == dot else one for one in log])


def of_level(level: int, group: str | None = None) -> Callable[[HeldEntry], HeldEntry]:
    """The entry at that level, and as if its first write were of that group."""

    def alter(header: Fields) -> None:
        header[LEVEL_OF] = level
        if group is not None:
            header[KEYS][0][0] = group

    return lambda held: rewritten(held, alter)


def raising(level: int, flags: int = APPEND | ADMINISTRATORS) -> Callable[[HeldEntry], HeldEntry]:
    """The entry as if it raised the property to that level."""

    def alter(header: Fields) -> None:
        header[KEYS] = [[LEVEL, str(level), flags]]

    return lambda held: rewritten(held, alter)


def with_segment(segment: str | None) -> Callable[[HeldEntry], HeldEntry]:
    """The entry whose terms say this of the field that the older program does not know; nothing for None."""

    def change(held: HeldEntry) -> HeldEntry:
        origin, reason, items = cast("Fields", unpacked(held.parts[0] or b""))
        for key, item in zip(decode_header(held.header).keys, items, strict=True):
            if key[0] == TERMS:
                item[0].pop(CARRIED, None)
                item[0].update({} if segment is None else {CARRIED: segment})
        return rewritten(held, lambda _header: None, msgpack.packb([origin, reason, items]))

    return change


def operations(evidence: Evidence) -> Sequence[HeldEntry]:
    return [held for held in evidence.reference.entries if held.kind == OPERATION]


def amendment(evidence: Evidence) -> tuple[Dot, Dot]:
    """An entry that wrote the terms of a stay anew, and the one that it replaced."""
    for entry in evidence.catalogue.entries(evidence.reference):
        if entry.header.kind == OPERATION:
            for write in decode_operation(entry.header, entry.parts).writes:
                if write.group == TERMS and len(write.names) == 1:
                    return entry.dot, write.names[0]
    raise AssertionError("nobody amended the terms of a stay")


def by_older(evidence: Evidence, dot: Dot) -> Evidence:
    """The same run, in which a program of the version before wrote that entry."""
    acts = events(evidence, Acted)
    assert any(dot in act.dots for act in acts)
    history = [
        replace(event, is_of_older=dot in event.dots) if isinstance(event, Acted) else event
        for event in evidence.history
    ]
    return again(evidence, history=history)


def test_a_run_of_one_version_is_clean(good: Evidence) -> None:
    assert found(good, CHECKER) == []


def test_an_entry_that_still_waits_when_every_program_is_the_newest(good: Evidence) -> None:
    dot = good.reference.entries[0].dot

    def waits(node: NodeContents) -> NodeContents:
        return replace(node, held={dot: "format"})

    (violation,) = found(changed(good, waits, "desk-2"), CHECKER)
    assert (violation.law, violation.node) == (SWALLOWS, "desk-2")
    assert str(dot) in violation.words


def test_an_entry_of_the_next_level_without_a_raise(good: Evidence) -> None:
    held = operations(good)[-1]
    (violation,) = found(changed(good, with_entry(held.dot, of_level(NEXT_LEVEL))), CHECKER)
    assert (violation.law, violation.node) == (CONVERGES, good.reference.name)
    assert str(held.dot) in violation.words


def test_an_entry_of_the_next_level_after_an_administrator_raised_it(good: Evidence) -> None:
    first, last = operations(good)[0], operations(good)[-1]
    raised = changed(good, with_entry(first.dot, raising(NEXT_LEVEL)))
    assert found(changed(raised, with_entry(last.dot, of_level(NEXT_LEVEL))), CHECKER) == []


@pytest.mark.parametrize(("level", "flags"), [(NEXT_LEVEL + 1, APPEND | ADMINISTRATORS), (NEXT_LEVEL, APPEND)])
def test_a_raise_to_another_level_or_in_a_register_that_every_device_writes_allows_nothing(
    good: Evidence, level: int, flags: int
) -> None:
    first, last = operations(good)[0], operations(good)[-1]
    raised = changed(good, with_entry(first.dot, raising(level, flags)))
    assert len(found(changed(raised, with_entry(last.dot, of_level(NEXT_LEVEL))), CHECKER)) == 1


def test_what_only_the_next_version_has_in_an_entry_of_this_level(good: Evidence) -> None:
    first, last = operations(good)[0], operations(good)[-1]
    raised = changed(good, with_entry(first.dot, raising(NEXT_LEVEL)))
    (violation,) = found(changed(raised, with_entry(last.dot, of_level(1, PREFERENCES))), CHECKER)
    assert f"it needs {NEXT_LEVEL}" in violation.words
    assert found(changed(raised, with_entry(last.dot, of_level(NEXT_LEVEL, PREFERENCES))), CHECKER) == []


@pytest.mark.parametrize("kept", [None, "group"])
def test_an_independent_field_that_an_older_program_lost_or_altered(good: Evidence, kept: str | None) -> None:
    dot, before = amendment(good)
    written = changed(changed(good, with_entry(before, with_segment("corporate"))), with_entry(dot, with_segment(kept)))
    (violation,) = found(by_older(written, dot), CHECKER)
    assert violation.law == CONVERGES
    assert nodes_of([violation]) == {event.node for event in events(written, Acted) if dot in event.dots}
    assert CARRIED in violation.words


def test_an_independent_field_that_an_older_program_carried_on(good: Evidence) -> None:
    dot, before = amendment(good)
    written = changed(good, with_entry(before, with_segment("corporate")))
    carried = changed(written, with_entry(dot, with_segment("corporate")))
    assert found(by_older(carried, dot), CHECKER) == []


def test_a_program_that_knows_the_field_may_remove_it(good: Evidence) -> None:
    dot, before = amendment(good)
    removed = changed(good, with_entry(before, with_segment("corporate")))
    assert found(removed, CHECKER) == []
    assert found(by_older(removed, dot), CHECKER) != []
