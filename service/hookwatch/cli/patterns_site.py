"""What `hookwatch patterns lint` and `loops` are asked about: files and live buses become one site.

Judges nothing. Every mistake of the user ends here, with exit code 2 and a sentence on stderr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console

from hookwatch.patterns.emissions_file import Declared, EmissionsError, load_emissions
from hookwatch.patterns.loops.live import LiveError, read_bus
from hookwatch.patterns.loops.site import Site
from hookwatch.patterns.loops.sources import SourceError, read_site

if TYPE_CHECKING:
    from pathlib import Path

    from hookwatch.patterns.loops.live import Client

OK, FOUND, MISUSE = 0, 1, 2


def gather(
    command: str,
    templates: list[Path],
    buses: list[str],
    given: list[str],
    *,
    region: str | None,
    endpoint_url: str | None,
) -> Site:
    """Read the rules that a command is asked about; ends with misuse where that fails."""
    if not templates and not buses:
        misuse(command, "name a template, a Terraform plan, or a live bus with --bus")
    parameters: dict[str, str] = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or not name:
            misuse(command, f"--parameter {item!r}: write NAME=VALUE")
        parameters[name] = value
    site = Site(())
    try:
        if templates or parameters:
            site = read_site(templates, parameters)
        client = _client(command, region, endpoint_url) if buses else None
        for name in buses:
            assert client is not None
            site = site.plus(read_bus(client, name))
    except (SourceError, LiveError) as error:
        misuse(command, str(error))
    return site


def declared(command: str, path: Path | None) -> tuple[Declared, ...]:
    """Read the file of emissions, if one is given."""
    try:
        return load_emissions(path) if path is not None else ()
    except EmissionsError as error:
        misuse(command, str(error))


def misuse(command: str, message: str) -> NoReturn:
    """Say what is wrong and stop with exit code 2."""
    complaint = Console(stderr=True, highlight=False, soft_wrap=True)
    complaint.print(f"hookwatch patterns {command}: {message}", markup=False)
    raise typer.Exit(MISUSE)


def _client(command: str, region: str | None, endpoint_url: str | None) -> Client:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})
    try:
        client: Client = boto3.client("events", region_name=region, endpoint_url=endpoint_url, config=config)
    except (BotoCoreError, ValueError) as error:
        misuse(command, f"no client for --bus: {error}")
    return client
