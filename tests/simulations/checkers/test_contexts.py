"""Law 4: whoever writes says of everything that was held, in few words, that it was held."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, Opened
from simulations.checkers.knowledge import Knowledge
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, events, found, nodes_of

CHECKER = "contexts"
UNHEARD_OF = Dot(b"unheard of".ljust(16, b"\0"), 1)


def last_act(good: Evidence) -> Acted:
    return events(good, Acted)[-1]


def heard_before(good: Evidence, acted: Acted, dots: tuple[Dot, ...]) -> Evidence:
    """The run in which the node had also taken those entries before that act."""
    place = list(good.history).index(acted)
    heard = Applied(acted.at_ms, acted.node, dots, ())
    return again(good, history=[*good.history[:place], heard, *good.history[place:]])


def test_what_its_author_held_and_an_entry_does_not_cover(good: Evidence) -> None:
    acted = last_act(good)
    violations = found(heard_before(good, acted, (UNHEARD_OF,)), CHECKER)
    assert nodes_of(violations) == {acted.node}
    assert f"does not cover {UNHEARD_OF}" in violations[0].words


def test_what_a_disk_held_that_the_first_entry_after_a_start_does_not_cover(good: Evidence) -> None:
    opened = events(good, Opened)[0]
    more = replace(opened, vector={**opened.vector, UNHEARD_OF.journal: 3})
    history = [more if event is opened else event for event in good.history]
    assert nodes_of(found(again(good, history=history), CHECKER)) == {opened.node}


def test_where_nobody_knows_what_was_held_nothing_is_judged(good: Evidence) -> None:
    acted = last_act(good)
    heard = heard_before(good, acted, (UNHEARD_OF,))
    history = [replace(event, forms=None) if event is acted else event for event in heard.history]
    assert found(again(good, history=history), CHECKER) == []


def test_an_entry_covers_what_it_names_what_that_covers_and_what_its_journal_goes_on_from(good: Evidence) -> None:
    knowledge = Knowledge.of(good)
    names_others = 0
    for entry in good.reference.entries:
        header, seen = good.catalogue.find(entry.dot), knowledge.seen_by(entry.dot)
        assert header is not None
        assert seen is not None
        assert seen.get(entry.dot.journal, 0) == entry.dot.seq - 1
        for journal, seq in header.context.items():
            named = knowledge.seen_by(Dot(journal, seq))
            assert named is not None
            names_others += 1
            assert all(seen[one] >= number for one, number in {**named, journal: seq}.items())
        if entry.dot.seq == 1 and (before := knowledge.continues.get(entry.dot.journal)) is not None:
            assert knowledge.knew(entry.dot, before)
    assert names_others
    assert any(good.catalogue.find(before) for before in knowledge.continues.values())


def test_of_an_entry_that_no_node_is_left_with_nothing_is_known(good: Evidence) -> None:
    lost = next(iter(good.possession.excused))
    knowledge = Knowledge.of(good)
    assert knowledge.seen_by(lost) is None
    assert not knowledge.knew(lost, good.reference.entries[0].dot)
