"""Two devices that connect to each other, however often and at once, end with one link, and it is the same at both ends."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.session.sole_link import gives_way

LOWER, HIGHER = DeviceId("1" * 32), DeviceId("2" * 32)
ENDS = (LOWER, HIGHER)
Link = tuple[DeviceId, int]
"""Who made it, and its number among the links of that maker."""


def kept(heard: tuple[Link, ...]) -> Link:
    """The link that an end keeps which hears of these one after the other."""
    standing, *later = heard
    for link in later:
        if gives_way(standing[0], link[0], ENDS):
            standing = link
    return standing


def orders(links: list[Link]) -> list[tuple[Link, ...]]:
    """Every order in which an end may hear of them: those of one maker in the order in which they were made."""
    return [
        order
        for order in permutations(links)
        if all(one[1] < other[1] for at, one in enumerate(order) for other in order[at + 1 :] if one[0] == other[0])
    ]


@pytest.mark.parametrize(("of_lower", "of_higher"), [*product(range(3), range(3))])
def test_both_ends_keep_the_same_link_in_whatever_order_they_hear_of_them(of_lower: int, of_higher: int) -> None:
    links = [(LOWER, number) for number in range(of_lower)] + [(HIGHER, number) for number in range(of_higher)]
    if links:
        assert len({kept(order) for order in orders(links)}) == 1


def test_a_device_that_connects_again_has_lost_its_former_link() -> None:
    for device in ENDS:
        assert gives_way(device, device, ENDS)


def test_the_link_of_the_lower_device_stays_whoever_asks() -> None:
    for ends in (ENDS, ENDS[::-1]):
        assert not gives_way(LOWER, HIGHER, ends)
        assert gives_way(HIGHER, LOWER, ends)
