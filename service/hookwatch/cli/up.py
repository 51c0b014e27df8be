"""`hookwatch up`: reads the arguments and finds the template. What runs is `hookwatch.sandbox`."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

MAX_FIRST_PORT = 65_533
MIN_SPEED, MAX_SPEED = 1, 3_600
"""The bounds of `hookwatch.sandbox.clock`, which is not imported before it is needed; a test holds them together."""

GENERATED_BYTES = 16
"""32 hexadecimal digits, the length of a Twilio auth token."""

EPILOG = """\
Examples:\n
\b
  hookwatch up                                  page on 8000, GitHub on 8001, Twilio on 8002
  hookwatch up --port 9000 --github-secret s3cret
  hookwatch up --once --json                    a check for CI: exit code 0 if both webhooks arrived
  hookwatch up --parameter EventFormat=quickstart
  hookwatch up --once --enforce-iam             find missing permissions before AWS does
  hookwatch up --speed 60                       a minute a second: rehearse alarms whose windows last an hour
"""


def up(
    *,
    port: Annotated[
        int, typer.Option(min=1, max=MAX_FIRST_PORT, help="Page and API; the Function URLs take the next two ports.")
    ] = 8000,
    github_secret: Annotated[
        str | None, typer.Option(help="Throwaway webhook secret; a random one if left out. Never a real secret.")
    ] = None,
    twilio_token: Annotated[
        str | None, typer.Option(help="Throwaway auth token; a random one if left out. Never a real token.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Send one webhook of each, say what came, end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")] = False,
    template: Annotated[
        Path | None, typer.Option(help="The template to deploy; template.yaml of this checkout if left out.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A template parameter; may be repeated.")
    ] = None,
    enforce_iam: Annotated[
        bool, typer.Option("--enforce-iam", help="Hold each function to the policies of its role, for 12 hours.")
    ] = False,
    speed: Annotated[
        float,
        typer.Option(
            min=MIN_SPEED,
            max=MAX_SPEED,
            help="How much faster time passes for metrics and alarms; deliveries take as long as ever.",
        ),
    ] = 1.0,
) -> None:
    """Run the whole service on this machine: no AWS account, no container.

    Deploys template.yaml to a local AWS API, runs the functions as Lambda does, sends one signed webhook of each
    provider and shows what came out: event, log line, metric, trace. Evaluates the template's alarms, composites and
    metric math included, and shows what changes. Listens on 127.0.0.1 only and leaves nothing behind. Exit code 0:
    stopped, or with --once both arrived; 1: something did not arrive; 2: it could not start as asked.
    """
    from hookwatch.sandbox.cloud_model import MisuseError, Ports, PortTakenError, SandboxConfig, SandboxError
    from hookwatch.sandbox.up import Up, run

    given = {"--github-secret": github_secret, "--twilio-token": twilio_token}
    for option, value in given.items():
        if value is not None and not value.strip():
            _refuse(f"{option} is empty: leave it out for a random one")
    generated: dict[str, str] = {}
    if github_secret is None:
        github_secret = generated["HOOKWATCH_GITHUB_SECRET"] = secrets.token_hex(GENERATED_BYTES)
    if twilio_token is None:
        twilio_token = generated["HOOKWATCH_TWILIO_TOKEN"] = secrets.token_hex(GENERATED_BYTES)
    config = SandboxConfig(
        template=template or _find_template(),
        github_secret=github_secret,
        twilio_token=twilio_token,
        ports=Ports.from_first(port),
        parameters=_parameters(parameter or []),
        enforce_iam=enforce_iam,
        speed=speed,
    )
    try:
        code = run(Up(config=config, console=Console(highlight=False), generated=generated, once=once, as_json=as_json))
    except MisuseError as error:
        hint = "; end it, or choose three other ports in a row with --port" if isinstance(error, PortTakenError) else ""
        _refuse(f"{error}{hint}")
    except SandboxError as error:
        _fail(str(error))
    raise typer.Exit(code)


def _find_template() -> Path:
    here = Path("template.yaml")
    checkout = Path(__file__).resolve().parents[3] / "template.yaml"
    packaged = Path(str(files("hookwatch.sandbox") / "template.yaml"))
    found = next((candidate for candidate in (here, checkout, packaged) if candidate.is_file()), None)
    if found is None:
        _refuse("there is no template.yaml here: run in a checkout of hookwatch, or name one with --template")
    return found.resolve()


def _parameters(texts: list[str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isalnum():
            _refuse(f"--parameter {text!r} is not NAME=VALUE")
        parameters[name] = value
    return parameters


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"hookwatch up: {sentence}", err=True)
    raise typer.Exit(2)


def _fail(sentence: str) -> NoReturn:
    typer.echo(f"hookwatch up: {sentence}", err=True)
    raise typer.Exit(1)
