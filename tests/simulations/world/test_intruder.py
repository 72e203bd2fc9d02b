"""What an intruder does ends its own session or is set aside by everybody alike; nobody else is harmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.errors import ContextMissing, EntryMalformed, JournalUnknown, SignatureInvalid
from crdt_pms.session.errors import PeerLeft, PeerUntrusted
from crdt_pms.session.messages import Message
from simulations.world.hotel import TERMINALS_MAX
from simulations.world.intruder import (
    STAYS_MS,
    Attack,
    Intruder,
    delete_ahead,
    forge,
    impersonate,
    mutate,
    replay,
    run_ahead,
    talk_nonsense,
    usurp,
    write_for_others,
)
from tests.simulations.faults.small_world import SmallWorld, small_plan, small_world

VICTIMS = [0, 1]


def visited(small: SmallWorld, attack: Attack, victim: int = 1, *, is_enrolled: bool = True, seed: int = 0) -> Intruder:
    """An intruder that came and left again."""
    device = small.world.hotel.device(TERMINALS_MAX if is_enrolled else TERMINALS_MAX + 1)
    intruder = Intruder(small.world.machines[victim], device, attack, small.world.random("intruder", seed))
    intruder.visit()
    small.pass_ms()
    return intruder


def reasons(small: SmallWorld) -> set[str]:
    """Why links ended so far."""
    return {name.removeprefix("link_ended_") for name in small.world.counts if name.startswith("link_ended_")}


def set_aside(small: SmallWorld) -> list[list[tuple[bytes, int, str]]]:
    """What each node has in quarantine, and why."""
    statement = "SELECT journal, seq, reason FROM quarantine ORDER BY journal, seq"
    return [[tuple(row) for row in machine.store.select(statement)] for machine in small.world.machines.values()]


def links(small: SmallWorld) -> list[object]:
    return [endpoint for machine in small.world.machines.values() for endpoint in machine.endpoints.values()]


def room_of(small: SmallWorld) -> str:
    return small.world.hotel.definition.rooms.rooms[1].number


@pytest.fixture
def small() -> Iterator[SmallWorld]:
    """Three desks and a relay that hold some work."""
    with small_world(small_plan(3)) as running:
        running.book(1, 3)
        running.book(2)
        running.pass_ms()
        yield running


@pytest.mark.parametrize("victim", VICTIMS)
def test_an_entry_that_nobody_signed_ends_the_session_and_is_nowhere(small: SmallWorld, victim: int) -> None:
    before, standing = small.world.machines[victim].node.vector(), links(small)
    intruder = visited(small, forge, victim)
    assert intruder.was_heard
    assert reasons(small) == {SignatureInvalid.reason}
    assert small.world.machines[victim].node.vector() == before
    assert links(small) == standing
    assert small.agree()


@pytest.mark.parametrize("victim", VICTIMS)
def test_an_entry_before_its_causes_ends_the_session_and_is_nowhere(small: SmallWorld, victim: int) -> None:
    before = dict(small.world.machines[victim].node.vector())
    assert visited(small, run_ahead, victim).was_heard
    assert reasons(small) == {ContextMissing.reason}
    assert small.world.machines[victim].node.vector() == before
    assert small.agree()


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_changed_entry_of_somebody_else_is_refused_wherever_the_bit_fell(small: SmallWorld, victim: int) -> None:
    before = small.world.machines[victim].node.vector()
    for seed in range(8):
        intruder = visited(small, mutate, victim, seed=seed)
        assert intruder.was_heard
        assert intruder.stolen
    assert reasons(small) == {EntryMalformed.reason}
    assert small.world.counts[f"link_ended_{EntryMalformed.reason}"] == 8
    assert small.world.machines[victim].node.vector() == before
    assert small.agree()


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_value_under_a_foreign_key_is_set_aside_by_everybody(small: SmallWorld, victim: int) -> None:
    assert visited(small, write_for_others, victim).was_heard
    assert small.agree()
    assert {tuple(reason for _journal, _seq, reason in node) for node in set_aside(small)} == {("UpdateRefused",)}


@pytest.mark.parametrize("victim", VICTIMS)
def test_who_deletes_ahead_makes_nobody_show_what_others_do_not(small: SmallWorld, victim: int) -> None:
    for condition in ("clean", "inspected"):
        small.do(1, SetRoomCondition(room_of(small), HK_CONDITION, condition))
        small.pass_ms()
        assert visited(small, delete_ahead, victim).was_heard
    for _attempt in range(2):
        # The first one notices, and ends the run.
        small.do(1, SetRoomCondition(room_of(small), HK_CONDITION, "dirty"))
        small.pass_ms()
    assert small.agree()
    boards = [desk.node.replica.state.board for desk in small.world.terminals]
    assert {board.read(room_of(small))[HK_CONDITION].value for board in boards} == {"dirty"}


def test_an_intruder_that_stole_nothing_forges_instead() -> None:
    with small_world() as empty:
        visited(empty, mutate)
        assert reasons(empty) == {SignatureInvalid.reason}


@pytest.mark.parametrize("victim", VICTIMS)
def test_what_is_said_again_is_taken_for_what_it_is_and_nothing_happens(small: SmallWorld, victim: int) -> None:
    machine = small.world.machines[victim]
    before, rows, history = machine.node.vector(), set_aside(small), len(small.world.history)
    intruder = visited(small, replay, victim)
    assert intruder.was_heard
    assert {entry.dot.journal for entry in intruder.stolen} == set(before)
    assert reasons(small) <= {PeerLeft.reason}
    assert machine.node.vector() == before
    assert set_aside(small) == rows
    assert [event for event in small.world.history[history:] if event.node] == []
    if victim:
        assert small.world.counts["batches_repeated"] >= 2


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("attack", [impersonate, talk_nonsense, usurp])
def test_signed_nonsense_is_set_aside_on_all_nodes_alike(small: SmallWorld, attack: Attack, victim: int) -> None:
    before = small.stays(1)
    intruder = visited(small, attack, victim)
    assert intruder.was_heard
    first, *others = set_aside(small)
    assert [journal for journal, _seq, _reason in first] == [intruder.certificate.journal]
    assert others == [first] * len(others)
    assert [small.stays(number) for number in small.everybody] == [before] * 4
    assert reasons(small) <= {PeerLeft.reason}
    assert small.agree()


def test_a_device_that_nobody_enrolled_is_sent_away_before_it_says_anything(small: SmallWorld) -> None:
    before, standing = small.world.machines[1].node.vector(), links(small)
    intruder = visited(small, forge, is_enrolled=False)
    assert not intruder.was_heard
    assert intruder.stolen == []
    assert reasons(small) == {PeerUntrusted.reason}
    assert small.world.machines[1].node.vector() == before
    assert links(small) == standing


def test_an_intruder_leaves_after_a_while(small: SmallWorld) -> None:
    def say_nothing(_intruder: Intruder) -> Sequence[Message]:
        return []

    standing = links(small)
    machine = small.world.machines[1]
    intruder = Intruder(
        machine, small.world.hotel.device(TERMINALS_MAX), say_nothing, small.world.random("intruder", 0)
    )
    intruder.visit()
    small.pass_ms(STAYS_MS - 500)
    assert len(links(small)) == len(standing) + 1
    small.pass_ms(1_000)
    assert links(small) == standing


def test_what_an_intruder_signs_is_accepted_only_under_its_certificate(small: SmallWorld) -> None:
    def without_certificate(intruder: Intruder) -> Sequence[Message]:
        return talk_nonsense(intruder)[1:]

    visited(small, without_certificate)
    assert reasons(small) == {JournalUnknown.reason}
    assert set_aside(small) == [[]] * 4
