"""Which of two links between the same two devices stays. Each end decides for itself, as it hears of them."""

from __future__ import annotations

from crdt_pms.journal.identifiers import DeviceId


def gives_way(standing: DeviceId, newer: DeviceId, ends: tuple[DeviceId, DeviceId]) -> bool:
    """Whether the link that `standing` made gives way to one that `newer` makes now.

    Of two links of one maker the newer stays: a device that connects again has lost the other one. Of two makers the device
    with the lower id is preferred, so that both ends keep the same link when both connect at once.
    """
    return standing == newer or standing != min(ends)
