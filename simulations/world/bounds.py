"""Whether a world met its bounds: a bound that no world ever meets is one of which nobody knows what happens there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from simulations.checkers.contents import RELAY
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Committed, Opened, Queued
from simulations.checkers.wire import DOCUMENT, STATEMENT, Header
from simulations.world.world import World

Test = Callable[[World, Evidence, int], bool]
"""Whether a world, as the judge sees it, met a bound of that size."""


def counter_of(bound: str) -> str:
    """The counter of the worlds that met a bound."""
    return f"bound_{bound}"


def met(world: World, evidence: Evidence) -> Iterator[str]:
    """Those bounds of the world that are smaller than the product's and were met."""
    for name in world.limits.small:
        if _TESTS[name](world, evidence, getattr(world.limits, name)):
            yield name


def _was_as_deep(what: str) -> Test:
    def test(_world: World, evidence: Evidence, bound: int) -> bool:
        return any(isinstance(one, Queued) and one.what == what and one.size >= bound for one in evidence.history)

    return test


def _counted(what: str) -> Test:
    return lambda world, _evidence, _bound: world.counts[what] > 0


def _has_snapshot(documents: str) -> Test:
    statement = f"SELECT count(*) FROM document_snapshot WHERE subject {documents} 'board'"

    def test(world: World, _evidence: Evidence, _bound: int) -> bool:
        return any(machine.store.select(statement)[0][0] for machine in world.machines.values())

    return test


def _more_at_rest(world: World, _evidence: Evidence, bound: int) -> bool:
    """More stays came to rest at a node than it keeps rows in memory."""
    statement = "SELECT count(*) FROM reservation WHERE stay NOT IN (SELECT row_id FROM live_row WHERE kind = 'stay')"
    return any(machine.store.select(statement)[0][0] > bound for machine in world.machines.values())


def _committed_at_once(_world: World, evidence: Evidence, bound: int) -> bool:
    return any(len(committed.order) >= bound for committed in _of_relay(evidence))


def _reached_checkpoint(_world: World, evidence: Evidence, bound: int) -> bool:
    return any(position % bound == 0 for committed in _of_relay(evidence) for position, _dot in committed.order)


def _many_commits(_world: World, evidence: Evidence, bound: int) -> bool:
    """A process that committed more often than it remembers."""
    commits = 0
    for event in evidence.history:
        if event.node == RELAY and isinstance(event, Opened | Committed):
            commits = commits + 1 if isinstance(event, Committed) else 0
            if commits > bound:
                return True
    return False


def _forgot_forwarded(_world: World, evidence: Evidence, bound: int) -> bool:
    """More was forwarded in all than may be kept."""
    parts = (part for entry in evidence.reference.entries for part in (entry.header, *entry.parts) if part is not None)
    return evidence.has_relay and sum(map(len, parts)) > bound


def _has_more_journals(_world: World, evidence: Evidence, bound: int) -> bool:
    """There were more journals to name than a frame takes."""
    return len({header.dot.journal for header in _headers(evidence)}) > bound


def _put_openings_off(world: World, _evidence: Evidence, _bound: int) -> bool:
    return any(machine.node.counters["openings_put_off"] for machine in world.machines.values())


def _stated(_world: World, evidence: Evidence, _bound: int) -> bool:
    return any(header.kind == STATEMENT for header in _headers(evidence))


def _replaced_often(_world: World, evidence: Evidence, bound: int) -> bool:
    registers = (one for rows in evidence.folds[evidence.reference.name].registers.values() for one in rows.values())
    return any(len(register.writes) - len(register.siblings) > bound for register in registers)


def _said_in_several(_world: World, evidence: Evidence, _bound: int) -> bool:
    """One action wrote several updates of one document."""
    updates = Counter(
        (header.dot.journal, header.action, header.document) for header in _headers(evidence) if header.kind == DOCUMENT
    )
    return max(updates.values(), default=0) > 1


def _of_relay(evidence: Evidence) -> Iterator[Committed]:
    return (one for one in evidence.history if isinstance(one, Committed) and one.node == RELAY)


def _headers(evidence: Evidence) -> Iterator[Header]:
    headers = (evidence.catalogue.header(entry) for entry in evidence.reference.entries)
    return (header for header in headers if header is not None)


_TESTS: Final[Mapping[str, Test]] = MappingProxyType(
    {
        "queued": _counted("queue_full"),
        "queued_bytes": _counted("queue_full_of_bytes"),
        "committed_at_once": _committed_at_once,
        "forwarded_from_memory": _was_as_deep("entries in memory"),
        "forwarded_bytes": _forgot_forwarded,
        "checkpoints_of_memory": _many_commits,
        "projected_at_once": _counted("projected_in_steps"),
        "projected_bytes": _counted("projected_in_steps"),
        "sent_at_once": _counted("frame_full"),
        "sent_bytes": _counted("frame_full_of_bytes"),
        "positions_between_checkpoints": _reached_checkpoint,
        "journals_said_at_once": _has_more_journals,
        "journals_opened_at_once": _put_openings_off,
        "frames_under_way": _was_as_deep("frames of entries under way"),
        "entries_at_hand": _was_as_deep("entries at hand"),
        "runs_at_hand": _was_as_deep("runs at hand"),
        "context_journals": _stated,
        "superseded_kept": _replaced_often,
        "rows_at_hand": _more_at_rest,
        "notes_held": _was_as_deep("notes in memory"),
        "note_characters": _counted("refused_note_too_long"),
        "update_bytes": _said_in_several,
        "board_updates_between_snapshots": _has_snapshot("="),
        "note_updates_between_snapshots": _has_snapshot("<>"),
        "snapshot_instead": _counted("snapshots_installed"),
    }
)
