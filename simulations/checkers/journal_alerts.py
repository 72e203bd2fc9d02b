"""Law 11, its other half: what is wrong with a device, or with what it wrote, stands where people read it.

| alert | stands when |
|---|---|
| `alert_journal_forked` | two journals of one device go on from the same journal, or both from none |
| `alert_journal_restored` | a journal goes on from an earlier entry of another than is held |
| `alert_stamp_out_of_bound` | an author had seen an entry of the journal, not forked, and stamped its own far earlier |
| `alert_entry_quarantined` | an entry is held and must not be applied |

Only journals of which entries are held count: a certificate alone may have reached one node only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from simulations.checkers.comparing import differing_among
from simulations.checkers.contents import NodeContents
from simulations.checkers.entries import Catalogue
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.forked import forked_slots
from simulations.checkers.tables import ALERT, Row, Rows
from simulations.checkers.violation import Dot, Violation
from simulations.checkers.wire import Certificate, FormatWrong, decode_certificate, device_id, digest, packed

LAW = 11
FORKED: Final = "alert_journal_forked"
RESTORED: Final = "alert_journal_restored"
OUT_OF_BOUND: Final = "alert_stamp_out_of_bound"
QUARANTINED: Final = "alert_entry_quarantined"
MATTERS: Final = (FORKED, RESTORED, OUT_OF_BOUND, QUARANTINED)
LEAD_MS_MAX: Final = 5 * 60 * 1_000
"""A clock that is further ahead of another one is wrong."""

Facts = Mapping[str, str | int]


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every such alert that a node does not show, or shows without cause, or with other words."""
    yield from evidence.by_content(partial(_alerts, evidence.catalogue))


def _alerts(catalogue: Catalogue, node: NodeContents, fold: Fold) -> Iterator[Violation]:
    expected, shown = _expected(catalogue, node, fold), node.tables[ALERT]
    for matter in MATTERS:
        place = f"{node.name}: table {ALERT}, {matter}"
        for words in differing_among(place, _of_matter(expected, matter), _of_matter(shown, matter), "its journals"):
            yield Violation(LAW, node.name, words)


def _of_matter(rows: Rows, matter: str) -> Rows:
    return {identity: row for identity, row in rows.items() if row["matter"] == matter}


def _expected(catalogue: Catalogue, node: NodeContents, fold: Fold) -> Rows:
    held: dict[bytes, int] = {}
    for entry in node.entries:
        held[entry.dot.journal] = max(entry.dot.seq, held.get(entry.dot.journal, 0))
    certificates = list(_certificates(node, held))
    rows = [
        *_forked(certificates),
        *_restored(certificates, held),
        *_out_of_bound(catalogue, node),
        *(_row(QUARANTINED, {"entry": str(dot), "reason": reason}) for dot, reason in fold.quarantine.items()),
    ]
    return {str(row["identity"]): row for row in rows}


def _certificates(node: NodeContents, journals: Iterable[bytes]) -> Iterator[Certificate]:
    """Those of these journals, sorted. What cannot be read is a matter of `audit_chain`."""
    for journal in sorted(journals):
        held = node.journals.get(journal)
        if held is not None:
            try:
                yield decode_certificate(held.certificate)
            except FormatWrong:
                continue


def _forked(certificates: Iterable[Certificate]) -> Iterator[Row]:
    successors: dict[tuple[str, str], list[str]] = {}
    for one in certificates:
        continued = "" if one.previous is None else one.previous.journal.hex()
        successors.setdefault((device_id(one.device_key), continued), []).append(one.journal.hex())
    for (device, continued), journals in successors.items():
        if len(journals) > 1:
            yield _row(FORKED, {"device": device, "continued": continued}, {"journals": journals})


def _restored(certificates: Iterable[Certificate], held: Mapping[bytes, int]) -> Iterator[Row]:
    for one in certificates:
        if one.previous is not None and held.get(one.previous.journal, 0) > one.previous.seq:
            facts: Facts = {
                "device": device_id(one.device_key),
                "journal": one.journal.hex(),
                "continued": one.previous.journal.hex(),
                "from": one.previous.seq,
            }
            yield _row(RESTORED, facts, {"forgotten_entries": held[one.previous.journal] - one.previous.seq})


def _out_of_bound(catalogue: Catalogue, node: NodeContents) -> Iterator[Row]:
    leads_ms: dict[bytes, int] = {}
    headers = [header for entry in node.entries if (header := catalogue.header(entry)) is not None]
    stamps_ms = {header.dot: header.stamp[0] for header in headers}
    forked = forked_slots([node])
    for header in headers:
        for journal, seq in header.context.items():
            lead_ms = stamps_ms.get(Dot(journal, seq), 0) - header.stamp[0]
            leads_ms[journal] = max(lead_ms, leads_ms.get(journal, 0))
    for journal, lead_ms in leads_ms.items():
        if lead_ms > LEAD_MS_MAX and journal not in forked:
            yield _row(OUT_OF_BOUND, {"journal": journal.hex()}, {"lead_ms": lead_ms})


def _row(matter: str, facts: Facts, details: Mapping[str, Any] | None = None) -> Row:
    """An alert's readable row; its name is made of its kind and its facts."""
    identity = digest(packed([matter, [list(fact) for fact in sorted(facts.items())]])).hex()[:32]
    told = json.dumps({**facts, **(details or {})})
    return {"identity": identity, "matter": matter, "facts": told, "proposal": "[]"}
