"""What a relay says of its committed order, as desks hear it."""

from __future__ import annotations

from collections.abc import Sequence

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import ORDER_START, CommittedRun, digest_after, within
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.replica.replica import Replica
from tests.crdt_pms.journal.journals import enrolled

RELAY = enrolled(99, DeviceClass.RELAY)


def signed_end(
    generation: bytes, through: int, digest: bytes = ORDER_START, signer: EnrolledDevice = RELAY
) -> SignedEnd:
    """An end of the order that a relay, or `signer`, signed."""
    return SignedEnd.sign(signer, generation, through, digest)


def end_of(
    replica: Replica, generation: bytes, runs: Sequence[CommittedRun], signer: EnrolledDevice = RELAY
) -> SignedEnd:
    """The end to which these runs lead from what the replica knows, signed."""
    hashes = {placed.entry.dot: placed.entry.hash for placed in replica.read(0, 1_000_000, 2**40)}
    standing = replica.standing
    through, digest = (standing.through, standing.digest) if standing.generation == generation else (0, ORDER_START)
    new = [part for run in runs if (part := within(run, through, run.last_position)) is not None]
    dots = [Dot(run.journal, run.first_seq + step) for run in new for step in range(run.count)]
    return signed_end(
        generation, runs[-1].last_position, digest_after(digest, (hashes.get(dot, b"") for dot in dots)), signer
    )


def acknowledge(replica: Replica, generation: bytes, runs: Sequence[CommittedRun]) -> bool:
    """Have the replica hear from the relay that these runs stand in its order."""
    return replica.acknowledge(end_of(replica, generation, runs), runs)


def known(replica: Replica) -> tuple[bytes | None, int]:
    """The generation that the replica follows, and how far it knows its order."""
    return replica.standing.generation, replica.standing.through
