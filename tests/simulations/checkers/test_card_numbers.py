"""No card number is kept."""

from __future__ import annotations

import pytest

from simulations.checkers.card_numbers import CARD_DIGITS
from simulations.checkers.evidence import Evidence
from simulations.world.work.cashier import CARD_NUMBERS
from tests.simulations.checkers.tampering import changed, found, nodes_of, one_entry, put

CHECKER = "card_numbers"


def test_the_numbers_are_those_that_people_write_down() -> None:
    assert set(CARD_NUMBERS) == set(CARD_DIGITS)


@pytest.mark.parametrize("digits", CARD_DIGITS)
def test_a_number_in_a_row_or_in_an_entry(good: Evidence, digits: str) -> None:
    node = good.nodes[1]
    row = next(iter(node.tables["posting"]))
    tampered = changed(good, put("posting", row, description=f"VISA {digits}"), node.name)
    [violation] = found(tampered, CHECKER)
    assert violation.node == node.name
    assert digits not in violation.words
    spoilt = changed(good, one_entry(node.entries[0].dot, parts=(digits.encode(),)), node.name)
    assert nodes_of(found(spoilt, CHECKER)) == {node.name}
