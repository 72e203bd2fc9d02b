"""A simulated relay is the product's intake, commit and projection; its database may be away, or come back older."""

from __future__ import annotations

from random import Random

import pytest

from crdt_pms.ledger.policies import BOOKING_ENGINE
from crdt_pms.ports.errors import StoreCorrupt
from relay_server.committing import Begun
from relay_server.idempotency import RequestKey
from relay_server.origin_desk import Change
from simulations.checkers.history import Acted, Answered, Applied, Opened, Queued
from simulations.scenarios.props import booked
from simulations.world import relay as relay_module
from simulations.world.disk_faults import Fault
from simulations.world.machine import RESTART_MS
from simulations.world.plan import MINUTE_MS, SECOND_MS
from simulations.world.relay import REFUSED, Asking
from tests.simulations.faults.small_world import SmallWorld, small_plan, small_world

KEY = RequestKey(BOOKING_ENGINE, "key-1", b"fingerprint")
CREATES = Asking(
    "creates web-1",
    BOOKING_ENGINE,
    lambda desk: desk.create(BOOKING_ENGINE, booked("web-1", "Haruka Mori", source="web"), KEY),
    key=KEY,
)


def tentative(small: SmallWorld) -> list[int]:
    return [terminal.node.replica.tentative_count() for terminal in small.world.terminals]


def applied(small: SmallWorld) -> list[object]:
    return [
        dot for event in small.world.history if isinstance(event, Applied) and event.node == "relay"
        for dot in event.dots
    ]  # fmt: skip


def generation_of(small: SmallWorld) -> bytes:
    return small.relay.node.order_end().generation


def test_a_relay_commits_what_comes_and_says_so_to_everybody() -> None:
    with small_world() as small:
        stays = small.book(1, 2)
        assert tentative(small)[0] > 0
        small.pass_ms()
        assert tentative(small) == [0, 0]
        assert small.stays(0) == set(stays)
        assert small.relay.is_idle


def test_a_relay_forwards_before_it_commits() -> None:
    with small_world(small_plan(mesh=())) as small:
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        stays = small.book(1)
        small.pass_ms(SECOND_MS)
        assert small.stays(2) == set(stays)
        assert tentative(small)[1] > 0


def test_a_relay_without_its_database_takes_entries_and_commits_them_later() -> None:
    with small_world() as small:
        small.suffer("database_down", 0, lasts_ms=MINUTE_MS)
        stays = small.book(1, 2) + small.book(2)
        small.pass_ms(MINUTE_MS - SECOND_MS)
        assert small.relay.is_up
        assert small.relay.process.intake.queued > 0
        assert applied(small) == []
        assert min(tentative(small)) > 0
        assert small.world.counts["commit_failed_store_unavailable"] > 0
        assert not small.agree()
        small.pass_ms()
        assert len(applied(small)) == small.relay.process.intake.order.through > 0
        assert small.stays(0) == set(stays)
        assert tentative(small) == [0, 0]
        assert small.agree()


@pytest.mark.parametrize("outcome", [Fault.OUTCOME_UNKNOWN_KEPT, Fault.OUTCOME_UNKNOWN_LOST])
def test_a_commit_without_an_answer_counts_once_whether_it_happened_or_not(outcome: Fault) -> None:
    with small_world() as small:
        small.relay.disk.faults.fail_next(outcome)
        stays = small.book(1, 2)
        small.pass_ms()
        assert small.relay.disk.faults.fired[outcome] == 1
        assert len(applied(small)) == len(set(applied(small))) == small.relay.process.intake.order.through
        assert small.stays(0) == set(stays)
        assert small.agree()


def test_a_relay_that_dies_with_entries_uncommitted_gets_them_again() -> None:
    with small_world() as small:
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        stays = small.book(1, 2)
        small.pass_ms(SECOND_MS)
        assert small.relay.process.intake.queued > 0
        small.relay.disk.faults.set_unavailable(is_unavailable=False)
        small.relay.lose_power(Random(1))
        small.pass_ms(MINUTE_MS)
        assert small.stays(0) == set(stays)
        assert tentative(small) == [0, 0]


@pytest.mark.parametrize("is_running", [True, False])
def test_a_database_that_is_put_back_gets_a_new_generation_and_everything_again(is_running: bool) -> None:
    with small_world() as small:
        before = small.book(1)
        small.pass_ms()
        generation, through = generation_of(small), small.relay.node.order_end().through
        backup = small.relay.disk.copy()
        later = small.book(2, 3)
        small.pass_ms()
        assert small.relay.node.order_end().through > through
        if not is_running:
            small.relay.kill()
        small.relay.put_back(backup)
        small.pass_ms()
        (rewound,) = [event for event in small.world.history if isinstance(event, Opened) and event.rewound]
        assert (rewound.node, sum(rewound.vector.values())) == ("relay", through)
        assert generation_of(small) != generation
        # A process that is running notices by itself; one that starts hears it from a desk.
        assert small.world.counts["generation_renewed"] == (0 if is_running else 1)
        assert small.stays(0) == {*before, *later}
        assert tentative(small) == [0, 0]
        assert small.agree()


def test_a_database_keeps_its_generation_over_a_restart() -> None:
    with small_world() as small:
        small.book(1)
        small.pass_ms()
        generation = generation_of(small)
        small.relay.kill()
        small.pass_ms(RESTART_MS)
        assert generation_of(small) == generation
        assert small.world.counts["generation_renewed"] == 0


def test_a_database_whose_damage_shows_while_projecting_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise StoreCorrupt("a page does not fit its code")

    with small_world() as small:
        monkeypatch.setattr(small.relay.process.projecting.projection, "catch_up", fail)
        stays = small.book(1, 2)
        small.pass_ms(RESTART_MS + MINUTE_MS)
        assert small.world.counts["disk_found_damaged"] == 1
        assert small.relay.is_up
        assert small.stays(0) == set(stays)


def test_an_other_system_is_answered_once_it_is_saved_and_its_entries_reach_every_desk() -> None:
    with small_world() as small:
        answer = small.relay.ask(CREATES)
        assert answer is not None
        assert answer.status == 201
        small.pass_ms()
        assert [small.stays(number) for number in small.everybody] == [{"web-1"}] * 3
        (acted,) = [event for event in small.world.history if isinstance(event, Acted)]
        assert (acted.node, acted.staff) == ("relay", BOOKING_ENGINE)
        assert applied(small) == []


def test_a_repeated_request_is_answered_again_and_done_once() -> None:
    with small_world() as small:
        answers = [small.relay.ask(CREATES) for _attempt in range(2)]
        assert [answer is not None and answer.repeated for answer in answers] == [False, True]
        assert len([event for event in small.world.history if isinstance(event, Acted)]) == 1


def test_an_other_system_is_told_that_its_request_is_refused() -> None:
    with small_world() as small:
        cancels = Asking(
            "cancels web-9",
            BOOKING_ENGINE,
            lambda desk: desk.change(BOOKING_ENGINE, Change("web-9", frozenset(), lambda _guest, _seen: []), KEY),
            key=KEY,
        )
        assert small.relay.ask(cancels) is REFUSED
        (answered,) = [event for event in small.world.history if isinstance(event, Answered)]
        assert (answered.answer, answered.dots) == (None, ())


def test_an_other_system_has_no_answer_while_the_database_is_away_or_the_relay_down() -> None:
    with small_world() as small:
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        assert small.relay.ask(CREATES) is None
        assert small.world.counts["origin_not_answered"] == 1
        small.relay.disk.faults.set_unavailable(is_unavailable=False)
        small.relay.kill()
        assert small.relay.ask(CREATES) is None
        small.pass_ms()
        assert small.relay.ask(CREATES) is not None


@pytest.mark.parametrize(
    ("lost", "is_answered"), [(Fault.OUTCOME_UNKNOWN_KEPT, True), (Fault.OUTCOME_UNKNOWN_LOST, False)]
)
def test_an_other_system_whose_commit_is_not_answered_is_told_what_did_happen(
    lost: Fault, *, is_answered: bool
) -> None:
    """Or nothing: then it asks again, and it is done once."""
    with small_world() as small:
        small.book(1, 2)
        small.pass_ms(SECOND_MS)
        assert small.relay.process.projecting.projection.position == 0, "there is something to be projected before"
        small.relay.disk.faults.waits_for_origin.append(lost)
        answers = [small.relay.ask(CREATES) for _attempt in range(2)]
        assert small.relay.disk.faults.fired[lost] == 1
        assert [answer is not None for answer in answers] == [is_answered, True]
        small.pass_ms()
        assert len(small.stays(0)) == 3
        assert small.agree()


def test_what_comes_while_a_commit_is_under_way_waits_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "TRANSACTION_MS_MAX", 2_000)
    with small_world() as small:
        batches: list[int] = []
        process = small.relay.process
        begin = process.committing.begin

        def begun() -> Begun:
            taken = begin()
            batches.append(len(taken.batch.entries))
            return taken

        monkeypatch.setattr(process.committing, "begin", begun)
        small.book(1)
        small.pass_ms(100)
        small.book(2)
        small.pass_ms(100)
        assert (batches, process.intake.queued) == ([1], 2)
        small.pass_ms()
        assert batches[:2] == [1, 1]
        assert tentative(small) == [0, 0]
        assert small.agree()


def test_the_depth_of_the_relays_queue_is_written_down() -> None:
    with small_world() as small:
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        small.book(1, 3)
        small.pass_ms(SECOND_MS)
        queued = [event for event in small.world.history if isinstance(event, Queued)]
        depths = [event.size for event in queued if event.what == "entries to commit"]
        assert max(depths) == small.relay.process.intake.queued
