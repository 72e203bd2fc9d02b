"""Snapshots from a relay's database to desks: made anywhere, installed anywhere, they say what the whole history says."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.documents import room_note
from crdt_pms.log.errors import SnapshotForeign, SnapshotMalformed
from crdt_pms.replica.rebuilding import mark_stale
from relay_server.snapshots import Retention
from tests.crdt_pms.replica.histories import Rogue, shown
from tests.crdt_pms.replica.terminals import Desk
from tests.relay_server.headquarters import Headquarters, dots_of, headquarters
from tests.relay_server.histories import live_through, open_desks


def go_on(desk: Desk, step: int) -> None:
    """A little more work of a desk."""
    desk.reserve(f"further-{desk.number}-{step}", nights=1 + step % 3, arrival="2026-07-03")
    base = desk.replica.note_text("shift-log/2026-07-01")
    desk.do(EditNote("shift-log/2026-07-01", base, f"{base}{desk.number}.{step} "))


def reopened(desk: Desk) -> Desk:
    """The desk after what follows from its log was computed anew, as its process does it."""
    desk.restart()
    return desk


@pytest.mark.parametrize("seed", range(12))
def test_a_desk_that_installed_a_snapshot_shows_what_a_desk_shows_that_heard_all(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    with open_desks(tmp_path, 4) as (one, other, fresh, away), headquarters(tmp_path) as relay:
        live_through(one, other)
        rogue = Rogue()
        rogue.operation(b"nonsense")
        rogue.report("203", "clean")
        rogue.give(one)
        away.pull(one)
        away.do(EditNote(room_note("207"), "", "夜警"))
        relay.commit_from(one, random.randrange(1, 200))
        head = relay.snapshot()
        go_on(one, seed)
        one.pull(away)
        for desk in (fresh, away):
            relay.hand(head, desk.replica)
            if desk.replica.install(head):
                reopened(desk)
        for desk in (fresh, away, other):
            desk.pull(one)
        assert shown(fresh) == shown(one)
        assert shown(away) == shown(one)
        relay.commit_from(one)
        assert relay.projection.content_hash() == one.replica.state.content_hash()


@pytest.mark.parametrize("seed", range(6))
def test_a_snapshot_that_goes_on_from_another_is_the_one_that_is_made_from_the_beginning(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    with (
        open_desks(tmp_path) as (one, other),
        headquarters(tmp_path / "a") as step_by_step,
        headquarters(tmp_path / "b") as at_once,
    ):
        live_through(one, other)
        while step_by_step.through < len(dots_of(one)):
            step_by_step.commit_from(one, random.randrange(1, 30))
            head = step_by_step.snapshot()
        at_once.commit_from(one)
        whole = at_once.snapshot()
        assert step_by_step.index(head) == at_once.index(whole)
        assert head.content == whole.content


def prune_all(desk: Desk) -> int:
    """Prune as the shell does when it is idle."""
    removed = 0
    while step := desk.replica.prune(5):
        removed += step
    return removed


def two_snapshots(relay: Headquarters, desk: Desk) -> None:
    """The desk holds two snapshots, the newer one of everything that is committed."""
    relay.commit_from(desk)
    relay.tell(desk)
    for step in range(2):
        head = relay.snapshot()
        relay.hand(head, desk.replica)
        assert desk.replica.adopt(head)
        if not step:
            go_on(desk, step)
            relay.commit_from(desk)
            relay.tell(desk)


def test_a_pruned_desk_shows_the_same_also_after_everything_is_computed_anew(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        go_on(one, 7)
        before, held = shown(one), dots_of(one)
        assert prune_all(one) > 20
        assert shown(one) == before
        with one.store.transaction() as transaction:
            mark_stale(transaction)
        one.restart()
        assert shown(one) == before
        assert len(dots_of(one)) < len(held) / 2
        assert one.replica.state.quarantine.records, "what is not applied stays"


def test_only_one_kept_snapshot_is_no_reason_to_prune(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        relay.tell(one)
        head = relay.snapshot()
        relay.hand(head, one.replica)
        assert one.replica.adopt(head)
        assert prune_all(one) == 0


def test_when_the_newest_snapshot_does_not_read_the_older_one_and_the_log_say_the_same(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        assert prune_all(one)
        before = shown(one)
        newest = one.replica.newest_snapshot
        assert newest is not None
        with one.store.transaction() as transaction:
            transaction.remove_snapshot_chunks([newest.index])
            mark_stale(transaction)
        one.restart()
        assert shown(one) == before


def test_tentative_entries_and_newer_ones_survive_an_install(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, away), headquarters(tmp_path) as relay:
        live_through(one, other)
        away.pull(one)
        go_on(away, 1)
        own = dots_of(away) - dots_of(one)
        relay.commit_from(one)
        head = relay.snapshot()
        relay.hand(head, away.replica)
        assert away.replica.install(head)
        away.restart()
        assert own <= dots_of(away)
        one.pull(away)
        assert shown(one) == shown(away)
        assert away.replica.tentative_count() == len(own)


def test_a_snapshot_behind_the_known_order_installs_nothing(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        head = relay.snapshot()
        relay.tell(one)
        relay.hand(head, one.replica)
        before = shown(one)
        assert not one.replica.install(head)
        assert shown(one) == before


def test_a_snapshot_of_another_order_is_refused(tmp_path: Path) -> None:
    with (
        open_desks(tmp_path) as (one, other),
        headquarters(tmp_path / "a") as first,
        headquarters(tmp_path / "b") as second,
    ):
        live_through(one, other)
        first.commit_from(one)
        second.commit_from(other)
        first.tell(one)
        head = second.snapshot()
        second.hand(head, one.replica)
        with pytest.raises(SnapshotForeign):
            one.replica.adopt(head)


def test_a_chunk_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        head = relay.snapshot()
        (name,) = other.replica.missing_chunks(head, 1)
        with pytest.raises(SnapshotMalformed):
            other.replica.keep_chunks({name: relay.chunk(name)[:-1] + b"x"})


def test_a_relay_hands_out_no_snapshot_that_a_backup_may_be_older_than(tmp_path: Path) -> None:
    day = 86_400_000
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path, Retention(entries_min=1)) as relay:
        live_through(one, other)
        made: list[int] = []
        for today in range(20):
            go_on(one, today)
            relay.commit_from(one)
            relay.projection.make_snapshots()
            made.append(relay.through)
            handed = relay.maker.handed_out
            assert (None if handed is None else handed.through) == (made[today - 7] if today >= 7 else None)
            assert len(relay.kept()) <= 9
            relay.clock.hand(relay.clock.now_ms() + day)
