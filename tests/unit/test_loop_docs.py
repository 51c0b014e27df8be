"""docs/loops.md: its patterns are real, and its facts are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hookwatch.cfn import load, resolve
from hookwatch.patterns import compile_pattern
from hookwatch.recover import loop_stop_cost
from hookwatch.recover.loop_stop_record import TAG, VARIABLE
from hookwatch.sandbox.echo import Echo
from hookwatch.sender import load_example

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "loops.md").read_text()
WATCHED = {
    "GitHubFunctionName": "hooks-github",
    "MonitoringLevel": "full",
    "RuleName1": "a-rule",
    "EventBusName": "saas",
}
ROWS = re.findall(r"^\| (\d+) \| ([^|]+) \| `(\{.*?\})`(?:,[^|]*)? \|$", PAGE, re.MULTILINE)


def test_all_twelve_loops_are_there() -> None:
    """None of the loops is missing."""
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 13))


@pytest.mark.parametrize(("number", "loop", "text"), ROWS, ids=[row[0] for row in ROWS])
def test_each_pattern_can_be_copied_into_a_rule(number: str, loop: str, text: str) -> None:
    """EventBridge would take it as it is printed."""
    source = "twilio.com" if int(number) in (10, 11) else "github.com"
    assert not compile_pattern({"source": [source], "detail": json.loads(text)}).matches({})
    assert loop


def test_the_pattern_for_a_replying_bot_tells_it_from_a_person() -> None:
    """The second loop's pattern takes a person's comment and not the bot's."""
    example = load_example("github", "issue_comment").content
    assert isinstance(example, bytes)
    detail: Any = json.loads(example)
    detail["comment"]["performed_via_github_app"] = None
    pattern = compile_pattern({"detail": json.loads(ROWS[1][2])})
    assert pattern.matches({"detail": detail})
    detail["sender"]["type"] = "Bot"
    assert not pattern.matches({"detail": detail})


def test_the_page_names_alarms_as_they_are_called() -> None:
    """An alarm of the page is one of the stack, without the stack's name and the provider."""
    stack = resolve(load(ROOT / "alarms" / "stack.yaml"), WATCHED)
    called = {str(item.physical_name) for item in stack.resources.values() if item.type.endswith("Alarm")}
    named = [
        name
        for row in re.findall(r"^\| alarms? (`.*?) \|", PAGE, re.MULTILINE)
        for name in re.findall(r"`([\w-]+)`", row)
    ]
    assert "throttles" in named
    assert [name for name in named if not {f"hookwatch-{name}", f"hookwatch-github-{name}"} & called] == []


def test_the_page_names_the_facts_of_the_code() -> None:
    """Record names, bounds and times on the page are the constants."""
    for fact in (
        f"`{TAG}`",
        f"`{VARIABLE}`",
        f"for {loop_stop_cost.GITHUB_KEEPS_DAYS} days",
        f"more than {Echo().max_deliveries} deliveries",
    ):
        assert fact in PAGE, fact


def test_the_page_names_every_permission_that_is_used() -> None:
    """Each AWS operation in the code is in the list of permissions, so that a role made from it suffices."""
    folder = Path(__file__).resolve().parents[2] / "service" / "hookwatch" / "recover"
    operations = {
        name
        for path in folder.glob("loop_stop*.py")
        for name in re.findall(
            r'"((?:describe|list|get|put|delete|tag|untag|enable|disable|update)_[a-z_]+)"', path.read_text()
        )
    }
    assert len(operations) > 15
    permissions = PAGE[PAGE.index("Permissions:") : PAGE.index("## Which brake")]
    for operation in operations:
        assert "".join(word.capitalize() for word in operation.split("_")) in permissions, operation
