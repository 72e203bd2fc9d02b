"""A form's revision names what the form showed, so that a stale form shows as the conflict it is."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.folio import PostCharge, SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom, SwapRooms
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.revisions import names_of
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.limits import NAMES_MAX
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import GROUPS_OF_KIND, ROW_KINDS, TERMS
from tests.crdt_pms.desk.desks import Heard, Terminal, cut_apart, heal
from tests.crdt_pms.ledger.histories import record_of, terms

ROWS = [("stay", "sato"), ("guest", "guest-sato"), ("folio", "sato/1"), ("property", "harbour")]


@pytest.mark.parametrize(("row_kind", "row"), ROWS)
def test_a_revision_names_every_write_that_was_shown(row_kind: str, row: str) -> None:
    desk = Terminal().reserve()
    assert names_of(desk.view, desk.revision(row_kind, row), row_kind, row) == {
        Register(group.name, row): desk.ledger.names(Register(group.name, row)) for group in GROUPS_OF_KIND[row_kind]
    }


def test_a_revision_of_disagreeing_values_names_them_all() -> None:
    one = Terminal().reserve()
    other, *_ = cut_apart(one, 2)
    one.do(AmendTerms("sato", nights=3))
    other.do(AmendTerms("sato", nights=4))
    heal(one, other)
    names = names_of(one.view, one.revision("stay", "sato"), "stay", "sato")
    assert len(names[Register("stay.terms", "sato")]) == 2


def test_a_form_that_is_still_true_replaces_what_it_showed() -> None:
    desk = Terminal().reserve()
    desk.do(AmendTerms("sato", nights=3, revision=desk.revision("stay", "sato")))
    assert desk.stay().terms.nights == 3
    assert desk.matters() == []


def test_a_stale_form_is_a_conflict_and_both_values_stand() -> None:
    desk = Terminal().reserve()
    shown = desk.revision("stay", "sato")
    desk.do(AmendTerms("sato", nights=3))
    desk.do(AmendTerms("sato", nights=5, revision=shown))
    assert desk.matters() == [Matter.CONFLICT_TERMS]
    (conflict,) = desk.ledger.conflicts()
    assert [applied.value["nights"] for applied in conflict.siblings] == [3, 5]
    assert desk.stay().terms.nights == 5


def test_without_a_revision_somebody_at_the_desk_means_the_row_as_it_is_now() -> None:
    desk = Terminal().reserve()
    desk.do(AmendTerms("sato", nights=3), AmendTerms("sato", nights=5))
    assert desk.matters() == []


def test_a_form_is_stale_only_in_what_changed() -> None:
    desk = Terminal().reserve().clean("101")
    shown = desk.revision("stay", "sato")
    desk.do(AmendTerms("sato", nights=3), CheckIn("sato", room="101", revision=shown))
    assert desk.stay().in_house
    assert desk.matters() == []


def test_a_stale_form_does_not_revive_a_cancelled_stay() -> None:
    one = Terminal().reserve()
    shown = one.revision("stay", "sato")
    other, *_ = cut_apart(one, 2)
    other.do(CancelStay("sato", "called"))
    one.do(AssignRoom("sato", "101", revision=shown))
    heal(one, other)
    assert one.stay().status == "cancelled"


def test_every_form_of_a_swap_has_its_own_revision() -> None:
    desk = Terminal().reserve("sato", "101").reserve("suzuki", "102")
    shown = desk.revision("stay", "suzuki")
    desk.do(AssignRoom("suzuki", "103"))
    desk.do(SwapRooms("sato", "suzuki", other_revision=shown))
    assert [conflict.register.row for conflict in desk.ledger.conflicts()] == ["suzuki"]


def test_a_stale_card_is_a_conflict_of_the_guest() -> None:
    desk = Terminal().reserve()
    shown = desk.revision("guest", "guest-sato")
    desk.do(AmendGuest("guest-sato", guest_address="Kobe"))
    desk.do(AmendGuest("guest-sato", guest_address="Nara", revision=shown))
    assert desk.matters() == [Matter.CONFLICT_GUEST]


def test_a_stale_settlement_carries_what_its_form_showed_as_base() -> None:
    desk = Terminal().house()
    desk.do(PostCharge("sato", "breakfast", 100), SettleFolio("sato", "cash", "s1", 100))
    shown = desk.revision("folio", "sato/1")
    ahead, *_ = cut_apart(desk, 2, later_ms=60_000)
    ahead.do(PostCharge("sato", "breakfast", 200), SettleFolio("sato", "cash", "s2", 200))
    desk.hear(ahead)
    desk.do(PostCharge("sato", "breakfast", 300), SettleFolio("sato", "cash", "s3", 300, revision=shown))
    (conflict,) = desk.ledger.conflicts()
    assert conflict.matter is Matter.CONFLICT_SETTLEMENT
    assert [sibling.write.base and sibling.write.base["payment"] for sibling in conflict.siblings] == [
        "payment:s1",
        "payment:s1",
    ]
    assert conflict.shown["payment"] == "payment:s1", "what both sides started from"


# What is no revision


def refused_as_stale(desk: Terminal, revision: str) -> None:
    desk.refuses(AmendTerms("sato", nights=3, revision=revision), RefusalCode.STALE_FORM)


def test_a_revision_of_another_row_or_kind_is_refused() -> None:
    desk = Terminal().reserve("sato").reserve("suzuki")
    refused_as_stale(desk, desk.revision("stay", "suzuki"))
    refused_as_stale(desk, desk.revision("guest", "sato"))


def test_a_form_from_a_node_that_is_ahead_is_refused_here() -> None:
    one = Terminal().reserve()
    other, *_ = cut_apart(one, 2)
    other.do(AmendTerms("sato", nights=3))
    refused_as_stale(one, other.revision("stay", "sato"))
    one.hear(other)
    one.do(AmendTerms("sato", nights=4, revision=other.revision("stay", "sato")))


def test_the_ledgers_short_revision_is_taken_while_it_is_the_current_one() -> None:
    desk = Terminal().reserve()
    short = desk.ledger.revision("stay", "sato")
    desk.do(AmendTerms("sato", nights=3, revision=short))
    refused_as_stale(desk, short)


def encoded(*parts: object) -> str:
    return base64.urlsafe_b64encode(pack(list(parts))).rstrip(b"=").decode()


JOURNAL = (1).to_bytes(16, "big")


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "=",
        "\N{HIRAGANA LETTER A}",
        "not base64!",
        encoded(),
        encoded(2, "stay", "sato", [], [[], [], []]),
        encoded(1, "stay", "sato", [], [[], []]),
        encoded(1, "stay", "sato", [], [[], [], [], []]),
        encoded(1, "stay", "sato", [b"short"], [[], [], []]),
        encoded(1, "stay", "sato", [], [[[0, 1]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [[[1, 1]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [[[-1, 1]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [[[0]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [[[0, 0]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [[["0", 1]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [[[0, 99]], [], []]),
        encoded(1, "stay", "sato", [JOURNAL], [{}, [], []]),
    ],
)
def test_what_nobody_was_shown_is_refused(revision: str) -> None:
    refused_as_stale(Terminal().reserve(), revision)


@given(st.sampled_from(ROW_KINDS), st.text(max_size=30) | st.binary(max_size=60).map(encoded))
def test_any_text_is_a_revision_or_refused(row_kind: str, revision: str) -> None:
    with pytest.raises(Refused) as raised:
        names_of(Terminal().view, revision, row_kind, "sato")
    assert raised.value.code is RefusalCode.STALE_FORM


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_revision_is_refused_or_names_what_is_held(at: int, byte: int) -> None:
    desk = Terminal().reserve()
    whole = desk.revision("stay", "sato")
    raw = bytearray(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))
    raw[at % len(raw)] = byte
    damaged = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    view = desk.view
    try:
        names = names_of(view, damaged, "stay", "sato")
    except Refused as refused:
        assert_stale(refused)
    else:
        held = view.held or {}
        assert all(dot.seq <= held.get(dot.journal, 0) for dots in names.values() for dot in dots)


def assert_stale(refused: Refused) -> None:
    assert refused.code is RefusalCode.STALE_FORM


def test_a_view_that_does_not_know_what_is_held_takes_the_form_at_its_word() -> None:
    desk = Terminal().reserve()
    unaware = replace(desk.view, held=None)
    revision = encoded(1, "stay", "sato", [JOURNAL], [[[0, 99]], [], []])
    assert len(names_of(unaware, revision, "stay", "sato")[Register("stay.occupancy", "sato")]) == 1


@pytest.mark.parametrize("siblings", [NAMES_MAX + 1, 3_000])
def test_a_row_that_more_wrote_than_a_header_names_has_a_form_all_the_same(siblings: int) -> None:
    desk = Terminal().reserve()
    for number in range(1, siblings + 1):
        write = Write.of(Register(TERMS, "sato"), terms(rate_minor=number))
        dot = Dot(JournalId((10_000 + number).to_bytes(16, "big")), 1)
        record = record_of(dot, Stamp(desk.now_ms, number), "x", Operation("act", "hotel-pms", "", (write,)))
        desk.ledger.apply(dot, record.stamp, "x", record.operation)
        desk.entries.append(Heard(dot, record.stamp, "x", record))
    shown = desk.revision("stay", "sato")
    assert len(names_of(desk.view, shown, "stay", "sato")[Register(TERMS, "sato")]) == siblings + 1
    decision = desk.decide(AmendTerms("sato", nights=3, revision=shown))
    assert len(decision.operations[0].writes[0].names) == siblings + 1
