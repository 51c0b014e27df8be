"""README and docs say what the tables, the template and the commands say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import sam_template
from hookwatch.cli import COMMANDS
from hookwatch.outcomes import METRICS, ROWS, Outcome
from hookwatch.telemetry import MEASURES, NAMESPACE, RECOVERY_MEASURES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "DESIGN.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_documented_as_it_is(outcome: Outcome):
    """The README's table of outcomes is the table in the code."""
    row = ROWS[outcome]
    expected = (outcome.value, row.status, METRICS[outcome], row.level, row.actor.value, row.sentence)
    assert "| `{}` | {} | `{}` | {} | {} | {} |".format(*expected) in README


def test_the_readme_knows_no_other_outcome():
    """The README invents none."""
    assert set(re.findall(r"^\| `([a-z_]+)` \| \d{3} \|", README, re.MULTILINE)) == {each.value for each in Outcome}


@pytest.mark.parametrize("name", [*MEASURES, *RECOVERY_MEASURES])
def test_every_metric_is_documented(name: str):
    """Whoever builds on our metrics finds each by its name."""
    assert f"`{name}`" in README
    assert f"`{NAMESPACE}`" in README


def test_parameters_are_those_of_the_template():
    """The README names every parameter of the template, with the default that it has, and none that it has not."""
    parameters = sam_template.written().section("Parameters")
    table = README[README.index("| parameter | default |") : README.index("Moving from the quick start")]
    assert set(re.findall(r"`([A-Z][A-Za-z]+)`", table)) == set(parameters)
    for names, default in re.findall(r"^\| (`[^|]*`) \| ([^|`]*) \|", table, re.MULTILINE):
        for name in re.findall(r"`([A-Z][A-Za-z]+)`", names):
            assert default.strip() in ("", str(parameters[name].get("Default", "")))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_and_explains_itself(command: str):
    """A command appears in the README or the docs, and its help shows an example."""
    assert any(f"hookwatch {command}" in page.read_text() for page in PAGES)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from hookwatch.cli import main; sys.exit(main())", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"hookwatch {command}" in done.stdout


def test_make_targets_are_real():
    """Every make target that the docs name exists, and every target explains itself in `make help`."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert named <= targets
    assert targets == explained


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    """A link to a file of this repository finds it."""
    links = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def section(page: str, first_row: str) -> list[str]:
    """The rows of a table, with links as seen from the repository's root."""
    text = (ROOT / page).read_text()
    return text[text.index(first_row) :].split("\n\n")[0].replace("](../", "](").splitlines()


@pytest.mark.parametrize("first_row", ["| service | quota |", "| status | who answers |"])
def test_the_readme_carries_the_quick_starts_tables(first_row: str):
    """Quotas and error codes stand in the README as they stand in the page that the tables are held to."""
    rows = section("docs/quotas.md", first_row)
    assert len(rows) > 8
    assert "\n".join(rows) in README


def test_the_readme_carries_every_alarm_and_the_prices():
    """Each alarm of docs/alarms.md is in the README with its severity, level, meaning and runbook; prices are equal."""
    for row in section("docs/alarms.md", "| alarm | | level |")[2:]:
        if not row.startswith("|"):
            break
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert "| {} | {} | {} | {} | {} | {} |".format(*cells[:5], cells[7]) in README
    assert (
        "\n".join(row for row in section("docs/alarms.md", "| level | one provider") if row.startswith("|")) in README
    )


def test_the_alarm_test_in_the_readme_passes(tmp_path: Path):
    """The example of an alarm's unit test is one, and it passes."""
    (example,) = re.findall(r"^```yaml\n(template: .*?)^```$", README, re.DOTALL | re.MULTILINE)
    test = tmp_path / "example.yaml"
    test.write_text(example.replace("alarms/stack.yaml", str(ROOT / "alarms" / "stack.yaml")))
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from hookwatch.cli import main; sys.exit(main())", "alarms", "test", test],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
