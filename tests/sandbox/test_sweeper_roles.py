"""The sweeper in the sandbox, held to its role: with it a sweep goes through, without a statement it does not."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from github_rig import REPO, TOKEN, Answers
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox
from sandbox.fed_rig import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox

PROMISED = "arn:aws:secretsmanager:us-east-1:123456789012:secret:sweeper-AbCdEf"


class Swept:
    """A sandbox with a sweeper, and the GitHub that it looks at."""

    def __init__(self, cloud: Cloud, world: FakeGitHub) -> None:
        self.cloud, self.world = cloud, world
        self.iam = aws(cloud, "iam")
        cloudformation = aws(cloud, "cloudformation")
        resource = cloudformation.describe_stack_resource(
            StackName="hookwatch", LogicalResourceId="SweeperFunctionRole"
        )
        self.role = resource["StackResourceDetail"]["PhysicalResourceId"]
        self.arn = aws(cloud, "secretsmanager").create_secret(Name="sweeper", SecretString=TOKEN)["ARN"]
        # An operator makes the secret first and gives its ARN; here the stack comes first.
        self.policy = json.loads(json.dumps(self._policy()).replace(PROMISED, self.arn))
        self.put(self.policy)
        functions = aws(cloud, "lambda")
        variables = functions.get_function_configuration(FunctionName="hookwatch-sweeper")["Environment"]["Variables"]
        variables["HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN"] = self.arn
        functions.update_function_configuration(FunctionName="hookwatch-sweeper", Environment={"Variables": variables})
        function = cloud.sandbox.functions.find("hookwatch-sweeper")
        assert function is not None
        name = "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN"
        assert eventually(lambda: function.spec.environment.get(name) == self.arn)

    def _policy(self) -> Any:
        policy: Any = self.iam.get_role_policy(RoleName=self.role, PolicyName="hookwatch")["PolicyDocument"]
        return json.loads(policy) if isinstance(policy, str) else policy

    def put(self, policy: Any) -> None:
        self.iam.put_role_policy(RoleName=self.role, PolicyName="hookwatch", PolicyDocument=json.dumps(policy))

    @contextmanager
    def without(self, sid: str) -> Iterator[None]:
        """Take one statement out of the role, and put it back."""
        less = [each for each in self.policy["Statement"] if each["Sid"] != sid]
        assert len(less) == len(self.policy["Statement"]) - 1
        self.put({**self.policy, "Statement": less})
        try:
            yield
        finally:
            self.put(self.policy)

    def fail(self, guid: str) -> None:
        self.world.record(self.world.hooks[5], Event(guid, "push"), Posted("x: 503", 503), age_s=60)

    def sweep(self) -> dict[str, Any]:
        """Invoke it, as its schedule does; the line that it wrote."""
        reply = self.cloud.call("POST", "/api/functions/sweeper/invoke", {})
        assert reply.status == 200, reply.body
        request_id = reply.json["request_id"]

        def line() -> dict[str, Any] | None:
            for each in self.cloud.get("/api/logs?limit=200")["lines"]:
                if '"message":"sweep"' in each["line"] and request_id in each["line"]:
                    found: dict[str, Any] = json.loads(each["line"])
                    return found
            return None

        found: dict[str, Any] = eventually(line)
        return found


@pytest.fixture(scope="module")
def swept() -> Iterator[Swept]:
    """One sandbox for the file, which holds every function to its role."""
    world = FakeGitHub(time.time, Answers())
    world.add_hook(FakeHook(5, "repository", REPO.name, "https://example.test/", GITHUB_SECRET))
    world.add_token(TOKEN, REPO.name)
    with serving(world) as url:
        config = SandboxConfig(
            template=TEMPLATE,
            github_secret=GITHUB_SECRET,
            twilio_token=TWILIO_TOKEN,
            parameters={
                "Sweeper": "on",
                "SweeperRepository": REPO.name,
                "SweeperHookId": "5",
                "SweeperTokenSecretArn": PROMISED,
                "SweeperApiUrl": url,
            },
            enforce_iam=True,
            seed=7,
        )
        for cloud in run_sandbox(config):
            yield Swept(cloud, world)


def test_the_role_allows_a_whole_sweep(swept: Swept) -> None:
    """Under its own role the real function reads its token, claims, reads the alarm, redelivers and proves it."""
    swept.fail("a")
    line = swept.sweep()
    assert (line["outcome"], line["Redelivered"], line["recovered"], line["StillMissing"]) == ("swept", 1, 1, 0), line
    assert [each.event.guid for each in swept.world.kept(swept.world.hooks[5])] == ["a", "a"]


def test_without_its_token_it_fails(swept: Swept) -> None:
    """The run ends in an error that Lambda counts, and the line carries AWS's code."""
    with swept.without("ReadItsToken"):
        line = swept.sweep()
    assert (line["level"], line["outcome"], line["reason"]) == ("ERROR", "failed", "AccessDeniedException")


def test_without_claims_nothing_is_sent(swept: Swept) -> None:
    """What it cannot claim it does not send, and says so; that it may read alarms is not the emulator's to refuse."""
    swept.fail("b")
    asked = len(swept.world.attempts)
    with swept.without("ClaimDeliveries"):
        line = swept.sweep()
    assert (line["outcome"], line["reason"], len(swept.world.attempts)) == ("stopped", "AccessDenied", asked), line
    assert line["StillMissing"] == 1
    assert swept.sweep()["recovered"] == 1
