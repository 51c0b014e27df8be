"""A stack's outputs and parameters by name. Never changes a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Asks(Protocol):
    """Something that asks AWS, such as an Account."""

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        """Make one call."""


@dataclass(frozen=True, slots=True)
class StackFacts:
    """What a stack says about itself.

    Attributes:
        name: its name.
        outputs: every output.
        parameters: what it was deployed with; what is secret is masked by AWS.
    """

    name: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


def stack_facts(aws: Asks, name: str) -> StackFacts | Problem:
    """Read a stack."""
    answer = aws.ask("cloudformation", "describe_stacks", StackName=name)
    if isinstance(answer, Problem):
        if answer.code == "ValidationError":
            return Problem(f"there is no stack {name} in this account and Region: name it with --stack")
        return answer
    stack = answer["Stacks"][0]
    return StackFacts(
        name,
        {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
        {item["ParameterKey"]: item.get("ParameterValue", "") for item in stack.get("Parameters", [])},
    )
