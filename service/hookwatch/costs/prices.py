"""THE table of prices: us-east-1, USD, list prices, free tiers not counted.

Never looks a price up. Each row says on which page its number was seen and when. AWS's own pages show most prices only
to a browser that runs them, so several are second-hand; "recalled" marks the ones that were seen nowhere. What holds is
https://aws.amazon.com/pricing/ and the bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

REGION = "us-east-1"


class Item(StrEnum):
    """What AWS charges for."""

    REQUESTS = "requests"
    COMPUTE = "compute"
    COLD_STARTS = "cold_starts"
    EVENTS = "events"
    LOGS = "logs"
    TRACES = "traces"
    LOG_STORAGE = "log_storage"
    LOG_MASKING = "log_masking"
    SECRET_CALLS = "secret_calls"  # noqa: S105 - the name of a price, not a secret
    CONTRIBUTOR_MATCHES = "contributor_matches"
    DEDUPE_WRITES = "dedupe_writes"
    CLAIM_PUTS = "claim_puts"
    CLAIM_STORAGE = "claim_storage"
    ARCHIVE = "archive"
    ARCHIVE_STORAGE = "archive_storage"
    QUEUE_REQUESTS = "queue_requests"
    ALARMS = "alarms"
    COMPOSITE_ALARMS = "composite_alarms"
    CUSTOM_METRICS = "custom_metrics"
    DASHBOARDS = "dashboards"
    SECRETS = "secrets"
    CONTRIBUTOR_RULES = "contributor_rules"
    QUEUE_POLLS = "queue_polls"
    SCHEDULES = "schedules"
    SCHEDULED_COMPUTE = "scheduled_compute"


@dataclass(frozen=True, slots=True)
class Price:
    """One price.

    Attributes:
        name: what it buys, for people.
        usd: the price in USD of `per` units.
        per: how many units that buys.
        unit: one unit.
        source: the page where the number was seen.
        read: the year and month in which it was read.
        recalled: True when the number is from memory and was not seen.
    """

    name: str
    usd: float
    per: float
    unit: str
    source: str
    read: str
    recalled: bool = False

    @property
    def usd_each(self) -> float:
        """USD for one unit."""
        return self.usd / self.per


_MILLION = 1_000_000
_LAMBDA = "AWS Price List"
_LOGS = "hykell.com/knowledge-base/aws-cloudwatch-logs-pricing"
_EVENTBRIDGE = "cloudburn.io/blog/amazon-eventbridge-pricing"
_XRAY = "aws.amazon.com/xray/pricing"
_SECRETS = "hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms"
_ALARMS = "c3x.dev/resources/aws/aws_cloudwatch_metric_alarm"
_METRICS = "signoz.io/guides/cloudwatch-pricing"
_CLOUDWATCH = "aws.amazon.com/cloudwatch/pricing"
_DYNAMODB = "airbyte.com/data-engineering-resources/dynamodb-pricing"
_NOWHERE = "nowhere"

PRICES: Mapping[Item, Price] = MappingProxyType(
    {
        Item.REQUESTS: Price("Lambda requests", 0.20, _MILLION, "request", _LAMBDA, "2026-09"),
        Item.COMPUTE: Price("Lambda compute, arm64, first tier", 0.0000133334, 1, "GB-second", _LAMBDA, "2026-09"),
        # Init has been billed like any other duration since August 2025.
        Item.COLD_STARTS: Price("Lambda init, arm64, first tier", 0.0000133334, 1, "GB-second", _LAMBDA, "2026-09"),
        Item.EVENTS: Price("EventBridge custom events", 1.00, _MILLION, "event of 64 KB", _EVENTBRIDGE, "2026-11"),
        Item.LOGS: Price("CloudWatch Logs ingestion, standard class", 0.50, 1, "GB", _LOGS, "2026-11"),
        Item.TRACES: Price("X-Ray traces recorded", 5.00, _MILLION, "trace", _XRAY, "2026-11"),
        Item.LOG_STORAGE: Price("CloudWatch Logs storage", 0.03, 1, "GB-month", _LOGS, "2026-11"),
        Item.LOG_MASKING: Price("CloudWatch Logs data protection", 0.12, 1, "GB scanned", _LOGS, "2026-11"),
        Item.SECRET_CALLS: Price("Secrets Manager API calls", 0.05, 10_000, "call", _SECRETS, "2026-11"),
        Item.CONTRIBUTOR_MATCHES: Price(
            "Contributor Insights, matched lines", 0.02, _MILLION, "line", _NOWHERE, "2026-11", recalled=True
        ),
        Item.DEDUPE_WRITES: Price(
            "DynamoDB writes of up to 1 KB, on demand", 0.625, _MILLION, "write", _DYNAMODB, "2026-11"
        ),
        Item.CLAIM_PUTS: Price("S3 PUT requests", 0.005, 1_000, "request", _NOWHERE, "2026-11", recalled=True),
        Item.CLAIM_STORAGE: Price("S3 Standard storage", 0.023, 1, "GB-month", _NOWHERE, "2026-11", recalled=True),
        Item.ARCHIVE: Price("EventBridge archive, processing", 0.10, 1, "GB", _EVENTBRIDGE, "2026-11"),
        Item.ARCHIVE_STORAGE: Price("EventBridge archive, storage", 0.023, 1, "GB-month", _EVENTBRIDGE, "2026-11"),
        Item.QUEUE_REQUESTS: Price(
            "SQS requests, standard queue", 0.40, _MILLION, "request of 64 KB", _LAMBDA, "2026-09"
        ),
        # An alarm is billed by the metrics that it reads; that an anomaly band counts threefold is recalled.
        Item.ALARMS: Price("CloudWatch alarms, standard resolution", 0.10, 1, "metric-month", _ALARMS, "2026-11"),
        Item.COMPOSITE_ALARMS: Price("CloudWatch composite alarms", 0.50, 1, "alarm-month", _ALARMS, "2026-11"),
        Item.CUSTOM_METRICS: Price(
            "CloudWatch custom metrics, first 10,000", 0.30, 1, "metric-month", _METRICS, "2026-11"
        ),
        Item.DASHBOARDS: Price("CloudWatch dashboards", 3.00, 1, "dashboard-month", _CLOUDWATCH, "2026-06"),
        Item.SECRETS: Price("Secrets Manager secrets", 0.40, 1, "secret-month", _SECRETS, "2026-11"),
        Item.CONTRIBUTOR_RULES: Price(
            "Contributor Insights rules", 0.50, 1, "rule-month", _NOWHERE, "2026-11", recalled=True
        ),
        Item.QUEUE_POLLS: Price("SQS requests, Lambda's polling", 0.40, _MILLION, "request", _LAMBDA, "2026-09"),
        Item.SCHEDULES: Price("EventBridge Scheduler", 1.00, _MILLION, "run", _EVENTBRIDGE, "2026-11"),
        Item.SCHEDULED_COMPUTE: Price(
            "Lambda compute, scheduled functions", 0.0000133334, 1, "GB-second", _LAMBDA, "2026-09"
        ),
    }
)
