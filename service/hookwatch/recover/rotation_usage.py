"""Which key verified lately, as the functions' own metrics count it. Never reads a log line and never sees a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hookwatch.outcomes import METRICS, Outcome
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.rotation import Provider

NAMESPACE, SERVICE = "Hookwatch", "hookwatch"

# Outcomes that are reached without a key that fits.
_UNVERIFIED = (Outcome.UNSIGNED, Outcome.BAD_SIGNATURE, Outcome.SECRET_UNAVAILABLE, Outcome.CRASHED)
VERIFIED = (*(METRICS[outcome] for outcome in Outcome if outcome not in _UNVERIFIED), "Heartbeat")
REFUSED = METRICS[Outcome.BAD_SIGNATURE]
PREVIOUS_USED, PENDING_USED = "PreviousKeyUsed", "PendingKeyUsed"

LONGEST = timedelta(days=14)
"""Minutes are kept for 15 days (API_GetMetricData.html, read 2026-11-27)."""
_MINUTE_S, _FINE = 60, timedelta(hours=3)
_COARSE_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How many deliveries verified with which key.

    Attributes:
        current: with the current one.
        previous: with the previous one.
        pending: with the pending one.
        refused: with none: the signature was wrong.
    """

    current: int
    previous: int
    pending: int
    refused: int


def read_usage(account: Account, provider: Provider, start: datetime, end: datetime) -> Usage | Problem:
    """Count the deliveries of a span, in whole minutes: the minute in which it begins counts as a whole."""
    totals = dict.fromkeys((*VERIFIED, REFUSED, PREVIOUS_USED, PENDING_USED), 0.0)
    queries = [_query(f"q{at}", name, provider, _period_s(end - start)) for at, name in enumerate(totals)]
    names = dict(zip((query["Id"] for query in queries), totals, strict=True))
    more: dict[str, str] = {}
    while True:
        answer = account.ask(
            "cloudwatch", "get_metric_data", MetricDataQueries=queries, StartTime=start, EndTime=end, **more
        )
        if isinstance(answer, Problem):
            return answer
        for result in answer["MetricDataResults"]:
            totals[names[result["Id"]]] += sum(result["Values"])
        if not answer.get("NextToken"):
            break
        more = {"NextToken": answer["NextToken"]}
    previous, pending = round(totals[PREVIOUS_USED]), round(totals[PENDING_USED])
    verified = round(sum(totals[name] for name in VERIFIED))
    return Usage(
        current=max(0, verified - previous - pending),
        previous=previous,
        pending=pending,
        refused=round(totals[REFUSED]),
    )


def _period_s(span: timedelta) -> int:
    return _MINUTE_S if span <= _FINE else _COARSE_S


def _query(id_: str, name: str, provider: Provider, period_s: int) -> dict[str, Any]:
    dimensions = [{"Name": "service", "Value": SERVICE}, {"Name": "provider", "Value": provider}]
    metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": "Sum"}}
