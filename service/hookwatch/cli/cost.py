"""`hookwatch cost`: reads the amounts and the templates. What they cost is `hookwatch.costs`."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotation when it runs
from typing import Annotated, Literal, NoReturn, TypeVar

import typer
from rich.console import Console

from hookwatch.cfn import Template, TemplateError, load
from hookwatch.cli.cost_document import document
from hookwatch.cli.cost_stack import LEVELS, find_template, read_deployment
from hookwatch.cli.cost_view import draw
from hookwatch.costs import (
    Deployment,
    Misread,
    Traffic,
    bill,
    loop_cases,
    read_duration_ms,
    read_payload_bytes,
    read_rate_per_s,
)
from hookwatch.costs.traffic import DEFAULT_DURATION_MS

EPILOG = """\
Examples:\n
\b
  hookwatch cost                                     two deliveries a second of 12 KB, standard alarms, traced
  hookwatch cost --rate 1M/month --payload 200KB
  hookwatch cost --rate 100/min --level full --tracing off
  hookwatch cost --parameter EnableTwilio=false --parameter MemorySize=512 --duration 45ms
  hookwatch cost --json | jq .total.usd_per_month
"""

_Amount = TypeVar("_Amount")


def cost(
    *,
    rate: Annotated[str, typer.Option(help="Deliveries in a time: 2/s, 100/min, 5k/day, 1M/month.")] = "2/s",
    payload: Annotated[str, typer.Option(help="Size of one: 900, 12KB (decimal), 64KiB, 1MB.")] = "12KB",
    level: Annotated[
        Literal["minimal", "standard", "full"], typer.Option(help="MonitoringLevel of the template.")
    ] = "standard",
    tracing: Annotated[Literal["on", "off"], typer.Option(help="Whether X-Ray samples the requests.")] = "on",
    duration: Annotated[
        str, typer.Option(help="What the function takes for one: the average of AWS/Lambda Duration.")
    ] = f"{DEFAULT_DURATION_MS:.0f}ms",
    template: Annotated[
        Path | None, typer.Option(help="hookwatch's template; template.yaml of this checkout if left out.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A template parameter.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")] = False,
) -> None:
    """Say what a deployment costs: a million deliveries, a month, each monitoring level, and a loop of a day.

    List prices of us-east-1 without free tiers. Alarms, dashboards and secrets are counted in the templates themselves.
    Needs no AWS account and asks nobody. Exit code 0, or 2 if an amount or a template cannot be read.
    """
    traffic = Traffic(
        rate_per_s=_amount("--rate", read_rate_per_s(rate)),
        payload_bytes=_amount("--payload", read_payload_bytes(payload)),
        duration_ms=_amount("--duration", read_duration_ms(duration)),
        traced=tracing == "on",
    )
    source = _template(template)
    given = _parameters(parameter or [])
    levels = {each: _deployment(source, each, given, tracing=traffic.traced) for each in LEVELS}
    chosen = levels[level]
    answer = document(
        traffic,
        chosen,
        bill(traffic, chosen),
        {name: bill(traffic, each) for name, each in levels.items()},
        loop_cases(traffic, chosen),
    )
    if as_json:
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        draw(Console(highlight=False), answer)


def _amount(option: str, read: _Amount | Misread) -> _Amount:
    if isinstance(read, Misread):
        _refuse(f"{option} {read.sentence}")
    return read


def _template(named: Path | None) -> Template:
    path = named or find_template()
    if path is None:
        _refuse("there is no template.yaml here: run in a checkout of hookwatch, or name one with --template")
    try:
        return load(path)
    except TemplateError as error:
        _refuse(str(error))


def _deployment(source: Template, level: str, given: dict[str, str], *, tracing: bool) -> Deployment:
    found = read_deployment(source, level, tracing=tracing, given=given)
    if isinstance(found, str):
        _refuse(f"{found}. Is this hookwatch's own template?" if "no parameter MonitoringLevel" in found else found)
    return found


def _parameters(texts: list[str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isalnum():
            _refuse(f"--parameter {text!r} is not NAME=VALUE")
        if name in ("MonitoringLevel", "Tracing"):
            _refuse(f"--parameter {name}: use --{'level' if name == 'MonitoringLevel' else 'tracing'}")
        parameters[name] = value
    return parameters


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"hookwatch cost: {sentence}", err=True)
    raise typer.Exit(2)
