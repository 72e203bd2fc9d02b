"""The digest of the committed order: equal for equal orders only, and soon computed anywhere in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import CHECKPOINTS_MAX, ORDER_START, OrderDigests, digest_after

DOTS = st.lists(
    st.builds(Dot, st.integers(1, 4).map(lambda n: JournalId(bytes([n]) * 16)), st.integers(1, 9)), unique=True
)


@given(DOTS, st.randoms(use_true_random=False))
def test_another_order_of_the_same_entries_has_another_digest(dots: list[Dot], random: object) -> None:
    other = list(dots)
    random.shuffle(other)  # pyright: ignore[reportAttributeAccessIssue]
    assert (digest_after(ORDER_START, dots) == digest_after(ORDER_START, other)) == (dots == other)


@given(DOTS, st.integers(0, 30))
def test_a_digest_is_made_step_by_step(dots: list[Dot], cut: int) -> None:
    assert digest_after(digest_after(ORDER_START, dots[:cut]), dots[cut:]) == digest_after(ORDER_START, dots)


def test_the_nearest_known_position_is_found_and_the_start_is_never_forgotten() -> None:
    digests = OrderDigests()
    for position in range(1, 3 * CHECKPOINTS_MAX):
        digests.note(position, position.to_bytes(32, "big"))
    assert digests.before(0) == (0, ORDER_START)
    assert digests.before(10**9)[0] == 3 * CHECKPOINTS_MAX - 1
    assert digests.before(5)[0] == 0
