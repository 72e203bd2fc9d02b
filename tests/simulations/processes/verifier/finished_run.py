"""A finished run made of the product's real parts, and copies of it that can be tampered with."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from sqlcipher3 import dbapi2

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.property_file import render_property
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import runs_of
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.operation import Register
from crdt_pms.ports.records import Placed
from crdt_pms.replica.replica import Action
from crdt_pms.state.property_state import PropertyState
from crdt_pms.store.postgresql import open_postgresql
from simulations.checkers.contents import RELAY
from simulations.checkers.witnessed import Acknowledged, Scheduled
from simulations.processes.verifier.record import RunRecord
from tests.crdt_pms.replica.orders import acknowledge
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, Desk, desks, succession_of

RELAY_JOURNAL = JournalId(b"relay".ljust(16, b"\0"))
GENERATION = b"generation".ljust(16, b"\0")
ROOM_NOTE = "note/room/204"
LAST_NOTE = f"shift-log/{OPENING_DATE}"
DEPOSIT_KEY = "deposit-1"
SCHEDULED = (
    Scheduled("terms", ("conflict_terms",), ("stay-a",)),
    Scheduled("room", ("alert_room_double_booked",), ("stay-b", "stay-c", "202")),
    Scheduled("settlement", ("conflict_settlement",), ("stay-a/1",)),
    Scheduled("board", ("conflict_room_status",), ("203",)),
)


@dataclass
class Driver:
    """Acts at desks and remembers what was answered as done."""

    desks: list[Desk]
    acknowledged: list[Acknowledged]

    def do(self, desk: Desk, action: Action) -> None:
        acted = desk.do(action)
        entries = tuple((entry.dot.journal.hex(), entry.dot.seq) for entry in acted.entries)
        self.acknowledged.append(Acknowledged(name_of(desk), type(action).__name__, entries))

    def meet(self) -> None:
        """Everybody receives everything."""
        for receiver in (*self.desks, *self.desks):
            for sender in self.desks:
                if sender is not receiver:
                    receiver.pull(sender)


def name_of(desk: Desk) -> str:
    return f"desk-{desk.number}"


def finish(desk_list: list[Desk], folder: Path, database_url: str, history: Callable[[Driver], None]) -> RunRecord:
    """Let `history` happen, let everybody and the relay have everything, end all processes."""
    driver = Driver(desk_list, [])
    history(driver)
    driver.meet()
    certificates = [desk.replica.certificate(journal) for desk in desk_list for journal in desk.replica.vector]
    commit(desk_list[-1].replica.read(0, 10**6, 2**40), [one for one in certificates if one], desk_list, database_url)
    property_file = folder / "property.json"
    property_file.write_text(render_property(desk_list[0].property_), encoding="utf-8")
    for desk in desk_list:
        desk.replica.refresh_alerts()
        desk.store.close()
    return RunRecord(
        property_file,
        OPENING_DATE,
        {name_of(desk): desk.path for desk in desk_list},
        database_url.replace("+psycopg", ""),
        tuple(driver.acknowledged),
        SCHEDULED,
    )


def commit(log: list[Placed], certificates: Iterable[Any], desk_list: list[Desk], database_url: str) -> None:
    """What the relay does with entries: commit, project, refresh, tell the terminals."""
    store = open_postgresql(database_url, PROPERTY_ID)
    with store.transaction() as transaction:
        for certificate in certificates:
            transaction.add_journal(certificate)
        assert transaction.last_position() == 0
        placed = [Placed(position, one.entry, position) for position, one in enumerate(log, 1)]
        transaction.append_entries(placed)
        state = PropertyState(desk_list[0].property_, RELAY_JOURNAL)
        for one in placed:
            state.apply(one.entry, transaction)
        state.flush(transaction)
        state.refresh_alerts(transaction, succession_of(transaction.journals()))
    store.close()
    runs = list(runs_of((one.position, one.entry.dot) for one in placed))
    for desk in desk_list:
        acknowledge(desk.replica, GENERATION, runs)


def history(driver: Driver) -> None:
    """Three desks, cut from each other for a while, that contradict each other in every way."""
    one, two, three = driver.desks
    for stay in ("stay-a", "stay-b", "stay-c", "stay-d"):
        one.reserve(stay)
    driver.do(one, PostCharge("stay-a", "restaurant", 5_000))
    driver.do(one, PostCharge("stay-d", "minibar", 700))
    driver.do(one, PostPayment("stay-b", 2_000, "cash", DEPOSIT_KEY, 0, deposit=True))
    driver.do(one, SetRoomCondition("203", "hk_condition", "pickup"))
    driver.do(one, EditNote(ROOM_NOTE, "", "The tap drips."))
    driver.meet()
    _contradict(driver)
    driver.meet()
    _decide(driver, two)
    driver.meet()
    # Nothing else follows from the last entry but its note.
    driver.do(three, EditNote(LAST_NOTE, "", "Quiet night."))


def _contradict(driver: Driver) -> None:
    one, two, three = driver.desks
    driver.do(one, AmendTerms("stay-a", nights=3))
    driver.do(two, AmendTerms("stay-a", nights=4))
    driver.do(one, AmendTerms("stay-d", nights=3, rate_minor=11_000))
    driver.do(three, AmendTerms("stay-d", nights=1))
    driver.do(one, AssignRoom("stay-b", "202"))
    driver.do(two, AssignRoom("stay-c", "202"))
    for number, desk in enumerate((one, two), 1):
        driver.do(desk, SettleFolio("stay-a", "cash", f"settle-a-{number}", 5_000))
        driver.do(desk, SettleFolio("stay-d", "card", f"settle-d-{number}", 700))
    driver.do(one, SetRoomCondition("203", "hk_condition", "clean"))
    driver.do(two, SetRoomCondition("203", "hk_condition", "dirty"))
    driver.do(one, EditNote(ROOM_NOTE, "The tap drips.", "The tap drips badly."))
    driver.do(three, EditNote(ROOM_NOTE, "The tap drips.", "204: The tap drips."))


def _decide(driver: Driver, desk: Desk) -> None:
    """Somebody resolves one of the two double settlements, amends contradicting terms, and checks a guest in."""
    register = Register("folio.settlement", "stay-d/1")
    chosen = desk.replica.state.ledger.siblings(register)[1]
    driver.do(desk, Resolve(register.group, register.row, written_dot(chosen.dot), "asked the guest"))
    driver.do(desk, AmendTerms("stay-d", nights=5))
    guest = desk.replica.state.ledger.shown(Register("stay.guest", "stay-d"))
    assert guest is not None
    driver.do(desk, AmendGuest(str(guest["guest"]), guest_kana="サトウ ハナコ"))
    driver.do(desk, SetRoomCondition("205", "hk_condition", "clean"))
    driver.do(desk, CheckIn("stay-d", "205"))


@contextmanager
def database(admin_url: str, template: str | None = None) -> Iterator[str]:
    """A new database, empty or a copy of another one, dropped afterwards. Both addresses are SQLAlchemy's."""
    name = f"run_{secrets.token_hex(6)}"
    copied = "" if template is None else f' TEMPLATE "{template.rpartition("/")[2]}"'
    with psycopg.connect(admin_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{copied}'.encode())
        yield f"{admin_url.rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def finished(folder: Path, admin_url: str, tell: Callable[[Driver], None] = history) -> Iterator[RunRecord]:
    """A finished run of three desks."""
    with database(admin_url) as url, desks(folder, 3) as desk_list:
        yield finish(desk_list, folder, url, tell)


@dataclass
class Copy:
    """A copy of a finished run. The relay's database is copied when it is first written to."""

    record: RunRecord
    admin_url: str
    until_done: ExitStack
    is_relay_copied: bool = False

    @property
    def terminals(self) -> list[str]:
        return sorted(self.record.terminals)

    def run(self, node: str, statement: str, *parameters: object) -> int:
        """Run a statement on one node and say how many rows it touched."""
        if node == RELAY:
            self._copy_relay()
            with psycopg.connect(self.record.database_url) as connection:
                return connection.execute(statement.replace("?", "%s").encode(), parameters).rowcount
        with closing(dbapi2.connect(str(self.record.terminals[node]))) as connection:
            touched = connection.execute(statement, parameters).rowcount
            connection.commit()
            return touched

    def run_everywhere(self, statement: str, *parameters: object) -> None:
        """Run a statement on all nodes; each must have rows that it touches."""
        for node in (RELAY, *self.terminals):
            assert self.run(node, statement, *parameters) > 0, f"nothing to change on {node}"

    def ask(self, node: str, statement: str, *parameters: object) -> list[Any]:
        with closing(dbapi2.connect(str(self.record.terminals[node]))) as connection:
            return connection.execute(statement, parameters).fetchall()

    def _copy_relay(self) -> None:
        if not self.is_relay_copied:
            url = self.until_done.enter_context(database(self.admin_url, self.record.database_url))
            self.record = replace(self.record, database_url=url.replace("+psycopg", ""))
            self.is_relay_copied = True


@contextmanager
def copied(record: RunRecord, folder: Path, admin_url: str) -> Iterator[Copy]:
    """A copy of a finished run in `folder`."""
    files = {name: Path(shutil.copyfile(path, folder / path.name)) for name, path in record.terminals.items()}
    with ExitStack() as until_done:
        yield Copy(replace(record, terminals=files), admin_url, until_done)
