"""The declared table of field groups: what each is made of and how concurrent writes of it are settled.

| group | policy | decided by |
|---|---|---|
| `stay.occupancy` | system_priority | class `presence`, then the PMS first, then newest |
| `stay.terms`, `stay.guest` | system_priority | the PMS first, then newest |
| `guest.profile` | system_priority | the member system first, then newest |
| `folio.window`, `folio.settlement` | manual | a person |
| `posting.content` | identity | equal contents are one posting, else what `posting.decision` says, else the lowest dot |
| `posting.decision` | newest | the newest |
| `property.level` | system_priority | the PMS first, then newest; each level is a row of its own |
| `property.day` | newest | the later date that its stamp bears out, then newest |
| what the property is (`crdt_pms.ledger.property_groups`) | system_priority | the PMS first, then newest |

`posting.content` is of the kind *append*: its writes are never superseded. The content of `guest.profile` is personal.

What a version cannot make sense of (a word of a newer version, a number out of range, another type) is shown as what keeps
guests and money safe until a person who understands it looks:

| field | shown as | because |
|---|---|---|
| `stay.occupancy.status` | in house | the room is not given away, the folio not closed |
| `stay.terms.arrival` | 2990-01-01 | no night is charged, none is taken for a no-show |
| `stay.terms.nights`, `adults`, `children`, `rate_minor` | 1, 1, 0, 0 | nothing is charged that was not agreed |
| `stay.terms.do_not_move` | true | the guest stays where they are |
| `folio.window.status` | open | postings are possible and nothing counts as paid |
| `posting.content.amount_minor` | 0 | no amount is invented |
| `posting.content.kind` | charge | it counts as no payment |
| dates of postings, `property.day.date` | 1900-01-01 | no current report, and no business date, follows from it |
| other text, row ids | empty, or nothing where the field is optional | no row is named |

A group without a policy, or a kind of row without a group, is `PolicyTableIncomplete` when this module is
imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple, cast

from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import KeyFlag
from crdt_pms.journal.limits import CODE_MAX
from crdt_pms.ledger.errors import PolicyTableIncomplete
from crdt_pms.ledger.fields import (
    INDEPENDENT_MARK,
    Content,
    Field,
    FieldWrong,
    Presence,
    Scalar,
    Value,
    choice,
    flag,
    integer,
    iso_date,
    row_id,
    text,
)
from crdt_pms.ledger.limits import BUSINESS_DAYS_AHEAD_MAX, GUESTS_MAX, NIGHTS_MAX, ROW_CHARACTERS_MAX
from crdt_pms.ledger.matters import Matter, Policy
from crdt_pms.ledger.property_groups import PROPERTY_GROUPS

OCCUPANCY: Final = "stay.occupancy"
TERMS: Final = "stay.terms"
STAY_GUEST: Final = "stay.guest"
GUEST_PROFILE: Final = "guest.profile"
FOLIO_WINDOW: Final = "folio.window"
FOLIO_SETTLEMENT: Final = "folio.settlement"
POSTING: Final = "posting.content"
POSTING_DECISION: Final = "posting.decision"
BUSINESS_DAY: Final = "property.day"
PROPERTY_LEVEL: Final = "property.level"

HOTEL_PMS: Final = "hotel-pms"
HOTEL_MEMBER: Final = "hotel-member"
BOOKING_ENGINE: Final = "booking-engine"
ORIGINS: Final = (HOTEL_PMS, HOTEL_MEMBER, BOOKING_ENGINE)
"""Every system that operations come from, as far as this version knows. Another one ranks below all of them."""

ROW_KINDS: Final = (
    "stay", "guest", "folio", "posting", "property", "room", "room_type", "code", "staff", "device", "hotel",
)  # fmt: skip
"""Every kind of row. The part of a group's name before the dot is the kind whose rows have it."""

_PMS_FIRST: Final = (HOTEL_PMS, HOTEL_MEMBER, BOOKING_ENGINE)
_MEMBER_FIRST: Final = (HOTEL_MEMBER, HOTEL_PMS, BOOKING_ENGINE)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY_MS: Final = 24 * 60 * 60 * 1000
_NO_DATE: Final = "1900-01-01"
_FAR_DATE: Final = "2990-01-01"

ClassOf = Callable[[Value, Stamp], int]
"""The declared class of a value that was written at a stamp; the higher one is shown."""


def no_class(_value: Value, _stamp: Stamp) -> int:
    """The class function of a group whose values are all of one class."""
    return 0


def presence(value: Value, _stamp: Stamp) -> int:
    """The declared class of an occupancy: in-house over checked-out over paper.

    Within paper, what ended (cancelled, no-show) comes over what has not: a cancelled stay must not come back
    because a clerk who had not heard of the cancellation assigned it a room (law 9). Only a guest who stands
    in the house does that.
    """
    return _PRESENCE[cast("str", value["status"])]


def later_date(value: Value, stamp: Stamp) -> int:
    """The declared class of a business day: a later date outranks an earlier one; author and time of writing do not matter.

    A date that its own stamp does not bear out comes below all others, the earlier the higher.
    """
    ordinal = date.fromisoformat(cast("str", value["date"])).toordinal()
    return -ordinal if is_far_ahead(value, stamp) else ordinal


def is_far_ahead(value: Value, stamp: Stamp) -> bool:
    """Whether a business date lies further ahead of the UTC date of its stamp than any hotel's calendar does."""
    today = _EPOCH + stamp.milliseconds // _DAY_MS
    return date.fromisoformat(cast("str", value["date"])).toordinal() > today + BUSINESS_DAYS_AHEAD_MAX


_ENDED = frozenset({StayStatus.CANCELLED, StayStatus.NO_SHOW})
_PRESENCE: Mapping[str, int] = {status.value: 2 * int(status.presence) + (status in _ENDED) for status in StayStatus}


class Reading(NamedTuple):
    """What a version makes of a content: a value with every declared field, and which fields had no meaning to it."""

    value: Value
    without_meaning: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """One row of the table.

    `origins` lists the origin systems, the one that outranks all others first; only `system_priority` asks.
    `class_of` gives the declared class of a value, the higher one being shown. `conflict` is what two
    differing writes of the group are called. `rewritten_by` is the action that writes the group anew where a
    value has no meaning. `is_append`: writes are never superseded. `is_personal`: the content can be erased.
    `is_administrators`: only devices of that class write it. `since` is the level of the property from which authors write
    the group.
    """

    name: str
    fields: tuple[Field, ...]
    policy: Policy | None
    conflict: Matter
    rewritten_by: str
    origins: tuple[str, ...] = _PMS_FIRST
    class_of: ClassOf = no_class
    is_append: bool = False
    is_personal: bool = False
    is_administrators: bool = False
    since: int = 1

    @property
    def row_kind(self) -> str:
        """The kind of row that has this group."""
        return self.name.partition(".")[0]

    @property
    def flags(self) -> int:
        """The flags of the keys of its registers."""
        merging = KeyFlag.APPEND if self.is_append else KeyFlag.REPLACE
        return int(merging | KeyFlag.ADMINISTRATORS if self.is_administrators else merging)

    @property
    def waits_for_person(self) -> bool:
        """Whether a conflict of this group stays open until a person chooses."""
        return self.policy is Policy.MANUAL or self.policy is Policy.IDENTITY

    def rank(self, origin: str) -> int:
        """How much the origin system counts here, the higher wins; 0 where systems are not compared.

        A system that this version does not know ranks below all that it knows.
        """
        if self.policy is not Policy.SYSTEM_PRIORITY or origin not in self.origins:
            return 0
        return len(self.origins) - self.origins.index(origin)

    def read(self, content: Content | None) -> Reading:
        """What this version shows of any content; None is one that was erased. Never raises."""
        value: dict[str, Scalar] = {}
        without_meaning: list[str] = []
        for field in self.fields:
            written = field.default if content is None else content.get(field.wire, field.default)
            if isinstance(written, Presence):
                value[field.name] = field.safe
                if content is not None:
                    without_meaning.append(field.name)
                continue
            try:
                field.require(written)
            except FieldWrong:
                value[field.name] = field.safe
                without_meaning.append(field.name)
            else:
                value[field.name] = written
        return Reading(value, tuple(without_meaning))

    def content_of(self, value: Value, over: Content | None = None) -> Content:
        """What an author writes for a value: fields with their default left out. Raises `FieldWrong`.

        `over` is the content that was shown to the author. Of the fields in it that this version does not know, the
        independent ones are carried on; the bound ones only where the rest of the group stays as it was.
        """
        checked = self.require(value)
        content = {field.wire: checked[field.name] for field in self.fields if checked[field.name] != field.default}
        declared = {field.wire for field in self.fields}
        unknown = {} if over is None else {name: over[name] for name in over if name not in declared}
        is_changed = over is None or content != {name: over[name] for name in over if name in declared}
        carried = {
            name: scalar for name, scalar in unknown.items() if name.startswith(INDEPENDENT_MARK) or not is_changed
        }
        return dict(sorted((content | carried).items()))

    def require(self, value: object) -> dict[str, Scalar]:
        """A copy of `value`, keys sorted, if it has exactly the declared fields. Raises `FieldWrong`."""
        if not isinstance(value, Mapping):
            raise FieldWrong(f"{self.name} is not a mapping of fields")
        given = cast("Mapping[object, object]", value)
        checked: dict[str, Scalar] = {}
        for field in self.fields:
            name = field.name
            if name not in given:
                raise FieldWrong(f"{self.name} lacks the field {name}")
            content = given[name]
            try:
                field.require(content)
            except FieldWrong as error:
                raise FieldWrong(f"{self.name}.{name} {error}") from None
            checked[name] = cast("Scalar", content)
        if len(given) != len(checked):
            unknown = min(str(name) for name in given if name not in checked)
            raise FieldWrong(f"{self.name} has no field {unknown[:ROW_CHARACTERS_MAX]!r}")
        return checked

    def level_of(self, content: Content) -> int:
        """The level that a property must have for an author to write this. Fields that are carried on have none."""
        written = (field.level_of(content[field.wire]) for field in self.fields if field.wire in content)
        return max(self.since, *written, 1)

    def require_meaning(self, content: Content) -> None:
        """FieldWrong unless every declared field of `content` has a meaning: what an author is checked against."""
        for field in self.fields:
            written = content.get(field.wire, field.default)
            if isinstance(written, Presence):
                raise FieldWrong(f"{self.name} lacks the field {field.name}")
            try:
                field.require(written)
            except FieldWrong as error:
                raise FieldWrong(f"{self.name}.{field.name} {error}") from None
            if field.wire in content and written == field.default and type(written) is type(field.default):
                raise FieldWrong(f"{self.name}.{field.name} is its default, which is not written")


def _group(
    name: str,
    policy: Policy,
    conflict: Matter,
    fields: Iterable[Field],
    rewritten_by: str,
    origins: tuple[str, ...] = _PMS_FIRST,
    class_of: ClassOf = no_class,
    *,
    is_append: bool = False,
    is_personal: bool = False,
    is_administrators: bool = False,
) -> FieldGroup:
    ordered = tuple(sorted(fields, key=lambda field: field.name))
    return FieldGroup(
        name, ordered, policy, conflict, rewritten_by, origins, class_of, is_append, is_personal, is_administrators
    )


_TABLE: Final = (
    _group(
        OCCUPANCY,
        Policy.SYSTEM_PRIORITY,
        Matter.CONFLICT_OCCUPANCY,
        (
            choice("status", StayStatus, safe=StayStatus.IN_HOUSE),
            text("room", optional=True, characters_max=16),
            integer("arrived_at", safe=None, optional=True, low=0),
            integer("departed_at", safe=None, optional=True, low=0),
            text("note", optional=True),
        ),
        "check_out",
        class_of=presence,
    ),
    _group(
        TERMS,
        Policy.SYSTEM_PRIORITY,
        Matter.CONFLICT_TERMS,
        (
            iso_date("arrival", safe=_FAR_DATE),
            integer("nights", safe=1, low=0, high=NIGHTS_MAX),
            text("room_type", characters_max=100),
            integer("rate_minor", safe=0),
            integer("adults", safe=1, low=0, high=GUESTS_MAX),
            integer("children", safe=0, low=0, high=GUESTS_MAX),
            text("source", characters_max=200, independent=True),
            text("segment", optional=True, characters_max=200, independent=True),
            flag("do_not_move", safe=True, default=False),
        ),
        "amend_terms",
    ),
    _group(STAY_GUEST, Policy.SYSTEM_PRIORITY, Matter.CONFLICT_STAY_GUEST, (row_id("guest"),), "change_guest"),
    _group(
        GUEST_PROFILE,
        Policy.SYSTEM_PRIORITY,
        Matter.CONFLICT_GUEST,
        (
            text("name"),
            text("kana", optional=True),
            text("contact", optional=True),
            text("address", optional=True),
            text("nationality", optional=True),
            text("passport", optional=True),
            text("member", optional=True),
        ),
        "amend_guest",
        origins=_MEMBER_FIRST,
        is_personal=True,
    ),
    _group(
        FOLIO_WINDOW,
        Policy.MANUAL,
        Matter.CONFLICT_FOLIO_WINDOW,
        (row_id("stay"), choice("status", WindowStatus, safe=WindowStatus.OPEN), text("note", optional=True)),
        "reopen_folio",
    ),
    _group(
        FOLIO_SETTLEMENT,
        Policy.MANUAL,
        Matter.CONFLICT_SETTLEMENT,
        (row_id("payment"), integer("balance_minor", safe=0), text("method", characters_max=100)),
        "settle_folio",
    ),
    _group(
        POSTING,
        Policy.IDENTITY,
        Matter.CONFLICT_POSTING,
        (
            row_id("stay"),
            row_id("folio"),
            choice("kind", PostingKind, safe=PostingKind.CHARGE),
            text("code", characters_max=100),
            integer("amount_minor", safe=0),
            iso_date("business_date", safe=_NO_DATE),
            iso_date("revenue_date", safe=_NO_DATE),
            row_id("reverses", optional=True),
            text("reference", optional=True),
            text("description"),
        ),
        "reverse_posting",
        is_append=True,
    ),
    _group(
        POSTING_DECISION,
        Policy.NEWEST,
        Matter.CONFLICT_POSTING_DECISION,
        (text("entry", characters_max=100),),
        "resolve",
    ),
    _group(
        BUSINESS_DAY,
        Policy.NEWEST,
        Matter.CONFLICT_BUSINESS_DAY,
        (iso_date("date", safe=_NO_DATE),),
        "run_night_audit",
        class_of=later_date,
    ),
    *(
        _group(
            one.name,
            Policy.SYSTEM_PRIORITY,
            Matter.CONFLICT_PROPERTY,
            one.fields,
            one.rewritten_by,
            is_administrators=True,
        )
        for one in PROPERTY_GROUPS
    ),
    _group(
        PROPERTY_LEVEL,
        Policy.SYSTEM_PRIORITY,
        Matter.CONFLICT_PROPERTY,
        (integer("level", safe=1, low=2, high=CODE_MAX),),
        "raise_level",
        is_append=True,
        is_administrators=True,
    ),
)


def require_complete(groups: Iterable[FieldGroup] | None = None, row_kinds: Iterable[str] = ROW_KINDS) -> None:
    """Raise `PolicyTableIncomplete` unless every group has a policy and every kind of row has a group.

    A store calls it with the kinds of its own tables, so that a table without a policy refuses to start.
    """
    table = tuple(FIELD_GROUPS.values() if groups is None else groups)
    for group in table:
        if group.policy is None or group.policy is Policy.DERIVED:
            raise PolicyTableIncomplete(f"the field group {group.name} has no policy: declare one")
        if group.conflict.policy is not group.policy:
            raise PolicyTableIncomplete(f"{group.conflict} is declared {group.conflict.policy}, {group.name} not")
        if sorted(group.origins) != sorted(ORIGINS):
            raise PolicyTableIncomplete(f"the field group {group.name} does not rank every origin system")
    declared = {group.row_kind for group in table}
    for kind in row_kinds:
        if kind not in declared:
            raise PolicyTableIncomplete(f"rows of kind {kind} have no field group with a policy: declare one")


DECLARED: Final = {group.name: group for group in _TABLE}
"""What this program declares. Everything reads it through `FIELD_GROUPS`."""
DECLARED_OF_KIND: Final = {kind: tuple(group for group in _TABLE if group.row_kind == kind) for kind in ROW_KINDS}

FIELD_GROUPS: Mapping[str, FieldGroup] = MappingProxyType(DECLARED)
"""Every field group by name."""

GROUPS_OF_KIND: Mapping[str, tuple[FieldGroup, ...]] = MappingProxyType(DECLARED_OF_KIND)
"""The field groups of each kind of row."""


def table_digest() -> bytes:
    """What this program reads in contents: another digest for another table of groups.

    Rows that were written by a program with another table may say something else than this one would.
    """
    told = [
        (
            group.name, group.policy, group.origins, group.flags, group.class_of.__name__,
            [(field.name, field.wire, field.kind, field.safe, str(field.default)) for field in group.fields],
        )
        for _name, group in sorted(FIELD_GROUPS.items())
    ]  # fmt: skip
    return hashlib.sha256(repr(told).encode()).digest()


_ROW_OF_FIELD: Final = {"stay": "stay", "folio": "folio", "guest": "guest", "reverses": "posting"}


def rows_named(group: str, content: Content) -> list[tuple[str, str]]:
    """Kind and id of each row that a content names in its fields; those of guests not, which may be personal."""
    declared = FIELD_GROUPS.get(group)
    if declared is None or declared.is_personal:
        return []
    return [
        (_ROW_OF_FIELD[field.name], row)
        for field in declared.fields
        if field.name in _ROW_OF_FIELD and isinstance(row := content.get(field.wire), str) and row
    ]


require_complete()
