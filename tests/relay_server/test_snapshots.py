"""Snapshots from a relay's database to desks: made anywhere, installed anywhere, they say what the whole history says."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from crdt_pms.desk.actions.folio import PostPayment
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import AmendTerms, CancelStay
from crdt_pms.desk.documents import room_note
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import GUEST_PROFILE
from crdt_pms.log.errors import SnapshotForeign, SnapshotMalformed, SnapshotNewer, SnapshotTooLarge
from crdt_pms.log.limits import CHUNK_BYTES_MAX, CHUNK_PLAIN_BYTES_MAX, RECORD_BYTES_MAX
from crdt_pms.log.records import read_register, read_withheld, written_registers, written_withheld
from crdt_pms.log.snapshot import FORMAT, SnapshotHead, chunks_of, records_in
from crdt_pms.log.staleness import mark_stale
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.ports.records import QuarantineRecord, WriteRecord
from crdt_pms.state import quarantine, snapshot_making
from crdt_pms.store.sql_snapshots import SqlSnapshots
from relay_server.snapshots import Retention
from tests.crdt_pms.journal.journals import journal_id
from tests.crdt_pms.replica.histories import Rogue, shown
from tests.crdt_pms.replica.orders import RELAY
from tests.crdt_pms.replica.terminals import Desk
from tests.relay_server.desk_nodes import node_of
from tests.relay_server.headquarters import Headquarters, dots_of, headquarters
from tests.relay_server.histories import live_through, open_desks


def go_on(desk: Desk, step: int) -> None:
    """A little more work of a desk."""
    desk.reserve(f"further-{desk.number}-{step}", nights=1 + step % 3, arrival="2026-07-03")
    base = desk.replica.note_text("shift-log/2026-07-01")
    desk.do(EditNote("shift-log/2026-07-01", base, f"{base}{desk.number}.{step} "))


def live_through_without(one: Desk, other: Desk) -> None:
    """Some work that leaves the stays of a test alone."""
    for step in range(8):
        go_on(one, 100 + step)
    other.pull(one)


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


@pytest.mark.parametrize("spoil", ["missing", "flipped", "cut"])
def test_a_snapshot_is_taken_whole_or_not_at_all(tmp_path: Path, spoil: str) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        head = relay.snapshot()
        relay.hand(head, fresh.replica)
        before = shown(fresh)
        for name in [head.index, *relay.index(head).chunks]:
            whole = relay.chunk(name)
            spoilt = {"missing": None, "flipped": whole[:9] + bytes([whole[9] ^ 1]) + whole[10:], "cut": whole[:-1]}[
                spoil
            ]
            with fresh.store.transaction() as transaction:
                transaction.remove_snapshot_chunks([name])
                if spoilt is not None:
                    transaction.put_snapshot_chunk(name, spoilt)
            with pytest.raises(SnapshotMalformed):
                fresh.replica.install(head)
            assert shown(fresh) == before
            with fresh.store.transaction() as transaction:
                transaction.remove_snapshot_chunks([name])
                transaction.put_snapshot_chunk(name, whole)
        assert fresh.replica.install(head)
        assert shown(reopened(fresh))["content"] == head.content


def test_a_snapshot_whose_content_is_not_what_its_head_says_is_not_stood_on(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        head = relay.snapshot()
        relay.hand(head, fresh.replica)
        lie = SnapshotHead.sign(RELAY, head.end, b"?" * 32, head.index, head.made_ms)
        before = shown(fresh)
        with pytest.raises(SnapshotMalformed):
            fresh.replica.install(lie)
        assert shown(reopened(fresh)) == before


def test_a_desk_none_of_whose_snapshots_reads_does_not_begin_with_nothing(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        assert prune_all(one)
        with one.store.transaction() as transaction:
            transaction.remove_snapshot_chunks([head.index for head in relay.kept()])
            mark_stale(transaction)
        with pytest.raises(StoreCorrupt, match="reads"):
            one.restart()


def test_a_process_that_is_killed_at_any_step_goes_on_from_what_it_had(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        head = relay.snapshot()
        while missing := fresh.replica.missing_chunks(head, 1):
            fresh.replica.keep_chunks({name: relay.chunk(name) for name in missing})
            fresh.restart()
            assert fresh.replica.standing.through == 0
        assert fresh.replica.install(head)
        fresh.restart()
        fresh.restart()
        fresh.pull(one)
        assert shown(fresh) == shown(one)


def test_a_desk_that_is_killed_while_it_prunes_goes_on_pruning(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        before = shown(one)
        while one.replica.prune(3):
            one.restart()
            assert {**shown(one), "vector": before["vector"]} == before
        assert one.replica.pruned_through == relay.kept()[0].through or one.replica.pruned_through > 0


def test_two_snapshots_that_come_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one, 30)
        older = relay.snapshot()
        chunks = {name: relay.chunk(name) for name in [older.index, *relay.index(older).chunks]}
        relay.commit_from(one)
        newer = relay.snapshot()
        relay.hand(newer, fresh.replica)
        for name in fresh.replica.missing_chunks(older, 1_000):
            fresh.replica.keep_chunks({name: chunks[name]})
        for name in fresh.replica.missing_chunks(older, 1_000):
            fresh.replica.keep_chunks({name: chunks[name]})
        assert fresh.replica.install(newer)
        reopened(fresh)
        assert not fresh.replica.install(older), "what is older than what is known is no news"
        fresh.pull(one)
        assert shown(fresh) == shown(one)


def test_a_note_that_nobody_opens_is_pruned_too(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        one.restart()
        two_snapshots(relay, one)
        prune_all(one)
        with one.store.transaction() as transaction:
            assert transaction.entries_of_document(room_note("205"), 0) == []
        one.restart()
        assert one.replica.note_text(room_note("205"))


def test_what_was_cancelled_and_pruned_does_not_come_back_with_a_desk_that_was_away(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, away), headquarters(tmp_path) as relay:
        one.reserve("sato")
        away.pull(one)
        away.do(AmendTerms("sato", rate_minor=9_000, reason="常連"))
        one.do(CancelStay("sato", "電話"))
        live_through_without(one, other)
        two_snapshots(relay, one)
        assert prune_all(one)
        one.restart()
        one.pull(away)
        assert one.replica.view().require_stay("sato").status == "cancelled"
        relay.hand(head := relay.snapshot(), away.replica)
        assert away.replica.install(head)
        reopened(away).pull(one)
        assert shown(away) == shown(one)
        assert away.replica.view().require_stay("sato").status == "cancelled"


def test_a_payment_that_was_pruned_is_not_taken_twice(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        one.reserve("sato", room="201")
        one.do(PostPayment("sato", 5_000, "cash", "key-1", 0, deposit=True))
        live_through_without(one, other)
        two_snapshots(relay, one)
        assert prune_all(one)
        one.restart()
        assert one.do(PostPayment("sato", 5_000, "cash", "key-1", 0, deposit=True)).entries == ()


def test_chunks_are_bounded_by_their_bytes(tmp_path: Path) -> None:
    records = [[number, bytes([number % 256]) * 60_000] for number in range(40)]
    chunks = list(chunks_of(records))
    assert [record for chunk in chunks for record in records_in(chunk)] == records
    assert len(chunks) > 4
    assert all(len(chunk) <= CHUNK_BYTES_MAX for chunk in chunks)
    with pytest.raises(SnapshotTooLarge):
        list(chunks_of([[b"x" * (RECORD_BYTES_MAX + 1)]]))


def test_a_chunk_that_unfolds_too_far_is_refused() -> None:
    with pytest.raises(SnapshotMalformed):
        records_in(zlib.compress(bytes(CHUNK_PLAIN_BYTES_MAX + 1)))


def test_a_snapshot_of_a_newer_program_waits_for_an_update(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        head = replace(relay.snapshot(), format=FORMAT + 1)
        with pytest.raises(SnapshotNewer, match="update"):
            fresh.replica.missing_chunks(head, 1)


@pytest.mark.parametrize("history", [10, 60])
def test_another_snapshot_costs_what_happened_since_and_not_what_there_is(tmp_path: Path, history: int) -> None:
    with open_desks(tmp_path, 1) as (one,), headquarters(tmp_path) as relay:
        for step in range(history):
            one.reserve(f"stay-{step}", arrival="2026-07-03")
        relay.commit_from(one)
        relay.snapshot()
        made: list[bytes] = []
        original = SqlSnapshots.put_snapshot_chunk

        def count(transaction: SqlSnapshots, name: bytes, body: bytes) -> None:
            made.append(name)
            original(transaction, name, body)

        one.restart()
        one.reserve("one-more", arrival="2026-07-03")
        relay.commit_from(one)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SqlSnapshots, "put_snapshot_chunk", count)
            relay.snapshot()
        # One section each of registers, names and journals, the values of the state, and the index.
        assert len(made) <= 8
        assert len(relay.index(relay.kept()[-1]).chunks) > history / 3


def test_a_kept_snapshot_that_does_not_read_stops_pruning_and_nothing_else(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        oldest = relay.kept()[-2]
        with one.store.transaction() as transaction:
            transaction.remove_snapshot_chunks([oldest.index])
        node = node_of(one)
        assert not node.prune()
        assert node.counters["prunings_refused"] == 1
        go_on(one, 9)


def test_a_clock_that_was_a_year_ahead_holds_up_no_snapshot(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        now_ms = relay.clock.now_ms()
        relay.clock.hand(now_ms + 365 * 86_400_000)
        relay.projection.make_snapshots()
        relay.clock.hand(now_ms)
        go_on(one, 1)
        relay.commit_from(one)
        assert relay.snapshot().through == relay.through


def test_large_writes_of_one_register_take_several_records() -> None:
    writes = [
        WriteRecord("guest.novel", "g1", 0, Dot(journal_id(1), number), 0, bytes([number]) * 250_000)
        for number in range(1, 9)
    ]
    records = list(written_registers(writes))
    assert [one for record in records for one in read_register(record)] == writes
    assert [
        one for chunk in chunks_of(records) for record in records_in(chunk) for one in read_register(record)
    ] == writes


def test_the_reason_of_an_entry_that_is_not_applied_is_written_so_that_it_can_be_read() -> None:
    record = QuarantineRecord(Dot(journal_id(1), 1), "malformed", "\0" + "x" * 20_000)
    assert isinstance(read_withheld(written_withheld(record)), QuarantineRecord)


def test_an_index_that_no_node_would_take_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        monkeypatch.setattr(snapshot_making, "CHUNK_BYTES_MAX", 100)
        relay.projection.make_snapshots()
        assert relay.kept() == []


def test_after_everything_was_computed_anew_snapshots_are_made_from_nothing(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        relay.snapshot()
        with relay.projection.transaction() as (transaction, state):
            relay.projection._state = relay.projection._rebuilt(transaction, state.position)
        assert relay.kept() == []
        assert relay.maker.handed_out is None
        head = relay.snapshot()
        relay.hand(head, fresh.replica)
        assert fresh.replica.install(head)
        fresh.restart()
        fresh.pull(one)
        assert shown(fresh) == shown(one)


def test_what_a_relay_reads_after_its_update_is_in_the_snapshots_after_that(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        rogue = Rogue()
        profile = dict.fromkeys(("kana", "contact", "address", "nationality", "passport", "member")) | {"name": "次版"}
        amend = Operation("amend_guest", "hotel-pms", "", (Write.of(Register(GUEST_PROFILE, "g9"), profile),))
        older = {kind: known - 1 for kind, known in quarantine.FORMATS.items()}
        rogue.act(amend)
        rogue.give(one)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(quarantine, "FORMATS", older)
            relay.commit_from(one)
            assert relay.projection.loaded().quarantine.held
            relay.snapshot()
        relay.start()
        go_on(one, 9)
        relay.commit_from(one)
        head = relay.snapshot()
        assert head.content == one.replica.state.content_hash()
        relay.hand(head, fresh.replica)
        assert fresh.replica.install(head)
        assert shown(reopened(fresh))["content"] == head.content
