from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.send import app
from hookwatch.ingest.providers.github import GitHub
from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.outcomes import ROWS
from vectors.deliveries import Receiver, function_url_event
from vectors.listener import Seen, listening

SERVICE = Path(__file__).parents[2] / "service"
SAMPLES = Path(__file__).parents[1] / "samples"
SECRET = "throwaway-secret-4711"


def call(*arguments: str, secret: str = SECRET) -> tuple[int, str, str]:
    result = CliRunner(
        env={"HOOKWATCH_GITHUB_SECRET": secret, "HOOKWATCH_TWILIO_TOKEN": secret, "COLUMNS": "200"}
    ).invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def verify(seen: Seen) -> tuple[int, str]:
    """Answer as the function would, from the parts of a request that it looks at."""
    provider = GitHub() if "x-github-event" in seen.headers else Twilio(None, None)
    path, _, query = seen.path.partition("?")
    headers = {**seen.headers, "x-forwarded-proto": "http"}
    event = function_url_event(headers=headers, body=seen.body, host=seen.headers["host"], path=path, query=query)
    outcome = Receiver(provider, SECRET.encode()).receive(event).outcome
    return ROWS[outcome].status, json.dumps({"outcome": outcome.value})


@pytest.mark.parametrize("provider", ["github", "twilio"])
@pytest.mark.parametrize("forge", ["none", "unsigned", "wrong-secret", "tampered"])
def test_receiver_and_sender_agree(provider: str, forge: str) -> None:
    """Real deliveries pass and forged ones are refused over HTTP, and either way the exit code is 0."""
    with listening(verify) as listener:
        code, out, _ = call(provider, "--url", listener.url + "?x=%2f", "--count", "4", "--forge", forge, "--json")
    document: dict[str, Any] = json.loads(out)
    assert code == 0, document
    assert (document["ok"], document["replies"], document["forge"]) == (True, 4, forge)
    assert set(document["statuses"]) == {"200" if forge == "none" else "401"}


def test_event_streams_over_http() -> None:
    """A JSON webhook is verified by the hash that its URL carries."""
    with listening(verify) as listener:
        code, out, _ = call("twilio", "--url", listener.url, "--event", "event-stream", "--json")
    assert (code, json.loads(out)["outcomes"]) == (0, {"accepted": 1})
    assert "bodySHA256=" in listener.seen[0].path


def test_forged_request_that_passes_is_found() -> None:
    """A receiver that accepts a tampered delivery makes the exit code 1."""
    with listening() as listener:
        code, out, _ = call("github", "--url", listener.url, "--forge", "tampered", "--json")
    assert (code, json.loads(out)["as_expected"]) == (1, 0)


@pytest.mark.parametrize("status", [400, 429, 500, 0])
def test_good_request_that_is_refused_is_found(status: int) -> None:
    """Anything but 2xx for a good delivery makes the exit code 1, a missing answer too."""
    with listening(lambda _: (status, "{}")) as listener:
        code, out, _ = call("github", "--url", listener.url, "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)


def test_one_delivery_for_a_person() -> None:
    """One delivery prints its id, the answer and the verdict; the secret is nowhere and nothing is coloured."""
    with listening(verify) as listener:
        code, out, err = call("github", "--url", listener.url)
    assert code == 0
    assert listener.seen[0].headers["x-github-delivery"] in out
    assert '{"outcome": "accepted"}' in out
    assert "as expected: 1 of 1 answered 2xx" in out
    assert SECRET not in out + err
    assert "\x1b" not in out + err


def test_many_deliveries_for_a_person() -> None:
    """Many deliveries print answers by status and outcome, and the percentiles."""
    with listening(verify) as listener:
        code, out, err = call("twilio", "--url", listener.url, "--count", "6", "--concurrency", "2")
    assert code == 0
    assert re.search(r"^200 +6$", out, re.MULTILINE)
    assert re.search(r"^outcome accepted +6$", out, re.MULTILINE)
    assert re.search(r"p50 [\d.]+ ms  p90 [\d.]+ ms  p99 [\d.]+ ms  max [\d.]+ ms", out)
    assert "\x1b" not in out + err


@pytest.mark.parametrize("sample", ["github/release.published.json", "github/status.payload.json"])
def test_github_file(sample: str) -> None:
    """A payload file arrives byte for byte under the event that its name says."""
    path = SAMPLES / sample
    with listening(verify) as listener:
        code, _, _ = call("github", "--url", listener.url, "--file", str(path))
    assert code == 0
    assert listener.seen[0].body == path.read_bytes()
    assert listener.seen[0].headers["x-github-event"] == path.name.partition(".")[0]


@pytest.mark.parametrize("sample", sorted((SAMPLES / "twilio").glob("*.json")), ids=lambda path: path.stem)
def test_twilio_file(sample: Path) -> None:
    """Every Twilio sample can be sent as a file and is accepted."""
    with listening(verify) as listener:
        code, out, _ = call("twilio", "--url", listener.url, "--file", str(sample), "--json")
    assert (code, json.loads(out)["outcomes"]) == (0, {"accepted": 1})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["github", "--url", "nowhere"], "not an absolute http or https URL"),
        (["github", "--event", "nope"], "there are: "),
        (["twilio", "--event", "push"], "message.inbound.sms"),
        (["github", "--event", "a b"], "printable ASCII"),
        (["github", "--event", "a\r\nX-Evil: 1"], "printable ASCII"),
        (["github", "--file", "/does/not/exist.json"], "No such file"),
        (["github", "--url", "https://hooks.example.com/", "--count", "101"], "--yes"),
        (["github", "--count", "0"], "--count"),
        (["gitlab"], "gitlab"),
        (["github", "--forge", "sometimes"], "--forge"),
        ([], "provider"),
    ],
)
def test_misuse_is_explained(arguments: list[str], message: str) -> None:
    """A wrong command ends with exit code 2 and says on stderr what to do, without a traceback."""
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert message.lower() in err.lower()
    assert "Traceback" not in err


def test_missing_secret_is_explained() -> None:
    """Without a secret and without a terminal to ask on, exit code 2 names the variable."""
    code, _, err = call("github", secret="")
    assert code == 2
    assert "HOOKWATCH_GITHUB_SECRET" in err


def test_forging_without_the_secret_needs_no_secret() -> None:
    """An unsigned or wrongly signed request can be sent by whoever does not know the secret."""
    with listening(verify) as listener:
        for forge in ("unsigned", "wrong-secret"):
            assert call("github", "--url", listener.url, "--forge", forge, secret="")[0] == 0


def test_help_has_examples() -> None:
    """`--help` shows examples, and no option takes a secret."""
    code, out, _ = call("--help")
    assert code == 0
    assert "hookwatch send github --event issues.opened --json" in out
    assert not re.search(r"--(secret|token)", out)


def test_ctrl_c_prints_what_was_measured() -> None:
    """An interrupt in the middle ends with what was measured so far, and with exit code 1."""
    program = "from hookwatch.cli.send import app; app()"
    with listening() as listener:
        listener.delay_s = 0.02
        process = subprocess.Popen(
            [sys.executable, "-c", program, "github", "--url", listener.url, "--count", "100000", "--json"],
            env={**os.environ, "HOOKWATCH_GITHUB_SECRET": SECRET, "PYTHONPATH": str(SERVICE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            give_up_s = time.monotonic() + 30
            while len(listener.seen) < 5 and time.monotonic() < give_up_s:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
    document = json.loads(out)
    assert process.returncode == 1
    assert document["interrupted"] is True
    assert 4 <= document["replies"] <= len(listener.seen)
    assert document["latency_ms"]["p50"] >= 20
    assert b"Traceback" not in err
