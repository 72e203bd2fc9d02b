"""Revisions: what a form showed, so that what it writes can name it.

A revision is a text that a screen gets with a row and gives back with the form (an `ETag` and its `If-Match`). It
*contains* the dots of the writes that were shown, so no memory of old screens is needed, on whichever node and after
whatever restart the form comes back: the operation names what its author read, and a change that came meanwhile shows
as the conflict it is.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Final, cast

import msgpack

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import GROUPS_OF_KIND

Names = Mapping[Register, tuple[Dot, ...]]
"""For each register that a form showed, the writes that it showed."""

_VERSION: Final = 1
_JOURNAL_BYTES: Final = 16
_CHARACTERS_MAX: Final = 16_384


def revision_of(view: DeskView, row_kind: str, row: str) -> str:
    """The revision of a row as it is shown now. `row_kind` is `stay`, `guest`, `folio` or `property`."""
    journals: list[bytes] = []
    groups: list[list[list[int]]] = []
    for group in GROUPS_OF_KIND[row_kind]:
        dots: list[list[int]] = []
        for dot in view.ledger.names(Register(group.name, row)):
            if dot.journal not in journals:
                journals.append(dot.journal)
            dots.append([journals.index(dot.journal), dot.seq])
        groups.append(dots)
    packed = cast(bytes, msgpack.packb([_VERSION, row_kind, row, journals, groups]))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def names_of(view: DeskView, revision: str, row_kind: str, row: str) -> Names:
    """What a form of that row showed. Refused when it cannot be told, or names entries that are not held here."""
    if revision == view.ledger.revision(row_kind, row):
        # The ledger's own short revision can be recognised while it is the current one.
        return {
            (register := Register(group.name, row)): view.ledger.names(register)
            for group in GROUPS_OF_KIND[row_kind]
        }
    try:
        names = _decoded(revision, row_kind, row)
    except (ValueError, TypeError, IndexError, binascii.Error, msgpack.UnpackException) as error:
        raise Refused(RefusalCode.STALE_FORM) from error
    held = view.held
    if held is not None:
        for dots in names.values():
            if any(not 1 <= dot.seq <= held.get(dot.journal, 0) for dot in dots):
                raise Refused(RefusalCode.STALE_FORM)
    return names


def _decoded(revision: str, row_kind: str, row: str) -> Names:
    if len(revision) > _CHARACTERS_MAX:
        raise ValueError("too long")
    packed = base64.b64decode(revision + "=" * (-len(revision) % 4), altchars=b"-_", validate=True)
    version, kind, shown_row, journals, groups = cast(
        tuple[int, str, str, list[bytes], list[list[tuple[int, int]]]], msgpack.unpackb(packed)
    )
    if (version, kind, shown_row) != (_VERSION, row_kind, row):
        raise ValueError("of another row")
    if any(not isinstance(journal, bytes) or len(journal) != _JOURNAL_BYTES for journal in journals):  # pyright: ignore[reportUnnecessaryIsInstance] - it comes from outside
        raise ValueError("no journal id")
    names: dict[Register, tuple[Dot, ...]] = {}
    for group, dots in zip(GROUPS_OF_KIND[row_kind], groups, strict=True):
        if any(type(index) is not int or type(seq) is not int or index < 0 for index, seq in dots):
            raise ValueError("no dot")
        named = {Dot(JournalId(journals[index]), seq) for index, seq in dots}
        names[Register(group.name, row)] = tuple(sorted(named))
    return names
