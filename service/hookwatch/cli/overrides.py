"""`hookwatch overrides`: Twilio's connection overrides. Decides nothing: `recover.overrides*` judges and plans."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.overrides_account import APPLY_EPILOG, PLAN_EPILOG, apply, plan
from hookwatch.cli.overrides_view import (
    console,
    draw_explanation,
    draw_findings,
    explanation_json,
    findings_json,
)
from hookwatch.recover.overrides import build as build_url
from hookwatch.recover.overrides import read
from hookwatch.recover.overrides_explain import explain as explain_url
from hookwatch.recover.overrides_lint import lint as lint_url
from hookwatch.recover.overrides_presets import PRESETS, Situation
from hookwatch.recover.overrides_table import PARAMETERS

OK, FOUND, MISUSE = 0, 1, 2

app = typer.Typer(
    name="overrides",
    help="Twilio's connection overrides: what a webhook's URL asks Twilio to try again, and when.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)


@app.callback()
def overrides() -> None:
    """Twilio's connection overrides: what a webhook's URL asks Twilio to try again, and when (docs/overrides.md)."""


BUILD_EPILOG = """\
What the URL already carries stays, unless --for or an option says otherwise. Quote URLs: # and & mean something to a
shell.

Exit codes: 0 built; 1 built, but something is wrong with it (said on stderr); 2 misuse.

Examples:

\b
  hookwatch overrides build --for normal https://id.lambda-url.eu-west-1.on.aws/
  hookwatch overrides build --for incident 'https://id.lambda-url.eu-west-1.on.aws/#rc=3'
  hookwatch overrides build --retries 2 --retry-on 5xx,ct --edge dublin,frankfurt https://hooks.example.com/twilio
"""
LINT_EPILOG = """\
Exit codes: 0 nothing but notes; 1 an error or a warning; 2 misuse. The rules: docs/overrides.md.

Examples:

\b
  hookwatch overrides lint 'https://id.lambda-url.eu-west-1.on.aws/#rc=3&rp=5xx,ct'
  hookwatch overrides lint --incident --json 'https://hooks.example.com/twilio#rp=4xx,5xx&rc=5'
"""
EXPLAIN_EPILOG = """\
Exit codes: 0 explained; 1 explained, but Twilio refuses something in it; 2 misuse.

Examples:

\b
  hookwatch overrides explain 'https://id.lambda-url.eu-west-1.on.aws/#rc=3&rp=5xx,ct,rt&rt=9000'
  hookwatch overrides explain --json https://hooks.example.com/twilio
"""

Url = Annotated[str, typer.Argument(metavar="URL", help="A webhook's URL, with or without a fragment.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def _range(key: str) -> tuple[int, int]:
    return PARAMETERS[key].lowest, PARAMETERS[key].highest


_CT, _RT, _TT, _RC = map(_range, ("ct", "rt", "tt", "rc"))


@app.command("build", epilog=BUILD_EPILOG)
def build(
    url: Url,
    *,
    situation: Annotated[
        Situation | None, typer.Option("--for", help="Begin with what we recommend instead of what the URL carries.")
    ] = None,
    connect_timeout_ms: Annotated[int | None, typer.Option(min=_CT[0], max=_CT[1], help="ct")] = None,
    read_timeout_ms: Annotated[int | None, typer.Option(min=_RT[0], max=_RT[1], help="rt")] = None,
    total_timeout_ms: Annotated[int | None, typer.Option(min=_TT[0], max=_TT[1], help="tt")] = None,
    retries: Annotated[int | None, typer.Option(min=_RC[0], max=_RC[1], help="rc")] = None,
    retry_on: Annotated[str | None, typer.Option(metavar="LIST", help="rp: 4xx, 5xx, ct, rt, all.")] = None,
    sni: Annotated[bool | None, typer.Option("--sni/--no-sni", help="sni")] = None,
    edge: Annotated[str | None, typer.Option(metavar="LIST", help="e: ashburn, dublin, ...")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a URL with overrides."""
    reading = read(url)
    numbers = {"ct": connect_timeout_ms, "rt": read_timeout_ms, "tt": total_timeout_ms, "rc": retries}
    words = {"rp": retry_on, "sni": None if sni is None else "y" if sni else "n", "e": edge}
    asked = {key: str(value) for key, value in (numbers | words).items() if value is not None}
    dropped = [each for each in reading.findings if each.level == "error"]
    if dropped and situation is None:
        _misuse("build", f"{dropped[0].message}: mend it first, or begin with --for normal")
    wrong = [each for each in read(build_url("", asked)).findings if each.level == "error"]
    if wrong:
        _misuse("build", f"{wrong[0].message}; {wrong[0].fix}")
    built = build_url(reading.page, {**(PRESETS[situation] if situation else reading.given), **asked})
    findings = lint_url(built, incident=situation == "incident")
    if any(each.code == "O001" for each in findings):
        _misuse("build", f"{url!r} is not an absolute http or https URL, such as https://hooks.example.com/twilio")
    if as_json:
        _print_json({"url": built, **findings_json(findings)})
    else:
        sys.stdout.write(f"{built}\n")
        draw_findings(Console(stderr=True, highlight=False), [each for each in findings if each.level != "note"])
    raise typer.Exit(FOUND if any(each.level != "note" for each in findings) else OK)


@app.command("lint", epilog=LINT_EPILOG)
def lint(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Webhook URLs as Twilio has them.")],
    *,
    incident: Annotated[bool, typer.Option("--incident", help="4xx is meant to be tried again for now.")] = False,
    product: Annotated[
        Literal["Conversations", "Frontline"] | None, typer.Option(help="A product that ignores overrides.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what Twilio refuses in a URL, and what does not fit this function."""
    linted = {url: lint_url(url, incident=incident, product=product or "") for url in urls}
    if as_json:
        _print_json({"urls": [{"url": url, **findings_json(found)} for url, found in linted.items()]})
    else:
        out = console()
        for url, found in linted.items():
            out.print(url, style="bold", markup=False, soft_wrap=True)
            draw_findings(out, found)
    bad = any(each.level != "note" for found in linted.values() for each in found)
    raise typer.Exit(FOUND if bad else OK)


@app.command("explain", epilog=EXPLAIN_EPILOG)
def explain(url: Url, *, as_json: AsJson = False) -> None:
    """Say what Twilio does within its 15 seconds, for each way in which a webhook fails."""
    findings = lint_url(url)
    if any(each.code == "O001" for each in findings):
        _misuse("explain", f"{url!r} is not an absolute http or https URL, such as https://hooks.example.com/twilio")
    explained = explain_url(url)
    if as_json:
        _print_json(explanation_json(explained))
    else:
        draw_explanation(console(), explained)
    raise typer.Exit(FOUND if any(each.level == "error" for each in explained.reading.findings) else OK)


app.command("plan", epilog=PLAN_EPILOG)(plan)
app.command("apply", epilog=APPLY_EPILOG)(apply)


def _misuse(command: str, message: str) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"hookwatch overrides {command}: {message}", markup=False
    )
    raise typer.Exit(MISUSE)


def _print_json(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
