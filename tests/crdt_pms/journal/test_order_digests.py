"""The digest of the committed order: equal for equal orders only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.positions import ORDER_START, digest_after
from tests.crdt_pms.journal.journals import append, writer

HASHES = st.lists(st.binary(min_size=32, max_size=32), unique=True)


@given(HASHES, st.randoms(use_true_random=False))
def test_another_order_of_the_same_entries_has_another_digest(hashes: list[bytes], random: object) -> None:
    other = list(hashes)
    random.shuffle(other)  # pyright: ignore[reportAttributeAccessIssue]
    assert (digest_after(ORDER_START, hashes) == digest_after(ORDER_START, other)) == (hashes == other)


@given(HASHES, st.integers(0, 30))
def test_a_digest_is_made_step_by_step(hashes: list[bytes], cut: int) -> None:
    assert digest_after(digest_after(ORDER_START, hashes[:cut]), hashes[cut:]) == digest_after(ORDER_START, hashes)


def test_two_entries_that_claim_one_number_give_different_digests() -> None:
    one, other = append(writer(1), payload=b"one"), append(writer(1), payload=b"other")
    assert one.dot == other.dot
    assert digest_after(ORDER_START, [one.hash]) != digest_after(ORDER_START, [other.hash])
