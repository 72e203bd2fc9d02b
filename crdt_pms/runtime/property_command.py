"""`crdt-pms property`: found a property, and vouch for its devices.

Small on purpose: files are carried by hand. One-use codes come with the identity of devices over TLS.
"""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.property import DefineDevice, DefineHotel, DefineStaff
from crdt_pms.desk.refusals import Refused
from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.property_file import PropertyDefinition, parse_property
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import DEVICE_KEY_BYTES, JOURNAL_ID_BYTES
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice, found_property
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.runtime.device_files import ADMINISTRATOR_CLASSES, CHAIN_SUFFIX, chain_file_of, load_device, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.errors import OperatorError
from crdt_pms.runtime.property_loading import load_property
from crdt_pms.store.witnessed import open_witnessed

ADMINISTRATOR: Final = "administrator"
FOUNDER: Final = "founder"
"""The staff id under which the first rows are written."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
console = Console(highlight=False)


class PropertyNotFounded(OperatorError):
    """The property cannot be founded with what was given."""


class DeviceNotVouchedFor(OperatorError):
    """The device cannot be enrolled with what was given."""


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty")],
    property_id: Annotated[str, typer.Option(help="The property's id; it never changes")],
    name_ja: Annotated[str, typer.Option(help="Its name in Japanese")],
    name_en: Annotated[str, typer.Option(help="Its name in English")],
    manager: Annotated[str, typer.Option(help="The staff id of the first manager")],
    zone: Annotated[str, typer.Option(help="IANA time zone")] = "Asia/Tokyo",
    currency: Annotated[str, typer.Option(help="ISO 4217")] = "JPY",
    opening_date: Annotated[str | None, typer.Option(help="First business date; today by default")] = None,
    relay_url: Annotated[str | None, typer.Option(help="Where the relay will be, ws:// or wss://")] = None,
) -> None:
    """Found a property: its root key, a first administrator's device, the property file, and the first rows."""
    if folder.exists() and any(folder.iterdir()):
        raise PropertyNotFounded(f"{folder} is not empty.", "Give a new folder: a root key must not be overwritten.")
    content = {"property_id": property_id, "relay_url": relay_url}
    root = load_device_key(folder / "root.key")
    text = json.dumps({**content, "root_key": root.public_bytes.hex()}, ensure_ascii=False, indent=1) + "\n"
    key_file = folder / f"{ADMINISTRATOR}.device-key"
    now_ms = system_clock().now_ms()
    try:
        definition = parse_property(text)
        device = found_property(root, property_id, load_device_key(key_file), ADMINISTRATOR, Stamp(now_ms, 0))
    except (PropertyInvalid, CertificateRefused) as error:
        raise PropertyNotFounded(f"{error}.", "Correct that and use another folder.") from error
    (folder / "property.json").write_text(text, encoding="utf-8")
    save_chain(chain_file_of(key_file), device.chain)
    today = opening_date or datetime.fromtimestamp(now_ms / 1_000, UTC).date().isoformat()
    first = [
        DefineHotel(name_ja, name_en, zone, "", currency, today),
        DefineDevice(device.public_bytes.hex(), ADMINISTRATOR, DeviceClass.ADMINISTRATOR),
        DefineStaff(manager, manager, manager, "manager"),
    ]
    _write_first(folder / f"{ADMINISTRATOR}.sqlite", definition, device, first, now_ms)
    console.print(f"{folder / 'root.key'}: the recovery key. Keep it offline, in two places, and delete it here.")
    console.print(f"{folder / 'property.json'}: for every device of the property.")
    console.print(
        f"Start the administrator's desk with --database {folder / ADMINISTRATOR}.sqlite, add rooms and staff there, and enrol "
        "a second administrator's device: crdt-pms property enrol --device-class administrator …"
    )


@app.command("enrol")
def enrol(
    property_file: Annotated[Path, typer.Option("--property", help="The property file")],
    administrator: Annotated[Path, typer.Option(help="The device key file of an administrator's device")],
    device_key: Annotated[
        str, typer.Option(help="The device's public key, 64 hexadecimal digits, as it says at its start")
    ],
    name: Annotated[str, typer.Option(help="What the device is called")],
    out: Annotated[Path, typer.Option(help=f"The file to write, *{CHAIN_SUFFIX}; put it beside the device's key")],
    device_class: Annotated[DeviceClass, typer.Option(help="What the device is to be")] = DeviceClass.TERMINAL,
) -> None:
    """Vouch for a device, as an administrator: writes the chain that the device starts with."""
    definition = load_property(property_file, None)
    issuer = load_device(administrator, definition.property_id, definition.root_key, ADMINISTRATOR_CLASSES)
    try:
        key = bytes.fromhex(device_key)
        if len(key) != DEVICE_KEY_BYTES:
            raise ValueError(f"{len(key)} bytes")
        chain = issuer.enrol(key, device_class, name, Stamp(system_clock().now_ms(), 0))
    except (ValueError, CertificateRefused) as error:
        raise DeviceNotVouchedFor(f"The device cannot be enrolled: {error}.", "Correct what was given.") from error
    save_chain(out, chain)
    console.print(
        f"{out}: carry it to the device. On the administrator's desk, add device {chain.device_id} to the list."
    )


def _write_first(
    database: Path, definition: PropertyDefinition, device: EnrolledDevice, actions: list[Action], now_ms: int
) -> None:
    with closing(open_witnessed(database, definition.property_id, device.device_id)) as store:
        journal = JournalId(secrets.token_bytes(JOURNAL_ID_BYTES))
        replica = Replica.open(store, definition, device, journal, now_ms)
        for action in actions:
            try:
                replica.act(action, FOUNDER, now_ms, lambda: secrets.token_hex(16), HOTEL_PMS)
            except Refused as refused:
                raise PropertyNotFounded(refused.message_en, "Correct that and use another folder.") from refused
