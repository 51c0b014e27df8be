"""template.yaml into the emulator, and what must be known afterwards to run its functions.

Never starts a function or a server. Blocking: call it in a thread.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.alarms_template import UnreadTemplate, read_stack
from hookwatch.sandbox.cloud_model import STACK_NAME, MisuseError, SandboxConfig, SandboxError, Stripped, one_line
from hookwatch.sandbox.deploy_functions import BUS_VARIABLE, PROVIDER_VARIABLE, DeployedFunction, deployed_functions
from hookwatch.sandbox.deploy_sources import ENABLED_OUTPUT, hold_mappings
from hookwatch.sandbox.deploy_stack import RefusedError, Stack, deploy_stack, nested_resources
from hookwatch.sandbox.deploy_strip import refused_types
from hookwatch.sandbox.deploy_template import (
    BUCKET,
    CODE_KEY,
    CONCURRENCY_OUTPUT,
    CONDITION_OUTPUT,
    Prepared,
    prepare,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.cfn import Stack as CfnStack
    from hookwatch.sandbox.deploy_clients import Clients


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was deployed.

    Attributes:
        functions: The functions that run here, by what people call them.
        buses: Names of the event buses that the functions publish to.
        outputs: The stack's outputs.
        stripped: What was left out, and why.
        alarms: The whole template, resolved as deployed, for the alarms that the emulator cannot hold.
        queues: URLs of the stack's queues, nested stacks included.
    """

    functions: Mapping[str, DeployedFunction]
    buses: tuple[str, ...]
    outputs: Mapping[str, str]
    stripped: tuple[Stripped, ...]
    alarms: CfnStack | UnreadTemplate
    queues: tuple[str, ...]


def deploy(config: SandboxConfig, clients: Clients) -> Deployment:
    """Deploy the configured template.

    Raises:
        MisuseError: the template cannot be read, is refused, or has no function of ours.
        SandboxError: the stack rolls back or never settles, or the emulator fails.
    """
    try:
        return _deployment(config, clients)
    except (BotoCoreError, ClientError) as error:
        raise SandboxError(f"the emulator failed: {one_line(str(error))}") from error


def _deployment(config: SandboxConfig, clients: Clients) -> Deployment:
    _upload_code(clients("s3"))
    prepared, stack = _deploy(config, clients)
    functions = deployed_functions(clients("lambda"), prepared, stack)
    if not any(function.provider for function in functions.values()):
        raise MisuseError(f"{config.template} deploys no function with the environment variable {PROVIDER_VARIABLE}")
    hold_mappings(clients("lambda"), stack.outputs, stack.resources)
    buses = sorted({name for function in functions.values() if (name := _bus(function)) is not None})
    _ensure_buses(clients("events"), buses)
    ours = (CONCURRENCY_OUTPUT, CONDITION_OUTPUT, ENABLED_OUTPUT)
    return Deployment(
        functions=functions,
        buses=tuple(buses),
        outputs={key: value for key, value in stack.outputs.items() if not key.startswith(ours)},
        stripped=tuple(_really_stripped(prepared, stack)),
        alarms=read_stack(
            config.template, _given(config), {key: name for key, (_, name) in stack.resources.items() if name}
        ),
        queues=tuple(name for kind, name in nested_resources(clients("cloudformation")) if kind == "AWS::SQS::Queue"),
    )


def _upload_code(s3: Any) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("README", "The sandbox runs this function from its source.\n")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=CODE_KEY, Body=archive.getvalue())


def _deploy(config: SandboxConfig, clients: Clients) -> tuple[Prepared, Stack]:
    s3, cloudformation = clients("s3"), clients("cloudformation")

    def upload(key: str, text: str) -> str:
        s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
        return f"{clients.endpoint}/{BUCKET}/{key}"  # ministack fetches nested templates by path-style address only

    given = _given(config)
    refused: dict[str, str] = {}
    while True:
        prepared = prepare(config.template, given, upload, refused)
        known = json.loads(prepared.body).get("Parameters", {})
        wrong = sorted(config.parameters.keys() - known.keys())
        if wrong:
            raise MisuseError(f"{config.template} has no parameter {', '.join(wrong)}")
        try:
            url = upload(f"{STACK_NAME}.json", prepared.body)
            return prepared, deploy_stack(
                cloudformation, url, {key: value for key, value in given.items() if key in known}
            )
        except RefusedError as error:
            more = refused_types(str(error)).keys() - refused.keys()
            if not more:
                raise
            refused |= refused_types(str(error))


def _given(config: SandboxConfig) -> dict[str, str]:
    return {
        "GitHubWebhookSecret": config.github_secret,
        "TwilioWebhookSecret": config.twilio_token,
        **config.parameters,
    }


def _bus(function: DeployedFunction) -> str | None:
    """Return the name of the bus that a function publishes to; None for one that answers nobody and names no bus."""
    named = function.spec.environment.get(BUS_VARIABLE, "default" if function.provider else None)
    return None if named is None else named.rsplit("/", 1)[-1]


def _ensure_buses(events: Any, names: list[str]) -> None:
    # On AWS a named bus must exist before the stack; here nobody else could have made it.
    known = {bus["Name"] for bus in events.list_event_buses()["EventBuses"]}
    for name in names:
        if name not in known:
            events.create_event_bus(Name=name)


def _really_stripped(prepared: Prepared, stack: Stack) -> list[Stripped]:
    """Leave out what its condition would not have made anyway."""
    return [
        item
        for item in prepared.stripped
        if (name := prepared.conditions.get(item.logical_id)) is None or f"{CONDITION_OUTPUT}{name}" in stack.outputs
    ]
