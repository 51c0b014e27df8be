"""What `hookwatch cost` must know of a deployment, read out of the templates that would be deployed.

Never prices: counts what the resolved stack and its nested stacks hold, and finds the alarms that watch for a loop.
"""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.alarms import AlarmDefinition, Catalogue, read_alarms
from hookwatch.alarms.foresight import foresee
from hookwatch.alarms.prices import STANDARD_USD, stack_prices
from hookwatch.alarms.reading import ALARM_TYPES, COMPOSITE_ALARM
from hookwatch.cfn import TemplateError, resolve
from hookwatch.cli.cost_helpers import FUNCTIONS, MAPPING, METRICS_PER_SWEEPER, SCHEDULE, helpers, sweepers
from hookwatch.costs import Charge, Deployment, Guard, Item

if TYPE_CHECKING:
    from hookwatch.cfn import Stack, Template

LEVELS = ("minimal", "standard", "full")

METRICS_PER_FUNCTION = 3
"""Accepted, EntryBytes and BilledEvents: what a healthy provider's function emits (`telemetry.measures`). A metric that
only counts failures is billed for the hours in which there were some."""

GUARDS: tuple[tuple[str, Literal["invocations", "usd_per_hour"]], ...] = (
    ("GitHubInvocationAlarm", "invocations"),
    ("TwilioInvocationAlarm", "invocations"),
    ("SpendRate", "usd_per_hour"),
)

_DASHBOARD = "AWS::CloudWatch::Dashboard"
_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type, not a secret
_CONTRIBUTOR_RULE = "AWS::CloudWatch::InsightRule"
_LOG_GROUP = "AWS::Logs::LogGroup"
_BUCKET = "AWS::S3::Bucket"
_ARCHIVE = "AWS::Events::Archive"
_TABLE = "AWS::DynamoDB::Table"
_SECRET_ARN_PARAMETERS = ("GitHubWebhookSecretArn", "TwilioWebhookSecretArn", "TwilioSharedKeySecretArn")
_COUNTED = ALARM_TYPES | FUNCTIONS | {_DASHBOARD, _SECRET, _CONTRIBUTOR_RULE, _LOG_GROUP, SCHEDULE, MAPPING}

_FREE_SERVICES = ("AWS::IAM::", "AWS::CloudFormation::", "AWS::Budgets::Budget", "AWS::CE::", "AWS::SSM::Document")
"""Nothing is charged for having these: roles, stacks, budgets without actions, anomaly subscriptions, documents."""
_FREE = frozenset(
    {
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
        "AWS::Logs::QueryDefinition",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Url",
        "AWS::Events::Rule",
        "AWS::SQS::QueuePolicy",
        "AWS::S3::BucketPolicy",
        "AWS::SQS::Queue",
        _BUCKET,
        _TABLE,
        _ARCHIVE,
    }
)
"""Free to have. An alarm's message costs under a cent (SNS, facts 5.3, 2026-11); queue, bucket, table and archive cost
only what is put into them, which the bill has by delivery."""


def find_template() -> Path | None:
    """The template of this directory, of the checkout, or the one that is packaged; None if there is none."""
    here = Path("template.yaml")
    checkout = Path(__file__).resolve().parents[3] / "template.yaml"
    packaged = Path(str(files("hookwatch.sandbox") / "template.yaml"))
    return next((candidate for candidate in (here, checkout, packaged) if candidate.is_file()), None)


def read_deployment(template: Template, level: str, *, tracing: bool, given: dict[str, str]) -> Deployment | str:
    """Resolve the template at one monitoring level; the reason in one sentence when that cannot be done."""
    asked = {**given, "MonitoringLevel": level, "Tracing": "Active" if tracing else "PassThrough"}
    try:
        stack = resolve(template, asked)
    except TemplateError as error:
        return str(error)
    settings = _Settings(stack)
    policies = [item.properties.get("DataProtectionPolicy") for _, item in stack.walk() if item.type == _LOG_GROUP]
    deployment = Deployment(
        level=level,
        memory_mb=int(settings.number("MemorySize")),
        reserved_concurrency=int(settings.number("ReservedConcurrency")),
        max_entry_bytes=int(settings.number("MaxEntryBytes")),
        log_retention_days=int(settings.number("LogRetentionDays")),
        masks_logs=any(policies),
        alarm_traced_share=_alarm_traced_share(stack),
        charges=_charges(stack),
        guards=_guards(read_alarms(stack)),
        unpriced=(*_unpriced(stack), *stack.notes),
        claim_days=_days(stack, "ClaimCheckRetentionDays") if _has(stack, _BUCKET) else 0,
        archive_days=_days(stack, "ArchiveRetentionDays") if _has(stack, _ARCHIVE) else 0,
        deduplicates=_has(stack, _TABLE),
    )
    return f"{template.path} has no {' and no '.join(settings.absent)}" if settings.absent else deployment


class _Settings:
    """Numbers among a stack's parameters; remembers which were asked for and are not there."""

    def __init__(self, stack: Stack) -> None:
        self._values = stack.parameters
        self.absent: list[str] = []

    def number(self, name: str) -> float:
        value = self._values.get(name)
        if isinstance(value, int | float):
            return value
        self.absent.append(f"parameter {name} with a number")
        return 0


def _charges(stack: Stack) -> tuple[Charge, ...]:
    types = Counter(resource.type for _, resource in stack.walk())
    prices = stack_prices(stack)
    composites = types[COMPOSITE_ALARM]
    metric_usd = sum(price.usd for key, price in prices.items() if _type(stack, key) != COMPOSITE_ALARM)
    own = sum(_is_provider_function(resource.type, resource.properties) for _, resource in stack.walk())
    metrics = own * METRICS_PER_FUNCTION + sweepers(stack) * METRICS_PER_SWEEPER
    secrets = types[_SECRET] + sum(bool(stack.parameters.get(name)) for name in _SECRET_ARN_PARAMETERS)
    found = (
        Charge(Item.ALARMS, len(prices) - composites, round(metric_usd / STANDARD_USD)),
        Charge(Item.COMPOSITE_ALARMS, composites, composites),
        Charge(Item.CUSTOM_METRICS, metrics, metrics),
        Charge(Item.DASHBOARDS, types[_DASHBOARD], types[_DASHBOARD]),
        Charge(Item.SECRETS, secrets, secrets),
        Charge(Item.CONTRIBUTOR_RULES, types[_CONTRIBUTOR_RULE], types[_CONTRIBUTOR_RULE]),
        *helpers(stack),
    )
    return tuple(charge for charge in found if charge.count)


def _has(stack: Stack, kind: str) -> bool:
    return any(resource.type == kind for _, resource in stack.walk())


def _days(stack: Stack, parameter: str) -> int:
    value = stack.parameters.get(parameter)
    return int(value) if isinstance(value, int | float) else 0


def _type(stack: Stack, qualified_id: str) -> str:
    return next(resource.type for key, resource in stack.walk() if key == qualified_id)


def _is_provider_function(kind: str, properties: dict[str, Any]) -> bool:
    environment = properties.get("Environment")
    variables = environment.get("Variables") if isinstance(environment, dict) else None
    return kind in FUNCTIONS and isinstance(variables, dict) and "HOOKWATCH_PROVIDER" in variables


def _guards(catalogue: Catalogue) -> tuple[Guard, ...]:
    found: dict[str, Guard] = {}
    for wanted, watches in GUARDS:
        alarm = catalogue.find(wanted)
        if isinstance(alarm, AlarmDefinition):
            guard = Guard(alarm.id, watches, alarm.threshold, alarm.period_s, foresee(alarm).soonest_s)
            found.setdefault(watches, guard)  # one function loops, and the providers' alarms are alike
    return tuple(found.values())


def _alarm_traced_share(stack: Stack) -> float:
    shares = [child.parameters.get("TracedShare") for _, child in stack.stacks()]
    return next((float(share) for share in shares if isinstance(share, int | float)), 0.0)


def _unpriced(stack: Stack) -> tuple[str, ...]:
    types = Counter(resource.type for _, resource in stack.walk())
    unknown = {kind: count for kind, count in types.items() if kind not in _COUNTED | _FREE}
    return tuple(
        f"{count} x {kind}, which has no price here"
        for kind, count in sorted(unknown.items())
        if not kind.startswith(_FREE_SERVICES)
    )
