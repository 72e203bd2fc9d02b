"""What two desks of one hotel did, partly cut apart: reservations, guests, money, the board, notes, and their conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.documents import room_note, stay_note
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.hotel.statuses import HK_CONDITION, HK_OCCUPANCY, MAINTENANCE
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.ports.records import Scalar
from crdt_pms.store.postgresql import open_postgresql
from crdt_pms.store.readable import READABLE_TABLES
from relay_server.commit import place
from tests.crdt_pms.journal.journals import append, enrolled
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, Desk
from tests.relay_server.relays import definition

Rows = dict[str, list[dict[str, Scalar]]]


@contextmanager
def open_desks(folder: Path, amount: int = 2) -> Iterator[list[Desk]]:
    """That many terminals of the hotel that has a relay."""
    folder.mkdir(parents=True, exist_ok=True)
    desks = [Desk(number, folder / f"desk-{number}.sqlite", definition()) for number in range(1, amount + 1)]
    try:
        yield desks
    finally:
        for desk in desks:
            desk.store.close()


def live_through(one: Desk, other: Desk) -> None:
    """Two days of the hotel; afterwards both desks hold the same."""
    one.reserve("sato", room="201")
    one.reserve("kato", nights=1)
    one.reserve("endo", nights=1, arrival="2026-07-02")
    one.reserve("mori")
    one.do(SetRoomCondition("201", HK_CONDITION, "clean"))
    one.do(CheckIn("sato"))
    one.do(PostCharge("sato", "minibar", 600))
    other.pull(one)
    # Cut apart: one guest assigned twice, one stay cancelled and checked in, terms and cards amended on both sides.
    for desk, room, rate, name in ((one, "202", 11_000, "加藤 一"), (other, "203", 9_500, "加藤 壱")):
        desk.do(SetRoomCondition(room, HK_CONDITION, "clean"))
        desk.do(AssignRoom("kato", room))
        desk.do(AmendTerms("kato", rate_minor=rate, reason="交渉"))
        desk.do(AmendGuest(desk.replica.view().require_stay("kato").guest, guest_name=name))
        desk.do(SetRoomCondition("204", HK_OCCUPANCY, "vacant" if desk is one else "occupied"))
        desk.do(EditNote(room_note("205"), "", f"窓 {desk.number}"))
        desk.do(AssignRoom("endo", "206"))
    one.do(CheckIn("kato"))
    other.do(CancelStay("kato", "電話"))
    other.do(SetRoomCondition("208", MAINTENANCE, "out_of_order", "水漏れ"))
    one.do(AssignRoom("mori", "208"))
    other.do(EditNote(stay_note("sato"), "", "遅い到着"))
    for desk in (one, other):
        desk.do(PostPayment("sato", 5_000, "cash", f"deposit-{desk.number}", 600, deposit=True))
    one.pull(other)
    one.do(RunNightAudit(OPENING_DATE))
    one.do(
        SettleFolio(
            "kato", "cash", "settle-kato", balance_by_now(one.replica.view(), one.replica.view().require_stay("kato"))
        )
    )
    one.do(CheckOut("kato"))
    one.do(EditNote(stay_note("sato"), "遅い到着", "遅い到着 23:00"))
    _spoil(one)
    other.pull(one)


def _spoil(desk: Desk) -> None:
    """An entry that no replica can apply."""
    journal = another_journal()
    entry = append(journal, b"not an operation")
    desk.replica.receive_certificates([journal.certificate])
    assert desk.replica.receive([entry], desk.now_ms).quarantined == 1


def another_journal() -> JournalWriter:
    """A journal of a device that is no desk's here."""
    own = enrolled(7)
    certificate = Certificate.create(JournalId(b"another journal!"), own, None, Stamp(1, 0))
    return JournalWriter(certificate, own.key)


def entries_of(desk: Desk) -> list[Entry]:
    """Everything that the desk holds, in the order in which it got it."""
    return [placed.entry for placed in desk.replica.read(0, 100_000, 2**40)]


def certificates_of(desk: Desk) -> list[Certificate]:
    """The certificates of everything that the desk holds."""
    return [found for journal in desk.replica.vector if (found := desk.replica.certificate(journal))]


def commit_all(url: str, certificates: list[Certificate], entries: list[Entry]) -> None:
    """Put entries at the end of the order, as a committer does."""
    with closing(open_postgresql(url, PROPERTY_ID)) as store, store.transaction() as transaction:
        for certificate in certificates:
            transaction.add_journal(certificate)
        last = transaction.last_position()
        place(transaction, entries, last)


def rows_of(desk: Desk) -> Rows:
    """The readable tables of a terminal."""
    desk.replica.refresh_alerts()
    with desk.store.transaction() as transaction:
        return {table: transaction.projected(table) for table in READABLE_TABLES}


def rows_in(url: str) -> Rows:
    """The readable tables of the relay."""
    with closing(open_postgresql(url, PROPERTY_ID)) as store, store.transaction() as transaction:
        return {table: transaction.projected(table) for table in READABLE_TABLES}
