"""Appended to `crdt_pms/ledger/policies.py` of the older version: its table lacks two fields, a word and a group.

The desk's code around it is that of this tree, so what a reading lacks is filled in with defaults.
"""

# ruff: noqa: F821 - the names are those of the module that this is appended to
# pyright: reportUndefinedVariable=false
from dataclasses import dataclass as _dataclass
from dataclasses import fields as _fields

_LACKING = {"segment", "do_not_move"}
_WORD_LACKING = "waitlisted"
_GROUP_LACKING = "posting.decision"


@_dataclass(frozen=True, slots=True)
class _OlderGroup(FieldGroup):  # type: ignore[name-defined]
    lacking: tuple = ()

    def read(self, content):
        reading = FieldGroup.read(self, content)
        missing = {field.name: field.default for field in self.lacking}
        return Reading({**missing, **reading.value}, reading.without_meaning)

    def content_of(self, value, over=None):
        known = {field.name for field in self.fields}
        return FieldGroup.content_of(self, {name: value[name] for name in value if name in known}, over)


def _older(group):
    values = {field.name: getattr(group, field.name) for field in _fields(FieldGroup)}
    kept = tuple(field for field in group.fields if field.name not in _LACKING)
    lacking = tuple(field for field in group.fields if field.name in _LACKING)
    return _OlderGroup(**{**values, "fields": kept}, lacking=lacking)


DECLARED[TERMS] = _older(DECLARED[TERMS])
DECLARED[OCCUPANCY] = _OlderGroup(
    **{
        **{field.name: getattr(DECLARED[OCCUPANCY], field.name) for field in _fields(FieldGroup)},
        "fields": tuple(
            choice("status", [one for one in StayStatus if one != _WORD_LACKING], safe=StayStatus.IN_HOUSE)
            if field.name == "status"
            else field
            for field in DECLARED[OCCUPANCY].fields
        ),
    }
)
DECLARED_OF_KIND.update(
    {kind: tuple(group for group in DECLARED.values() if group.row_kind == kind) for kind in DECLARED_OF_KIND}
)
