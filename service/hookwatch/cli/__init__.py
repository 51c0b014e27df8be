"""`hookwatch ...`: the only place that knows every part. Decides nothing itself; each command is one file beside this.

Exit codes of all commands: 0 all well, 1 found something, 2 misuse.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from hookwatch import __version__

# Each is a module under hookwatch.cli that offers a function of its own name with an EPILOG, or an `app`. It is loaded
# when it is called, so that `hookwatch send` does not wait for the sandbox to be imported.
COMMANDS = (
    "up",
    "send",
    "patterns",
    "alarms",
    "cost",
    "loop",
    "parked",
    "redeliver",
    "replay",
    "overrides",
    "doctor",
    "secret",
)


class Commands(TyperGroup):
    """The commands, each loaded when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """The names, in the order in which a new user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hookwatch.cli.{cmd_name}")
        if hasattr(module, "app"):
            group: typer.Typer = module.app
        else:
            group = typer.Typer(add_completion=False)
            group.command(epilog=module.EPILOG)(getattr(module, cmd_name))
        command = get_command(group)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="hookwatch",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"hookwatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """GitHub and Twilio webhooks onto AWS EventBridge: verified, measured, alarmed, recoverable."""


def main() -> int:
    """Run the command line; the exit code is the answer."""
    try:
        app(prog_name="hookwatch")
    except BrokenPipeError:
        # The reader of a pipe has seen enough (`| head`).
        sys.stderr.close()
    return 0
