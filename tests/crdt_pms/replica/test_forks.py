"""A journal that was written twice: one branch counts everywhere, the other is kept, and all else flows on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.replica.forked import Link, Party, twin_of
from tests.crdt_pms.replica.forked_house import ForkedHouse
from tests.crdt_pms.replica.histories import hotel, log_of, shown, tables
from tests.crdt_pms.replica.terminals import Desk


class Hotel:
    """Desk 1 was resumed: `first` and `second` are it, and have parted. `third` and `fourth` are other desks."""

    def __init__(self, folder: Path, desks: list[Desk]) -> None:
        desks[0].reserve("before")
        self.first, self.third, self.fourth = (Party(desk) for desk in desks)
        self.second = Party(twin_of(desks[0], folder / "twin.sqlite"))
        self.journal, self.shared = next(iter(self.first.replica.vector.items()))

    def part(self, first: int = 1, second: int = 1) -> None:
        """Both write on, each for itself."""
        for number in range(first):
            self.first.desk.reserve(f"first-{number}")
        for number in range(second):
            self.second.desk.reserve(f"second-{number}")

    def meet(self, *links: tuple[Party, Party]) -> None:
        """Let pairs talk, one after the other, until nothing is said any more."""
        open_links = [Link(*pair) for pair in links]
        for _round in range(4):
            for link in open_links:
                link.talk()

    def require_alike(self, *parties: Party) -> None:
        """All hold one branch, show the same, and know the same fork."""
        for party in parties:
            replica = party.replica
            assert replica.heads_beyond(0) == parties[0].replica.heads_beyond(0)
            assert replica.state.content_hash() == parties[0].replica.state.content_hash()
            assert shown(party.desk) == shown(parties[0].desk)
            assert [proof.encoded for proof in replica.forks] == [proof.encoded for proof in parties[0].replica.forks]
            assert [one for one in replica.alerts() if one.matter is Matter.ALERT_JOURNAL_SLOT_FORKED]
            assert replica.alerts() == parties[0].replica.alerts()

    def stays(self, party: Party) -> set[str]:
        return {str(row["stay"]) for row in tables_of(party)["reservation"]}


def tables_of(party: Party) -> dict[str, list[dict[str, object]]]:
    _ = party.replica
    return tables(party.desk)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Hotel]:
    with hotel(tmp_path, 3) as desks:
        made = Hotel(tmp_path, desks)
        yield made
        made.second.desk.store.close()


def lower_of(house: Hotel) -> str:
    """Which of the two parted with the lower hash."""
    first, second = (
        next(entry.hash for entry in log_of(party.desk) if entry.dot == Dot(house.journal, house.shared + 1))
        for party in (house.first, house.second)
    )
    return "first" if first < second else "second"


@pytest.mark.parametrize("amounts", [(1, 1), (1, 3), (3, 1), (4, 4)])
def test_desks_that_took_different_branches_agree_on_one_and_no_session_ends(
    house: Hotel, amounts: tuple[int, int]
) -> None:
    house.part(*amounts)
    house.meet((house.first, house.third), (house.second, house.fourth))
    counting = lower_of(house)
    house.third.desk.replica, house.fourth.desk.replica = house.third.replica, house.fourth.replica
    house.third.desk.reserve("by-third")
    house.fourth.desk.reserve("by-fourth")
    house.meet((house.third, house.fourth), (house.first, house.third), (house.second, house.fourth))
    house.require_alike(house.third, house.fourth, house.first, house.second)
    amount = amounts[0] if counting == "first" else amounts[1]
    expected = {"before", "by-third", "by-fourth", *(f"{counting}-{number}" for number in range(amount))}
    assert house.stays(house.third) == expected


def test_a_fresh_desk_that_gets_everything_at_once_shows_the_same(house: Hotel, tmp_path: Path) -> None:
    house.part(2, 3)
    house.meet((house.first, house.third), (house.second, house.third))
    fresh = Party(Desk(5, tmp_path / "fresh.sqlite", house.third.desk.property_))
    house.meet((house.third, fresh))
    house.require_alike(house.third, fresh)
    fresh.desk.store.close()


def test_what_rests_on_the_other_branch_is_quarantined_and_nothing_else(house: Hotel) -> None:
    house.part()
    house.meet((house.first, house.third), (house.second, house.fourth))
    for party, name in ((house.third, "first"), (house.fourth, "second")):
        _ = party.replica
        stay = party.desk.replica.view().stay(f"{name}-0")
        assert stay is not None
        party.desk.do(SetRoomCondition(room="201" if name == "first" else "202", field=HK_CONDITION, value="dirty"))
        party.desk.do(CancelStay(stay=f"{name}-0", reason="no show"))
    losing = "second" if lower_of(house) == "first" else "first"
    house.meet((house.third, house.fourth))
    house.require_alike(house.third, house.fourth)
    records = house.third.replica.state.quarantine.records
    assert {record.reason for record in records.values()} == {"names_losing_branch"}
    author = house.fourth if losing == "second" else house.third
    assert {dot.journal for dot in records} <= set(author.replica.vector)
    rooms = {row["room"]: row["hk_condition"] for row in tables_of(house.third)["room_status"]}
    assert (rooms["201"], rooms["202"]) == ("dirty", "dirty")


@pytest.mark.parametrize("has_relay", [False, True], ids=["without a relay", "with a relay"])
@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_order_of_branches_proofs_and_commits_all_agree_with_a_fresh_desk(
    tmp_path: Path, seed: int, has_relay: bool
) -> None:
    random = Random(seed)
    with hotel(tmp_path, 3) as desks:
        house = ForkedHouse(tmp_path, desks, random, has_relay=has_relay)
        for _step in range(60):
            house.step()
        house.heal()
        assert not house.ended
        fresh = Party(Desk(5, tmp_path / "fresh.sqlite", desks[0].property_))
        between = house.relay if house.relay is not None else house.parties[2]
        Link(between, fresh).talk()
        everybody = [*house.parties, fresh]
        for party in everybody:
            replica = party.replica
            assert replica.heads_beyond(0) == fresh.replica.heads_beyond(0)
            assert {proof.encoded for proof in replica.forks} == {proof.encoded for proof in fresh.replica.forks}
            assert shown(party.desk) == shown(fresh.desk)
            if house.relay is not None:
                assert replica.tentative_count() == 0
                assert replica.state.content_hash() == house.relay.project()
        for party in everybody:
            before = shown(party.desk)
            party.reopen()
            assert {**shown(party.desk)} == before
        fresh.desk.store.close()
        house.close()
