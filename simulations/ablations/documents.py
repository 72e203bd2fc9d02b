"""Ablations of board and notes."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from crdt_pms.documents import gate, notes
from crdt_pms.documents.board_values import BoardValue
from crdt_pms.documents.gate import Signed, client_id_of
from crdt_pms.documents.merging import Merger
from crdt_pms.documents.notes import Replacement
from crdt_pms.documents.update_reader import Item
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.replica.replica import Replica
from crdt_pms.state import documents, quarantine
from crdt_pms.state.property_state import PropertyState
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_many_starts, with_visits
from simulations.ablations.patching import replaced, replacing

_open: Final = Replica.open.__func__  # pyright: ignore[reportFunctionMemberAccess]


def _rank_of_client(value: Any) -> tuple[int, int]:
    """What Yjs itself goes by where two set one key."""
    return client_id_of(value.journal), value.seq


@contextmanager
def _one_client_for_a_device() -> Iterator[None]:
    """Every journal of a device writes under the client id of its first one."""
    first: dict[bytes, bytes] = {}
    device_of: dict[bytes, bytes] = {}

    def open_known(
        cls: Any, store: Store, definition: PropertyDefinition, device: EnrolledDevice, journal: JournalId, now_ms: int
    ) -> Replica:
        device_of[journal] = device.public_bytes
        first.setdefault(device.public_bytes, journal)
        return _open(cls, store, definition, device, journal, now_ms)

    def client_of(journal: bytes) -> int:
        return client_id_of(first[device_of[journal]] if journal in device_of else journal)

    with replaced(
        (Replica, "open", classmethod(open_known)),
        (documents, "client_id_of", client_of),
        (quarantine, "client_id_of", client_of),
    ):
        yield


def _instead_of_what_stands(_base: str, new: str, current: str) -> list[Replacement]:
    """As if nobody else had written: what the note says by now becomes what the author saved."""
    return [Replacement(0, len(current), new)]


def _all_at_once(replacements: Sequence[Replacement]) -> list[list[Replacement]]:
    """Everything in one update, however long that gets."""
    return [list(reversed(replacements))] if replacements else []


def _take_unjudged(own: PropertyState, entry: Entry, transaction: Transaction) -> None:
    """`PropertyState.take_own_update` without a look at what readers will say."""
    own._advance(entry, transaction)
    own.documents.touch(entry.document)


def _pass(_item: Item, _client_id: int, _signed: Signed) -> None:
    """`gate._require_own_key` of a program that does not ask."""


def _leave(_merger: Merger) -> None:
    """`Merger.let_in` of a program that never looks again."""


ABLATIONS: Final = (
    Ablation(
        "newest_by_time",
        "Of concurrent values on the board the higher Yjs client id wins instead of the newer one (documents/board.py).",
        "convergence",
        replacing((BoardValue, "rank", property(_rank_of_client))),
    ),
    Ablation(
        "client_per_journal",
        "The Yjs client id belongs to a device instead of to a journal (documents/gate.py, state/documents.py).",
        "convergence",
        _one_client_for_a_device,
    ),
    Ablation(
        "author_checks_update",
        "An edit of a note is one update of any size, and its author does not judge it (documents/notes.py).",
        "convergence",
        replacing((notes, "in_portions", _all_at_once), (PropertyState, "take_own_update", _take_unjudged)),
        draw=with_many_starts,
    ),
    Ablation(
        "own_keys_only",
        "A value of the board may stand under any journal's key (documents/gate.py).",
        "nothing_swallowed",
        replacing((gate, "_require_own_key", _pass)),
        draw=with_visits("foreign_board_key"),
    ),
    Ablation(
        "early_deletions",
        "An update that names what is yet to be written is not let in when that is there (documents/merging.py).",
        "convergence",
        replacing((Merger, "let_in", _leave)),
        draw=with_visits("early_deletions"),
    ),
    Ablation(
        "edit_is_rebased",
        "A saved text takes the place of what the note says by now; it is no change of that (documents/notes.py).",
        "note_edits",
        replacing((notes, "rebase", _instead_of_what_stands)),
    ),
)
