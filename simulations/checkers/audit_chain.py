"""Law 3, its other half: what counts once is what its author signed. Chains, hashes, signatures, certificates, digests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulations.checkers.contents import HeldEntry, HeldJournal, NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.violation import Dot, Violation, differs, limited
from simulations.checkers.wire import (
    ADMINISTRATOR,
    CERTIFICATE_DOMAIN,
    ENTRY_DOMAIN,
    DeviceLink,
    FormatWrong,
    Header,
    decode_certificate,
    device_id,
    digest,
    genesis_hash,
)

LAW = 3


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every byte of a node's log that is not as it was signed."""
    sound: dict[bytes, tuple[object, ...]] = {}
    for node in evidence.nodes:
        yield from limited(_journals(node, evidence, sound))


def _journals(node: NodeContents, evidence: Evidence, sound: dict[bytes, tuple[object, ...]]) -> Iterator[Violation]:
    """`sound` keeps what a journal consists of where nothing is wrong with it, so that copies of it need not be judged."""
    by_journal: dict[bytes, list[HeldEntry]] = {}
    for entry in node.entries:
        by_journal.setdefault(entry.dot.journal, []).append(entry)
    for journal in sorted(by_journal.keys() | node.journals.keys()):
        entries = sorted(by_journal.get(journal, ()), key=lambda entry: entry.dot.seq)
        parts = (node.journals.get(journal), *(entry.signed_parts for entry in entries))
        if sound.get(journal) == parts:
            continue
        found = [*_bytes(node, entries, evidence), *_journal(node, journal, entries, evidence)]
        yield from found
        if not found:
            sound[journal] = parts


def _bytes(node: NodeContents, entries: Sequence[HeldEntry], evidence: Evidence) -> Iterator[Violation]:
    for entry in entries:
        header = evidence.catalogue.header(entry)
        if header is None:
            yield Violation(LAW, node.name, f"{_place(node, entry.dot)}: the header is not of the format")
            continue
        digests = [None if part is None else digest(part).hex() for part in entry.parts]
        if digests != (signed_digests := [signed.hex() for _role, signed in header.parts]):
            place = f"{_place(node, entry.dot)}: digests of the parts"
            yield Violation(LAW, node.name, differs(place, str(signed_digests), str(digests)))
        if entry.hash != digest(entry.header):
            place = f"{_place(node, entry.dot)}, column hash"
            yield Violation(LAW, node.name, differs(place, digest(entry.header).hex(), entry.hash.hex()))
        signed = (header.dot, header.kind, header.document, header.author, header.stamp)
        stored = (entry.dot, entry.kind, entry.document, entry.author, entry.stamp)
        if signed != stored:
            place = f"{_place(node, entry.dot)}: columns and signed header"
            yield Violation(LAW, node.name, differs(place, _told(signed), _told(stored)))


def _journal(
    node: NodeContents, journal: bytes, entries: Sequence[HeldEntry], evidence: Evidence
) -> Iterator[Violation]:
    held = node.journals.get(journal)
    if held is None:
        yield Violation(LAW, node.name, f"{node.name}: table journal lacks {journal.hex()}, of which it holds entries")
        return
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
    yield from (Violation(LAW, node.name, f"{place}: {problem}") for problem in _untrusted(certificate.chain, evidence))
    if not evidence.catalogue.is_signed(key, held.signature, CERTIFICATE_DOMAIN + held.certificate):
        yield Violation(LAW, node.name, f"{place}: the certificate is not signed by its device")
    # Each entry hashes the one before, so the last signature vouches for the whole journal.
    for last in entries[-1:]:
        signed_bytes = ENTRY_DOMAIN + digest(last.header)
        if not evidence.catalogue.is_signed(key, last.signature, signed_bytes):
            yield Violation(LAW, node.name, f"{_place(node, last.dot)}: not signed by the device of its journal")


def _untrusted(chain: Sequence[DeviceLink], evidence: Evidence) -> Iterator[str]:
    """What keeps a chain from vouching for its device at the property."""
    facts = evidence.property_facts
    issuers = [link.device_key for link in chain[1:]] + [facts.root_key]
    for link, issuer in zip(chain, issuers, strict=True):
        told = f"the chain's link for device {device_id(link.device_key)}"
        if link.property_id != facts.property_id:
            yield f"{told} is of property {link.property_id}"
        if link.issuer_key != issuer or not evidence.catalogue.is_signed(issuer, link.signature, link.signed):
            yield f"{told} is not signed by the one above it"
    yield from (
        f"the chain's link for device {device_id(link.device_key)} was signed onwards by a {link.device_class}"
        for link in chain[1:]
        if link.device_class != ADMINISTRATOR
    )


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
