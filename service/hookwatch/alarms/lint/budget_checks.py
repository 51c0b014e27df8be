"""A026, A027: what AWS Budgets refuses or cannot update.

Never judges whether a limit is sensible. Values from the Budgets API model in botocore 1.43 (read 2026-11-22); that
BudgetName and NotificationsWithSubscribers replace the budget is in the CloudFormation schema, observability facts 5.2.
"""

from collections.abc import Iterator
from typing import Any

from hookwatch.cfn import contains_unresolved

_ALLOWED: dict[str, frozenset[str]] = {
    "BudgetType": frozenset(
        {"USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"}
    ),
    "TimeUnit": frozenset({"DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"}),
    "NotificationType": frozenset({"ACTUAL", "FORECASTED"}),
    "ComparisonOperator": frozenset({"GREATER_THAN", "LESS_THAN", "EQUAL_TO"}),
    "ThresholdType": frozenset({"PERCENTAGE", "ABSOLUTE_VALUE"}),
    "SubscriptionType": frozenset({"SNS", "EMAIL"}),
}
_NEEDED = {
    "Budget": ("BudgetType", "TimeUnit"),
    "Notification": ("NotificationType", "ComparisonOperator", "Threshold"),
    "Subscriber": ("SubscriptionType", "Address"),
}
MAX_NOTIFICATIONS = 10
MAX_EMAILS = 10
MAX_TOPICS = 1
LEAST_THRESHOLD, MOST_THRESHOLD = 0.1, 1_000_000_000


def budget_findings(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(rule, message)` for one AWS::Budgets::Budget."""
    budget = _mapping(properties.get("Budget"))
    yield from _part("Budget", budget)
    entries = properties.get("NotificationsWithSubscribers")
    notifications = [_mapping(entry) for entry in entries] if isinstance(entries, list) else []
    if len(notifications) > MAX_NOTIFICATIONS:
        yield "A026", f"{len(notifications)} notifications, {MAX_NOTIFICATIONS} are allowed"
    for entry in notifications:
        yield from _notification(entry, budget)
    if notifications and "BudgetName" in budget:
        clash = "a change of its notifications replaces the budget, and the new one clashes with the fixed BudgetName"
        yield "A027", f"{clash}; leave BudgetName out"


def _notification(entry: dict[str, Any], budget: dict[str, Any]) -> Iterator[tuple[str, str]]:
    notification = _mapping(entry.get("Notification"))
    yield from _part("Notification", notification)
    threshold = notification.get("Threshold")
    if threshold is not None and not contains_unresolved(threshold) and not _in_range(threshold):
        yield "A026", f"Threshold {threshold} is not between {LEAST_THRESHOLD} and {MOST_THRESHOLD:,}"
    if budget.get("TimeUnit") == "DAILY" and notification.get("NotificationType") == "FORECASTED":
        yield "A027", "a DAILY budget has no forecast, so FORECASTED never notifies"
    subscribers = entry.get("Subscribers")
    listed = [_mapping(item) for item in subscribers] if isinstance(subscribers, list) else []
    for subscriber in listed:
        yield from _part("Subscriber", subscriber)
    kinds = [item.get("SubscriptionType") for item in listed]
    if kinds.count("SNS") > MAX_TOPICS or kinds.count("EMAIL") > MAX_EMAILS:
        yield "A026", f"a notification has at most {MAX_TOPICS} topic and {MAX_EMAILS} addresses"
    if not listed:
        yield "A026", "a notification without Subscribers tells nobody"


def _part(kind: str, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _NEEDED[kind]:
        if key not in values:
            yield "A026", f"{kind} has no {key}"
    for key, value in values.items():
        allowed = _ALLOWED.get(key)
        if allowed and isinstance(value, str) and value not in allowed:
            yield "A026", f"{key} {value!r} is none of {', '.join(sorted(allowed))}"


def _in_range(threshold: Any) -> bool:
    try:
        return LEAST_THRESHOLD <= float(threshold) <= MOST_THRESHOLD
    except (TypeError, ValueError):
        return False


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
