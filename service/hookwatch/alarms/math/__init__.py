"""CloudWatch metric math: parse, check and evaluate.

Never fetches a metric: the evaluator asks a `MetricSource`. What CloudWatch computes from data that nobody here has
(anomaly bands, searches, quotas, Metrics Insights) is refused as not simulated, never guessed.
Source of every rule: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html,
read 2026-11-22.
"""

from hookwatch.alarms.math.evaluate import evaluate
from hookwatch.alarms.math.kinds import check
from hookwatch.alarms.math.nodes import MathFault, Node
from hookwatch.alarms.math.parser import parse
from hookwatch.alarms.math.queries import ExpressionQuery, MetricQuery, Query, period_of
from hookwatch.alarms.math.series import Series
from hookwatch.alarms.math.signatures import Kind

__all__ = [
    "ExpressionQuery",
    "Kind",
    "MathFault",
    "MetricQuery",
    "Node",
    "Query",
    "Series",
    "check",
    "evaluate",
    "parse",
    "period_of",
]
