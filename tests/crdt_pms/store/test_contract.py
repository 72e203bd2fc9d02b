"""What every store must do, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crdt_pms.journal.certificate import Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, EntryKind
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import ORDER_START, Checkpoint, CommittedRun
from crdt_pms.ports.records import DocumentSnapshot, Placed, QuarantineRecord, RowChange, WriteRecord
from crdt_pms.ports.store import Store
from crdt_pms.store.postgresql import open_postgresql
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.sqlite import open_sqlite
from tests.crdt_pms.journal.journals import PROPERTY_ID, append, journal_id, writer


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        opened: Store = open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)
    else:
        opened = open_postgresql(request.getfixturevalue("fresh_database_url"), PROPERTY_ID)
    with closing(opened):
        yield opened


def stored(store: Store, amount: int, number: int = 1, first_position: int = 1, **fields: object) -> list[Entry]:
    journal = writer(number)
    entries = [append(journal, payload=b"%d" % step, **fields) for step in range(amount)]
    with store.transaction() as transaction:
        transaction.add_journal(journal.certificate)
        transaction.append_entries([Placed(at, entry, None) for at, entry in enumerate(entries, first_position)])
    return entries


def test_entries_come_back_byte_for_byte_in_the_order_of_the_log(store: Store) -> None:
    entries = stored(store, 3)
    with store.transaction() as transaction:
        read = transaction.entries_after(0, 10, 10**6)
        assert [placed.position for placed in read] == [1, 2, 3]
        assert [placed.entry for placed in read] == entries
        assert transaction.last_position() == 3


def test_a_journal_is_known_with_its_certificate_and_head(store: Store) -> None:
    entries = stored(store, 2)
    with store.transaction() as transaction:
        (record,) = transaction.journals()
        assert record.certificate == writer(1).certificate
        assert record.head == (journal_id(1), 2, entries[-1].hash)
        assert transaction.head(journal_id(1)) == record.head
        assert transaction.head(journal_id(2)) is None
        transaction.add_journal(record.certificate)
        assert transaction.journals() == [record]


def fork_of(one: Entry, other: Entry) -> ForkProof:
    return ForkProof.of(*(Branch.of([entry.header], entry.signature) for entry in (one, other)))


def test_a_fork_is_kept_and_replaced_by_what_more_is_known_of_it(store: Store) -> None:
    first, second, third = (append(writer(1), name) for name in (b"1", b"2", b"3"))
    proof, other = fork_of(first, second), fork_of(second, third)
    with store.transaction() as transaction:
        assert transaction.fork_proofs() == []
        transaction.put_fork_proof(proof)
        transaction.put_fork_proof(proof.merged(other))
        assert transaction.fork_proofs() == [proof.merged(other)]


def test_what_is_withdrawn_from_the_log_is_kept_beside_it_and_its_positions_stay_empty(store: Store) -> None:
    entries, others = stored(store, 3), stored(store, 1, 2, 4)
    with store.transaction() as transaction:
        transaction.withdraw_entries(Head(*entries[0].dot, entries[0].hash))
        assert [placed.position for placed in transaction.entries_after(0, 10, 10**6)] == [1, 4]
        assert transaction.last_position() == 4
        assert {record.head.seq for record in transaction.journals()} == {1}
        assert transaction.branch_entries(journal_id(1)) == entries[1:]
        transaction.append_entries([Placed(5, entries[1], None)])
        assert transaction.branch_entries(journal_id(1)) == entries[2:], "what is in the log again is no other branch"
        assert [one.entry for one in transaction.journal_entries(journal_id(1), 1, 10)] == entries[:2]
        transaction.put_branch_entries([entries[2], others[0]])
        assert transaction.branch_entries(journal_id(1)) == entries[2:]


def test_what_follows_from_the_log_can_be_forgotten_and_the_log_stays(store: Store) -> None:
    entries = stored(store, 2)
    with store.transaction() as transaction:
        transaction.put_document_snapshot(DocumentSnapshot("board", 1, b"state"))
        transaction.add_quarantine(QuarantineRecord(entries[0].dot, "malformed", "why"))
        transaction.forget_derived()
        assert transaction.document_snapshot("board") is None
        assert transaction.quarantine() == []
        assert all(transaction.projected(table) == [] for table in READABLE_TABLES)
        assert [placed.entry for placed in transaction.entries_after(0, 10, 10**6)] == entries


def test_a_page_holds_at_least_one_entry_and_stays_within_both_limits(store: Store) -> None:
    entries = stored(store, 5)
    with store.transaction() as transaction:
        assert len(transaction.entries_after(0, 10, 1)) == 1
        assert len(transaction.entries_after(1, 2, 10**6)) == 2
        assert len(transaction.entries_after(0, 10, entries[0].size * 2)) == 2
        assert transaction.entries_after(5, 10, 10**6) == []


def test_what_a_neighbour_may_lack_begins_beyond_the_order_that_both_know(tmp_path: Path) -> None:
    with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as terminal:
        stored(terminal, 2, number=1)
        second = stored(terminal, 2, number=2, first_position=3)
        with terminal.transaction() as transaction:
            assert transaction.first_beyond(0) == 1
            # The order is another one than that in which this node took them.
            transaction.mark_committed(CommittedRun(1, journal_id(2), 1, 1))
            transaction.mark_committed(CommittedRun(2, journal_id(1), 1, 2))
            assert [transaction.first_beyond(common) for common in range(5)] == [1, 1, 2, 4, 4]
            assert transaction.journals_beyond(0) == [journal_id(1), journal_id(2)]
            assert transaction.journals_beyond(3) == [journal_id(2)]
            assert [one.entry for one in transaction.entries_beyond(3, 0, 9, 10**6)] == second[1:]
            assert [one.position for one in transaction.entries_beyond(1, 0, 2, 10**6)] == [1, 2]
            transaction.mark_committed(CommittedRun(4, journal_id(2), 2, 1))
            assert transaction.first_beyond(4) is None
            assert transaction.journals_beyond(4) == []


def test_nothing_of_a_failed_transaction_happens(store: Store) -> None:
    stored(store, 1)
    with pytest.raises(RuntimeError), store.transaction() as transaction:
        transaction.put_state("key", b"value")
        transaction.project([RowChange("business_day", {"name": "business_date"}, {"date": "2026-07-01"})])
        raise RuntimeError
    with store.transaction() as transaction:
        assert transaction.get_state("key") is None
        assert transaction.projected("business_day") == []
        assert transaction.last_position() == 1


def test_one_journal_and_number_is_stored_once(store: Store) -> None:
    (entry,) = stored(store, 1)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), store.transaction() as transaction:
        transaction.append_entries([Placed(2, entry, None)])
    with store.transaction() as transaction:
        assert transaction.last_position() == 1


def test_updates_of_a_document_are_read_without_reading_the_rest(store: Store) -> None:
    stored(store, 2)
    journal = writer(2)
    entry = append(journal, kind=EntryKind.DOCUMENT, document="note/room/201")
    with store.transaction() as transaction:
        transaction.add_journal(journal.certificate)
        transaction.append_entries([Placed(3, entry, None)])
        assert [placed.entry for placed in transaction.entries_of_document("note/room/201", 0)] == [entry]
        assert transaction.entries_of_document("note/room/201", 3) == []
        assert transaction.documents() == ["note/room/201"]


def write_record(group: str, standing: int, state: bytes, flags: int = 0) -> WriteRecord:
    return WriteRecord(group, "s1", flags, Dot(journal_id(1), 1), standing, state)


def test_writes_snapshots_states_and_quarantine_are_replaced_or_kept(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put_writes([write_record("stay.terms", 0, b"old"), write_record("stay.guest", 0, b"g")])
        transaction.put_writes(
            [write_record("stay.terms", 1, b"new"), write_record("stay.terms", 0, b"other", flags=1)]
        )
        transaction.put_document_snapshot(DocumentSnapshot("board", 4, b"old"))
        transaction.put_document_snapshot(DocumentSnapshot("board", 9, b"new"))
        transaction.put_state("key", b"old")
        transaction.put_state("key", b"new")
        record = QuarantineRecord(Dot(journal_id(1), 3), "subject_unknown", "no such document")
        transaction.add_quarantine(record)
        transaction.add_quarantine(record)
    with store.transaction() as transaction:
        assert sorted(transaction.writes()) == [
            write_record("stay.guest", 0, b"g"),
            write_record("stay.terms", 1, b"new"),
            write_record("stay.terms", 0, b"other", flags=1),
        ]
        assert transaction.document_snapshot("board") == ("board", 9, b"new")
        assert transaction.document_snapshot("note/room/201") is None
        assert transaction.get_state("key") == b"new"
        assert transaction.quarantine() == [record]


@pytest.mark.parametrize("table", sorted(READABLE_TABLES))
def test_every_readable_table_takes_rows_changes_them_and_lets_them_go(store: Store, table: str) -> None:
    columns = [column for column in READABLE_TABLES[table].columns if column.name != "property_id"]
    keys = [column.name for column in columns if column.primary_key]
    values = columns[len(keys) :]
    full = {column.name: {str: "予約", int: 7, bool: True}[column.type.python_type] for column in values}
    empty = {column.name: None for column in values}
    one, two, three, never = (dict.fromkeys(keys, name) for name in ("1", "2", "3", "never"))
    with store.transaction() as transaction:
        transaction.project([RowChange(table, two, empty), RowChange(table, one, empty)])
        transaction.project([RowChange(table, one, full), RowChange(table, three, full)])
        transaction.project([RowChange(table, three, None), RowChange(table, never, None)])
    with store.transaction() as transaction:
        assert transaction.projected(table) == [{**one, **full}, {**two, **empty}]


def test_the_order_that_the_relay_gave_is_marked_and_can_be_forgotten(tmp_path: Path) -> None:
    with closing(open_sqlite(tmp_path / "hotel.sqlite", PROPERTY_ID)) as terminal:
        entries = stored(terminal, 4)
        with terminal.transaction() as transaction:
            assert transaction.mark_committed(CommittedRun(11, journal_id(1), 1, 2)) == 2
            assert transaction.mark_committed(CommittedRun(13, journal_id(1), 4, 1)) == 1
            assert transaction.committed_runs(10, 100) == [
                CommittedRun(11, journal_id(1), 1, 2),
                CommittedRun(13, journal_id(1), 4, 1),
            ]
            assert transaction.tentative_count() == 1
            assert [entry.dot.seq for entry in entries if transaction.is_committed(entry.dot)] == [1, 2, 4]
            assert transaction.mark_committed(CommittedRun(14, journal_id(1), 5, 1)) == 0
            assert transaction.mark_committed(CommittedRun(14, journal_id(1), 2, 2)) == 1
            assert transaction.committed_runs(14, 100) == [CommittedRun(15, journal_id(1), 3, 1)]
            assert transaction.tentative_count() == 0
            hashes = [entry.hash for entry in entries]
            assert transaction.committed_hashes(10, 2) == hashes[:2]
            assert transaction.committed_hashes(12, 9) == [hashes[3], hashes[2]]
            for position in (1_024, 2_048):
                transaction.put_checkpoint(Checkpoint(position, bytes([position % 251]) * 32, b"proof"))
            transaction.forget_committed(1_500)
            assert transaction.tentative_count() == 0
            assert transaction.checkpoint_before(9_999).position == 1_024
            transaction.forget_committed(12)
            assert transaction.tentative_count() == 2
            assert transaction.checkpoint_before(9_999) == Checkpoint(0, ORDER_START)


def test_on_the_relay_every_position_is_a_committed_one(fresh_database_url: str) -> None:
    with closing(open_postgresql(fresh_database_url, PROPERTY_ID)) as relay:
        stored(relay, 3, stamp=Stamp(1, 0))
        with relay.transaction() as transaction:
            assert transaction.tentative_count() == 0
            assert transaction.committed_runs(1, 100) == [CommittedRun(2, journal_id(1), 2, 2)]


def test_a_checkpoint_of_the_order_is_found_from_any_position_after_it(store: Store) -> None:
    first, second = Checkpoint(1_024, b"a" * 32), Checkpoint(2_048, b"b" * 32, b"proof")
    with store.transaction() as transaction:
        transaction.put_checkpoint(first._replace(digest=b"c" * 32))
        transaction.put_checkpoint(first)
        transaction.put_checkpoint(second)
    with store.transaction() as transaction:
        found = [transaction.checkpoint_before(position) for position in (0, 1_023, 1_024, 2_047, 2_048, 2**53 - 1)]
        start = Checkpoint(0, ORDER_START)
        assert found == [start, start, first, first, second, second]


def test_properties_in_one_database_do_not_see_each_other(fresh_database_url: str) -> None:
    with (
        closing(open_postgresql(fresh_database_url, PROPERTY_ID)) as here,
        closing(open_postgresql(fresh_database_url, "lakeside")) as there,
    ):
        stored(here, 2)
        with there.transaction() as transaction:
            assert transaction.last_position() == 0
            assert transaction.journals() == []


def test_answers_are_found_by_name_until_they_are_forgotten_the_oldest_first(store: Store) -> None:
    with store.transaction() as transaction:
        for number in range(5):
            transaction.put_answer(f"web/{number}", b"%d" % number, 1_000 + number)
        transaction.put_answer("web/4", b"again", 1_004)
        assert transaction.answer("web/4") == b"again"
        assert transaction.answer("phone/4") is None
        transaction.forget_answers(1_000, 9)
        assert transaction.answer("web/0") == b"0"
        transaction.forget_answers(1_003, 2)
        kept = [number for number in range(5) if transaction.answer(f"web/{number}") is not None]
        assert kept == [2, 3, 4]


def test_forgetting_what_is_derived_forgets_no_answer(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put_answer("web/1", b"x", 1)
        transaction.forget_derived()
        assert transaction.answer("web/1") == b"x"


def test_the_stamp_of_each_journals_last_entry_is_known(store: Store) -> None:
    first, second = stored(store, 3), stored(store, 2, number=2, first_position=4)
    with store.transaction() as transaction:
        assert transaction.newest_stamps() == {
            journal_id(1): (3, first[-1].stamp),
            journal_id(2): (2, second[-1].stamp),
        }


def test_a_journal_is_known_without_its_certificate(store: Store) -> None:
    entries = stored(store, 2)
    with store.transaction() as transaction:
        (held,) = transaction.held_journals()
        (record,) = transaction.journals()
        assert held == (record.certificate.device_id, None, record.head)
        assert held.head.hash == entries[-1].hash
        assert transaction.device_names() == {record.certificate.device_id: record.certificate.chain.name}
