"""One CloudFormation deploy into the emulator, through the API that a real deploy uses.

Never reads a template file. Blocking: call it in a thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.cloud_model import STACK_NAME, MisuseError, SandboxError, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPLOY_LIMIT_S = 60.0
"""A deploy takes 0.4 to 1.6 s (facts measured 2026-11); after a minute something hangs."""

POLL_S = 0.03
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class RefusedError(MisuseError):
    """CloudFormation refused the template itself; the message is its own."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack.

    Attributes:
        outputs: Output key to value.
        resources: Logical id to (type, physical id).
    """

    outputs: Mapping[str, str]
    resources: Mapping[str, tuple[str, str]]


def deploy_stack(cloudformation: Any, url: str, parameters: Mapping[str, str]) -> Stack:
    """Create the stack and wait for it.

    Args:
        cloudformation: A client of the emulator.
        url: Where the template lies. As a text of the request it may have 51,200 bytes, and ours has more.
        parameters: Values for parameters that the template declares.

    Raises:
        RefusedError: the template was refused before anything was made.
        SandboxError: the stack rolled back; the message holds the events that say why.
    """
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    try:
        cloudformation.create_stack(StackName=STACK_NAME, TemplateURL=url, Parameters=given, Capabilities=CAPABILITIES)
    except ClientError as error:
        raise RefusedError(f"CloudFormation refuses the template: {one_line(_message(error))}") from error
    except BotoCoreError as error:
        raise SandboxError(f"the emulator does not answer: {one_line(str(error))}") from error
    stack = _wait(cloudformation)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise SandboxError(f"the stack ended as {stack['StackStatus']}:\n{_events(cloudformation)}")
    listed = cloudformation.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    return Stack(
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        resources={
            item["LogicalResourceId"]: (item["ResourceType"], item.get("PhysicalResourceId", "")) for item in listed
        },
    )


def nested_resources(cloudformation: Any, stack: str = STACK_NAME) -> list[tuple[str, str]]:
    """Return (type, physical id) of all resources of a stack and of the stacks inside it."""
    found: list[tuple[str, str]] = []
    for item in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        kind, physical_id = item["ResourceType"], item.get("PhysicalResourceId", "")
        found.append((kind, physical_id))
        if kind == "AWS::CloudFormation::Stack" and physical_id:
            found += nested_resources(cloudformation, physical_id)
    return found


def _wait(cloudformation: Any) -> Any:
    end_s = time.monotonic() + DEPLOY_LIMIT_S
    while time.monotonic() < end_s:
        stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        time.sleep(POLL_S)
    raise SandboxError(f"the stack did not settle in {DEPLOY_LIMIT_S:.0f} s:\n{_events(cloudformation)}")


def _events(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    failed = [event for event in events if "FAILED" in event["ResourceStatus"] or "ROLLBACK" in event["ResourceStatus"]]
    lines = (
        f"  {event['LogicalResourceId']} ({event.get('ResourceType', '?')}) {event['ResourceStatus']}"
        f" {one_line(event.get('ResourceStatusReason', ''))}".rstrip()
        for event in reversed(failed or events)
    )
    return "\n".join(lines)


def _message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", error))
