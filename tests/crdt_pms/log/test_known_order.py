"""The end of the committed order that is at hand says the same as the whole order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal import positions
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import ORDER_START, CommittedRun, OrderMark, digest_after, runs_of
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.wire import pack
from crdt_pms.log import known_order as module
from crdt_pms.log.known_order import KnownOrder, common_position, digest_at, marks_of
from crdt_pms.log.standing import CommittedStanding, load_standing, save_standing
from crdt_pms.store.sql_transaction import SqlTransaction
from crdt_pms.store.sqlite import open_sqlite
from relay_server.commit import place
from tests.crdt_pms.journal.journals import PROPERTY_ID, append, journal_id, writer
from tests.crdt_pms.replica.orders import signed_end


def standing(through: int, generation: bytes = b"one") -> CommittedStanding:
    return CommittedStanding(generation, signed_end(generation, through) if through else None, through, ORDER_START)


KEPT = 4
BEFORE = 10
orders = st.lists(st.integers(1, 2), min_size=1, max_size=20)


@pytest.fixture(autouse=True, scope="module")
def short_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "RECENT_RUNS_MAX", KEPT)
        yield


def placed(journals: list[int]) -> list[tuple[int, Dot]]:
    """An order after `BEFORE` in which each journal's entries follow each other."""
    return [
        (position, Dot(journal_id(journal), journals[: position - BEFORE].count(journal)))
        for position, journal in enumerate(journals, BEFORE + 1)
    ]


@given(orders, st.integers(1, 5), st.integers(0, 32), st.integers(1, 8))
def test_it_gives_what_follows_a_position_in_the_fewest_runs_or_says_that_it_no_longer_can(
    journals: list[int], piece: int, after: int, positions_max: int
) -> None:
    known = KnownOrder(standing(BEFORE))
    order = placed(journals)
    for first in range(0, len(order), piece):
        part = order[first : first + piece]
        known.extend(list(runs_of(part)), standing(part[-1][0]))
    expected = list(runs_of(one for one in order if after < one[0] <= after + positions_max))
    found = known.following(after, positions_max)
    runs = list(runs_of(order))
    if after < BEFORE or (len(runs) > KEPT and after + 1 < runs[-KEPT].position):
        assert found is None
    else:
        assert found == expected


def test_of_another_generation_stays_what_both_have_in_common() -> None:
    order = KnownOrder(standing(0))
    order.extend([CommittedRun(1, journal_id(1), 1, 3)], standing(3))
    order.cut(standing(2, b"two"))
    assert order.following(0, 10) == [CommittedRun(1, journal_id(1), 1, 2)]
    order.extend([CommittedRun(3, journal_id(2), 1, 1)], standing(3, b"two"))
    assert order.following(1, 10) == [CommittedRun(2, journal_id(1), 2, 1), CommittedRun(3, journal_id(2), 1, 1)]


@pytest.mark.parametrize("checkpoints", [1, 3, 4, 1_024])
def test_a_digest_is_computed_anywhere_from_the_last_checkpoint_and_nowhere_beyond_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoints: int
) -> None:
    monkeypatch.setattr(positions, "CHECKPOINT_POSITIONS", checkpoints)
    with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as store, store.transaction() as transaction:
        journal = writer(1)
        transaction.add_journal(journal.certificate)
        entries = [append(journal) for _step in range(10)]
        place(transaction, entries, 0)
        transaction.mark_committed(CommittedRun(1, journal_id(1), 1, 10))
        for through in range(11):
            assert digest_at(transaction, through) == digest_after(ORDER_START, (one.hash for one in entries[:through]))
        for beyond in (11, 12, 5_000, 2**53 - 1):
            assert digest_at(transaction, beyond) is None


def ordered(transaction: SqlTransaction, length: int) -> list[bytes]:
    """Commit so many entries; gives the digest after each, the one of an empty order first."""
    journal = writer(1)
    transaction.add_journal(journal.certificate)
    entries = [append(journal) for _step in range(length)]
    place(transaction, entries, 0)
    transaction.mark_committed(CommittedRun(1, journal_id(1), 1, length))
    return [digest_after(ORDER_START, (one.hash for one in entries[:through])) for through in range(length + 1)]


@pytest.mark.parametrize("parted", range(13))
def test_what_two_orders_have_in_common_is_found_by_digests_wherever_they_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parted: int
) -> None:
    monkeypatch.setattr(positions, "CHECKPOINT_POSITIONS", 3)
    with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as store, store.transaction() as transaction:
        digests = ordered(transaction, 11)
        theirs = [OrderMark(at, digests[at] if at <= min(parted, 11) else b"o" * 32) for at in (12, 9, 6, 3)]
        assert common_position(transaction, theirs, 11) == min(parted // 3 * 3, 9)
        assert marks_of(transaction, 11, digests[11]) == [OrderMark(at, digests[at]) for at in (11, 9, 6, 3)]


def test_the_marks_of_a_peer_cost_one_stretch_between_checkpoints_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "CHECKPOINT_POSITIONS", 4)
    with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as store, store.transaction() as transaction:
        ordered(transaction, 40)
        read: list[int] = []
        hashes_of = transaction.committed_hashes

        def counted(after: int, entries_max: int) -> list[bytes]:
            found = hashes_of(after, entries_max)
            read.append(len(found))
            return found

        monkeypatch.setattr(transaction, "committed_hashes", counted)
        theirs = [OrderMark(at, b"o" * 32) for at in (39, *range(36, 0, -4))]
        assert common_position(transaction, theirs, 40) == 0
        assert sum(read) == 3


@pytest.mark.parametrize("end", [None, signed_end(b"one", 7, b"d" * 32)])
def test_how_far_the_order_is_known_is_read_back_also_from_a_file_of_the_former_program(
    tmp_path: Path, end: SignedEnd | None
) -> None:
    """It stored a generation and an end, and knew no more."""
    with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as store, store.transaction() as transaction:
        transaction.put_state("committed_standing", pack([b"one", None if end is None else end.to_wire()]))
        through, digest = (0, ORDER_START) if end is None else (end.through, end.digest)
        assert load_standing(transaction) == CommittedStanding(b"one", end, through, digest)
        cut = CommittedStanding(b"two", None, 5, b"c" * 32)
        save_standing(transaction, cut)
        assert load_standing(transaction) == cut
