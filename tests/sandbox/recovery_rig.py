"""A sandbox with the sweeper, and a fake GitHub whose hook points to it: where recoveries are rehearsed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.github_api_model import Event, FakeHook
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPO = "octo-org/hello-world"
HOOK = 5
TOKEN = "ghp_throwaway"
TOKEN_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-token-AbCdEf"
PARAMETERS = {
    "LoopLimit": "0",
    "Sweeper": "approval",
    "SweeperRepository": REPO,
    "SweeperTokenSecretArn": TOKEN_ARN,
}


@dataclass
class Recovery:
    """What a recovery needs.

    Attributes:
        cloud: the sandbox.
        world: the fake GitHub.
        github_url: the value for GITHUB_API_URL.
    """

    cloud: Cloud
    world: FakeGitHub
    github_url: str

    def deliver(self, *guids: str) -> None:
        """Have GitHub deliver so many pushes, and wait until it has its answers."""
        hook = self.world.hooks[HOOK]
        self.world.emit([hook], Event(guids[0], "push"))
        for guid in guids[1:]:
            self.world.emit([hook], Event(guid, "push"))

    def environment(self) -> Mapping[str, str]:
        """What an operator has set who works on this stack."""
        return {
            "AWS_ENDPOINT_URL": self.cloud.get("/api/health")["fault_proxy_url"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "STACK": "hookwatch",
            "PROVIDER": "github",
            "REPO": REPO,
            "HOOK": str(HOOK),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": self.github_url,
        }

    def composites(self) -> dict[str, str]:
        """The state of every composite alarm."""
        shown = self.cloud.get("/api/alarms")["alarms"]
        return {alarm["logical_id"]: alarm["state"] for alarm in shown if alarm["type"] == "composite"}

    def on_the_bus(self, guid: str) -> Any:
        """The event of one delivery, as soon as it is there."""
        return self.cloud.event(guid)


@contextmanager
def recovery(speed: float) -> Iterator[Recovery]:
    """Start both; the sandbox's clock runs so fast."""
    world = FakeGitHub()
    with serving(world) as url:
        config = SandboxConfig(
            template=TEMPLATE,
            github_secret=GITHUB_SECRET,
            twilio_token=TWILIO_TOKEN,
            parameters=PARAMETERS | {"SweeperApiUrl": url},
            speed=speed,
        )
        for cloud in run_sandbox(config):
            world.add_hook(
                FakeHook(HOOK, "repository", REPO, cloud.sandbox.github_url or "", GITHUB_SECRET, target_id=1)
            )
            world.add_token(TOKEN, REPO)
            _give_token(cloud)
            yield Recovery(cloud, world, url)


def _give_token(cloud: Cloud) -> None:
    """Make the token's secret, and tell the sweeper the ARN that the emulator gave it."""
    clients = cloud.through_proxy()
    arn = clients("secretsmanager").create_secret(Name="github-token", SecretString=TOKEN)["ARN"]
    function = clients("lambda")
    found = function.get_function_configuration(FunctionName="hookwatch-sweeper")["Environment"]["Variables"]
    changed = found | {"HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": arn}
    function.update_function_configuration(FunctionName="hookwatch-sweeper", Environment={"Variables": changed})

    def is_there() -> bool:
        running = cloud.sandbox.functions.find("hookwatch-sweeper")
        return running is not None and arn in running.spec.environment.values()

    eventually(is_there)
