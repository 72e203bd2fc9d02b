"""Law 4: causes come first, and nobody forgets what he has shown."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, Event, Opened, Read
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, changed, events, forked_at, found, nodes_of

CHECKER = "session_guarantees"


def moved_before(history: tuple[Event, ...], node: str, dot: Dot, cause: Dot) -> tuple[Event, ...]:
    """The history in which the node applied `dot` just before `cause`."""
    changed: list[Event] = []
    for event in history:
        if isinstance(event, Applied) and event.node == node:
            kept = [one for one in event.dots if one != dot]
            place = kept.index(cause) if cause in kept else None
            changed.append(replace(event, dots=tuple(kept if place is None else [*kept[:place], dot, *kept[place:]])))
        else:
            changed.append(event)
    return tuple(changed)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_entry_before_any_of_its_causes_is_found(good: Evidence, data: st.DataObject) -> None:
    node = data.draw(st.sampled_from(["desk-1", "desk-2", "relay"]))
    applied = [dot for event in events(good, Applied) if event.node == node for dot in event.dots]
    dot = data.draw(st.sampled_from(applied))
    header = good.catalogue.find(dot)
    assert header is not None
    causes = [*header.supersedes, *(Dot(journal, seq) for journal, seq in header.context.items())]
    before = [cause for cause in causes if cause in applied]
    assume(before)
    evidence = again(good, history=moved_before(tuple(good.history), node, dot, data.draw(st.sampled_from(before))))
    assert nodes_of(found(evidence, CHECKER)) == {node}


def test_a_gap_in_a_journal_that_nobody_holds_any_more(good: Evidence) -> None:
    lost = Applied(9_999, "desk-1", (Dot(b"lost".ljust(16, b"\0"), 2),), ())
    violations = found(again(good, history=(*good.history, lost)), CHECKER)
    assert "after number 0 of its journal" in violations[0].words


def test_a_node_that_acts_on_what_it_does_not_hold(good: Evidence) -> None:
    acted = next(event for event in events(good, Acted) if event.node == "desk-2")
    evidence = again(good, history=(Opened(1, "desk-2", {}, rewound=True), acted))
    assert nodes_of(found(evidence, CHECKER)) == {"desk-2"}


def test_a_restart_that_forgets(good: Evidence) -> None:
    evidence = again(good, history=(*good.history, Opened(9_999, "desk-2", {}, rewound=False)))
    violations = found(evidence, CHECKER)
    assert nodes_of(violations) == {"desk-2"}
    assert any("without its own entries" in one.words for one in violations)
    assert any("without entries" in one.words for one in violations)


def test_a_disk_that_was_replaced_may_forget(good: Evidence) -> None:
    evidence = again(good, history=(*good.history, Opened(9_999, "desk-2", {}, rewound=True)))
    assert found(evidence, CHECKER) == []


def test_a_read_that_goes_back(good: Evidence) -> None:
    read = events(good, Read)[0]
    journal = max(read.vector)
    older = replace(read, vector={**read.vector, journal: read.vector[journal] - 1})
    assert nodes_of(found(again(good, history=(*good.history, older)), CHECKER)) == {read.node}


def test_a_context_requires_nothing_of_a_journal_from_where_it_was_written_twice(good: Evidence) -> None:
    node = "desk-1"
    applied = [dot for event in events(good, Applied) if event.node == node for dot in event.dots]
    dot, cause = next(
        (dot, Dot(*cause))
        for dot in applied
        if (header := good.catalogue.find(dot)) is not None
        for cause in header.context.items()
        if Dot(*cause) in applied and not header.supersedes
    )
    early = again(good, history=moved_before(tuple(good.history), node, dot, cause))
    assert found(early, CHECKER) != []
    told = changed(early, forked_at(cause), node)
    assert found(told, CHECKER) == []
    assert found(changed(early, forked_at(Dot(cause.journal, cause.seq + 1)), node), CHECKER) != []
