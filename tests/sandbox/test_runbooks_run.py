"""Every runbook is followed: its checks and acts run in one shell against the sandbox, and a command that fails, fails.

What only AWS can answer (`aws-only`) is held to AWS's models by tests/contract/test_runbook_commands.py.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

import runbook_shell
from runbook_pages import PAGES
from sandbox.cloud_rig import GITHUB_SECRET, TWILIO_TOKEN, eventually
from sandbox.recovery_rig import Recovery, recovery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]

BUS, RULE = "hooks", "consumer"
ACCOUNT_SID = "AC" + "0" * 32


@pytest.fixture(scope="module")
def stage() -> Iterator[Recovery]:
    """A stack with everything that a page may speak of, and some traffic behind it."""
    with recovery(1.0, EventBusName=BUS, RuleNames=RULE, ArchiveRetentionDays="1") as made:
        clients = made.cloud.through_proxy()
        events, sqs = clients("events"), clients("sqs")
        queue = sqs.create_queue(QueueName=RULE)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=RULE, EventBusName=BUS, EventPattern=json.dumps({"source": ["github.com"]}))
        events.put_targets(Rule=RULE, EventBusName=BUS, Targets=[{"Id": "q", "Arn": arn}])
        # The emulator's CloudFormation knows no archives; its EventBridge does.
        outputs = made.cloud.get("/api/health")["outputs"]
        bus = events.describe_event_bus(Name=BUS)["Arn"]
        events.create_archive(ArchiveName=outputs["ArchiveName"], EventSourceArn=bus, RetentionDays=1)
        made.cloud.github()
        made.cloud.twilio()
        yield made


def environment(stage: Recovery) -> dict[str, str]:
    """What every page tells its reader to set."""
    account = "arn:aws:events:us-east-1:123456789012"
    return {
        **stage.environment(),
        "BUS": BUS,
        "RULE": RULE,
        "RULE_ARN": f"{account}:rule/{BUS}/{RULE}",
        "CONSUMER": "hookwatch-twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_API_URL": f"{stage.cloud.sandbox.api_url}fake/twilio",
    }


@contextmanager
def bus_is_gone(stage: Recovery) -> Iterator[None]:
    """The GitHub function publishes to a bus that nobody made."""
    client = stage.cloud.through_proxy()("lambda")
    before = client.get_function_configuration(FunctionName="hookwatch-github")["Environment"]["Variables"]

    def give(variables: dict[str, str]) -> None:
        client.update_function_configuration(FunctionName="hookwatch-github", Environment={"Variables": variables})

    give(before | {"HOOKWATCH_EVENT_BUS": "gone"})
    yield
    give(before)


@contextmanager
def secret_is_deleted(stage: Recovery) -> Iterator[None]:
    """The webhook's secret is scheduled for deletion."""
    client = stage.cloud.through_proxy()("secretsmanager")
    arn = stage.cloud.get("/api/health")["outputs"]["GitHubSecretArn"]
    client.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
    yield
    client.restore_secret(SecretId=arn)


STAGES: dict[str, Callable[[Recovery], AbstractContextManager[None]]] = {
    "putevents-failed": bus_is_gone,
    "secret-fetch": secret_is_deleted,
}
TYPED = {"secret-out-of-sync": f"{GITHUB_SECRET}\n"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_followed(page: Path, stage: Recovery, tmp_path: Path):
    """Every command of the page works as it is printed, in its order, and its undo does too."""
    with STAGES.get(page.stem, lambda _: nullcontext())(stage):
        done = runbook_shell.run(page, environment(stage), tmp_path, TYPED.get(page.stem, ""))
    assert done.failed is None, f"{done.failed.name}\n{done.output}" if done.failed else ""
    assert GITHUB_SECRET not in done.output
    assert TWILIO_TOKEN not in done.output


def test_after_all_pages_the_stack_is_as_before(stage: Recovery):
    """Acts and undos leave no trace: a delivery is accepted, the rule is enabled, concurrency is back."""
    reply, delivery_id = stage.cloud.github()
    assert reply.status == 200
    clients = stage.cloud.through_proxy()
    assert clients("events").describe_rule(Name=RULE, EventBusName=BUS)["State"] == "ENABLED"
    for function in ("hookwatch-github", "hookwatch-twilio"):
        found: Any = clients("lambda").get_function_concurrency(FunctionName=function)
        assert found.get("ReservedConcurrentExecutions") == 10
    assert eventually(lambda: stage.cloud.event_now(delivery_id))


def test_a_page_whose_command_fails_fails(tmp_path: Path, stage: Recovery):
    """The runner stops at the first command that fails, says which, and runs nothing after it."""
    page = tmp_path / "page.md"
    page.write_text(
        "---\nalarms: []\n---\n```sh check\necho first\n```\n```sh check\naws sqs get-queue-url --queue-name no\n```\n"
        "```sh check\necho third\n```\n```sh aws-only\nexit 9\n```\n",
        encoding="utf-8",
    )
    done = runbook_shell.run(page, environment(stage), tmp_path)
    assert done.failed is not None
    assert done.failed.name == "check: aws sqs get-queue-url --queue-name no"
    assert done.printed(0) == "first"
    assert "third" not in done.output
