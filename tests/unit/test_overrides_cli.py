"""`hookwatch overrides build`, `lint`, `explain`: what is printed, and how it ends."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hookwatch.cli.overrides import app

PAGE = "https://id.lambda-url.eu-west-1.on.aws/"


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "built"),
    [
        (["--for", "normal"], "#ct=2000&rt=9000&tt=15000&rc=3&rp=5xx,ct,rt"),
        (["--for", "incident"], "#ct=2000&rt=9000&tt=15000&rc=5&rp=4xx,5xx,ct,rt"),
        (
            ["--for", "normal", "--retries", "2", "--edge", "dublin"],
            "#ct=2000&rt=9000&tt=15000&rc=2&rp=5xx,ct,rt&e=dublin",
        ),
        (["--retry-on", "5xx,ct", "--connect-timeout-ms", "1000", "--sni"], "#ct=1000&rp=5xx,ct&sni=y"),
        (["--retry-on", "5xx", "--read-timeout-ms", "9000", "--total-timeout-ms", "15000"], "#rt=9000&tt=15000&rp=5xx"),
    ],
)
def test_each_option_becomes_its_key(arguments: list[str], built: str):
    """The URL is alone on stdout, so that a shell can take it."""
    assert run("build", *arguments, PAGE) == (0, f"{PAGE}{built}\n", "")


def test_what_the_url_carries_stays():
    """An option changes its own key and no other; --for begins anew."""
    assert run("build", "--retries", "2", f"{PAGE}#rc=5&rp=5xx")[1] == f"{PAGE}#rc=2&rp=5xx\n"
    assert "e=dublin" not in run("build", "--for", "normal", f"{PAGE}#e=dublin&x")[1]


def test_a_url_that_is_built_wrong_is_said_so():
    """What follows from the options is on stderr and in the exit code, the URL on stdout all the same."""
    code, out, error = run("build", "--retries", "0", "--retry-on", "5xx", PAGE)
    assert (code, out) == (1, f"{PAGE}#rc=0&rp=5xx\n")
    assert "O018" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--retries", "6", PAGE], "less than or equal to 5"),
        (["build", "--connect-timeout-ms", "99", PAGE], "greater than or equal to 100"),
        (["build", "--retry-on", "503", PAGE], "11243"),
        (["build", "--edge", "paris", PAGE], "11240"),
        (["build", f"{PAGE}#rc=9"], "mend it first"),
        (["build", "ftp://x"], "not an absolute http or https URL"),
        (["explain", "x"], "not an absolute http or https URL"),
        (["lint"], "Missing argument"),
    ],
)
def test_misuse_ends_with_2(arguments: list[str], said: str):
    """A wrong command says what is wrong in one sentence, and nothing on stdout."""
    code, out, error = run(*arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(error.split())


def test_lint_finds_and_counts():
    """Errors and warnings end with 1, notes alone with 0; the document has codes, fixes and counts."""
    assert run("lint", f"{PAGE}#rt=9000&rc=1&rp=5xx,ct,rt")[0] == 0
    code, out, _ = run("lint", "--json", f"{PAGE}#rp=503", PAGE)
    document = json.loads(out)
    assert code == 1
    assert [each["ok"] for each in document["urls"]] == [False, False]
    first = document["urls"][0]["findings"][0]
    assert (first["code"], first["level"], first["rule"]) == (
        "O004",
        "error",
        "a retry policy that Twilio refuses (11243)",
    )
    assert document["urls"][0]["counts"]["error"] == 1
    assert run("lint", "--incident", f"{PAGE}#rp=4xx,5xx&rt=9000")[0] == 0
    assert run("lint", "--product", "Frontline", f"{PAGE}#rp=5xx&rt=9000")[0] == 1


def test_explain_shows_what_holds_and_when():
    """People get a sentence and a timeline, machines every number of it."""
    code, out, _ = run("explain", f"{PAGE}#rc=3&rp=5xx,ct,rt&rt=9000")
    assert code == 0
    for part in ("up to 3 times", "Lambda throttles: 429", "not again", "0 s, 9 s (2 more would be too late)"):
        assert part in out
    code, out, _ = run("explain", "--json", f"{PAGE}#rc=3&rp=5xx&speed=1")
    document = json.loads(out)
    assert code == 1
    assert document["holds"]["rc"] == "3"
    assert document["holds"]["tt"] == "15000"
    assert document["refused"][0]["code"] == "O002"
    late = next(each for each in document["timelines"] if each["failure"] == "answer-503-late")
    assert [each["at_ms"] for each in late["attempts"]] == [0, 8000]
