"""The `crdt-pms` command. Packages register their subcommands as entry points of the group `crdt_pms.commands`.

A subcommand's module is imported only when that subcommand is asked for, so that help is quick and one broken part does not
take the others along.
"""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points, version
from typing import Any

import click
import typer
from rich.console import Console
from rich.markup import escape

from crdt_pms.runtime.errors import OperatorError

COMMAND_GROUP = "crdt_pms.commands"
PROGRAM = "crdt-pms"
HELP_OPTIONS = ["-h", "--help"]
EXIT_OPERATOR_ERROR = 2

SUMMARIES = {
    "chaos": "Kill, stop, cut off, fill and restore the processes of a hotel at work, and judge the outcome.",
    "compare": "Say where the content of two terminals differs, down to the row and the field.",
    "demo": "A hotel on this machine: PostgreSQL, a relay and three front desks.",
    "property": "Found a property, and vouch for its devices.",
    "relay": "Run a relay: the node that commits a property's journals to PostgreSQL.",
    "replay": "Drive real processes through days of bookings, cut their links, and judge the outcome.",
    "settings": "Show the effective settings, secrets masked.",
    "simulate": "Run simulated hotels in virtual time, with every fault that we know of, from one seed.",
    "terminal": "Run one front-desk terminal.",
}
"""What the overview says of each subcommand, so that it need not import them."""


EXTRA_MODULES = frozenset({"httpx"})
"""What only the extra `simulations` brings."""


class ExtraMissing(OperatorError):
    """A subcommand needs an extra of the package that is not installed."""


class LazyCommands(click.Group):
    """Resolves subcommands from entry points on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All registered names."""
        return sorted(_registered())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command that hands its arguments to the subcommand, imported when it is called."""
        entry = _registered().get(cmd_name)
        if entry is None:
            return None

        def call(arguments: tuple[str, ...]) -> None:
            # Typer carries a click of its own, whose exits and usage errors only its own runner understands.
            loaded = _loaded(entry)
            if isinstance(loaded, typer.Typer):
                app = loaded
            else:
                app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
                app.command(name=cmd_name, context_settings={"help_option_names": HELP_OPTIONS})(loaded)
            app(args=list(arguments), prog_name=f"{PROGRAM} {cmd_name}")

        return click.Command(
            cmd_name,
            callback=call,
            params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
            help=SUMMARIES.get(cmd_name),
            add_help_option=False,
            context_settings={"ignore_unknown_options": True},
        )


def _loaded(entry: EntryPoint) -> Any:
    """What the subcommand's module offers. Raises ExtraMissing when a package of an extra is not installed."""
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        if error.name not in EXTRA_MODULES:
            raise
        raise ExtraMissing(
            f"crdt-pms {entry.name} needs the package {error.name}, which a desk or relay does not.",
            "Install crdt-pms[simulations].",
        ) from error


def _registered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=COMMAND_GROUP)}


@click.command(cls=LazyCommands, context_settings={"help_option_names": HELP_OPTIONS})
@click.version_option(version("crdt-pms"), prog_name=PROGRAM)
def app() -> None:
    """Hotel front desks that keep working, and keep their data, when the network does not."""


def main() -> None:
    """Run the command line; errors an operator can mend are told in two lines instead of a traceback."""
    try:
        app()
    except OperatorError as error:
        console = Console(stderr=True)
        console.print(f"[bold red]{type(error).__name__}[/]: {escape(error.message)}", highlight=False)
        console.print(f"→ {error.remedy}", highlight=False, markup=False)
        sys.exit(EXIT_OPERATOR_ERROR)


if __name__ == "__main__":
    main()
