"""`hookwatch alarms`: unit tests, explanations and lint for the CloudWatch alarms of any template.

Decides nothing: `hookwatch.alarms` judges, this reads arguments and prints. Needs no AWS account.
"""

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hookwatch.alarms import read_alarms
from hookwatch.alarms.explain import explain
from hookwatch.alarms.lint import Finding, lint_file
from hookwatch.alarms.prices import alarm_price
from hookwatch.alarms.report import as_json, as_junit
from hookwatch.alarms.results import FileResult
from hookwatch.alarms.runner import run_file
from hookwatch.cfn import Stack, TemplateError, load, resolve
from hookwatch.cli.alarms_help import EXPLAIN_HELP, LINT_HELP, TEST_HELP
from hookwatch.cli.alarms_view import (
    explanation_json,
    finding_json,
    print_explanation,
    print_findings,
    print_json,
    print_results,
    print_rules,
)

OK, FOUND, MISUSE = 0, 1, 2

app = typer.Typer(
    name="alarms",
    help="Unit tests, explanations and lint for CloudWatch alarms of any CloudFormation or SAM template, without AWS.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A template parameter; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of text.")]


@app.command("test", help=TEST_HELP)
def run_tests(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Alarm test files.", show_default=False)],
    as_json_: AsJson = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file; - is stdout.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show datapoints of passing cases too.")] = False,
) -> None:
    """Run alarm unit tests. Exit code 0: all passed; 1: a case failed; 2: a file could not be run."""
    results = [run_file(path) for path in files]
    to_stdout = junit is not None and str(junit) == "-"
    if junit is not None and not to_stdout:
        _write(junit, as_junit(results))
    if to_stdout:
        sys.stdout.write(as_junit(results))
    elif as_json_:
        print_json(as_json(results))
    else:
        print_results(results, verbose=verbose)
    for fault in (fault for result in results for fault in result.faults):
        _error(fault)
    raise typer.Exit(_worst(results))


def _worst(results: list[FileResult]) -> int:
    if any(result.faults for result in results):
        return MISUSE
    return OK if all(result.ok for result in results) else FOUND


@app.command("explain", help=EXPLAIN_HELP)
def explain_command(
    alarm: Annotated[str, typer.Argument(help="Logical id; `Stack.Id` inside a nested stack.")],
    template: Annotated[Path, typer.Option("--template", "-t", help="The CloudFormation or SAM template.")],
    parameter: Parameters = None,
    as_json_: AsJson = False,
) -> None:
    """Say what fires an alarm, how soon, what missing data does, and what it costs."""
    stack = _resolve(template, parameter)
    catalogue = read_alarms(stack)
    found = catalogue.find(alarm)
    if found is None:
        known = ", ".join(catalogue.alarms) or "none"
        _fail(f"{template} has no alarm {alarm} with these parameters; it has {known}")
    resources = dict(stack.walk())
    explanation = explain(found, alarm_price(resources[found.id]), catalogue.alarms)
    if as_json_:
        print_json(explanation_json(explanation))
    else:
        print_explanation(explanation)


@app.command("lint", help=LINT_HELP)
def lint_command(
    templates: Annotated[list[Path] | None, typer.Argument(metavar="TEMPLATE...", show_default=False)] = None,
    parameter: Parameters = None,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules and stop.")] = False,
    as_json_: AsJson = False,
) -> None:
    """Find what cfn-lint does not see in alarms, composite alarms and budgets."""
    if rules:
        print_rules(as_json_=as_json_)
        return
    if not templates:
        _fail("name at least one template, or --rules")
    findings: list[Finding] = []
    given = _parameters(parameter)
    for path in templates:
        found = lint_file(path, given)
        if isinstance(found, str):
            _fail(found)
        findings += found
    if as_json_:
        print_json({"ok": not _serious(findings), "findings": [finding_json(item) for item in findings]})
    else:
        print_findings(findings)
    raise typer.Exit(FOUND if _serious(findings) else OK)


def _serious(findings: list[Finding]) -> bool:
    return any(finding.severity != "info" for finding in findings)


def _resolve(template: Path, parameter: list[str] | None) -> Stack:
    try:
        return resolve(load(template), _parameters(parameter))
    except TemplateError as error:
        _fail(str(error))


def _parameters(given: list[str] | None) -> dict[str, Any]:
    parsed: dict[str, Any] = {}
    for item in given or []:
        name, equals, value = item.partition("=")
        if not equals or not name:
            _fail(f"--parameter {item!r} is not NAME=VALUE")
        parsed[name] = value
    return parsed


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"{path} cannot be written: {error.strerror}")


def _error(message: str) -> None:
    sys.stderr.write(f"hookwatch alarms: {message}\n")


def _fail(message: str) -> NoReturn:
    _error(message)
    raise typer.Exit(MISUSE)
