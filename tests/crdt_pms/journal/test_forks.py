"""Two entries in one slot are a proof that needs nothing but the journal's certificate."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.certificate import Head
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import ForkUnproven
from crdt_pms.journal.forks import Branch, ForkProof, KnownForks, branch_of, counting_branch, proof_of
from crdt_pms.journal.wire import FieldWrong
from tests.crdt_pms.journal.journals import append, enrolled, journal_id, writer

CERTIFICATE = writer(1).certificate


def branch(*payloads: bytes, after: tuple[bytes, ...] = ()) -> list[Entry]:
    """The entries of one branch of journal 1, after entries that all branches share."""
    journal = writer(1)
    return [append(journal, payload) for payload in (*after, *payloads)][len(after) :]


def shown(entries: list[Entry]) -> Branch:
    return Branch.of([entry.header for entry in entries], entries[-1].signature)


def proof(one: bytes = b"one", other: bytes = b"other") -> ForkProof:
    return ForkProof.of(shown(branch(one)), shown(branch(other)))


def test_a_proof_is_verified_with_the_certificate_alone() -> None:
    ForkProof.decode(proof().encoded).require_valid(CERTIFICATE)


def test_the_order_in_which_two_branches_were_heard_of_does_not_matter() -> None:
    assert proof(b"one", b"other") == proof(b"other", b"one")


def test_one_branch_alone_or_branches_that_part_elsewhere_prove_nothing() -> None:
    with pytest.raises(ForkUnproven):
        proof(b"one", b"one")
    with pytest.raises(ForkUnproven):
        ForkProof.of(shown(branch(b"one")), shown(branch(b"two", after=(b"one",))))
    assert proof_of(None, shown(branch(b"one"))) is None
    assert proof_of(shown(branch(b"one")), shown(branch(b"one"))) is None


def test_nobody_can_make_up_a_fork_of_another_ones_journal() -> None:
    honest, forger = branch(b"one"), writer(1, enrolled(2))
    forged = ForkProof.of(shown(honest), shown([append(forger, b"forged")]))
    with pytest.raises(ForkUnproven):
        forged.require_valid(CERTIFICATE)


def test_headers_that_do_not_follow_each_other_are_no_branch() -> None:
    entries = branch(b"one", b"two", b"three")
    with pytest.raises(FieldWrong):
        Branch.of([entries[0].header, entries[2].header], entries[2].signature)
    with pytest.raises(FieldWrong):
        Branch.of([], entries[0].signature)


def test_a_branch_ends_at_the_first_valid_signature() -> None:
    entries = branch(b"one", b"two", b"three")
    unsigned = [replace(entries[0], signature=bytes(64)), *entries[1:]]
    found = branch_of(unsigned, CERTIFICATE.device_key)
    assert found is not None
    assert len(found.headers) == 2
    found.require_signed(CERTIFICATE)
    assert branch_of(unsigned[:1], CERTIFICATE.device_key) is None


def test_what_is_known_of_a_point_does_not_depend_on_the_order_of_learning() -> None:
    proofs = [proof(one, other) for one, other in ((b"a", b"b"), (b"c", b"d"), (b"b", b"e"))]
    known = set[bytes]()
    for order in permutations(proofs):
        forks = KnownForks(order)
        (whole,) = forks
        known.add(whole.encoded)
        hashes = sorted({side.hash for one in proofs for side in (one.lower, one.higher)})
        assert [whole.lower.hash, whole.higher.hash] == hashes[:2]
        assert all(forks.learn(one) is None for one in proofs)
    assert len(known) == 1


@given(
    names=st.lists(st.binary(min_size=1, max_size=3), min_size=2, max_size=5, unique=True),
    committed=st.one_of(st.none(), st.integers(0, 4)),
    seed=st.randoms(use_true_random=False),
)
def test_which_branch_counts_follows_from_proof_and_order_alone(
    names: list[bytes], committed: int | None, seed: Random
) -> None:
    branches = [branch(name, name) for name in names]
    lowest = min(branches, key=lambda one: one[0].hash)
    counts = branches[committed % len(branches)] if committed is not None else lowest
    entries = [entry for one in branches for entry in one]
    seed.shuffle(entries)
    forks = KnownForks([proof(names[0], name) for name in names[1:]])
    sure = {counts[0].hash} if committed is not None else set[bytes]()
    assert counting_branch(CERTIFICATE.genesis, entries, sure, forks) == counts


def test_a_branch_that_is_proven_but_not_held_counts_all_the_same() -> None:
    one, other = sorted((branch(b"one"), branch(b"other")), key=lambda entries: entries[0].hash)
    forks = KnownForks([proof()])
    assert counting_branch(CERTIFICATE.genesis, other, (), forks) == []
    assert counting_branch(CERTIFICATE.genesis, one, (), forks) == one
    assert counting_branch(Head(journal_id(2), 0, bytes(32)), one, (), forks) == []
