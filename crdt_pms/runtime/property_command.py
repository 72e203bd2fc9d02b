"""`crdt-pms property`: found a property, and vouch for its devices.

Small on purpose: files are carried by hand. One-use codes come with the identity of devices over TLS.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crdt_pms.desk.actions.property import DefineStaff
from crdt_pms.desk.founding import founding_actions
from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.founding_file import Founding, parse_founding
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.limits import DEVICE_KEY_BYTES
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.runtime.device_files import ADMINISTRATOR_CLASSES, CHAIN_SUFFIX, load_device, save_chain
from crdt_pms.runtime.errors import OperatorError
from crdt_pms.runtime.founding import ROOT_KEY_FILE, PropertyNotFounded, found
from crdt_pms.runtime.property_loading import load_property

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
console = Console(highlight=False)


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
    founding: Annotated[
        Path | None,
        typer.Option(help="JSON with room_types, rooms, staff, codes and register_fields, written as the first rows"),
    ] = None,
) -> None:
    """Found a property: its root key, a first administrator's device, the property file, and the first rows."""
    if folder.exists() and any(folder.iterdir()):
        raise PropertyNotFounded(f"{folder} is not empty.", "Give a new folder: a root key must not be overwritten.")
    given = _founding(founding)
    role = next((member.role for member in given.staff if member.staff_id == manager), None)
    if role not in (None, "manager"):
        raise PropertyNotFounded(
            f"{manager} is a {role} in {founding}.", "Name one of its managers, or another staff id."
        )
    now_ms = system_clock().now_ms()
    today = opening_date or datetime.fromtimestamp(now_ms / 1_000, UTC).date().isoformat()
    first = founding_actions(
        given, name_ja=name_ja, name_en=name_en, zone=zone, currency=currency, opening_date=today
    )  # fmt: skip
    if role is None:
        first.append(DefineStaff(manager, manager, manager, "manager"))
    made = found(folder, property_id, first, now_ms, relay_url=relay_url)
    console.print(f"{folder / ROOT_KEY_FILE}: the recovery key. Keep it offline, in two places, and delete it here.")
    console.print(f"{made.property_file}: for every device of the property.")
    console.print(
        f"Start the administrator's desk with --database {made.database}, add rooms and staff there, and enrol "
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


def _founding(path: Path | None) -> Founding:
    """What the file says; without one the property begins without rooms. Raises `PropertyNotFounded`."""
    if path is None:
        return Founding()
    try:
        return parse_founding(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PropertyNotFounded(f"The founding file {path} cannot be read: {error}.", "Correct its path.") from error
    except PropertyInvalid as error:
        raise PropertyNotFounded(f"The founding file {path} is wrong: {error}.", "Correct that place.") from error
