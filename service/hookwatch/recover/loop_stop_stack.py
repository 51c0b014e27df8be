"""What a deployed stack says about itself: the names of its functions and of its bus. Never changes a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.loop_stop_aws import Account

DEFAULT_STACK = "hookwatch"
DEFAULT_BUS = "default"

# template.yaml's outputs: GitHubFunctionName, TwilioFunctionName, EventBusArn.
_FUNCTION_NAME = "FunctionName"
_BUS_ARN = "EventBusArn"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of template.yaml.

    Attributes:
        functions: provider -> name of its function.
        bus: name of the bus.
    """

    functions: Mapping[str, str]
    bus: str


def read_stack(account: Account, name: str) -> Stack | Problem:
    """Read a stack's outputs."""
    answer = account.ask("cloudformation", "describe_stacks", StackName=name)
    if isinstance(answer, Problem):
        if answer.code == "ValidationError":
            return Problem(f"there is no stack {name} in this account and Region: name it with --stack")
        return answer
    outputs = {item["OutputKey"]: item["OutputValue"] for item in answer["Stacks"][0].get("Outputs", [])}
    functions = {
        key.removesuffix(_FUNCTION_NAME).lower(): value
        for key, value in outputs.items()
        if key.endswith(_FUNCTION_NAME) and key != _FUNCTION_NAME
    }
    if not functions:
        return Problem(f"the stack {name} has no output that names a function: is it hookwatch's?")
    return Stack(functions, bus_name(outputs.get(_BUS_ARN, DEFAULT_BUS)))


def bus_name(bus: str) -> str:
    """The name of a bus that was given by name or ARN."""
    return bus.partition(":event-bus/")[2] or bus
