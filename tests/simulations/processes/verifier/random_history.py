"""A history in which three desks do at random whatever they can, cut from each other most of the time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random

from crdt_pms.desk.actions.arrivals import CheckIn, RevertCheckIn, WalkIn
from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, ReversePosting, SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom, SetDoNotMove, SwapRooms, UnassignRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay, ChangeGuest, CreateStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.desk.refusals import Refused
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.statuses import BOARD_FIELDS
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.policies import BOOKING_ENGINE, HOTEL_MEMBER, HOTEL_PMS
from crdt_pms.ports.records import Scalar
from crdt_pms.replica.replica import Action
from tests.crdt_pms.replica.terminals import OPENING_DATE, Desk
from tests.simulations.processes.verifier.finished_run import Driver

ROOMS = ("201", "202", "203", "204")
WORDS = ("dripping", "tap", "猫", "late arrival", "🛎")


def random_history(seed: int, steps: int, meetings: float = 0.03) -> Callable[[Driver], None]:
    def history(driver: Driver) -> None:
        chance, ids = Random(seed), count(1)
        for stay in range(4):
            driver.desks[0].reserve(f"stay-{stay}")
        driver.meet()
        for _ in range(steps):
            desk = chance.choice(driver.desks)
            if chance.random() < meetings:
                desk.pull(chance.choice([other for other in driver.desks if other is not desk]))
            if chance.random() < meetings / 3:
                desk.restart()
            act(chance, desk, next(ids))

    return history


def act(chance: Random, desk: Desk, number: int) -> None:
    """Try something; the desk may refuse it."""
    action = chance.choice(MAKERS)(chance, desk, number)
    origin = chance.choice((HOTEL_PMS, HOTEL_PMS, HOTEL_PMS, BOOKING_ENGINE, HOTEL_MEMBER))
    if action is None:
        return
    desk.now_ms += chance.choice((0, 1, 1_000, 60_000))
    staff = chance.choice(("suzuki", "tanaka"))
    try:
        desk.replica.act(action, staff, desk.now_ms, lambda: f"new-{desk.number}-{number}", origin)
    except Refused:
        if action.__class__ in (CheckIn, AmendTerms, CancelStay, CreateStay):
            act(chance, desk, number)


def _stay(chance: Random, desk: Desk) -> str:
    return chance.choice([str(row["stay"]) for row in _written(desk, "reservation") if row["arrival"] is not None])


def _written(desk: Desk, table: str) -> list[dict[str, Scalar]]:
    """Everything that the desk's own database shows, what is at rest too."""
    with desk.store.transaction() as transaction:
        return transaction.projected(table)


def _posting(chance: Random, desk: Desk) -> str:
    rows = [str(row["posting"]) for row in _written(desk, "posting")]
    return chance.choice(rows or ["none"])


def _resolve(chance: Random, desk: Desk, _number: int) -> Action | None:
    conflicts = sorted(desk.replica.state.ledger.conflicts(), key=lambda conflict: conflict.identity)
    if not conflicts:
        return None
    conflict = chance.choice(conflicts)
    return Resolve(*conflict.register[:2], written_dot(chance.choice(conflict.siblings).dot), "chosen")


def _create(chance: Random, desk: Desk, number: int) -> Action:
    arrival = days_after(desk.replica.view().business_date, chance.randrange(3))
    return CreateStay(
        arrival=arrival, nights=chance.randrange(4), room_type="A", rate_minor=chance.randrange(20_000), adults=1,
        source="direct", room=chance.choice((None, *ROOMS)), stay=f"stay-{number % 40}", guest_name="佐藤",
        guest_contact="090", guest_address="鎌倉",
    )  # fmt: skip


def _walk_in(chance: Random, _desk: Desk, number: int) -> Action:
    return WalkIn(
        chance.choice(ROOMS), 1, 7_000, 1, stay=f"walk-{number % 20}", guest_name="田中", guest_contact="080",
        guest_address="逗子", override_reason="vip",
    )  # fmt: skip


def _board(chance: Random, _desk: Desk, _number: int) -> Action:
    field = chance.choice(sorted(BOARD_FIELDS))
    return SetRoomCondition(chance.choice(ROOMS), field, chance.choice(BOARD_FIELDS[field]), "because")


def _note(chance: Random, desk: Desk, _number: int) -> Action:
    subject = chance.choice(("note/room/201", f"shift-log/{OPENING_DATE}", f"note/stay/{_stay(chance, desk)}"))
    base = desk.replica.note_text(subject)
    cut = chance.randrange(len(base) + 1)
    return EditNote(
        subject, base, base[:cut] + chance.choice(WORDS) + base[min(cut + chance.randrange(4), len(base)) :]
    )


def _guest(chance: Random, desk: Desk) -> str:
    return chance.choice([str(row["guest"]) for row in _written(desk, "guest")])


def _refund(chance: Random, desk: Desk, number: int) -> Action:
    stay = _stay(chance, desk)
    return PostRefund(stay, chance.randrange(1, 900), "cash", "sorry", f"r{number % 5}", _balance(desk, stay))


def _settle(chance: Random, desk: Desk, number: int) -> Action:
    stay = _stay(chance, desk)
    return SettleFolio(stay, chance.choice(("cash", "card")), f"s{number}", _balance(desk, stay))


def _pay(chance: Random, desk: Desk, number: int) -> Action:
    stay, amount_minor = _stay(chance, desk), chance.randrange(1, 4_000)
    key, is_deposit = f"p{number % 9}", chance.random() < 0.5
    return PostPayment(stay, amount_minor, "cash", key, _balance(desk, stay), deposit=is_deposit)


def _balance(desk: Desk, stay: str) -> int:
    view = desk.replica.view()
    return balance_by_now(view, view.require_stay(stay))


MAKERS: tuple[Callable[[Random, Desk, int], Action | None], ...] = (
    _resolve,
    _create,
    _board,
    _board,
    _note,
    lambda chance, desk, _: AmendTerms(_stay(chance, desk), nights=chance.randrange(5), reason="asked"),
    lambda chance, desk, _: AmendTerms(_stay(chance, desk), rate_minor=chance.randrange(9_000), reason="asked"),
    lambda chance, desk, _: AmendGuest(_guest(chance, desk), guest_kana=chance.choice(WORDS)),
    lambda chance, desk, _: ChangeGuest(_stay(chance, desk), _guest(chance, desk)),
    lambda chance, desk, _: CancelStay(_stay(chance, desk), "ill"),
    lambda chance, desk, _: AssignRoom(_stay(chance, desk), chance.choice(ROOMS)),
    lambda chance, desk, _: AssignRoom(_stay(chance, desk), chance.choice(ROOMS)),
    lambda chance, desk, _: UnassignRoom(_stay(chance, desk)),
    lambda chance, desk, _: MoveRoom(_stay(chance, desk), chance.choice(ROOMS), "view", "vip"),
    lambda chance, desk, _: SwapRooms(_stay(chance, desk), _stay(chance, desk)),
    lambda chance, desk, _: SetDoNotMove(_stay(chance, desk), chance.random() < 0.3, "asked"),
    lambda chance, desk, _: CheckIn(_stay(chance, desk), chance.choice((None, *ROOMS)), "vip"),
    lambda chance, desk, _: CheckIn(_stay(chance, desk), chance.choice((None, *ROOMS)), "vip"),
    lambda chance, desk, _: RevertCheckIn(_stay(chance, desk), "mistake"),
    lambda chance, desk, _: CheckOut(_stay(chance, desk)),
    lambda chance, desk, _: Reinstate(_stay(chance, desk), "came back"),
    _walk_in,
    lambda chance, desk, number: PostCharge(
        _stay(chance, desk), "minibar", chance.randrange(1, 900), idempotency_key=f"k{number % 9}"
    ),
    _pay,
    _refund,
    lambda chance, desk, _: ReversePosting(_posting(chance, desk), "mistake", chance.randrange(1, 900)),
    _settle,
    lambda chance, desk, _: RunNightAudit(desk.replica.view().business_date) if chance.random() < 0.1 else None,
)  # fmt: skip
