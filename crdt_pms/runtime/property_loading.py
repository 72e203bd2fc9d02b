"""Reads the property file of a process, and refuses one that it may not serve."""

from __future__ import annotations

from pathlib import Path

from crdt_pms.hotel.errors import PropertyInvalid
from crdt_pms.hotel.property_file import PropertyDefinition, parse_property
from crdt_pms.runtime.errors import OperatorError, SettingsError


class PropertyFileUnusable(OperatorError):
    """The property file cannot be read, or is wrong somewhere."""


def load_property(path: Path, tenant_id: str | None) -> PropertyDefinition:
    """The property, checked against TENANT_ID where that is set. Raises PropertyFileUnusable or SettingsError."""
    try:
        definition = parse_property(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PropertyFileUnusable(f"The property file {path} cannot be read: {error}.", "Correct its path.") from error
    except PropertyInvalid as error:
        raise PropertyFileUnusable(f"The property file {path} is wrong: {error}.", "Correct that place.") from error
    if tenant_id is not None and tenant_id != definition.property_id:
        raise SettingsError(
            f"TENANT_ID is {tenant_id!r}, the property file is of {definition.property_id!r}.",
            "Start this process with the property that it belongs to.",
        )
    return definition
