"""Every knob by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from simulations.faults import crowding, cutting, deceiving, failing, spoiling, storing, updating
from simulations.faults.knob import Knob
from simulations.world.plan import Fault
from simulations.world.world import World

KNOBS: Final[Mapping[str, Knob]] = MappingProxyType(
    {
        knob.name: knob
        for family in (cutting, crowding, spoiling, failing, storing, deceiving, updating)
        for knob in family.KNOBS
    }
)
PARTITIONS: Final = frozenset(knob.name for knob in cutting.KNOBS) - {"half_open"}

PENDING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "revoked_device": "a device is revoked with a cut-off for each of its journals",
        "board_epoch": "the relay rolls the board into a new epoch while terminals are away",
        "relay_failover": "a second relay process takes over on the same database",
    }
)
"""Knobs whose mechanism the product does not have yet."""


def apply(world: World, fault: Fault) -> None:
    """Let a fault begin."""
    if all(number in world.machines for number in fault.nodes):
        KNOBS[fault.kind].apply(world, fault)
