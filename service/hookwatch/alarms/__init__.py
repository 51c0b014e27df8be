"""Judges CloudWatch alarms: metric math, statistics, the alarm state machine, composites, unit tests and lint.

Never calls AWS. Knows nobody but `hookwatch.cfn`; the sandbox runs the same engine on its own metric store.
"""

from hookwatch.alarms.definition import Actions, AlarmDefinition, CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.engine import ActionTaken, Engine, Transition
from hookwatch.alarms.evaluation import Datapoint, Evaluation, evaluate_alarm
from hookwatch.alarms.math import evaluate as evaluate_metrics
from hookwatch.alarms.metrics import INSIGHT_NAMESPACE, Metric, MetricSource, metric
from hookwatch.alarms.reading import Catalogue, read_alarm, read_alarms
from hookwatch.alarms.samples import SampleStore
from hookwatch.alarms.state import AlarmState, MissingData

__all__ = [
    "INSIGHT_NAMESPACE",
    "ActionTaken",
    "Actions",
    "AlarmDefinition",
    "AlarmState",
    "Catalogue",
    "CompositeDefinition",
    "Datapoint",
    "Definition",
    "Engine",
    "Evaluation",
    "Metric",
    "MetricSource",
    "MissingData",
    "SampleStore",
    "Transition",
    "Unjudgeable",
    "evaluate_alarm",
    "evaluate_metrics",
    "metric",
    "read_alarm",
    "read_alarms",
]
