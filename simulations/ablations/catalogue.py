"""Every ablation by name, with the seed that was recorded for it (`simulations.ablations.recording`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from simulations.ablations import (
    alerting,
    bounding,
    clocks,
    desk_rules,
    digests,
    documents,
    guards,
    journals,
    ledgers,
    quarantines,
    relays,
    residing,
    session,
    snapshotting,
    storing,
    versions,
)
from simulations.ablations.ablation import Ablation

RECORDED: Final = Path(__file__).with_name("seeds.json")
_SEEDS: Final[Mapping[str, int]] = json.loads(RECORDED.read_text())
_AREAS: Final = (
    journals,
    session,
    storing,
    ledgers,
    residing,
    documents,
    digests,
    guards,
    desk_rules,
    quarantines,
    alerting,
    relays,
    bounding,
    clocks,
    versions,
    snapshotting,
)

ABLATIONS: Final[Mapping[str, Ablation]] = MappingProxyType(
    {one.name: replace(one, seed=_SEEDS.get(one.name)) for area in _AREAS for one in area.ABLATIONS}
)
"""By area, in the order of `_AREAS`."""
