"""Which branch of a forked journal is in the log, and the one way in which something applied is taken back.

The log of a node holds one branch of each journal; entries of others lie beside it. When a proof, or the committed order,
says that another branch counts, the two change places, and everything that follows from the log is computed anew
(`crdt_pms.state.rebuilding`): its cost grows with history and is paid once for a change of branch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.chain import verify_range
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import Branch, ForkProof, KnownForks, branch_of, counting_branch, proof_of
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import BRANCH_HEADERS_MAX, ENTRY_BYTES_MAX, PREFIX_BYTES
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.log.staleness import mark_stale
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Transaction

READ_ENTRIES: Final = 512
COMBINATIONS_MAX: Final = 64
"""How many combinations of branches of several forked journals are tried against one signed end."""
_WHOLE_JOURNAL: Final = 2**53


def branch_held(transaction: Transaction, certificate: Certificate, seq: int) -> Branch | None:
    """The branch of that journal in the log from a slot on; None when the slot is empty."""
    placed = transaction.journal_entries(certificate.journal, seq, BRANCH_HEADERS_MAX)
    return branch_of((one.entry for one in placed), certificate.device_key)


def keep_others(
    transaction: Transaction, certificate: Certificate, entries: Sequence[Entry], coming: Mapping[Dot, bytes]
) -> list[Branch]:
    """Keep received entries of a journal that are not of the branch in the log, as far as they go on with what is held or kept.

    `coming` are the hashes of entries that are about to come into the log. Returns the branches that they show to part from the
    log. Raises SignatureInvalid.
    """
    shown: list[Branch] = []
    kept = {entry.hash: entry for entry in transaction.branch_entries(certificate.journal)}
    for range_ in _ranges(entry for entry in entries if entry.hash not in kept):
        seq, previous = range_[0].dot.seq, range_[0].previous_hash
        before = coming.get(Dot(certificate.journal, seq - 1)) or hash_at(transaction, certificate, seq - 1)
        is_after_log = previous == before
        if not is_after_log and previous not in kept:
            continue
        verify_range(range_, Head(certificate.journal, seq - 1, previous), certificate.device_key)
        transaction.put_branch_entries(range_)
        kept.update({entry.hash: entry for entry in range_})
        branch = branch_of(range_, certificate.device_key) if is_after_log else None
        if branch is not None:
            shown.append(branch)
    return shown


def settle(
    transaction: Transaction, certificate: Certificate, forks: KnownForks, committed: Collection[bytes] = ()
) -> list[Entry] | None:
    """Put that branch of a forked journal in the log that counts. Returns the entries that were taken out of it, None when it
    was there already.

    `committed` are hashes that are known to be committed beside those of the log.
    """
    first = forks.first(certificate.journal)
    previous = None if first is None else hash_at(transaction, certificate, first - 1)
    if first is None or previous is None:
        return None
    held = transaction.journal_entries(certificate.journal, first, _WHOLE_JOURNAL)
    others = transaction.branch_entries(certificate.journal)
    sure = {one.entry.hash for one in held if one.committed is not None}.union(committed)
    start = Head(certificate.journal, first - 1, previous)
    counting = counting_branch(start, [*(one.entry for one in held), *others], sure, forks)
    same = sum(
        1
        for _ in itertools.takewhile(lambda pair: pair[0].entry.hash == pair[1].hash, zip(held, counting, strict=False))
    )
    if same == len(held) == len(counting):
        return None
    leaving, coming = [one.entry for one in held[same:]], counting[same:]
    head = Head(*held[same - 1].entry.dot, held[same - 1].entry.hash) if same else start
    transaction.withdraw_entries(head)
    last = transaction.last_position()
    transaction.append_entries([Placed(last + step, entry, None) for step, entry in enumerate(coming, 1)])
    mark_stale(transaction)
    return leaving


def is_settled(transaction: Transaction, proof: ForkProof) -> bool:
    """Whether the log holds at that point the branch that counts, or none that parts there. Reads one entry."""
    held = transaction.entry(Dot(proof.point.journal, proof.point.seq))
    if held is None:
        return False
    if held.entry.previous_hash != proof.point.previous_hash or held.committed is not None:
        return True
    return held.entry.hash == proof.lower.hash


def rests_on_another(transaction: Transaction, journals: Collection[JournalId], forks: KnownForks) -> bool:
    """Whether an entry of the log supersedes one of a branch of these journals that is not in the log.

    It reads what was taken since the first forked slot, once, and no more.
    """
    slots = [Dot(journal, first) for journal in journals if (first := forks.first(journal)) is not None]
    forked = [transaction.entry(dot) for dot in slots]
    if not slots:
        return False
    position = min(0 if one is None else one.position - 1 for one in forked)
    while placed := transaction.entries_after(position, READ_ENTRIES, ENTRY_BYTES_MAX):
        for _position, entry, _committed in placed:
            for dot in entry.supersedes:
                if dot.journal in journals and forks.is_uncertain(dot):
                    held = transaction.entry_hash(dot)
                    if held is None or held[:PREFIX_BYTES] != entry.prefixes[dot]:
                        return True
        position = placed[-1].position
    return False


def hash_at(transaction: Transaction, certificate: Certificate, seq: int) -> bytes | None:
    """The hash of the entry of that number in the log; before the first entry that of the genesis."""
    return certificate.genesis.hash if seq == 0 else transaction.entry_hash(Dot(certificate.journal, seq))


def proof_with_held(transaction: Transaction, certificate: Certificate, branch: Branch) -> ForkProof | None:
    """The proof that a valid branch makes with the one in the log; None when the log holds nothing else there."""
    return proof_of(branch_held(transaction, certificate, branch.point.seq), branch)


def alternatives(transaction: Transaction, certificate: Certificate, forks: KnownForks) -> list[list[Entry]]:
    """What the log could hold of a forked journal from its first forked slot on: each chain of known entries, the one in
    the log first."""
    first = forks.first(certificate.journal)
    previous = None if first is None else hash_at(transaction, certificate, first - 1)
    if first is None or previous is None:
        return []
    held = [one.entry for one in transaction.journal_entries(certificate.journal, first, _WHOLE_JOURNAL)]
    known = [*held, *transaction.branch_entries(certificate.journal)]
    parents = {entry.previous_hash for entry in known}
    by_hash = {entry.hash: entry for entry in known}
    chains = [held]
    for tip in known:
        if tip.hash in parents or (held and tip is held[-1]):
            continue
        chain = [tip]
        while chain[-1].previous_hash in by_hash:
            chain.append(by_hash[chain[-1].previous_hash])
        if chain[-1].dot.seq == first and chain[-1].previous_hash == previous:
            chains.append(chain[::-1])
    return chains


def committed_branches(
    transaction: Transaction,
    certificates: Sequence[Certificate],
    forks: KnownForks,
    runs: Sequence[CommittedRun],
    is_signed: Callable[[Sequence[bytes]], bool],
) -> set[bytes]:
    """The hashes of those entries of the certificates' forked journals that make the order of `runs` the one that is signed;
    none when no known branch does.

    What else `runs` name must be held. No more than `COMBINATIONS_MAX` are tried.
    """
    chains = [alternatives(transaction, certificate, forks) for certificate in certificates]
    for chosen in itertools.islice(itertools.product(*chains), COMBINATIONS_MAX):
        branch = {entry.dot: entry.hash for chain in chosen for entry in chain}
        hashes: list[bytes] = []
        for run in runs:
            for seq in range(run.first_seq, run.first_seq + run.count):
                dot = Dot(run.journal, seq)
                found = branch.get(dot) if forks.is_uncertain(dot) else transaction.entry_hash(dot)
                if found is None:
                    break
                hashes.append(found)
        if len(hashes) == sum(run.count for run in runs) and is_signed(hashes):
            return set(branch.values()).intersection(hashes)
    return set()


def _ranges(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Consecutive entries that hash each other."""
    ranges: list[list[Entry]] = []
    for entry in entries:
        if ranges and ranges[-1][-1].hash == entry.previous_hash:
            ranges[-1].append(entry)
        else:
            ranges.append([entry])
    return ranges
