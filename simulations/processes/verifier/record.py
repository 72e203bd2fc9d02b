"""What the driver of a run hands to the judge: where the nodes' databases are, and what the driver saw happen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from simulations.checkers.errors import RecordUnreadable
from simulations.checkers.witnessed import Acknowledged, Scheduled

RECORD_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A finished run. All processes have ended; the terminals' files may still have a write-ahead log beside them.

    `opening_date` is the first business date that the administrator gave the hotel, ISO 8601.
    """

    property_file: Path
    opening_date: str
    terminals: Mapping[str, Path]
    database_url: str
    acknowledged: Sequence[Acknowledged] = field(default=())
    scheduled: Sequence[Scheduled] = field(default=())

    def save(self, path: Path) -> None:
        """Write the record as JSON."""
        content = {
            "version": RECORD_VERSION,
            "property_file": str(self.property_file),
            "opening_date": self.opening_date,
            "terminals": {name: str(file) for name, file in self.terminals.items()},
            "database_url": self.database_url,
            "acknowledged": [
                {"node": one.node, "what": one.what, "entries": [list(entry) for entry in one.entries]}
                for one in self.acknowledged
            ],
            "scheduled": [
                {"kind": one.kind, "matters": list(one.matters), "about": list(one.about)} for one in self.scheduled
            ],
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> RunRecord:
        """Read back what `save` wrote. Raises RecordUnreadable."""
        try:
            content = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
            if content["version"] != RECORD_VERSION:
                raise RecordUnreadable(f"{path}: version {content['version']!r} is not known")
            return cls(
                Path(content["property_file"]),
                str(content["opening_date"]),
                {str(name): Path(file) for name, file in content["terminals"].items()},
                str(content["database_url"]),
                tuple(_acknowledged(one) for one in content["acknowledged"]),
                tuple(_scheduled(one) for one in content["scheduled"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordUnreadable(f"{path} is not a run record: {type(error).__name__}: {error}") from error


def _acknowledged(one: Mapping[str, Any]) -> Acknowledged:
    entries = tuple((_hexadecimal(journal), _number(seq)) for journal, seq in one["entries"])
    return Acknowledged(str(one["node"]), str(one["what"]), entries)


def _scheduled(one: Mapping[str, Any]) -> Scheduled:
    return Scheduled(str(one["kind"]), tuple(map(str, one["matters"])), tuple(map(str, one["about"])))


def _hexadecimal(value: object) -> str:
    return bytes.fromhex(str(value)).hex()


def _number(value: object) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not the number of an entry")
    return value
