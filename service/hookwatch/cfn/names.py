"""What `Ref` and `Fn::GetAtt` give for a resource that was never deployed.

Never invents what AWS would draw at random: names are the explicit ones or `<stack>-<LogicalId>`, ARNs follow the
service's format, and every other attribute is unresolved. Formats: the "Return values" section of each resource in
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/, read 2026-11-22.
"""

from dataclasses import dataclass
from typing import Any

from hookwatch.cfn.values import Unresolved

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stack would live."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """`aws`, or the partition of China and GovCloud regions."""
        return next((partition for prefix, partition in _PARTITIONS.items() if self.region.startswith(prefix)), "aws")

    @property
    def url_suffix(self) -> str:
        """The domain of AWS's own host names."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one resource type is named: its name property, its ARN's tail, and what `Ref` returns."""

    name_property: str = ""
    service: str = ""
    tail: str = "{name}"
    ref: str = "name"
    regional: bool = True


_LAMBDA = _Kind("FunctionName", "lambda", "function:{name}")
_KINDS: dict[str, _Kind] = {
    "AWS::ApiGateway::RestApi": _Kind("", ref="none"),
    "AWS::CloudFormation::Stack": _Kind("", "cloudformation", "stack/{name}", ref="arn"),
    "AWS::CloudWatch::Alarm": _Kind("AlarmName", "cloudwatch", "alarm:{name}"),
    "AWS::CloudWatch::CompositeAlarm": _Kind("AlarmName", "cloudwatch", "alarm:{name}"),
    "AWS::CloudWatch::Dashboard": _Kind("DashboardName"),
    # "Ref returns the ARN of the rule": aws-resource-cloudwatch-insightrule.html there, read 2026-11-28.
    "AWS::CloudWatch::InsightRule": _Kind("RuleName", "cloudwatch", "insight-rule/{name}", ref="arn"),
    "AWS::DynamoDB::Table": _Kind("TableName", "dynamodb", "table/{name}"),
    "AWS::EC2::Instance": _Kind("", ref="none"),
    "AWS::Events::Archive": _Kind("ArchiveName", "events", "archive/{name}"),
    "AWS::Events::EventBus": _Kind("Name", "events", "event-bus/{name}"),
    "AWS::Events::Rule": _Kind("Name", "events", "rule/{name}"),
    "AWS::IAM::Role": _Kind("RoleName", "iam", "role/{name}", regional=False),
    "AWS::KMS::Key": _Kind("", "kms", "key/{name}"),
    "AWS::Kinesis::Stream": _Kind("StreamName", "kinesis", "stream/{name}"),
    "AWS::Lambda::Function": _LAMBDA,
    "AWS::Logs::LogGroup": _Kind("LogGroupName", "logs", "log-group:{name}:*"),
    "AWS::S3::Bucket": _Kind("BucketName", "s3", "{name}", regional=False),
    "AWS::SNS::Topic": _Kind("TopicName", "sns", "{name}", ref="arn"),
    "AWS::SQS::Queue": _Kind("QueueName", "sqs", "{name}", ref="url"),
    "AWS::SSM::Document": _Kind("Name", "ssm", "document/{name}"),
    "AWS::SSM::Parameter": _Kind("Name", "ssm", "parameter/{name}"),
    "AWS::SecretsManager::Secret": _Kind("Name", "secretsmanager", "secret:{name}", ref="arn"),
    "AWS::Serverless::Application": _Kind("", "cloudformation", "stack/{name}", ref="arn"),
    "AWS::Serverless::Function": _LAMBDA,
    "AWS::Serverless::SimpleTable": _Kind("TableName", "dynamodb", "table/{name}"),
    "AWS::StepFunctions::StateMachine": _Kind("StateMachineName", "states", "stateMachine:{name}", ref="arn"),
    "AWS::Serverless::StateMachine": _Kind("Name", "states", "stateMachine:{name}", ref="arn"),
}
_NAME_ATTRIBUTES = frozenset({"Name", "QueueName", "TopicName", "RuleName", "BusName"})


def name_property(kind: str) -> str:
    """Return the property that names a resource of this type explicitly; empty when there is none."""
    return _KINDS.get(kind, _Kind()).name_property


def drawn(kind: str, stack_name: str, logical_id: str) -> str:
    """Return the name that CloudFormation draws, without its random tail. Buckets have no capitals."""
    name = f"{stack_name}-{logical_id}"
    return name.lower() if kind == "AWS::S3::Bucket" else name


def pseudo_parameter(name: str, stack_name: str, place: Place) -> Any:
    """Return the value of an `AWS::` parameter; None for `AWS::NoValue`."""
    known: dict[str, Any] = {
        "AWS::AccountId": place.account,
        "AWS::NoValue": None,
        "AWS::NotificationARNs": [],
        "AWS::Partition": place.partition,
        "AWS::Region": place.region,
        "AWS::StackId": f"arn:{place.partition}:cloudformation:{place.region}:{place.account}:stack/{stack_name}",
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": place.url_suffix,
    }
    return known.get(name, Unresolved(f"there is no pseudo parameter {name}"))


def ref(kind: str, name: str, properties: dict[str, Any], place: Place) -> Any:
    """Return what `Ref` gives for a resource with this physical name."""
    if kind == "AWS::Events::Rule":
        return _rule_ref(name, properties)
    match _KINDS.get(kind, _Kind()).ref:
        case "arn":
            return arn(kind, name, properties, place)
        case "url":
            return _queue_url(name, place)
        case "none":
            return Unresolved(f"the id of {name} is drawn by AWS at deploy time")
        case _:
            return name


def attribute(kind: str, name: str, properties: dict[str, Any], wanted: str, place: Place) -> Any:
    """Return what `Fn::GetAtt` gives, or why it cannot be known."""
    if wanted in {"Arn", "TopicArn", "AlarmArn"} or (kind, wanted) == ("AWS::SecretsManager::Secret", "Id"):
        return arn(kind, name, properties, place)
    if wanted in _NAME_ATTRIBUTES and _KINDS.get(kind, _Kind()).service:
        return name
    if wanted == "QueueUrl":
        return _queue_url(name, place)
    return Unresolved(f"the attribute {wanted} of {name} is only known after the deploy")


def arn(kind: str, name: str, properties: dict[str, Any], place: Place) -> Any:
    """Return the ARN in the service's format, or why it cannot be known."""
    known = _KINDS.get(kind, _Kind())
    if not known.service:
        return Unresolved(f"the ARN of {name} ({kind}) is only known after the deploy")
    if kind == "AWS::Events::Rule":
        bus = _bus_name(properties)
        if isinstance(bus, Unresolved):
            return bus
        name = f"{bus}/{name}" if bus else name
    region, account = (place.region, place.account) if known.regional else ("", place.account)
    if known.service == "s3":
        account = ""
    return f"arn:{place.partition}:{known.service}:{region}:{account}:{known.tail.format(name=name)}"


def _queue_url(name: str, place: Place) -> str:
    return f"https://sqs.{place.region}.{place.url_suffix}/{place.account}/{name}"


def _bus_name(properties: dict[str, Any]) -> str | Unresolved:
    """Return the custom bus of a rule; empty for the default bus."""
    bus = properties.get("EventBusName") or "default"
    if isinstance(bus, Unresolved):
        return bus
    name = str(bus).rsplit("/", 1)[-1]
    return "" if name == "default" else name


def _rule_ref(name: str, properties: dict[str, Any]) -> str | Unresolved:
    """Return `bus|rule` on a custom bus, as CloudFormation does (coverage roadmap issue 1131)."""
    bus = _bus_name(properties)
    if isinstance(bus, Unresolved):
        return bus
    return f"{bus}|{name}" if bus else name
