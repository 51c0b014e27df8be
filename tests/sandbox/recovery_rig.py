"""A sandbox with its GitHub and with the sweeper: where recoveries are rehearsed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.github_api_model import Event
from hookwatch.sandbox.github_fake import REPOSITORY, TOKEN
from hookwatch.sender import load_example
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookwatch.sandbox.github_api_world import FakeGitHub

TOKEN_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-token-AbCdEf"
PARAMETERS = {
    "LoopLimit": "0",
    "Sweeper": "approval",
    "SweeperRepository": REPOSITORY,
    "SweeperTokenSecretArn": TOKEN_ARN,
}


@dataclass
class Recovery:
    """What a recovery needs: the sandbox, whose GitHub has one hook that points to it."""

    cloud: Cloud

    @property
    def world(self) -> FakeGitHub:
        """The sandbox's GitHub."""
        return self.cloud.sandbox.github.world

    def deliver(self, *guids: str) -> None:
        """Have GitHub deliver so many pushes, and wait until it has its answers."""
        payload = load_example("github", "push").content
        assert isinstance(payload, bytes)
        for guid in guids:
            self.world.emit(self.world.hooks.values(), Event(guid, "push", payload=payload))

    def environment(self) -> Mapping[str, str]:
        """What an operator has set who works on this stack."""
        (hook,) = self.world.hooks
        return {
            "AWS_ENDPOINT_URL": self.cloud.get("/api/health")["fault_proxy_url"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "STACK": "hookwatch",
            "PROVIDER": "github",
            "REPO": REPOSITORY,
            "HOOK": str(hook),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": f"{self.cloud.sandbox.api_url}fake/github",
        }

    def composites(self) -> dict[str, str]:
        """The state of every composite alarm."""
        shown = self.cloud.get("/api/alarms")["alarms"]
        return {alarm["logical_id"]: alarm["state"] for alarm in shown if alarm["type"] == "composite"}

    def on_the_bus(self, guid: str) -> Any:
        """The event of one delivery, as soon as it is there."""
        return self.cloud.event(guid)


@contextmanager
def recovery(speed: float, **parameters: str) -> Iterator[Recovery]:
    """Start it with further template parameters; the sandbox's clock runs so fast."""
    config = SandboxConfig(
        template=TEMPLATE,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters=PARAMETERS | parameters,
        speed=speed,
    )
    for cloud in run_sandbox(config):
        made = Recovery(cloud)
        _connect(made)
        yield made


def _connect(made: Recovery) -> None:
    """Tell the sweeper what nobody knew before the deploy: the token's ARN, and where GitHub is."""
    clients = made.cloud.through_proxy()
    arn = clients("secretsmanager").create_secret(Name="github-token", SecretString=TOKEN)["ARN"]
    function = clients("lambda")
    found = function.get_function_configuration(FunctionName="hookwatch-sweeper")["Environment"]["Variables"]
    changed = found | {
        "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": arn,
        "GITHUB_API_URL": made.environment()["GITHUB_API_URL"],
    }
    function.update_function_configuration(FunctionName="hookwatch-sweeper", Environment={"Variables": changed})

    def is_there() -> bool:
        running = made.cloud.sandbox.functions.find("hookwatch-sweeper")
        return running is not None and arn in running.spec.environment.values()

    eventually(is_there)
