"""Revisions: what a form showed, so that what it writes can name it.

A revision is a text that a screen gets with a row and gives back with the form (an `ETag` and its `If-Match`). It
*contains* the dots of the writes that were shown, so no memory of old screens is needed, on whichever node and after
which restart the form comes back: the operation names what its author read, and a change that came meanwhile shows
as the conflict it is.
"""

import base64
from collections.abc import Mapping
from typing import Final

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list, unpack_array
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import GROUPS_OF_KIND

Names = Mapping[Register, tuple[Dot, ...]]
"""For each register that a form showed, the writes that it showed."""

_VERSION: Final = 1
_JOURNAL_BYTES: Final = 16
_PACKED_BYTES_MAX: Final = 16_384


def revision_of(view: DeskView, row_kind: str, row: str) -> str:
    """The revision of a row as it is shown now. `row_kind` is `stay`, `guest`, `folio` or `property`.

    Of a row that more authors wrote at once than a form can list it is the ledger's short one, good while it is current.
    """
    journals: dict[bytes, int] = {}
    groups: list[list[list[int]]] = []
    for group in GROUPS_OF_KIND[row_kind]:
        shown = view.ledger.names(Register(group.name, row))
        groups.append([[journals.setdefault(dot.journal, len(journals)), dot.seq] for dot in shown])
    packed = pack([_VERSION, row_kind, row, list(journals), groups])
    if len(packed) > _PACKED_BYTES_MAX:
        return view.ledger.revision(row_kind, row)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def names_of(view: DeskView, revision: str, row_kind: str, row: str) -> Names:
    """What a form of that row showed. Refused when it cannot be told, or names entries that are not held here."""
    if revision == view.ledger.revision(row_kind, row):
        # The ledger's own short revision can be recognised while it is the current one.
        return {
            (register := Register(group.name, row)): view.ledger.names(register) for group in GROUPS_OF_KIND[row_kind]
        }
    try:
        names = _decoded(revision, row_kind, row)
    except (ValueError, IndexError) as error:
        raise Refused(RefusalCode.STALE_FORM) from error
    held = view.held
    if held is not None:
        for dots in names.values():
            if any(dot.seq > held.get(dot.journal, 0) for dot in dots):
                raise Refused(RefusalCode.STALE_FORM)
    return names


def _decoded(revision: str, row_kind: str, row: str) -> Names:
    """Read what `revision_of` made. Raises ValueError or IndexError for anything else: it comes from outside."""
    packed = base64.b64decode(revision + "=" * (-len(revision) % 4), altchars=b"-_", validate=True)
    version, kind, shown_row, listed, groups = unpack_array(packed, 5, _PACKED_BYTES_MAX)
    if [version, kind, shown_row] != [_VERSION, row_kind, row]:
        raise FieldWrong("the revision is of another row")
    journals = [
        JournalId(take_bytes(journal, "journal", _JOURNAL_BYTES))
        for journal in take_list(listed, "journals", _PACKED_BYTES_MAX)
    ]
    names: dict[Register, tuple[Dot, ...]] = {}
    declared = GROUPS_OF_KIND[row_kind]
    for group, dots in zip(declared, take_list(groups, "groups", len(declared)), strict=True):
        named: set[Dot] = set()
        for dot in take_list(dots, "dots", _PACKED_BYTES_MAX):
            index, seq = take_list(dot, "dot", 2)
            journal = journals[take_int(index, "journal", 0, len(journals) - 1)]
            named.add(Dot(journal, take_int(seq, "seq", 1, SEQ_MAX)))
        names[Register(group.name, row)] = tuple(sorted(named))
    return names
