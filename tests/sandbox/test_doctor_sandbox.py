"""`hookwatch doctor` at a running sandbox: nothing of what it needs is missing there, and a real fault is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli import app
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.github_fake import REPOSITORY, TOKEN
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A sandbox of its own: what other tests left in the session's one is not this patient's illness."""
    yield from run_sandbox(
        SandboxConfig(template=TEMPLATE, github_secret=GITHUB_SECRET, twilio_token=TWILIO_TOKEN, seed=7)
    )


def examined(cloud: Cloud) -> tuple[int, dict[str, Any]]:
    """Exit code, and findings by check."""
    done = CliRunner().invoke(app, ["doctor", "--sandbox", cloud.sandbox.api_url, "--json"])
    return done.exit_code, {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}


def test_a_fresh_sandbox_is_healthy(cloud: Cloud):
    """Everything that can be looked at here is well; what cannot says why."""
    code, findings = examined(cloud)
    assert code == 0, findings
    assert {each["verdict"] for each in findings.values()} <= {"ok", "skip", "warn"}
    for provider in ("github", "twilio"):
        for check in ("function", "permissions", "url", "secret", "signed ping"):
            assert findings[f"{check} {provider}"]["verdict"] == "ok", findings


def test_a_function_that_dies_is_found(cloud: Cloud):
    """A function that is killed in every invocation answers 502, and both knocking and the ping say so."""
    cloud.fault(operation="Invoke", fault="crash", function="github")
    code, findings = examined(cloud)
    cloud.clear()
    assert code == 1
    assert findings["url github"]["verdict"] == "fail"
    assert findings["signed ping github"]["verdict"] == "fail"
    assert findings["url twilio"]["verdict"] == "ok"


def test_the_hook_of_the_sandboxs_github_is_looked_at(cloud: Cloud):
    """With a repository and a token the hook that leads here is found well, through the sandbox's own endpoint."""
    cloud.sandbox.github.world.ping(next(iter(cloud.sandbox.github.world.hooks.values())))
    environment = {
        "AWS_ENDPOINT_URL": cloud.get("/api/health")["fault_proxy_url"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "GITHUB_API_URL": f"{cloud.sandbox.api_url}fake/github",
        "GITHUB_TOKEN": TOKEN,
    }
    done = CliRunner().invoke(app, ["doctor", "--repo", REPOSITORY, "--json"], env=environment)
    findings = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    for check in ("hook 1", "hook 1 TLS", "hook 1 secret", "hook 1 deliveries", "url github", "signed ping github"):
        assert findings[check]["verdict"] == "ok", findings[check]
    assert TOKEN not in done.stdout
