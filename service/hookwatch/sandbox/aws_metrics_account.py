"""AWS/Lambda data points of the whole account: how much of its concurrency is claimed.

Never counts a single function (`lambda_metrics` does). The account is the sandbox's functions and nobody else, looked
at once a second, as the queues are: a shorter peak is not seen. Names, meaning and the lack of dimensions:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html, read 2026-11-27.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_metrics import NAMESPACE
from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.sandbox.lambda_function import LambdaFunction


def account_points(functions: Iterable[LambdaFunction]) -> list[MetricPoint]:
    """Return what the functions of the account claim together."""
    reserved = unreserved = 0
    for function in functions:
        if function.spec.reserved_concurrency is None:
            unreserved += function.running
        else:
            reserved += function.spec.reserved_concurrency
    values = {"ClaimedAccountConcurrency": reserved + unreserved, "UnreservedConcurrentExecutions": unreserved}
    return [
        MetricPoint(namespace=NAMESPACE, name=name, dimensions={}, unit="Count", value=float(value), time_s=time.time())
        for name, value in values.items()
    ]
