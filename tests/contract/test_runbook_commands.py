"""Runbooks name only operations, options, alarms, metrics, outputs and fields that exist, in blocks of real shell."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import botocore.loaders
import pytest
from botocore import xform_name
from typer.main import get_command

from dashboard_bodies import BOTH, bodies, stack
from delivery_lines import written_fields
from hookwatch.alarms.lint.published import PUBLISHED
from hookwatch.cli import app
from hookwatch.outcomes import METRICS, Outcome
from hookwatch.recover.replay_log import METRICS as REPLAY_METRICS
from hookwatch.telemetry import MEASURES
from runbook_pages import CLI_NAMES, CLI_OPTIONS, CLI_SERVICES, PAGES, alarms, blocks, body, commands
from sam_template import written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@cache
def model(service: str) -> dict[str, Any]:
    """The members of every operation of a service, all spelt as the AWS CLI spells them."""
    loaded = botocore.loaders.Loader().load_service_model(CLI_SERVICES.get(service, service), "service-2")
    members = {
        operation: loaded["shapes"][each["input"]["shape"]]["members"] if "input" in each else {}
        for operation, each in loaded["operations"].items()
    }
    return {xform_name(name, "-"): {xform_name(key, "-") for key in found} for name, found in members.items()}


@cache
def saved() -> set[str]:
    """The saved queries by the last part of their names."""
    found = [each.properties for each in stack(BOTH | {"ReplayFunctionName": "hooks-replay"}).resources.values()]
    return {each["Name"].rpartition("/")[2] for each in found if "Name" in each}


@cache
def outputs() -> set[str]:
    """The outputs of the main template."""
    return set(written().section("Outputs"))


@every_page
def test_commands_exist(page: Path) -> None:
    """Every operation and every option of an `aws` command is in botocore's models."""
    for block in blocks(body(page)):
        for each in commands(block):
            operations = model(each.service)
            assert each.operation in operations, each
            for option in set(each.options) - CLI_OPTIONS:
                name = CLI_NAMES.get((each.service, each.operation, option), option)
                known = operations[each.operation]
                assert name in known or name.removeprefix("no-") in known, (option, each)


def ours(text: str) -> Iterator[list[str]]:
    """Every call of our own command: in a block, wherever it stands in its line, and inside a text."""
    written = [line for block in blocks(text) for line in block.text.splitlines()]
    written += re.findall(r"`(hookwatch [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL).replace("\n", " "))
    for line in written:
        starts = [found.start() for found in re.finditer(r"\bhookwatch (?=[a-z])", line)]
        for start, end in pairwise([*starts, len(line)]):
            words = re.split(r"\s+#|[|;&)]", line[start:end])[0].split()[1:]
            yield ["github" if word == '"$PROVIDER"' else word for word in words]


def judged(words: list[str]) -> str | None:
    """What is wrong with a call: a command that we do not have, or an option that it does not have."""
    command: Any = get_command(app)
    while words and hasattr(command, "get_command"):
        found = command.get_command(None, words[0])
        if found is None:
            return f"there is no command {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    wrong = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"{command.name} has no {wrong[0]}" if wrong else None


@every_page
def test_our_own_commands_exist(page: Path) -> None:
    """Every `hookwatch` command of a page exists, with every option that it is given."""
    for words in ours(page.read_text(encoding="utf-8")):
        assert judged(words) is None, words


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("parked lst", "no command lst"),
        ("parked list --stak x", "no --stak"),
        ("redeliver gitlab", "no command gitlab"),
        ("parked list --stack x --sample 3", None),
    ],
)
def test_the_judge_of_our_commands_finds_planted_faults(call: str, wrong: str | None) -> None:
    """A misspelt command and a misspelt option are found, and what is right is not."""
    found = judged(call.split())
    assert found is None if wrong is None else found is not None and wrong in found


def test_the_judge_of_commands_finds_planted_faults() -> None:
    """A misspelt operation and an option of another operation are not in the models."""
    assert "disable-rules" not in model("events")
    assert "event-bus" not in model("events")["disable-rule"]
    assert "event-bus-name" in model("events")["disable-rule"]


@every_page
def test_blocks_are_shell(page: Path) -> None:
    """A shell can read every block as it stands."""
    for block in blocks(page.read_text(encoding="utf-8")):
        done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), block.text


@every_page
def test_names_are_real(page: Path) -> None:
    """Alarms, metrics, outputs, saved queries and fields that a page names are those of the stack."""
    text = body(page)
    names = {name for name, _ in alarms().values()}
    for name in re.findall(r'--alarm-names? ((?:"[^"]+" ?)+)', text):
        for each in re.findall(r'"([^"]+)"', name):
            assert each.replace("$STACK", "hooks").replace("$PROVIDER", "github") in names, each
    metrics = {key for group in PUBLISHED.values() for key in group} | set(MEASURES) | set(METRICS.values())
    assert set(re.findall(r"--metric-name ([A-Za-z0-9]+)", text)) <= metrics
    assert set(re.findall(r"OutputKey=='(\w+)'", text)) <= outputs()
    assert set(re.findall(r"saved query\s+`([a-z-]+)`", text)) <= saved()
    dashboards = {name.removeprefix("hookwatch-") for name in bodies("standard")}
    assert set(re.findall(r"dashboard `([a-z]+)`", text)) <= dashboards


def test_filters_ask_for_fields_that_lines_have(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter pattern reads fields of our lines or of Lambda's own, and outcomes that exist."""
    known = written_fields(capsys, monkeypatch)
    patterns = [found for page in PAGES for found in re.findall(r"--filter-pattern '([^']+)'", page.read_text())]
    assert patterns
    for pattern in patterns:
        fields = set(re.findall(r"\$\.([a-z_.]+)", pattern))
        assert fields <= known, pattern
        outcomes = set(re.findall(r'\$\.outcome = "(\w+)"', pattern))
        told = set(REPLAY_METRICS) if '"replay"' in pattern else {outcome.value for outcome in Outcome}
        assert outcomes <= told, pattern
