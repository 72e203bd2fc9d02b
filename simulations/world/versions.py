"""Programs of different versions on the machines of one world, with really different field tables.

The desk's code is that of this tree; what differs is what every later version changes: the table of field groups, the level,
and the formats of payloads. While a machine does something, the tables of its program stand where the product reads them.
"""

# ruff: noqa: SLF001 - another version of the product differs in its inner parts
from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Final

from crdt_pms.desk.actions import levels as raising
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.entry import EntryKind
from crdt_pms.ledger import alerts, levels, operation, policies
from crdt_pms.ledger.fields import Content, Field, FieldWrong, Presence, Scalar, Value, choice, text
from crdt_pms.ledger.matters import Matter, Policy
from crdt_pms.ledger.operation import EncodedOperation, Operation
from crdt_pms.ledger.policies import OCCUPANCY, TERMS, FieldGroup, Reading
from crdt_pms.replica import authoring
from crdt_pms.state import quarantine

NEXT_LEVEL: Final = 2
NEXT_FORMAT: Final = 2
PACKED_ONE_IN: Final = 3
PREFERENCES: Final = "stay.preferences"
"""A group that only the next version has."""
SINCE_NEXT: Final = frozenset({"segment", "do_not_move"})
"""Fields of a stay's terms that the version before does not know: an independent and a bound one."""
WORD_SINCE_NEXT: Final = StayStatus.WAITLISTED.value
"""A stay status that the version before does not know."""

_parts: Final = operation._parts


@dataclass(frozen=True)
class Program:
    """One version of the program."""

    name: str
    level: int
    groups: Mapping[str, FieldGroup]
    formats: Mapping[EntryKind, int]
    packs: bool = False
    """Whether it writes the next format of operations, now and then, once the property's level allows it."""

    @cached_property
    def of_kind(self) -> Mapping[str, tuple[FieldGroup, ...]]:
        """The groups of each kind of row."""
        return {
            kind: tuple(group for group in self.groups.values() if group.row_kind == kind)
            for kind in policies.DECLARED_OF_KIND
        }


@dataclass(frozen=True, slots=True)
class _OlderGroup(FieldGroup):
    """A group as the version before declares it; the desk's code of this tree does not notice."""

    lacking: tuple[Field, ...] = ()
    words_lacking: frozenset[str] = frozenset()

    def read(self, content: Content | None) -> Reading:
        """What that version shows, and the defaults of what it does not know."""
        reading = FieldGroup.read(self, content)
        return Reading({**_defaults(self.lacking), **reading.value}, reading.without_meaning)

    def content_of(self, value: Value, over: Content | None = None) -> Content:
        """What that version writes. Refused for what it has no word for."""
        if self.words_lacking.intersection(word for word in value.values() if isinstance(word, str)):
            raise Refused(RefusalCode.UPDATE_NEEDED, row=self.name)
        known = {field.name for field in self.fields}
        return FieldGroup.content_of(self, {name: value[name] for name in value if name in known}, over)


def _defaults(lacking: Sequence[Field]) -> dict[str, Scalar]:
    return {field.name: None if isinstance(field.default, Presence) else field.default for field in lacking}


def _older(group: FieldGroup) -> FieldGroup:
    """The group without what came with the next version."""
    kept = tuple(_without_word(field) for field in group.fields if field.name not in SINCE_NEXT)
    lacking = tuple(field for field in group.fields if field.name in SINCE_NEXT)
    values = {one.name: getattr(group, one.name) for one in fields(FieldGroup)}
    words = frozenset({WORD_SINCE_NEXT}) if group.name == OCCUPANCY else frozenset[str]()
    return _OlderGroup(**{**values, "fields": kept}, lacking=lacking, words_lacking=words)


def _without_word(field: Field) -> Field:
    if field.name != "status":
        return field
    words = [status.value for status in StayStatus if status.value != WORD_SINCE_NEXT]
    try:
        field.check(WORD_SINCE_NEXT)
    except FieldWrong:
        return field  # The status of another kind of row.
    return choice(field.name, words, safe=str(field.safe))


def _next(group: FieldGroup) -> FieldGroup:
    """The group as the next version declares it: what is new belongs to its level."""
    words = {WORD_SINCE_NEXT: NEXT_LEVEL}
    return replace(
        group,
        fields=tuple(
            replace(field, since=NEXT_LEVEL)
            if field.name in SINCE_NEXT
            else replace(field, words_since=words)
            if group.name == OCCUPANCY and field.name == "status"
            else field
            for field in group.fields
        ),
    )


_PREFERENCES: Final = FieldGroup(
    PREFERENCES,
    (text("pillow", optional=True),),
    Policy.SYSTEM_PRIORITY,
    Matter.CONFLICT_TERMS,
    "set_preferences",
    since=NEXT_LEVEL,
)
_CHANGED: Final = (OCCUPANCY, TERMS)

CURRENT: Final = Program("this version", levels.LEVEL, dict(policies.DECLARED), dict(quarantine.FORMATS))
OLDER: Final = Program(
    "the version before",
    levels.LEVEL,
    {**CURRENT.groups, **{name: _older(CURRENT.groups[name]) for name in _CHANGED}},
    CURRENT.formats,
)
NEXT: Final = Program(
    "the next version",
    NEXT_LEVEL,
    {**CURRENT.groups, **{name: _next(CURRENT.groups[name]) for name in _CHANGED}, PREFERENCES: _PREFERENCES},
    {**CURRENT.formats, EntryKind.OPERATION: NEXT_FORMAT},
    packs=True,
)


@contextmanager
def running(program: Program) -> Iterator[None]:
    """While this holds, the product is that version."""
    before = _INSTALLED[-1]
    if program is before:
        yield
        return
    _put(program)
    _INSTALLED.append(program)
    try:
        yield
    finally:
        _INSTALLED.pop()
        _put(before)


_INSTALLED: Final = [CURRENT]
"""The versions that stand for now, the innermost last."""


def _put(program: Program) -> None:
    policies.DECLARED.clear()
    policies.DECLARED.update(program.groups)
    policies.DECLARED_OF_KIND.update(program.of_kind)
    for place in (authoring, quarantine, alerts, raising):
        vars(place)["LEVEL"] = program.level
    quarantine.FORMATS = dict(program.formats)
    authoring.encode_operation = _packed if program.packs else operation.encode_operation
    operation._parts = _parts_of_any if program.packs else _parts


def _packed(said: Operation, salt: bytes, level: int) -> EncodedOperation:
    """The next format of operations: some content parts are compressed. What is not, an older program reads at any level."""
    encoded = operation.encode_operation(said, salt, level)
    (role, content), *personal = encoded.parts
    if level < NEXT_LEVEL or zlib.crc32(content) % PACKED_ONE_IN:
        return encoded
    return encoded._replace(parts=((role, zlib.compress(content)), *personal), format=NEXT_FORMAT)


def _parts_of_any(entry: Any) -> Any:
    """The parts of an operation as the next version reads them: what is of the next format is unpacked first."""
    if entry.format != NEXT_FORMAT:
        return _parts(entry)
    content, *personal = entry.parts
    try:
        unpacked = zlib.decompress(content or b"")
    except zlib.error as error:
        raise FieldWrong("it is not compressed") from error
    return _parts(replace(entry, parts=(unpacked, *personal)))
