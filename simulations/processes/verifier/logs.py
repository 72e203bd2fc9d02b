"""Law 3: every entry once, no gaps, one committed order, and bytes that are those their author signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from simulations.processes.verifier.evidence import Evidence
from simulations.processes.verifier.reading import HeldEntry, HeldJournal, NodeContents
from simulations.processes.verifier.violation import Dot, Violation, differs, limited
from simulations.processes.verifier.wire import (
    CERTIFICATE_DOMAIN,
    ENTRY_DOMAIN,
    FormatWrong,
    Header,
    decode_certificate,
    device_id,
    digest,
    genesis_hash,
    is_signed,
)

LAW = 3


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every flaw of a node's log, and every position on which the nodes do not agree."""
    order = {entry.dot: entry.committed for entry in evidence.relay.entries}
    for node in evidence.nodes:
        yield from limited(_positions(node))
        yield from limited(_committed_order(node, order))
        yield from limited(_bytes(node, evidence))
        yield from limited(_journals(node, evidence))


def _positions(node: NodeContents) -> Iterator[Violation]:
    """The own order counts from one without gaps; on the relay it is the committed order."""
    for dot, times in sorted(Counter(entry.dot for entry in node.entries).items()):
        if times > 1:
            yield Violation(LAW, node.name, f"{_place(node, dot)}: held {times} times")
    for expected, entry in enumerate(node.entries, 1):
        if entry.position != expected:
            yield Violation(
                LAW, node.name, differs(f"{_place(node, entry.dot)}, column position", expected, entry.position)
            )
            return


def _committed_order(node: NodeContents, order: Mapping[Dot, int | None]) -> Iterator[Violation]:
    for entry in node.entries:
        expected = entry.position if node.is_relay else order.get(entry.dot)
        # A terminal may not have heard yet where an entry stands; what it has heard must be so.
        if entry.committed != expected and (node.is_relay or entry.committed is not None):
            place = f"{_place(node, entry.dot)}, column committed"
            yield Violation(LAW, node.name, differs(place, expected, entry.committed))


def _bytes(node: NodeContents, evidence: Evidence) -> Iterator[Violation]:
    for entry in node.entries:
        header = evidence.catalogue.header(entry)
        if header is None:
            yield Violation(LAW, node.name, f"{_place(node, entry.dot)}: the header is not of the format")
            continue
        if digest(entry.payload) != header.payload_digest:
            expected, found = header.payload_digest.hex(), digest(entry.payload).hex()
            yield Violation(LAW, node.name, differs(f"{_place(node, entry.dot)}: payload digest", expected, found))
        if entry.hash != digest(entry.header):
            place = f"{_place(node, entry.dot)}, column hash"
            yield Violation(LAW, node.name, differs(place, digest(entry.header).hex(), entry.hash.hex()))
        signed = (header.dot, header.kind, header.subject, header.author, header.stamp)
        stored = (entry.dot, entry.kind, entry.subject, entry.author, entry.stamp)
        if signed != stored:
            place = f"{_place(node, entry.dot)}: columns and signed header"
            yield Violation(LAW, node.name, differs(place, _told(signed), _told(stored)))


def _journals(node: NodeContents, evidence: Evidence) -> Iterator[Violation]:
    by_journal: dict[bytes, list[HeldEntry]] = {}
    for entry in node.entries:
        by_journal.setdefault(entry.dot.journal, []).append(entry)
    for journal in sorted(by_journal.keys() | node.journals.keys()):
        held = node.journals.get(journal)
        if held is None:
            yield Violation(
                LAW, node.name, f"{node.name}: table journal lacks {journal.hex()}, of which it holds entries"
            )
            continue
        entries = sorted(by_journal.get(journal, ()), key=lambda entry: entry.dot.seq)
        yield from _certificate(node, held, entries, evidence)
        yield from _chain(node, held, entries, evidence)


def _certificate(
    node: NodeContents, held: HeldJournal, entries: Sequence[HeldEntry], evidence: Evidence
) -> Iterator[Violation]:
    place = f"{node.name}: table journal, row {held.journal.hex()}"
    try:
        certificate = decode_certificate(held.certificate)
    except FormatWrong as error:
        yield Violation(LAW, node.name, f"{place}: {error}")
        return
    facts, key = evidence.property_facts, certificate.device_key
    signed = (certificate.journal.hex(), certificate.property_id, device_id(key))
    stored = (held.journal.hex(), facts.property_id, held.device_id)
    if signed != stored:
        yield Violation(LAW, node.name, differs(f"{place}: journal, property and device", signed, stored))
    if key not in facts.device_keys:
        yield Violation(LAW, node.name, f"{place}: the property does not trust the device {device_id(key)}")
    if not is_signed(key, held.signature, CERTIFICATE_DOMAIN + held.certificate):
        yield Violation(LAW, node.name, f"{place}: the certificate is not signed by its device")
    # Each entry hashes the one before, so the last signature vouches for the whole journal.
    if entries and not is_signed(key, entries[-1].signature, ENTRY_DOMAIN + digest(entries[-1].header)):
        yield Violation(LAW, node.name, f"{_place(node, entries[-1].dot)}: not signed by the device of its journal")


def _chain(
    node: NodeContents, held: HeldJournal, entries: Sequence[HeldEntry], evidence: Evidence
) -> Iterator[Violation]:
    before = genesis_hash(held.journal)
    seq = 0
    for entry in entries:
        header: Header | None = evidence.catalogue.header(entry)
        if entry.dot.seq != seq + 1:
            yield Violation(LAW, node.name, f"{_place(node, entry.dot)}: follows number {seq} of its journal")
        elif header is not None and header.previous_hash != before:
            place = f"{_place(node, entry.dot)}: hash of the entry before"
            yield Violation(LAW, node.name, differs(place, before.hex(), header.previous_hash.hex()))
        before, seq = digest(entry.header), entry.dot.seq
    if (held.head_seq, held.head_hash) != (seq, before):
        place = f"{node.name}: table journal, row {held.journal.hex()}, head"
        yield Violation(LAW, node.name, differs(place, (seq, before.hex()), (held.head_seq, held.head_hash.hex())))


def _told(columns: tuple[Dot, int, str, str, tuple[int, int]]) -> list[object]:
    return [str(columns[0]), *columns[1:]]


def _place(node: NodeContents, dot: Dot) -> str:
    return f"{node.name}: table entry, row {dot}"
