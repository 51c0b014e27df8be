"""docs/rotation.md: its steps, places, numbers, options and permissions are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from hookwatch.cli.secret_rotate import rotate
from hookwatch.ingest.secrets import FRESH_READ_INTERVAL_S, REFRESH_INTERVAL_S
from hookwatch.recover.rotation import TOLD, Place, Step
from hookwatch.recover.rotation_github import KEY_BYTES
from hookwatch.recover.rotation_stack import same_url

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "rotation.md").read_text()


def test_each_step_and_each_place_is_explained() -> None:
    """Both step tables name the steps in order, and the table of places has a row for each but none."""
    for table in re.findall(r"^\| step .*?\n\n", PAGE, re.DOTALL | re.MULTILINE):
        rows = re.findall(r"^\| ([a-z]+) \|", table, re.MULTILINE)[1:]
        assert rows == [step.value for step in Step if step.value in rows]
        assert set(Step) - set(rows) <= {Step.PROVE}
    assert set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)) == set(Place) - {Place.NONE}


def test_the_page_names_the_facts_of_the_code() -> None:
    """Times, lengths and labels on the page are the constants."""
    for fact in (f"{FRESH_READ_INTERVAL_S:.0f} s", f"{KEY_BYTES * 8} bits", f"`{TOLD}`"):
        assert fact in PAGE, fact
    assert REFRESH_INTERVAL_S == 300
    assert "up to five minutes" in PAGE


@pytest.mark.parametrize("provider", ["github", "twilio"])
def test_the_options_on_the_page_exist(provider: str) -> None:
    """Each example on the page is a command line that the command understands."""
    group = get_command(rotate)
    command = group.commands[provider]  # type: ignore[attr-defined] # a group has commands
    known = {option for parameter in command.params for option in parameter.opts}
    lines = re.findall(rf"^hookwatch secret rotate {provider} (.*?)(?:#|$)", PAGE, re.MULTILINE)
    assert len(lines) >= 3
    for line in lines:
        assert set(re.findall(r"--[a-z-]+", line)) <= known


def test_the_page_names_every_permission_that_is_used() -> None:
    """Each AWS operation in the code is in the list of permissions, so that a role made from it suffices."""
    folder = ROOT / "service" / "hookwatch" / "recover"
    operations = {
        name
        for path in folder.glob("rotation*.py")
        for name in re.findall(r'"((?:describe|list|get|put|update|filter)_[a-z_]+)"', path.read_text())
    }
    assert len(operations) == 8
    permissions = PAGE[PAGE.index("## Permissions") :]
    for operation in operations:
        assert "".join(word.capitalize() for word in operation.split("_")) in permissions, operation


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/", "https://A.example", True),
        ("https://a.example:443/x", "https://a.example/x/", True),
        ("https://a.example/x", "https://a.example/y", False),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/?a=1", "https://a.example/", False),
        ("https://a.example:99999/", "https://a.example/", False),
        ("", "https://a.example/", False),
    ],
)
def test_urls_are_compared_as_places(one: str, other: str, *, same: bool) -> None:
    """A slash at the end, a default port and the case of the host make no other place; anything else does."""
    assert same_url(one, other) is same
