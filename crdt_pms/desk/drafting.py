"""Turning what was decided into writes: what each names, what base it saw, what may not be written at all."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.revisions import Names, names_of
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.words import Words
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.fields import Content, Value
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FIELD_GROUPS, FOLIO_WINDOW, OCCUPANCY, POSTING, POSTING_DECISION, TERMS, FieldGroup
from crdt_pms.ledger.showing import shown_of

_NOTHING_SHOWN: Names = {}


@dataclass(frozen=True, slots=True)
class Draft:
    """Collects the writes of one action.

    What a write names:
    1. With a form's revision: the writes that the form showed, even if others have come since.
    2. Without one, at the desk: the writes that the terminal shows at this moment.
    3. Without one, another system: its own last writes only, so that what it had not seen shows as a conflict.
    """

    view: DeskView
    moment: Moment
    action: str
    reason: str = ""
    shown: Names = field(default_factory=lambda: _NOTHING_SHOWN)
    _writes: list[Write] = field(default_factory=list[Write])

    def put(self, register: Register, value: Value) -> None:
        """Write a register. Refused while a conflict that waits for a person stands open in it."""
        group, names = FIELD_GROUPS[register.group], self._names(register)
        over = self._read(register, names)
        base = None
        if group.waits_for_person:
            require_no_open_conflict(self.view, register)
            base = over
        content = group.content_of(value, over)
        require_level(self.view, group, content)
        self._writes.append(Write(register, content, names, base=base))

    def changed(self, register: Register, value: Value) -> bool:
        """Write a register unless it already says exactly this and no sibling disagrees; whether it was written."""
        siblings = self.view.ledger.siblings(register)
        if len(siblings) == 1 and siblings[0].value == value and not siblings[0].reading.without_meaning:
            return False
        self.put(register, value)
        return True

    def create(self, register: Register, value: Value) -> None:
        """Write a register that does not exist yet, as far as this terminal knows."""
        write = Write.of(register, value)
        require_level(self.view, FIELD_GROUPS[register.group], write.content or {})
        self._writes.append(write)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written yet."""
        return not self._writes

    def operation(self) -> Operation:
        """Everything written so far, as one operation."""
        written = {write.register for write in self._writes}
        writes = [with_reads(self.view, write, written, self._names) for write in self._writes]
        return Operation(self.action, self.moment.origin, self.reason, tuple(writes))

    def _read(self, register: Register, names: tuple[Dot, ...]) -> Content | None:
        """What the author saw, as it is on the wire: what is shown, or of a form that is stale by now what it showed."""
        ledger = self.view.ledger
        if names == ledger.names(register):
            return ledger.shown_content(register)
        held = (*ledger.siblings(register), *ledger.superseded(register))
        read = [applied for applied in held if applied.dot in names]
        if not read:
            return None
        return shown_of(FIELD_GROUPS[register.group], read).content

    def _names(self, register: Register) -> tuple[Dot, ...]:
        shown = self.shown.get(register)
        if shown is not None:
            return shown
        if self.moment.at_desk:
            return self.view.ledger.names(register)
        siblings = self.view.ledger.siblings(register)
        return tuple(sorted(sibling.dot for sibling in siblings if sibling.origin == self.moment.origin))


def with_reads(
    view: DeskView, write: Write, written: Collection[Register], saw: Callable[[Register], tuple[Dot, ...]]
) -> Write:
    """The write with what its author `saw` in the other registers of a declared pair, those `written` beside it aside."""
    read = (other for other in registers_read(view, write) if other not in written)
    return replace(write, reads=tuple(sorted({dot for other in read for dot in saw(other)})))


def registers_read(view: DeskView, write: Write) -> list[Register]:
    """The other registers that this write stands beside: a stay's terms beside its occupancy, a folio's postings beside
    its window, a posting's contents beside the choice among them. Who writes one of them names what they saw of the others.
    """
    group, row, _flags = write.register
    if group == OCCUPANCY:
        return [Register(TERMS, row)]
    if group == TERMS:
        return [Register(OCCUPANCY, row)]
    if group == FOLIO_WINDOW:
        return [Register(POSTING, posting) for posting in view.ledger.postings_of_folio(row)]
    if group == POSTING_DECISION:
        return [Register(POSTING, row)]
    if group == POSTING and write.content is not None:
        return [Register(FOLIO_WINDOW, str(write.content["folio"]))]
    return []


def shown_by(view: DeskView, revision: str | None, row_kind: str, row: str) -> Names:
    """What the form with that revision showed; nothing when the form carries none."""
    return _NOTHING_SHOWN if revision is None else names_of(view, revision, row_kind, row)


def shown_by_all(parts: Iterable[Names]) -> Names:
    """What several rows' forms showed together."""
    joined: dict[Register, tuple[Dot, ...]] = {}
    for part in parts:
        joined.update(part)
    return joined


def require_level(view: DeskView, group: FieldGroup, content: Content) -> None:
    """Refused for what the property's level does not have yet: other desks may run a program that does not know it."""
    level = group.level_of(content)
    if level > view.ledger.level:
        raise Refused(RefusalCode.LEVEL_TOO_LOW, level=level, present=view.ledger.level)


def require_no_open_conflict(view: DeskView, register: Register) -> None:
    """Refused while a conflict that waits for a person stands open in the register."""
    if has_open_conflict(view, register):
        matter = FIELD_GROUPS[register.group].conflict
        raise Refused(RefusalCode.CONFLICT_OPEN, matter=Words(matter.japanese, matter.english))


def has_open_conflict(view: DeskView, register: Register) -> bool:
    """Whether a conflict that waits for a person stands open in the register."""
    conflict = view.ledger.conflict(register)
    return conflict is not None and conflict.state is ConflictState.OPEN
