"""`crdt-pms settings`: what this process would run with."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from crdt_pms.runtime.settings import Settings, load_settings


def command() -> None:
    """Show the effective settings, secrets masked, and what each is for."""
    settings = load_settings()
    table = Table("name", "value", "meaning")
    for name, field in Settings.model_fields.items():
        table.add_row(name.upper(), str(getattr(settings, name)), field.description)
    Console().print(table)
