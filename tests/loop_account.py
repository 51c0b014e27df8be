"""A small account in memory for the loop commands: rules with tags, functions with revisions."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

REGION = "arn:aws:{}:us-east-1:123456789012:{}"


def refusal(code: str, message: str = "no") -> ClientError:
    """The error that botocore raises for an AWS error code."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@dataclass
class Function:
    """A function as the account holds it."""

    variables: dict[str, str] = field(default_factory=dict)
    reserved: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    environment_error: str = ""
    statuses: list[str] = field(default_factory=list)


class FakeAws:
    """Clients of all services at once.

    Attributes:
        rules: (bus, name) -> DescribeRule's answer.
        rule_tags: ARN -> tags.
        functions: name -> function.
        outputs: stack -> its outputs.
        alarms: name -> its state.
        parameters: stack -> its parameters.
        secret: stage -> text of the one secret.
        entries: what was put onto any bus.
        objects: (bucket, key) -> what was put there.
        refuse: operation -> the error code that it is refused with.
        silent: an operation that is done and not answered.
        changes: the changing operations that were made, in order.
    """

    def __init__(self) -> None:
        self.rules: dict[tuple[str, str], dict[str, Any]] = {}
        self.rule_tags: dict[str, dict[str, str]] = {}
        self.functions: dict[str, Function] = {}
        self.outputs: dict[str, dict[str, str]] = {}
        self.targets: list[str] = []
        self.archives: list[str] = []
        self.alarms: dict[str, str] = {}
        self.parameters: dict[str, dict[str, str]] = {}
        self.secret: dict[str, str] = {}
        self.entries: list[dict[str, Any]] = []
        self.objects: dict[tuple[str, str], bytes] = {}
        self.refuse: dict[str, str] = {}
        self.silent = ""
        self.changes: list[str] = []
        self.slept_s: list[float] = []

    def __call__(self, service: str) -> Any:
        return _Client(self)

    def add_rule(self, name: str, bus: str = "default", **more: Any) -> None:
        path = name if bus == "default" else f"{bus}/{name}"
        arn = REGION.format("events", f"rule/{path}")
        self.rules[bus, name] = {"Name": name, "Arn": arn, "EventBusName": bus, "State": "ENABLED", **more}
        self.rule_tags[arn] = {}

    def state(self) -> Any:
        """Everything that a stop and its resume must leave as it was; revisions go up for good."""
        functions = {name: (each.variables, each.reserved, each.tags) for name, each in self.functions.items()}
        return copy.deepcopy((self.rules, self.rule_tags, functions))


class _Client:
    """One call after the other, by name."""

    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> dict[str, Any]:
            if operation in self._aws.refuse:
                raise refusal(self._aws.refuse[operation])
            if not operation.startswith(("describe", "list", "get")):
                self._aws.changes.append(operation)
            answer: dict[str, Any] = globals()[f"_{operation}"](self._aws, **parameters)
            if operation == self._aws.silent:
                raise ReadTimeoutError(endpoint_url="https://aws")
            return answer

        return call


def _rule(aws: FakeAws, bus: str, name: str) -> dict[str, Any]:
    if (bus, name) not in aws.rules:
        raise refusal("ResourceNotFoundException")
    return aws.rules[bus, name]


def _function(aws: FakeAws, name: str) -> Function:
    name = name.rpartition(":")[2]
    if name not in aws.functions:
        raise refusal("ResourceNotFoundException")
    return aws.functions[name]


def _describe_rule(aws: FakeAws, Name: str, EventBusName: str) -> Any:  # noqa: N803 - AWS's own names
    return copy.deepcopy(_rule(aws, EventBusName, Name))


def _list_event_buses(aws: FakeAws, **_: Any) -> Any:
    return {"EventBuses": [{"Name": bus} for bus in sorted({bus for bus, _ in aws.rules} | {"default"})]}


def _list_rules(aws: FakeAws, EventBusName: str, Limit: int, NextToken: str = "0") -> Any:  # noqa: N803 - AWS's own names
    rules = [rule for (bus, _), rule in sorted(aws.rules.items()) if bus == EventBusName]
    end = int(NextToken) + Limit
    more = {"NextToken": str(end)} if end < len(rules) else {}
    return {"Rules": rules[int(NextToken) : end], **more}


def _list_targets_by_rule(aws: FakeAws, **_: Any) -> Any:
    return {"Targets": [{"Id": arn, "Arn": arn} for arn in aws.targets]}


def _list_archives(aws: FakeAws, EventSourceArn: str) -> Any:  # noqa: N803 - AWS's own names
    assert ":event-bus/" in EventSourceArn
    return {"Archives": [{"ArchiveName": name} for name in aws.archives]}


def _list_tags_for_resource(aws: FakeAws, ResourceARN: str) -> Any:  # noqa: N803 - AWS's own names
    return {"Tags": [{"Key": key, "Value": value} for key, value in aws.rule_tags[ResourceARN].items()]}


def _enable_rule(aws: FakeAws, Name: str, EventBusName: str) -> Any:  # noqa: N803 - AWS's own names
    _rule(aws, EventBusName, Name)["State"] = "ENABLED"
    return {}


def _disable_rule(aws: FakeAws, Name: str, EventBusName: str) -> Any:  # noqa: N803 - AWS's own names
    _rule(aws, EventBusName, Name)["State"] = "DISABLED"
    return {}


def _put_rule(aws: FakeAws, Name: str, EventBusName: str, **more: Any) -> Any:  # noqa: N803 - AWS's own names
    old = _rule(aws, EventBusName, Name)
    aws.rules[EventBusName, Name] = {**{key: old[key] for key in ("Name", "Arn", "EventBusName")}, **more}
    return {}


def _tag_resource(aws: FakeAws, **given: Any) -> Any:
    if "Resource" in given:
        _function(aws, given["Resource"]).tags.update(given["Tags"])
    else:
        aws.rule_tags[given["ResourceARN"]].update({tag["Key"]: tag["Value"] for tag in given["Tags"]})
    return {}


def _untag_resource(aws: FakeAws, **given: Any) -> Any:
    function = "Resource" in given
    tags = _function(aws, given["Resource"]).tags if function else aws.rule_tags[given["ResourceARN"]]
    for key in given["TagKeys"]:
        tags.pop(key, None)
    return {}


def _list_tags(aws: FakeAws, Resource: str) -> Any:  # noqa: N803 - AWS's own names
    return {"Tags": dict(_function(aws, Resource).tags)}


def _get_function_configuration(aws: FakeAws, FunctionName: str) -> Any:  # noqa: N803 - AWS's own names
    function = _function(aws, FunctionName)
    name = FunctionName.rpartition(":")[2]
    environment: dict[str, Any] = {"Variables": dict(function.variables)}
    if function.environment_error:
        environment = {"Error": {"ErrorCode": "AccessDeniedException", "Message": function.environment_error}}
    return {
        "FunctionArn": REGION.format("lambda", f"function:{name}"),
        "RevisionId": str(function.revision),
        "Environment": environment,
        "LastUpdateStatus": function.statuses.pop(0) if function.statuses else "Successful",
        "LastUpdateStatusReason": "the key is disabled",
    }


def _get_function_concurrency(aws: FakeAws, FunctionName: str) -> Any:  # noqa: N803 - AWS's own names
    reserved = _function(aws, FunctionName).reserved
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def _put_function_concurrency(aws: FakeAws, FunctionName: str, ReservedConcurrentExecutions: int) -> Any:  # noqa: N803 - AWS's own names
    _function(aws, FunctionName).reserved = ReservedConcurrentExecutions
    return {}


def _delete_function_concurrency(aws: FakeAws, FunctionName: str) -> Any:  # noqa: N803 - AWS's own names
    _function(aws, FunctionName).reserved = None
    return {}


def _update_function_configuration(aws: FakeAws, FunctionName: str, Environment: Any, RevisionId: str) -> Any:  # noqa: N803 - AWS's own names
    function = _function(aws, FunctionName)
    if RevisionId != str(function.revision):
        raise refusal("PreconditionFailedException", "stale")
    function.variables = dict(Environment["Variables"])
    function.revision += 1
    return {}


def _describe_stacks(aws: FakeAws, StackName: str) -> Any:  # noqa: N803 - AWS's own names
    if StackName not in aws.outputs:
        raise refusal("ValidationError", f"Stack with id {StackName} does not exist")
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in aws.outputs[StackName].items()]
    parameters = aws.parameters.get(StackName, {})
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    return {"Stacks": [{"Outputs": outputs, "Parameters": given}]}


def _describe_alarms(aws: FakeAws, AlarmNames: list[str], **_: Any) -> Any:  # noqa: N803 - AWS's own names
    states = [{"AlarmName": name, "StateValue": state} for name, state in aws.alarms.items() if name in AlarmNames]
    return {"CompositeAlarms": states, "MetricAlarms": []}


def _get_secret_value(aws: FakeAws, SecretId: str, VersionStage: str = "AWSCURRENT") -> Any:  # noqa: N803 - AWS's own names
    if VersionStage not in aws.secret:
        raise refusal("ResourceNotFoundException")
    return {"ARN": SecretId, "SecretString": aws.secret[VersionStage]}


def _put_events(aws: FakeAws, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - AWS's own names
    aws.entries += Entries
    return {"FailedEntryCount": 0, "Entries": [{"EventId": f"e-{len(aws.entries)}"} for _ in Entries]}


def _put_object(aws: FakeAws, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str = "", **_: Any) -> Any:  # noqa: N803 - AWS's own names
    if IfNoneMatch == "*" and (Bucket, Key) in aws.objects:
        raise refusal("PreconditionFailed")
    aws.objects[Bucket, Key] = Body
    return {}


def _get_object(aws: FakeAws, Bucket: str, Key: str) -> Any:  # noqa: N803 - AWS's own names
    return {"Body": BytesIO(aws.objects[Bucket, Key]), "ETag": '"e"'}
