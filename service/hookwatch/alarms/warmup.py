"""How long a new alarm waits before it judges anything.

Never remembers: the engine asks at each evaluation until it is over. Warm-up is once, at creation. It ends early when
the evaluation window (Period x EvaluationPeriods) is full: with a datapoint in the newest period and one that is as old
as the window.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html, read 2026-11-28.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.alarms.properties import WRONG_VALUE, Properties

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_MINUTES = 2_880


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How long an alarm warms up at most, and whether data ends it earlier."""

    length_s: int
    whole: bool

    def over(self, age_s: int, values: Sequence[float | None], window_periods: int) -> bool:
        """Tell whether an alarm of this age judges.

        Args:
            age_s: seconds since the alarm was made.
            values: the datapoints of its evaluation range, oldest first; None is missing.
            window_periods: its EvaluationPeriods.
        """
        if age_s >= self.length_s:
            return True
        oldest = values[: len(values) - window_periods + 1]
        return not self.whole and values[-1] is not None and any(value is not None for value in oldest)


def read_warm_up(properties: Properties) -> WarmUp | None:
    """Read `WarmUpConfiguration`; None where there is none."""
    if "WarmUpConfiguration" not in properties.raw:
        return None
    part = properties.part(properties.raw["WarmUpConfiguration"], "WarmUpConfiguration, ")
    minutes = part.whole("WarmUpPeriodDurationInMinutes", least=1)
    if minutes > MAX_MINUTES:
        part.fault(f"WarmUpPeriodDurationInMinutes {minutes} is more than {MAX_MINUTES:,}", WRONG_VALUE)
    # CloudFormation's flags are `true` and `"true"`.
    whole = str(part.raw.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds", False)).lower() == "true"
    return WarmUp(minutes * 60, whole)
