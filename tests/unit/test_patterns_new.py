"""`hookwatch patterns new`: what it writes is valid, clean, and holds its own expectations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from hookwatch.cli.patterns import app
from hookwatch.patterns import compile_pattern
from hookwatch.patterns.knowledge import github_event, github_events
from hookwatch.patterns.scaffold import draft
from hookwatch.patterns.scaffold_filters import Wish

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.mark.parametrize(
    "arguments",
    [
        ["github", "push", "--branch", "main", "--not-by", "my-app[bot]"],
        ["github", "push"],
        ["github", "issues", "--action", "opened", "--repository", "acme/shop", "--not-by", "my-app[bot]"],
        ["github", "pull_request", "--branch", "main", "--branch", "release", "--not-by", "octocat"],
        ["github", "workflow_run", "--branch", "main", "--action", "completed"],
        ["github", "repository_dispatch", "--action", "deploy"],
        ["github", "merge_group", "--branch", "main"],
        ["twilio", "message.inbound", "--not-by", "+15559999"],
        ["twilio", "message.status"],
        ["twilio", "call.inbound"],
        ["twilio", "call.status", "--not-by", "+15550100"],
    ],
    ids=" ".join,
)
def test_what_is_written_is_clean_and_holds(arguments: list[str], tmp_path: Path):
    """The rule passes the linter, the sample matches, and every expectation beside it holds."""
    folder = tmp_path / "rule"
    written = run("new", *arguments, "--output", folder)
    assert written.exit_code == 0, written.output
    assert run("lint", folder / "template.yaml").exit_code == 0
    result = run("test", folder / "expectations.yaml", "--json")
    assert result.exit_code == 0, result.output
    results = json.loads(result.stdout)["results"]
    assert {one["expected"] for one in results} == {True, False}


def test_every_event_of_github_can_be_asked_for():
    """For each known event a draft is made whose sample its own pattern matches."""
    for name in github_events():
        event = github_event(name)
        assert event is not None
        drafted = draft(Wish("github", name, actions=("go",) if event.actions == () else ()))
        pattern = {**drafted.pattern, "account": ["123456789012"]}
        sample = next(text for path, text in drafted.files.items() if path.startswith("events/"))
        assert compile_pattern(pattern).matches(sample)


def test_the_example_of_the_manual(tmp_path: Path):
    """The rule for pushes to main refuses branches, deletions, and the app's own pushes."""
    run("new", "github", "push", "--branch", "main", "--not-by", "my-app[bot]", "--output", tmp_path)
    template = yaml.safe_load((tmp_path / "template.yaml").read_text())
    assert template["Resources"]["OnPush"]["Properties"]["EventPattern"] == {
        "source": ["github.com"],
        "detail-type": ["push"],
        "account": [{"Ref": "AWS::AccountId"}],
        "detail": {
            "ref": ["refs/heads/main"],
            "deleted": [False],
            "pusher": {"name": [{"anything-but": ["my-app[bot]"]}]},
        },
    }


def test_nothing_is_overwritten_unasked(tmp_path: Path):
    """A second run refuses to overwrite, says how to, and does with --force."""
    first = ["new", "github", "push", "--output", tmp_path]
    assert run(*first).exit_code == 0
    before = (tmp_path / "template.yaml").read_text()
    again = run(*first, "--branch", "main")
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert (tmp_path / "template.yaml").read_text() == before
    assert run(*first, "--branch", "main", "--force").exit_code == 0
    assert "refs/heads/main" in (tmp_path / "template.yaml").read_text()


def test_print_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`--print` gives the template on stdout and leaves the folder alone."""
    monkeypatch.chdir(tmp_path)
    result = run("new", "github", "push", "--print")
    assert yaml.safe_load(result.stdout)["Resources"]["OnPush"]["Type"] == "AWS::Events::Rule"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["github", "pushes"], "push or issues is meant?"),
        (["github", "push", "--action", "x"], "push has no action"),
        (["github", "issues", "--action", "open"], "issues has no action 'open'; "),
        (["github", "issues", "--branch", "main"], "names no branch"),
        (["github", "repository_dispatch"], "--action"),
        (["github", "push", "--name", "on push"], "no logical id"),
        (["twilio", "fax"], "known are message.inbound"),
        (["twilio", "call.status", "--branch", "main"], "--branch is for GitHub"),
        (["slack", "message"], "slack"),
    ],
)
def test_wishes_that_fit_no_event_are_refused(arguments: list[str], said: str, tmp_path: Path):
    """A filter that the event's payload cannot satisfy is refused with what would fit."""
    result = run("new", *arguments, "--output", tmp_path / "rule")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "rule").exists()
