"""The rules of `hookwatch alarms lint`, and what a finding is.

Never checks anything: each check names the rule that it holds. Ids are stable; a rule that goes leaves its number.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `says` is what it finds."""

    id: str
    severity: Severity
    says: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        file: The template it stands in, as it was named.
        line: 1-based line of the resource, when known.
        logical_id: Logical id, `Stack.Id` when nested.
        rule: Id of the rule.
        severity: `error` fails in CloudWatch or can never work, `warning` bites later, `info` only says.
        message: What is wrong and what to do.
    """

    file: str
    line: int | None
    logical_id: str
    rule: str
    severity: Severity
    message: str


_TABLE: tuple[Rule, ...] = (
    Rule("A001", "error", "the syntax of a metric-math expression, with the column"),
    Rule("A002", "error", "an expression whose parts do not fit, or that does not end in one series"),
    Rule("A003", "error", "DatapointsToAlarm greater than EvaluationPeriods"),
    Rule("A004", "error", "a Period that is none of 10, 20, 30 or a multiple of 60"),
    Rule("A005", "error", "Period x EvaluationPeriods over a day (periods under an hour) or over a week"),
    Rule("A006", "error", "more than ten metrics in one alarm"),
    Rule("A007", "error", "a Metrics list that returns none or several series, mixes periods or repeats an id"),
    Rule("A008", "error", "a property that is missing, or a value that CloudWatch does not know"),
    Rule("A009", "error", "the syntax or size of a composite's AlarmRule, with the column"),
    Rule("A010", "error", "a composite that names an alarm which the template does not make"),
    Rule("A011", "error", "composites that depend on each other in a circle"),
    Rule("A012", "error", "an ActionsSuppressor without its two periods"),
    Rule("A013", "error", "a set of dimensions that the namespace never publishes, so the alarm never sees data"),
    Rule("A014", "warning", "a rule metric with RuleName alone beside a custom bus"),
    Rule("A015", "warning", "a metric name that the namespace does not publish"),
    Rule("A016", "warning", "an alarm without any action, and no composite that acts for it"),
    Rule("A017", "warning", "an alarm whose description has no runbook URL"),
    Rule("A018", "error", "a description of more than 1,024 characters"),
    Rule("A019", "warning", "an alarm on too little that silence never fires"),
    Rule("A020", "warning", "missing data taken as breaching for a metric of errors"),
    Rule("A021", "warning", "FILL in an alarm that needs every datapoint, where a late one sticks"),
    Rule("A022", "warning", "missing data treated as missing or ignore for a metric that only comes with errors"),
    Rule("A023", "warning", "a function over the whole retrieved range, which is longer than the alarm's own"),
    Rule("A024", "warning", "RATE over a metric that only comes with errors"),
    Rule("A025", "error", "more than five actions for one state"),
    Rule("A026", "error", "a budget with a value or a number of subscribers that AWS Budgets does not take"),
    Rule("A027", "warning", "a budget that cannot be updated, or a forecast that a daily budget has not"),
    Rule("A028", "warning", "an alarm that notifies the same target as the composite above it"),
    Rule("A029", "warning", "a period under a minute on a metric of an AWS service"),
    Rule("A030", "info", "an alarm that CloudWatch judges and a test here cannot (bands, searches, log queries)"),
    Rule("A031", "info", "an alarm that cannot be judged with these parameters"),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _TABLE}
