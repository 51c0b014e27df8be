"""Names in a template as keys of nodes: ARNs, queue URLs, plain names, buses.

Never reads a template file; it is given resolved values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.emissions import Bus

if TYPE_CHECKING:
    from hookwatch.cfn import Resource

DEFAULT_BUS = "default"
_ARN_PARTS = 6
_FUNCTION_PARTS = 7


@dataclass(frozen=True, slots=True)
class Where:
    """The place that the templates are resolved for; ARNs of another one are elsewhere."""

    region: str
    account: str


def bus_of(value: Any, where: Where) -> Bus | None:
    """Read a bus: a name, an ARN, nothing for the default bus; None if the templates do not tell."""
    match value:
        case None:
            return Bus(DEFAULT_BUS)
        case str() if value.startswith("arn:"):
            parts = value.split(":", _ARN_PARTS - 1)
            if len(parts) < _ARN_PARTS:
                return None
            region, account, tail = parts[3], parts[4], parts[5]
            here = region in ("", where.region) and account in ("", where.account)
            return Bus(tail.rpartition("/")[2], "" if here else f"{region}:{account}")
        case str():
            return Bus(value)
        case _:
            return None


def is_bus(value: Any) -> bool:
    """Tell whether a target is an event bus."""
    return isinstance(value, str) and value.startswith("arn:") and ":event-bus/" in value


def key_of(value: Any) -> str | None:
    """Give the key of what an ARN, a queue URL or a function's name stands for; None if it is not known."""
    if not isinstance(value, str):
        return None
    if value.startswith("https://sqs."):
        *_, account, name = value.split("/")
        return f"arn:aws:sqs:{value.split('.')[1]}:{account}:{name}"
    if ":lambda:" in value:
        if ":function/arn:" in value:  # API Gateway's way to name a function
            value = value.partition("functions/")[2].partition("/invocations")[0]
        return ":".join(value.split(":")[:_FUNCTION_PARTS])
    return value


def arn_of(resource: Resource, where: Where) -> str | None:
    """Give the ARN of a resource, which is its key."""
    name = resource.physical_name
    if not isinstance(name, str):
        return None
    for kinds, service, tail in _TAILS:
        if resource.type in kinds:
            return f"arn:aws:{service}:{where.region}:{where.account}:{tail}{name}"
    return f"{resource.type}:{name}"


_TAILS = (
    (("AWS::Lambda::Function", "AWS::Serverless::Function"), "lambda", "function:"),
    (("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"), "states", "stateMachine:"),
    (("AWS::SQS::Queue",), "sqs", ""),
    (("AWS::SNS::Topic",), "sns", ""),
    (("AWS::Events::EventBus",), "events", "event-bus/"),
    (("AWS::Pipes::Pipe",), "pipes", "pipe/"),
)


def texts(*values: Any) -> tuple[str, ...]:
    """Keep what is text."""
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))


def items(value: Any) -> list[dict[str, Any]]:
    """Give the mappings of a list, or of one mapping."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]
