"""Ablations of journals: how entries are numbered, chained, verified and admitted."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal import chain, forks
from crdt_pms.journal.certificate import Head
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.entry import ENTRY_DOMAIN, Content, Entry
from crdt_pms.journal.errors import SignatureInvalid
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.keys import is_signed
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.log import verification
from crdt_pms.log.verification import JournalGate
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store
from crdt_pms.replica.replica import Acted, Replica
from crdt_pms.store.sql_transaction import SqlTransaction
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_bad_minutes, with_restored_terminal, with_visits
from simulations.ablations.patching import replacing
from simulations.ablations.provoking import TAMPERING

_admit: Final = JournalGate.admit
_act: Final = Replica.act
_append_next: Final = JournalWriter.append
_append: Final = SqlTransaction.append_entries
_open: Final = Replica.open.__func__  # pyright: ignore[reportFunctionMemberAccess]
NAMED_JOURNALS: Final = 4
_MOVE: Final = "UPDATE entry SET position = ?, committed = ? WHERE property_id = ? AND journal = ? AND seq = ?"


def _admit_repeats(gate: Any, entries: Sequence[Entry], held_hash: Callable[[Dot], bytes | None]) -> list[Entry]:
    _admit(gate, entries, held_hash)
    return list(entries)


def _replace_repeats(transaction: Any, placed: Sequence[Placed]) -> None:
    """An upsert instead of an insert: what is held already is taken for the newest."""
    held = [one for one in placed if transaction.entry(one.entry.dot) is not None]
    for one in held:
        where = (transaction._property, one.entry.dot.journal, one.entry.dot.seq)
        transaction.cursor.execute(_MOVE, (one.position, one.committed, *where))
    _append(transaction, [one for one in placed if one not in held])
    if placed:
        transaction._run(transaction._do.put_counter, last_position=placed[-1].position)


def _open_last_journal(
    cls: Any, store: Store, definition: PropertyDefinition, device: EnrolledDevice, journal: JournalId, now_ms: int
) -> Replica:
    """Goes on in the journal that this disk wrote last."""
    with store.transaction() as transaction:
        own = transaction.get_state("own_journal")
    replica: Any = _open(cls, store, definition, device, journal if own is None else JournalId(own), now_ms)
    if own is not None:
        replica._author._writer = JournalWriter(replica.certificate(own), device.key)
        replica._author._writer._head = replica._gate.head(own)
    return replica


def _act_after_last(replica: Any, *arguments: Any) -> Acted:
    """What came back from others of the own journal counts as written."""
    writer = replica._author._writer
    head = replica._gate.head(writer.head.journal)
    if head is not None and head.seq > writer.head.seq:
        writer._head = head
    return _act(replica, *arguments)


def _require_nothing(_gate: Any, _entry: Entry, _vector: dict[JournalId, int]) -> None:
    pass


def _append_narrowly(writer: Any, content: Content) -> Entry:
    """An entry that names no more than a few of the journals that its author has seen since the one before."""
    named = dict(sorted(content.context.items())[:NAMED_JOURNALS])
    return _append_next(writer, replace(content, context=named))


def _verify_last(entries: Sequence[Entry], _head: Head, device_key: bytes) -> Head:
    """`chain.verify_range` without the chain: the last signature, and nothing of what stands before."""
    last = entries[-1]
    if not is_signed(device_key, last.signature, ENTRY_DOMAIN + last.hash):
        raise SignatureInvalid(f"entry {last.dot} is not signed by the device of its journal")
    return Head(last.dot.journal, last.dot.seq, last.hash)


def _believe(_device_key: bytes, _signature: bytes, _signed: bytes) -> bool:
    return True


ABLATIONS: Final = (
    Ablation(
        "exactly_once",
        "An entry that is held already is stored and applied again, on terminals and at the relay: the gate lets repeats pass "
        "(log/verification.py) and the store replaces instead of refusing them (store/sql_transaction.py).",
        "exactly_once",
        replacing((JournalGate, "admit", _admit_repeats), (SqlTransaction, "append_entries", _replace_repeats)),
    ),
    Ablation(
        "journal_per_run",
        "A process run goes on in the journal that its disk wrote last, from where the disk says that it ended, instead of "
        "beginning a new one (replica/replica.py).",
        "session_guarantees",
        replacing((Replica, "open", classmethod(_open_last_journal)), (Replica, "act", _act_after_last)),
        draw=with_restored_terminal,
    ),
    Ablation(
        "context_gate",
        "Entries are taken before what their author had seen and what they name (log/verification.py). Senders keep to the "
        "order in which they took entries; only who means harm sends one too early.",
        "session_guarantees",
        replacing((JournalGate, "require_context", _require_nothing)),
        draw=with_visits("early_entries"),
    ),
    Ablation(
        "whole_context",
        "An entry's context names four journals at most, whatever its author has seen (replica/authoring.py): no two "
        "nodes differ by it.",
        "contexts",
        replacing((JournalWriter, "append", _append_narrowly)),
    ),
    Ablation(
        "chain",
        "That each entry hashes the one before is not checked, only the signature of the last of a range (journal/chain.py).",
        "audit_chain",
        replacing((verification, "verify_range", _verify_last)),
        draw=with_bad_minutes,
        provokes=TAMPERING,
    ),
    Ablation(
        "signature",
        "Entries are taken whether or not the device of their journal signed them (journal/chain.py, journal/forks.py).",
        "audit_chain",
        replacing((chain, "is_signed", _believe), (forks, "is_signed", _believe)),
        draw=with_bad_minutes,
        provokes=TAMPERING,
    ),
)
