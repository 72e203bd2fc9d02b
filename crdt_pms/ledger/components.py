"""Components: what of a ledger's rows belongs together, and whether it is at rest.

A stay, its folios, their postings and reversals are linked by what they show. A component is at rest when every row of it is:
the guest has left or never came, nothing is owed, nothing stands in conflict, and no alert is about it. Then no desk has
anything to do with it, until a later entry or a person's question touches it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from crdt_pms.ledger.folios import FolioIndex
from crdt_pms.ledger.meanings import MeaningIndex
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW, GROUPS_OF_KIND, POSTING, STAY_GUEST
from crdt_pms.ledger.residence import FOLIO, GUEST, POSTING_ROW, STAY, RowKey
from crdt_pms.ledger.showing import Shown
from crdt_pms.ledger.stays import StayIndex


def named_by(group: str, shown: Shown) -> Iterator[RowKey]:
    """The rows that a register of that group names in what it shows; those of a component, and a stay's guest."""
    value = shown.value
    if not value:
        return
    if group == FOLIO_WINDOW:
        yield RowKey(STAY, str(value["stay"]))
    elif group == STAY_GUEST:
        yield RowKey(GUEST, str(value["guest"]))
    elif group == POSTING:
        yield RowKey(STAY, str(value["stay"]))
        yield RowKey(FOLIO, str(value["folio"]))
        if value["reverses"] is not None:
            yield RowKey(POSTING_ROW, str(value["reverses"]))


class Components:
    """Reads the indexes of a ledger."""

    def __init__(
        self, folios: FolioIndex, stays: StayIndex, meanings: MeaningIndex, in_conflict: Collection[Register]
    ) -> None:
        self._folios = folios
        self._stays = stays
        self._meanings = meanings
        self._in_conflict = in_conflict

    def links(self, key: RowKey) -> Iterable[RowKey]:
        """The rows of its component that a row is linked to directly, either way. Guests belong to no component."""
        match key:
            case (kind, stay) if kind == STAY:
                return [RowKey(FOLIO, folio) for folio in self._folios.folios_linked_to(stay)]
            case (kind, folio) if kind == FOLIO:
                window = self._folios.stay_of_window(folio)
                postings = [RowKey(POSTING_ROW, row) for row in self._folios.rows_of_folio(folio)]
                # The stay is judged first: where a guest is due nothing else needs to be looked at.
                return postings if window is None else [*postings, RowKey(STAY, window)]
            case (kind, row) if kind == POSTING_ROW:
                reversals = [RowKey(POSTING_ROW, reversal) for reversal in self._folios.reversals_of(row)]
                value = self._folios.posting(row)
                if value is None:
                    return reversals
                original = [] if value["reverses"] is None else [RowKey(POSTING_ROW, str(value["reverses"]))]
                stay, folio = RowKey(STAY, str(value["stay"])), RowKey(FOLIO, str(value["folio"]))
                return [*reversals, *original, folio, stay]
            case _:
                return ()

    def is_at_rest(self, key: RowKey) -> bool:
        """Whether nothing about the row itself needs a desk."""
        registers = [Register(group.name, key.row) for group in GROUPS_OF_KIND.get(key.kind, ())]
        if any(register in self._in_conflict or register in self._meanings for register in registers):
            return False
        match key.kind:
            case "stay":
                return self._stays.is_at_rest(key.row)
            case "folio":
                return self._folios.is_folio_at_rest(key.row)
            case "posting":
                return self._folios.is_posting_at_rest(key.row)
            case _:
                return True
