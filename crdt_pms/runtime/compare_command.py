"""`crdt-pms compare`: where the content of two terminals differs, down to the row and the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple, cast
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import typer
from rich.console import Console
from rich.table import Table

from crdt_pms.runtime.errors import OperatorError

ANSWER_SECONDS_MAX: Final = 30.0
EXIT_DIFFERENT: Final = 1
DIFFERENCES_SHOWN_MAX: Final = 100


class TerminalSilent(OperatorError):
    """A terminal does not answer at the address given."""


class Difference(NamedTuple):
    """A field of a row that two terminals do not hold alike; `only_at` names the one that has it, if the other has none."""

    group: str
    row: str
    field: str
    only_at: str


def command(
    one: Annotated[str, typer.Argument(help="Address of a terminal, such as http://127.0.0.1:7410")],
    other: Annotated[str, typer.Argument(help="Address of the other terminal")],
) -> None:
    """Compare two terminals bucket by bucket, then row by row, then field by field. Exits with 1 when they differ."""
    console = Console()
    sides = (one.rstrip("/"), other.rstrip("/"))
    found = differences(*sides)
    if not found:
        console.print("The content is the same.")
        return
    table = Table("group", "row", "field", "only at")
    for difference in found[:DIFFERENCES_SHOWN_MAX]:
        table.add_row(*difference)
    console.print(table)
    if len(found) > DIFFERENCES_SHOWN_MAX:
        console.print(f"{len(found) - DIFFERENCES_SHOWN_MAX} more fields differ.")
    if _ask(sides[0], "sync?vector=true")["vector"] != _ask(sides[1], "sync?vector=true")["vector"]:
        console.print("The terminals do not hold the same entries yet: compare again when both are synchronised.")
    raise typer.Exit(EXIT_DIFFERENT)


def differences(one: str, other: str) -> list[Difference]:
    """Every field that differs between the terminals at two addresses. Raises TerminalSilent."""
    here, there = (cast("list[str]", _ask(side, "digest")["buckets"]) for side in (one, other))
    differing = [bucket for bucket, sums in enumerate(zip(here, there, strict=True)) if sums[0] != sums[1]]
    return [
        difference
        for bucket in differing
        for group, row in _rows_that_differ(one, other, bucket)
        for difference in _fields_that_differ(one, other, group, row)
    ]


def _rows_that_differ(one: str, other: str, bucket: int) -> list[tuple[str, str]]:
    here, there = (
        {(row["group"], row["row"]): row["sum"] for row in _ask(side, f"digest/{bucket}")["rows"]}
        for side in (one, other)
    )
    return sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))


def _fields_that_differ(one: str, other: str, group: str, row: str) -> list[Difference]:
    path = f"digest/row/{quote(group, safe='')}/{quote(row, safe='')}"
    here, there = (cast("Mapping[str, str]", _ask(side, path)["fields"]) for side in (one, other))
    return [
        Difference(group, row, field, one if field not in there else other if field not in here else "")
        for field in sorted(here.keys() | there.keys())
        if here.get(field) != there.get(field)
    ]


def _ask(side: str, path: str) -> Any:
    try:
        with urlopen(f"{side}/api/{path}", timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310 - the operator's own address
            return json.load(answer)
    except (URLError, ValueError, OSError) as error:
        raise TerminalSilent(
            f"{side} does not answer as a terminal: {error}.",
            "Give the address of the terminal's own screens, such as http://127.0.0.1:7410, and start the terminal.",
        ) from error
