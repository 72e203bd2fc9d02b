"""The two files of a device: its private key, and beside it the chain of certificates that vouches for it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.trust import Chain, DeviceClass, EnrolledDevice
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.errors import OperatorError

CHAIN_SUFFIX: Final = ".device-chain"
DESK_CLASSES: Final = (DeviceClass.TERMINAL, DeviceClass.ADMINISTRATOR)
ADMINISTRATOR_CLASSES: Final = (DeviceClass.ADMINISTRATOR,)
RELAY_CLASSES: Final = (DeviceClass.RELAY,)


class DeviceNotEnrolled(OperatorError):
    """No chain to the property's root vouches for this device in what it is to be."""


def chain_file_of(key_file: Path) -> Path:
    """Where the chain of the device with that key file is kept."""
    return key_file.with_suffix(CHAIN_SUFFIX)


def load_device(key_file: Path, property_id: str, root_key: bytes, classes: Collection[DeviceClass]) -> EnrolledDevice:
    """The device, its key made on the first start. Raises DeviceKeyUnusable, or DeviceNotEnrolled with what to do."""
    key, chain_file = load_device_key(key_file), chain_file_of(key_file)
    remedy = (
        f"On an administrator's device run: crdt-pms property enrol --device-key {key.public_bytes.hex()} "
        f"--device-class {next(iter(classes))} …, and put what it writes at {chain_file}."
    )
    try:
        chain = Chain.decode(chain_file.read_bytes())
        chain.require_of(property_id, root_key)
        device = EnrolledDevice(key, chain)
    except OSError as error:
        raise DeviceNotEnrolled(f"This device has no chain at {chain_file}: {error.strerror}.", remedy) from error
    except CertificateRefused as error:
        raise DeviceNotEnrolled(f"{chain_file} does not vouch for this device: {error}.", remedy) from error
    if chain.device_class not in classes:
        raise DeviceNotEnrolled(f"This device is enrolled as a {chain.device_class}.", remedy)
    return device


def save_chain(path: Path, chain: Chain) -> None:
    """Write a chain to a file of its own. It is no secret. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(chain.encoded)
