"""What an IAM role lets its holder do to buses, topics, queues and functions.

Never evaluates a request: Deny statements, boundaries and resource policies are left aside, so that what is allowed
here is never less than what is allowed there. Conditions are read only where they say which events may be put.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from hookwatch.cfn import contains_unresolved
from hookwatch.patterns.matchers import Matcher, Text, Wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PUT_EVENTS = "events:PutEvents"
ACTIONS = (PUT_EVENTS, "sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "states:StartExecution")

_MANAGED = {
    "AdministratorAccess": ACTIONS,
    "PowerUserAccess": ACTIONS,
    "AmazonEventBridgeFullAccess": (PUT_EVENTS,),
    "CloudWatchEventsFullAccess": (PUT_EVENTS,),
    "AmazonSQSFullAccess": ("sqs:SendMessage",),
    "AmazonSNSFullAccess": ("sns:Publish",),
    "AWSLambda_FullAccess": ("lambda:InvokeFunction",),
    "AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSStepFunctionsFullAccess": ("states:StartExecution",),
}
"""AWS managed policies that allow one of `ACTIONS` (docs.aws.amazon.com/aws-managed-policy/, recalled)."""

_SAM = {
    "EventBridgePutEventsPolicy": (PUT_EVENTS, "EventBusName"),
    "SQSSendMessagePolicy": ("sqs:SendMessage", "QueueName"),
    "SNSPublishMessagePolicy": ("sns:Publish", "TopicName"),
    "LambdaInvokePolicy": ("lambda:InvokeFunction", "FunctionName"),
    "StepFunctionsExecutionPolicy": ("states:StartExecution", "StateMachineName"),
}
"""SAM policy templates (docs.aws.amazon.com/serverless-application-model/latest/developerguide/
serverless-policy-template-list.html, read 2026-11-22): the action and the parameter that names the resource."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing that is allowed.

    Attributes:
        action: one of `ACTIONS`.
        resource: an ARN with `*` and `?`; "*" where it is not known.
        source: what `source` may be, if a condition says so; () for anything.
        detail_type: the same for `detail-type`.
    """

    action: str
    resource: str
    source: tuple[Matcher, ...] = ()
    detail_type: tuple[Matcher, ...] = ()

    def covers(self, arn: str) -> bool:
        """Tell whether the grant reaches this resource."""
        return fnmatchcase(arn, self.resource.replace("[", "[[]"))


def managed(name: Any) -> Iterator[Grant]:
    """Read a managed policy by its ARN or name."""
    if isinstance(name, str):
        for action in _MANAGED.get(name.rpartition("/")[2], ()):
            yield Grant(action, "*")


def sam_template(policy: dict[str, Any]) -> Iterator[Grant]:
    """Read a SAM policy template; the resource is given by its name."""
    for name, parameters in policy.items():
        if name in _SAM and isinstance(parameters, dict):
            action, parameter = _SAM[name]
            value = parameters.get(parameter)
            mark = "/" if action == PUT_EVENTS else ":"
            yield Grant(action, f"*{mark}{value.rpartition(mark)[2]}" if isinstance(value, str) else "*")


def document(policy: Any) -> Iterator[Grant]:
    """Read a policy document."""
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield from _statement(statement)


def _statement(statement: dict[str, Any]) -> Iterator[Grant]:
    limits = _conditions(statement.get("Condition"))
    for action in ACTIONS:
        if "NotAction" in statement:
            allowed = not any(_action(action, one) for one in _list(statement["NotAction"]))
        else:
            allowed = any(_action(action, one) for one in _list(statement.get("Action")))
        if allowed:
            resources = _list(statement.get("Resource")) if "Resource" in statement else ["*"]
            for resource in resources:
                yield Grant(action, resource if isinstance(resource, str) else "*", *limits)


def _action(action: str, granted: Any) -> bool:
    return not isinstance(granted, str) or fnmatchcase(action.lower(), granted.lower())


def _conditions(condition: Any) -> tuple[tuple[Matcher, ...], tuple[Matcher, ...]]:
    """Read the keys events:source and events:detail-type.

    Source: docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html (recalled).
    """
    found: dict[str, tuple[Matcher, ...]] = {}
    for operator, wanted in condition.items() if isinstance(condition, dict) else ():
        kind = operator.rpartition(":")[2]
        if kind not in ("StringEquals", "StringLike") or not isinstance(wanted, dict):
            continue
        for key, values in wanted.items():
            texts = _list(values)
            if texts and not contains_unresolved(texts):
                found[str(key).lower()] = tuple(_text(str(one), like=kind == "StringLike") for one in texts)
    return found.get("events:source", ()), found.get("events:detail-type", ())


def _text(value: str, *, like: bool) -> Matcher:
    pieces = tuple(value.replace("?", "*").split("*")) if like else (value,)
    return Wildcard(value, pieces) if len(pieces) > 1 else Text(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []


def grants(parts: Iterable[Iterator[Grant]]) -> tuple[Grant, ...]:
    """Put grants together, each once."""
    return tuple(dict.fromkeys(grant for part in parts for grant in part))
