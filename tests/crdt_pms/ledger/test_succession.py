"""The journals that stand out give the same alerts as all journals, in every order in which a node may hear of them."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import DeviceId, JournalId
from crdt_pms.ledger.alerts import JournalFact, alerts_of_journals
from crdt_pms.ledger.succession import Succession

JOURNALS = [JournalId(bytes([number]) * 16) for number in range(6)]
DEVICES = [DeviceId("a"), DeviceId("b")]


@st.composite
def houses(draw: st.DrawFn) -> list[tuple[JournalFact, list[int]]]:
    """Journals in some order, each with the steps in which its entries came."""
    chosen = draw(st.lists(st.sampled_from(JOURNALS), unique=True, max_size=6))
    house: list[tuple[JournalFact, list[int]]] = []
    for journal in chosen:
        previous = draw(st.none() | st.tuples(st.sampled_from(JOURNALS), st.integers(0, 4)))
        steps = sorted(draw(st.sets(st.integers(1, 5), min_size=1, max_size=3)))
        house.append((JournalFact(journal, draw(st.sampled_from(DEVICES)), previous, steps[-1]), steps))
    return house


@given(houses(), st.randoms(use_true_random=False))
def test_what_stands_out_alerts_as_everything_does(house: list[tuple[JournalFact, list[int]]], random: Random) -> None:
    succession = Succession()
    coming = [(fact, steps.copy()) for fact, steps in house]
    while coming:
        fact, steps = random.choice(coming)
        seq = steps.pop(0)
        if succession.held(fact.journal):
            succession.advance(fact.journal, seq)
        else:
            succession.begin(fact._replace(held=seq))
        coming = [one for one in coming if one[1]]
        known = [
            one._replace(held=succession.held(one.journal)) for one, _steps in house if succession.held(one.journal)
        ]
        assert alerts_of_journals(succession.standing_out()) == alerts_of_journals(known)


def test_a_thousand_starts_of_a_device_stand_out_nowhere() -> None:
    succession, previous = Succession(), None
    for number in range(1_000):
        journal = JournalId(number.to_bytes(16, "big"))
        succession.begin(JournalFact(journal, DEVICES[0], previous, 1))
        succession.advance(journal, 7)
        previous = (journal, 7)
    assert succession.standing_out() == []
    assert succession.device(JOURNALS[0]) == DEVICES[0]
