"""`hookwatch send`: signs and posts real payloads. Takes no secret as an argument, where every process could read."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.send_view import draw, progress
from hookwatch.sender.examples import (
    DEFAULT_EVENT,
    Example,
    PayloadFileError,
    UnknownExampleError,
    load_example,
    read_payload,
)
from hookwatch.sender.forging import Forgery
from hookwatch.sender.load import PATIENCE_S, Load
from hookwatch.sender.report import Tally
from hookwatch.sender.request import OutgoingRequest, github_request, twilio_request
from hookwatch.sender.target import Target, TargetError, read_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.sender.examples import ProviderName

SECRET_VARIABLES: dict[ProviderName, str] = {
    "github": "HOOKWATCH_GITHUB_SECRET",
    "twilio": "HOOKWATCH_TWILIO_TOKEN",
}
# The ports of `hookwatch up`.
DEFAULT_URLS: dict[ProviderName, str] = {"github": "http://127.0.0.1:8001/", "twilio": "http://127.0.0.1:8002/"}

# More than this to somebody else's machine is no accident that should be easy to have.
UNASKED_COUNT = 100
MAX_CONCURRENCY = 256

EPILOG = """\
Examples:\n
\b
  hookwatch send github                              one push to the sandbox
  hookwatch send github --event issues.opened --json
  hookwatch send twilio --event event-stream         JSON with bodySHA256
  hookwatch send github --count 500 --concurrency 20 latency and answers
  hookwatch send twilio --forge tampered             must be refused
  hookwatch send github --url https://hooks.example.com/ --file my.json
"""

app = typer.Typer(add_completion=False)

_HEADER_VALUE = re.compile(r"[\x21-\x7e]{1,256}")


@app.command(epilog=EPILOG)
def send(
    provider: Annotated[Literal["github", "twilio"], typer.Argument(help="Whose webhook to send.")],
    *,
    url: Annotated[str | None, typer.Option(help="Where to; the sandbox's function if left out.")] = None,
    event: Annotated[
        str | None, typer.Option(help="GitHub event (push, issues.opened) or Twilio kind (message.status).")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A payload of your own: JSON for GitHub, parameters as JSON for Twilio.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many deliveries, each with an id of its own.")] = 1,
    concurrency: Annotated[int, typer.Option(min=1, max=MAX_CONCURRENCY, help="How many at once.")] = 1,
    forge: Annotated[Forgery, typer.Option(help="Get the signature wrong: 4xx is right then.")] = Forgery.NONE,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help=f"Send more than {UNASKED_COUNT} to another machine.")] = False,
) -> None:
    """Sign and post webhooks as GitHub or Twilio would, and say how they were answered.

    The secret comes from HOOKWATCH_GITHUB_SECRET or HOOKWATCH_TWILIO_TOKEN, or from a prompt. Exit code 0: every answer
    was as expected (2xx, or 4xx to a forged request); 1: some were not; 2: the command was wrong.
    """
    example, target = _example(provider, event, file), _target(provider, url)
    if count > UNASKED_COUNT and not target.is_loopback and not yes:
        _misuse(f"{count} deliveries to {target.url}, which is not this machine: add --yes if that is meant")
    secret = _secret(provider) if forge.needs_secret else ""
    build = github_request if provider == "github" else twilio_request

    def make() -> OutgoingRequest:
        return build(target.url, example, secret, forge, more=target.headers)

    asked = {"provider": provider, "event": example.event, "url": target.url, "forge": forge.value}
    document = _run(make, asked, forge, count=count, concurrency=concurrency, patience_s=PATIENCE_S[provider])
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        draw(Console(highlight=False), document)
    raise typer.Exit(0 if document["ok"] else 1)


def _run(
    make: Callable[[], OutgoingRequest],
    asked: dict[str, str],
    forge: Forgery,
    *,
    count: int,
    concurrency: int,
    patience_s: float,
) -> dict[str, object]:
    load = Load(make, count=count, concurrency=concurrency, patience_s=patience_s)
    tally = Tally(forge)
    start = time.perf_counter()
    try:
        with progress(count) as advance:
            for reply in load.replies():
                tally.add(reply)
                advance()
    except KeyboardInterrupt:
        load.stop()
    return tally.document(asked, count, time.perf_counter() - start)


def _example(provider: ProviderName, event: str | None, file: Path | None) -> Example:
    if event is not None and not _HEADER_VALUE.fullmatch(event):
        _misuse("--event must be 1 to 256 printable ASCII characters without spaces")
    try:
        if file is not None:
            return read_payload(provider, file, event)
        return load_example(provider, event or DEFAULT_EVENT[provider])
    except UnknownExampleError as error:
        _misuse(f"{error.args[0]}. Use --file for a payload of your own.")
    except PayloadFileError as error:
        _misuse(str(error))


def _target(provider: ProviderName, url: str | None) -> Target:
    try:
        return read_target(DEFAULT_URLS[provider] if url is None else url)
    except TargetError as error:
        _misuse(str(error))


def _secret(provider: ProviderName) -> str:
    variable = SECRET_VARIABLES[provider]
    secret = os.environ.get(variable, "")
    if not secret and sys.stdin.isatty():
        secret = typer.prompt(f"{variable} is not set. Secret", hide_input=True, err=True)
    if not secret:
        _misuse(f"no secret: set {variable}, or run this on a terminal to be asked for it")
    return secret


def _misuse(message: str) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"hookwatch send: {message}", markup=False)
    raise typer.Exit(2)
