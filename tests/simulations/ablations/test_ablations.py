"""Every safeguard is needed: without it, in the world of its recorded seed, its checker finds something."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from crdt_pms.log.verification import JournalGate
from crdt_pms.replica.replica import Replica
from simulations.ablations.catalogue import ABLATIONS
from simulations.ablations.patching import replaced
from simulations.ablations.searching import Worlds
from simulations.checkers.judging import CHECKERS


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    # Thousands of transactions wait for the disk; where there is one in memory, it is as good.
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Worlds(Path(folder))


@pytest.mark.parametrize("name", ABLATIONS)
def test_without_its_safeguard_the_recorded_world_breaks_the_law_that_its_checker_judges(
    worlds: Worlds, name: str
) -> None:
    ablation = ABLATIONS[name]
    assert ablation.seed is not None, "record one: python -m simulations.ablations.recording"
    assert worlds.violations(ablation, ablation.seed)


@pytest.mark.parametrize("name", ["field_groups", "quarantine_record"])
def test_with_the_safeguard_the_same_world_is_clean(worlds: Worlds, name: str) -> None:
    ablation = ABLATIONS[name]
    assert ablation.seed is not None
    worlds.ablated(ablation, ablation.seed)
    assert worlds.whole(ablation, ablation.seed).findings == []


def test_every_ablation_names_a_checker_that_there_is() -> None:
    assert {ablation.checker for ablation in ABLATIONS.values()} <= CHECKERS.keys()


def test_each_patch_puts_back_what_it_replaced() -> None:
    before = (dict(vars(Replica)), dict(vars(JournalGate)))
    for ablation in ABLATIONS.values():
        with ablation.provokes(), ablation.patch():
            pass
        assert (dict(vars(Replica)), dict(vars(JournalGate))) == before


def test_what_was_replaced_is_back_after_an_error() -> None:
    original = Replica.act
    with pytest.raises(ZeroDivisionError), replaced((Replica, "act", None)):
        _ = 1 / 0
    assert Replica.act is original


def test_a_part_that_the_product_no_longer_has_cannot_be_taken_out() -> None:
    with pytest.raises(AttributeError, match="no_such_part"), replaced((Replica, "no_such_part", None)):
        pass
