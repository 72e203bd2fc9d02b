"""The rows of the small hotel, as its administrator's desk wrote them and as every other node takes them over."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crdt_pms.hotel.property_file import PropertyDefinition, parse_property, render_property
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.replica.replica import Replica
from crdt_pms.store.desk_file import open_desk
from simulations.workloads.property import first_rows
from tests.crdt_pms.replica.terminals import START_MS, Desk, definition

ADMINISTRATOR = 90


class FirstRows(NamedTuple):
    """What the administrator's desk wrote."""

    certificates: Sequence[Certificate]
    entries: Sequence[Entry]


def without_rows() -> PropertyDefinition:
    """The small hotel as its property file names it."""
    return parse_property(render_property(definition()))


@cache
def rows_of_the_small_hotel() -> FirstRows:
    """Written once for all tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(
            ADMINISTRATOR, Path(folder) / "administrator.sqlite", without_rows(), device_class=DeviceClass.ADMINISTRATOR
        )
        with closing(desk.store):
            entries = [entry for action in first_rows(definition()) for entry in desk.do(action, "founder").entries]
            certificates = [desk.replica.certificate(journal) for journal in desk.replica.vector]
    return FirstRows([one for one in certificates if one is not None], entries)


def take_over_rows(database: Path, device: EnrolledDevice) -> None:
    """Let a desk receive the first rows, as it does in a session; its file is closed afterwards."""
    hotel, rows = without_rows(), rows_of_the_small_hotel()
    with closing(open_desk(database, hotel.property_id, device.device_id)) as store:
        replica = Replica.open(store, hotel, device, JournalId(b"takes over rows!"), START_MS)
        replica.receive_certificates(rows.certificates)
        replica.receive(rows.entries, START_MS)
        replica.refresh_alerts()
