"""Founds a property on disk: its root key, its first administrator's device with the first rows, and the property file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crdt_pms.desk.actions.property import DefineDevice, PropertyAction
from crdt_pms.desk.refusals import Refused
from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.property_file import PropertyDefinition, parse_property, render_property
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice, found_property
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.errors import OperatorError
from crdt_pms.store.desk_file import open_desk

ADMINISTRATOR: Final = "administrator"
FOUNDER: Final = "founder"
"""The staff id under which the first rows are written."""
ROOT_KEY_FILE: Final = "root.key"
PROPERTY_FILE: Final = "property.json"


class PropertyNotFounded(OperatorError):
    """The property cannot be founded with what was given."""


@dataclass(frozen=True, slots=True)
class FoundedProperty:
    """What lies in the folder: the property file, and the first administrator's device with its key and its database."""

    property_file: Path
    administrator: EnrolledDevice
    key_file: Path
    database: Path


def found(
    folder: Path,
    property_id: str,
    first: Sequence[PropertyAction],
    now_ms: int,
    *,
    relay_url: str | None = None,
    name: str = ADMINISTRATOR,
) -> FoundedProperty:
    """Make the files in `folder`, named after the administrator's device, and do the `first` actions on it.

    `now_ms` is when that happens, in UTC milliseconds. Raises `PropertyNotFounded`.
    """
    root = load_device_key(folder / ROOT_KEY_FILE)
    content = {"property_id": property_id, "root_key": root.public_bytes.hex(), "relay_url": relay_url}
    key_file, database = folder / f"{name}.device-key", folder / f"{name}.sqlite"
    try:
        definition = parse_property(json.dumps(content))
        device = found_property(root, property_id, load_device_key(key_file), name, Stamp(now_ms, 0))
    except (PropertyInvalid, CertificateRefused) as error:
        raise PropertyNotFounded(f"{error}.", "Correct that and use another folder.") from error
    property_file = folder / PROPERTY_FILE
    property_file.write_text(render_property(definition), encoding="utf-8")
    save_chain(chain_file_of(key_file), device.chain)
    hotel, *others = first
    itself = DefineDevice(device.public_bytes.hex(), name, DeviceClass.ADMINISTRATOR)
    _write(database, definition, device, [hotel, itself, *others], now_ms)
    return FoundedProperty(property_file, device, key_file, database)


def _write(
    database: Path,
    definition: PropertyDefinition,
    device: EnrolledDevice,
    actions: Sequence[PropertyAction],
    now_ms: int,
) -> None:
    with closing(open_desk(database, definition.property_id, device.device_id)) as store:
        journal = JournalId(secrets.token_bytes(JOURNAL_ID_BYTES))
        replica = Replica.open(store, definition, device, journal, now_ms)
        for action in actions:
            try:
                replica.act(action, FOUNDER, now_ms, lambda: secrets.token_hex(16), HOTEL_PMS)
            except Refused as refused:
                raise PropertyNotFounded(refused.message_en, "Correct that and use another folder.") from refused
