"""People at the desks of a simulated hotel do everything that can be done, sensibly, and disagree when cut apart."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.folio import PostPayment, SettleFolio
from crdt_pms.desk.actions.levels import RaiseLevel
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.nights import days_after
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import HOTEL_PMS
from simulations.world.staff import ActionMix, HotelDays, Staff
from simulations.world.work.mix import ACTIVITIES, NEVER_LEFT_OUT
from tests.simulations.world.working_hotel import (
    OPENING_DATE,
    START_MS,
    WorkingHotel,
    bookings,
    working_hotel,
)

SEEDS = range(8)
CUT_SEEDS = range(6)
DECISIONS = 20
NOT_BY_STAFF = {
    Matter.ALERT_JOURNAL_FORKED,
    Matter.ALERT_JOURNAL_SLOT_FORKED,
    Matter.ALERT_JOURNAL_RESTORED,
    Matter.ALERT_STAMP_OUT_OF_BOUND,
    Matter.ALERT_ENTRY_QUARANTINED,
    Matter.ALERT_STAY_INCOMPLETE,
    Matter.ALERT_BUSINESS_DATE_AHEAD,
    Matter.ALERT_VALUE_WITHOUT_MEANING,
    Matter.ALERT_ENTRY_HELD,
    Matter.ALERT_PROGRAM_TOO_OLD,
}
"""What disks, clocks, broken programs and newer versions do."""

REPEATABLE = """
import sys
from pathlib import Path
from simulations.world.staff import ActionMix
from tests.simulations.world.working_hotel import working_hotel
with working_hotel(Path(sys.argv[1]), 11, ActionMix.usual(0.7)) as hotel:
    for _ in range(3):
        hotel.work_everywhere(40)
        hotel.meet()
    print("\\n".join(hotel.said))
"""


@dataclass
class Weeks:
    """What became of some hotels that were cut apart for long."""

    seen: Counter[Matter] = field(default_factory=Counter[Matter])
    accepted: Counter[str] = field(default_factory=Counter[str])


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    found = Weeks()
    for seed in SEEDS:
        with working_hotel(tmp_path_factory.mktemp(f"hotel-{seed}"), seed, ActionMix.usual(0.9)) as hotel:
            at_work_together(hotel)
            for steps in (60, 300):
                hotel.work_everywhere(steps)
                hotel.meet()
            managers_decide(hotel)
            hotel.work_everywhere(60)
            hotel.meet()
            found.seen += hotel.seen
            found.accepted += hotel.accepted
    return found


def at_work_together(hotel: WorkingHotel) -> None:
    """The desks work while they are connected; what they disagree about then is not counted."""
    for _ in range(6):
        hotel.work_everywhere(10)
        hotel.meet()
    hotel.seen.clear()


def managers_decide(hotel: WorkingHotel) -> None:
    """At every desk a manager goes through what waits, without a word from the others."""
    for at, desk in enumerate(hotel.desks):
        for _ in range(DECISIONS):
            hotel.now_ms += 1_000
            action = hotel.staff.attend(hotel.random, desk.view(), hotel.now_ms, "sato", desk=f"desk-{at}")
            if action is not None:
                hotel.do(at, action)


@dataclass
class Cuts:
    """What became of some short cuts. `shared` is how much of each one's work fell on what another desk worked on too."""

    seen: Counter[Matter] = field(default_factory=Counter[Matter])
    shared: list[float] = field(default_factory=list[float])


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory) -> dict[float, Cuts]:
    """Some cuts of sixty actions, by how hot the work is."""
    found = {hot: Cuts() for hot in (0.0, 1.0)}
    for hot, here in found.items():
        for seed in CUT_SEEDS:
            with working_hotel(tmp_path_factory.mktemp("cut"), seed, ActionMix.usual(hot), rooms=40) as hotel:
                at_work_together(hotel)
                here.shared.append(shared_work(hotel))
                hotel.meet()
                here.seen += hotel.seen
    return found


def shared_work(hotel: WorkingHotel) -> float:
    """The desks work while they are cut apart; how much of what they do is about the same stays and rooms."""
    desks: dict[tuple[str, str], list[int]] = {}
    for _ in range(60):
        at = hotel.random.randrange(len(hotel.desks))
        action = hotel.work(at)
        for kind in ("stay", "room"):
            if row := getattr(action, kind, None):
                desks.setdefault((kind, row), []).append(at)
    shared = sum(len(acts) for acts in desks.values() if len(set(acts)) > 1)
    return shared / sum(len(acts) for acts in desks.values())


@pytest.mark.parametrize("matter", [matter for matter in Matter if matter not in NOT_BY_STAFF])
def test_every_conflict_and_alert_that_staff_can_cause_occurs(weeks: Weeks, matter: Matter) -> None:
    assert weeks.seen[matter]


@pytest.mark.parametrize("name", [name for name in ACTIONS if name != RaiseLevel.name])
def test_every_action_of_the_desk_is_done(weeks: Weeks, name: str) -> None:
    """The level is raised where programs of two versions meet: by the fault `schema_skew`."""
    assert weeks.accepted[name]


def test_desks_that_are_cut_apart_soon_disagree(cuts: dict[float, Cuts]) -> None:
    assert cuts[1.0].seen.total() >= 5 * len(CUT_SEEDS)


def test_the_hotter_the_work_the_more_of_it_is_about_the_same_few_stays_and_rooms(cuts: dict[float, Cuts]) -> None:
    assert sum(cuts[1.0].shared) > 1.1 * sum(cuts[0.0].shared)


def test_rooms_that_everybody_likes_best_are_given_away_twice(cuts: dict[float, Cuts]) -> None:
    twice = {hot: cut.seen[Matter.ALERT_ROOM_DOUBLE_BOOKED] for hot, cut in cuts.items()}
    assert twice[1.0] > 2 * twice[0.0]


def test_most_of_what_people_do_at_one_desk_succeeds_and_some_of_it_is_refused(tmp_path: Path) -> None:
    accepted = refused = 0
    for seed in range(3):
        with working_hotel(tmp_path / str(seed), seed, ActionMix.usual(0.5)) as hotel:
            for _ in range(300):
                hotel.work(0)
            accepted += hotel.accepted.total()
            refused += hotel.refused.total()
    assert refused
    assert accepted > 0.9 * (accepted + refused)


def test_one_seed_gives_one_sequence_of_actions_in_every_process(tmp_path: Path) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", REPEATABLE, str(tmp_path / hash_seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[3],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 120


def test_nobody_in_the_world_knows_the_runtime() -> None:
    code = (
        "import sys, simulations.world.staff, simulations.world.work.origins;"
        "print([name for name in sys.modules if name.startswith(('crdt_pms.runtime', 'relay_server'))])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=True, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "[]"


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[WorkingHotel]:
    with working_hotel(tmp_path, 3, ActionMix.usual(0.8)) as made:
        at_work_together(made)
        yield made


def test_a_form_left_open_shows_what_the_desk_showed_earlier(hotel: WorkingHotel) -> None:
    staff = Staff(bookings(), ActionMix({"amend_rate": 1.0}, 0.8), HotelDays(START_MS))
    stale = 0
    for _ in range(100):
        view = hotel.desks[0].view()
        action = staff.choose(hotel.random, view, hotel.now_ms, "suzuki")
        if action is not None:
            stale += is_stale(view, action)
            hotel.do(0, action)
    assert 2 <= stale <= 40
    assert Matter.CONFLICT_TERMS in {one.matter for one in hotel.desks[0].state.ledger.closed_conflicts()}


def is_stale(view: DeskView, action: Action) -> bool:
    assert isinstance(action, AmendTerms)
    row = ("stay", action.stay)
    return action.revision not in (None, revision_of(view, *row), view.ledger.revision(*row))


def test_a_payment_is_taken_again_with_its_key_at_another_desk(hotel: WorkingHotel) -> None:
    desks_of_key: dict[str, set[int]] = {}
    for step in range(400):
        action = hotel.work(step % 3)
        if isinstance(action, PostPayment | SettleFolio):
            desks_of_key.setdefault(action.idempotency_key, set()).add(step % 3)
        if step % 10 == 9:
            hotel.meet()
    assert any(len(desks) > 1 for desks in desks_of_key.values())


def test_people_write_japanese_into_one_shift_log_from_what_each_desk_shows(hotel: WorkingHotel) -> None:
    hotel.work_everywhere(150)
    hotel.meet()
    days = [days_after(OPENING_DATE, day) for day in range(8)]
    logs = [text for day in days if (text := hotel.desks[0].note_text(f"shift-log/{day}"))]
    assert any("。" in text and text.count("\n") > 1 for text in logs)
    assert not any(len(line) > 40 for text in logs for line in text.splitlines())


def test_a_manager_leaves_no_conflict_waiting(hotel: WorkingHotel) -> None:
    hotel.work_everywhere(200)
    hotel.meet()
    desk = hotel.desks[0]
    waiting = [one for one in desk.state.ledger.conflicts() if one.state is ConflictState.OPEN]
    assert waiting
    for _ in range(5 * len(waiting) + 20):
        hotel.now_ms += 1_000
        action = hotel.staff.attend(hotel.random, desk.view(), hotel.now_ms, "sato")
        if action is not None:
            hotel.do(0, action)
    assert not [one for one in desk.state.ledger.conflicts() if one.state is ConflictState.OPEN]


def test_the_business_day_rolls_with_the_hotels_days(hotel: WorkingHotel) -> None:
    for _ in range(40):
        hotel.work_everywhere(10)
        hotel.meet()
    passed = (hotel.now_ms - START_MS) // hotel.day_milliseconds
    assert passed >= 5
    assert days_after(OPENING_DATE, passed - 1) <= hotel.desks[0].view().business_date
    assert hotel.desks[0].view().business_date <= days_after(OPENING_DATE, passed + 1)


def test_a_hotel_without_callers_still_has_guests_who_walk_in(hotel: WorkingHotel) -> None:
    staff = Staff((), ActionMix({"create_stay": 1.0, "walk_in": 0.1}, 0.0), HotelDays(START_MS))
    random, view = Random(1), hotel.desks[0].view()
    chosen = [staff.choose(random, view, hotel.now_ms, "suzuki") for _ in range(30)]
    assert {type(action) for action in chosen if action is not None} == {ACTIONS["walk_in"]}


def test_there_may_be_nothing_to_do(hotel: WorkingHotel) -> None:
    staff = Staff(bookings(), ActionMix({"repeat_payment": 1.0}, 0.5), HotelDays(START_MS))
    assert staff.choose(Random(1), hotel.desks[0].view(), hotel.now_ms, "suzuki") is None


def test_without_a_screen_people_know_of_notes_what_they_wrote(hotel: WorkingHotel) -> None:
    staff = Staff(bookings(), ActionMix({"write_shift_log": 1.0}, 0.5), HotelDays(START_MS))
    texts: list[str] = []
    for _ in range(20):
        action = staff.choose(Random(1), hotel.desks[0].view(), hotel.now_ms, "suzuki")
        if isinstance(action, EditNote):
            assert action.base_text == (texts[-1] if texts else "")
            texts.append(action.new_text)
    assert texts


def test_a_mix_of_something_that_nobody_does_is_refused() -> None:
    with pytest.raises(KeyError):
        Staff((), ActionMix({"paint_walls": 1.0}, 0.0), HotelDays(START_MS))


@given(st.integers(0, 2**32))
def test_every_world_draws_a_mix_in_which_guests_come(seed: int) -> None:
    mix = ActionMix.draw(Random(seed))
    assert set(mix.weights) == set(ACTIVITIES)
    assert all(mix.weights[name] > 0 for name in NEVER_LEFT_OUT)
    assert 0 <= mix.hot <= 1
    assert mix == ActionMix.draw(Random(seed))


def test_some_activities_are_left_out_of_most_worlds() -> None:
    left_out = [sum(weight == 0 for weight in ActionMix.draw(Random(seed)).weights.values()) for seed in range(50)]
    assert 3 < sum(left_out) / 50 < 12


@given(st.integers(0, 60 * 86_400_000), st.integers(0, 60), st.integers(1, 10**9))
def test_a_day_that_is_over_stays_over_and_no_later_day_ends_first(now_ms: int, day: int, later_ms: int) -> None:
    days = HotelDays(0)
    today = days_after(OPENING_DATE, day)
    if days.is_over(OPENING_DATE, today, now_ms):
        assert days.is_over(OPENING_DATE, today, now_ms + later_ms)
        assert all(days.is_over(OPENING_DATE, days_after(OPENING_DATE, before), now_ms) for before in range(day))
        assert now_ms >= (day + 0.95) * 86_400_000 - 1


def test_acting_is_what_the_desk_allows(hotel: WorkingHotel) -> None:
    """What is chosen is an action of the registry, with plain fields, and works through the replica's own call."""
    for _ in range(60):
        desk = hotel.desks[1]
        action = hotel.staff.choose(hotel.random, desk.view(), hotel.now_ms, "ito")
        assert action is not None
        assert ACTIONS[action.name] is type(action)
        hotel.do(1, action, HOTEL_PMS)
