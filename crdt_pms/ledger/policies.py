"""The declared table of field groups: what each is made of and how concurrent writes of it are settled.

| group | policy | decided by |
|---|---|---|
| `stay.occupancy` | system_priority | class `presence`, then the PMS first, then newest |
| `stay.terms`, `stay.guest` | system_priority | the PMS first, then newest |
| `guest.profile` | system_priority | the member system first, then newest |
| `folio.window`, `folio.settlement` | manual | a person |
| `posting.content` | identity | equal contents are one posting, else a person |
| `property.day` | newest | the later date, then newest |

A group without a policy, or a kind of row without a group, is `PolicyTableIncomplete` when this module is
imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, cast

from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.ledger.errors import PolicyTableIncomplete
from crdt_pms.ledger.fields import (
    Field,
    FieldWrong,
    Scalar,
    Value,
    choice,
    flag,
    integer,
    iso_date,
    row_id,
    text,
)
from crdt_pms.ledger.limits import GUESTS_MAX, NIGHTS_MAX, ROW_CHARACTERS_MAX
from crdt_pms.ledger.matters import Matter, Policy

OCCUPANCY: Final = "stay.occupancy"
TERMS: Final = "stay.terms"
STAY_GUEST: Final = "stay.guest"
GUEST_PROFILE: Final = "guest.profile"
FOLIO_WINDOW: Final = "folio.window"
FOLIO_SETTLEMENT: Final = "folio.settlement"
POSTING: Final = "posting.content"
BUSINESS_DAY: Final = "property.day"

HOTEL_PMS: Final = "hotel-pms"
HOTEL_MEMBER: Final = "hotel-member"
BOOKING_ENGINE: Final = "booking-engine"
ORIGINS: Final = (HOTEL_PMS, HOTEL_MEMBER, BOOKING_ENGINE)
"""Every system that operations come from."""

ROW_KINDS: Final = ("stay", "guest", "folio", "posting", "property")
"""Every kind of row. The part of a group's name before the dot is the kind whose rows have it."""

_PMS_FIRST: Final = (HOTEL_PMS, HOTEL_MEMBER, BOOKING_ENGINE)
_MEMBER_FIRST: Final = (HOTEL_MEMBER, HOTEL_PMS, BOOKING_ENGINE)


def no_class(_value: Value) -> int:
    """The class function of a group whose values are all of one class."""
    return 0


def presence(value: Value) -> int:
    """The declared class of an occupancy: in-house over checked-out over paper.

    Within paper, what ended (cancelled, no-show) comes over what has not: a cancelled stay must not come back
    because somebody who had not heard of the cancellation assigned it a room (law 9). Only a guest who stands
    in the house does that.
    """
    return _PRESENCE[cast("str", value["status"])]


def later_date(value: Value) -> int:
    """The declared class of a business day: a later date outranks an earlier one, whoever wrote it when."""
    return date.fromisoformat(cast("str", value["date"])).toordinal()


_ENDED = frozenset({StayStatus.CANCELLED, StayStatus.NO_SHOW})
_PRESENCE: Mapping[str, int] = {status.value: 2 * int(status.presence) + (status in _ENDED) for status in StayStatus}


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """One row of the table.

    `origins` lists the origin systems, the one that outranks all others first; only `system_priority` asks.
    `class_of` gives the declared class of a value, the higher one being shown. `conflict` is what two
    differing writes of the group are called.
    """

    name: str
    fields: tuple[Field, ...]
    policy: Policy | None
    conflict: Matter
    origins: tuple[str, ...] = _PMS_FIRST
    class_of: Callable[[Value], int] = no_class

    @property
    def row_kind(self) -> str:
        """The kind of row that has this group."""
        return self.name.partition(".")[0]

    @property
    def waits_for_person(self) -> bool:
        """Whether a conflict of this group stays open until a person chooses."""
        return self.policy is Policy.MANUAL or self.policy is Policy.IDENTITY

    def rank(self, origin: str) -> int:
        """How much the origin system counts here, the higher wins; 0 where systems are not compared."""
        if self.policy is not Policy.SYSTEM_PRIORITY:
            return 0
        return len(self.origins) - self.origins.index(origin)

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
            if content is not None or not field.optional:
                try:
                    field.check(content)
                except FieldWrong as error:
                    raise FieldWrong(f"{self.name}.{name} {error}") from None
            checked[name] = cast("Scalar", content)
        if len(given) != len(checked):
            unknown = min(str(name) for name in given if name not in checked)
            raise FieldWrong(f"{self.name} has no field {unknown[:ROW_CHARACTERS_MAX]!r}")
        return checked


def _group(
    name: str,
    policy: Policy,
    conflict: Matter,
    fields: Iterable[Field],
    origins: tuple[str, ...] = _PMS_FIRST,
    class_of: Callable[[Value], int] = no_class,
) -> FieldGroup:
    ordered = tuple(sorted(fields, key=lambda field: field.name))
    return FieldGroup(name, ordered, policy, conflict, origins, class_of)


_TABLE: Final = (
    _group(
        OCCUPANCY,
        Policy.SYSTEM_PRIORITY,
        Matter.CONFLICT_OCCUPANCY,
        (
            choice("status", StayStatus),
            text("room", optional=True, characters_max=16),
            integer("arrived_at", optional=True, low=0),
            integer("departed_at", optional=True, low=0),
            text("note", optional=True),
        ),
        class_of=presence,
    ),
    _group(
        TERMS,
        Policy.SYSTEM_PRIORITY,
        Matter.CONFLICT_TERMS,
        (
            iso_date("arrival"),
            integer("nights", low=0, high=NIGHTS_MAX),
            text("room_type", characters_max=100),
            integer("rate_minor"),
            integer("adults", low=0, high=GUESTS_MAX),
            integer("children", low=0, high=GUESTS_MAX),
            text("source", characters_max=200),
            text("segment", optional=True, characters_max=200),
            flag("do_not_move"),
        ),
    ),
    _group(STAY_GUEST, Policy.SYSTEM_PRIORITY, Matter.CONFLICT_STAY_GUEST, (row_id("guest"),)),
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
        origins=_MEMBER_FIRST,
    ),
    _group(
        FOLIO_WINDOW,
        Policy.MANUAL,
        Matter.CONFLICT_FOLIO_WINDOW,
        (row_id("stay"), choice("status", WindowStatus), text("note", optional=True)),
    ),
    _group(
        FOLIO_SETTLEMENT,
        Policy.MANUAL,
        Matter.CONFLICT_SETTLEMENT,
        (row_id("payment"), integer("balance_minor"), text("method", characters_max=100)),
    ),
    _group(
        POSTING,
        Policy.IDENTITY,
        Matter.CONFLICT_POSTING,
        (
            row_id("stay"),
            row_id("folio"),
            choice("kind", PostingKind),
            text("code", characters_max=100),
            integer("amount_minor"),
            iso_date("business_date"),
            iso_date("revenue_date"),
            row_id("reverses", optional=True),
            text("reference", optional=True),
            text("description"),
        ),
    ),
    _group(
        BUSINESS_DAY,
        Policy.NEWEST,
        Matter.CONFLICT_BUSINESS_DAY,
        (iso_date("date"),),
        class_of=later_date,
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


FIELD_GROUPS: Mapping[str, FieldGroup] = MappingProxyType({group.name: group for group in _TABLE})
"""Every field group by name."""

GROUPS_OF_KIND: Mapping[str, tuple[FieldGroup, ...]] = MappingProxyType(
    {kind: tuple(group for group in _TABLE if group.row_kind == kind) for kind in ROW_KINDS}
)
"""The field groups of each kind of row."""

require_complete()
