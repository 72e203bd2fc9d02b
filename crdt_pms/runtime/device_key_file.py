"""The file that holds a device's private key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from crdt_pms.journal.keys import DeviceKey
from crdt_pms.runtime.errors import OperatorError

SEED_BYTES: Final = 32


class DeviceKeyUnusable(OperatorError):
    """The key file cannot be read or holds something else."""


def load_device_key(path: Path) -> DeviceKey:
    """The device's key, made on the first start and readable by its owner only. Raises DeviceKeyUnusable."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(SEED_BYTES))
                file.flush()
                os.fsync(file.fileno())
        seed = path.read_bytes()
    except OSError as error:
        raise DeviceKeyUnusable(
            f"The device key {path} cannot be used: {error.strerror}.", "Correct the path or its permissions."
        ) from error
    if len(seed) != SEED_BYTES:
        raise DeviceKeyUnusable(
            f"{path} holds {len(seed)} bytes, a device key has {SEED_BYTES}.",
            "Put the right file back, or remove it and enrol the device anew.",
        )
    return DeviceKey(seed)
