"""Writes the tables of docs/alarms.md from the templates themselves; a test holds the page to them.

Never decides anything about an alarm: what it says, how soon it fires and what it costs come from hookwatch.alarms.

    python tools/alarms_page.py           writes the tables anew
    python tools/alarms_page.py --check   says whether they are up to date
"""

import argparse
import functools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hookwatch.alarms import Catalogue, Unjudgeable, read_alarms
from hookwatch.alarms.explain import Explanation, explain
from hookwatch.alarms.foresight import spoken_s
from hookwatch.alarms.prices import alarm_price, stack_prices
from hookwatch.cfn import Stack, Template, load, resolve

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = REPOSITORY / "alarms" / "stack.yaml"
PAGE = REPOSITORY / "docs" / "alarms.md"

LEVELS = ("minimal", "standard", "full")
PLAIN = {"GitHubFunctionName": "hooks-github", "HasHookwatchMetrics": "false"}
ONE = {
    "GitHubFunctionName": "hooks-github",
    "ParkingQueueName": "hooks-parked",
    "ParkingDlqName": "hooks-parked-dlq",
    "ReplayFunctionName": "hooks-replay",
}
"""What template.yaml always has; alone, alarms/stack.yaml watches what it is given."""
BOTH = ONE | {"TwilioFunctionName": "hooks-twilio"}
OPTIONS = {
    "SilenceHours": "24",
    "Heartbeat": "on",
    "EventBusName": "saas",
    "RuleName1": "a-rule",
    "SweeperFunctionName": "hooks-sweeper",
    "Deduplicate": "on",
    "AccountWide": "true",
}
"""What an operator may switch on beside the level; each is named in the table where it brings an alarm."""
OPERATORS = {"RuleName1": "RuleNames", "SweeperFunctionName": "Sweeper"}
"""What template.yaml calls an option, where it fills alarms/stack.yaml's parameter in from its own."""

INSIGHT_RULE_USD = 0.50
"""One Contributor Insights rule a month, beyond the free one (observability facts, recalled, 2026-11)."""

_DESCRIPTION = re.compile(
    r"\[(?P<severity>P\d|I)\] (?P<says>.*?) Impact: (?P<impact>.*) Runbook: \S*/(?P<runbook>[\w-]+)\.md$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One alarm of the table."""

    alarm: str
    severity: str
    level: str
    says: str
    soonest: str
    tells: str
    price: str
    runbook: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page.

    Returns:
        0, or 1 if the page is out of date.
    """
    parser = argparse.ArgumentParser(description="Write the tables of docs/alarms.md.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the tables are out of date")
    options = parser.parse_args(arguments)
    before = PAGE.read_text(encoding="utf-8")
    after = rendered(before)
    if options.check:
        if before != after:
            print("docs/alarms.md is out of date; run: python tools/alarms_page.py", file=sys.stderr)
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    return 0


def rendered(page: str) -> str:
    """The page with its tables made anew; each stands between two comments that name it."""
    for name, table in (("prices", _prices()), ("alarms", _alarms())):
        begin, end = f"<!-- made: {name} -->", f"<!-- end: {name} -->"
        head, _, rest = page.partition(begin)
        _, _, tail = rest.partition(end)
        page = f"{head}{begin}\n{table}\n{end}{tail}"
    return page


def monthly_usd(**parameters: str) -> float:
    """What the alarms of one deployment cost a month in USD, Contributor Insights included, free tier not counted."""
    stack = _stack(parameters)
    rules = sum(resource.type == "AWS::CloudWatch::InsightRule" for _, resource in stack.walk())
    return sum(price.usd for price in stack_prices(stack).values()) + rules * INSIGHT_RULE_USD


@functools.cache
def _template() -> Template:
    return load(TEMPLATE)


def _stack(parameters: Mapping[str, str]) -> Stack:
    return resolve(_template(), {"RunbookBaseUrl": "https://example.com", **parameters})


def _prices() -> str:
    rows = ["| level | one provider | both providers | a function that is not hookwatch's |", "|---|---|---|---|"]
    for level in LEVELS:
        cells = [f"${monthly_usd(**given, MonitoringLevel=level):.2f}" for given in (ONE, BOTH, PLAIN)]
        rows.append(f"| `{level}` | {' | '.join(cells)} |")
    return "\n".join(rows)


def _alarms() -> str:
    rows = [
        "| alarm | | level | fires when | soonest | tells | $ a month | runbook |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| `{row.alarm}` | {row.severity} | {row.level} | {row.says} | {row.soonest} | {row.tells} | {row.price} |"
        f" [{row.runbook}](../runbooks/{row.runbook}.md) |"
        for row in table()
    ]
    return "\n".join(rows)


def table() -> Iterator[Row]:
    """Every alarm of a stack for GitHub; the two windows of each error budget stand in one row, their composite's."""
    stack = _stack(ONE | OPTIONS | {"MonitoringLevel": "full"})
    catalogue = read_alarms(stack)
    resources = dict(stack.walk())
    levels = _levels()
    for alarm_id, alarm in catalogue.alarms.items():
        explanation = explain(alarm, alarm_price(resources[alarm_id]), catalogue.alarms)
        found = _DESCRIPTION.match(str(resources[alarm_id].properties["AlarmDescription"]))
        if found is None or found["impact"].startswith("none by itself"):
            continue
        yield Row(
            alarm_id,
            found["severity"],
            levels[alarm_id],
            found["says"].rstrip("."),
            "unknown" if isinstance(alarm, Unjudgeable) else _soonest(explanation),
            _tells(alarm_id, catalogue),
            f"{explanation.price_usd:.2f}",
            found["runbook"],
        )


def _soonest(explanation: Explanation) -> str:
    return "at once" if not explanation.soonest_s else spoken_s(explanation.soonest_s)


def _levels() -> dict[str, str]:
    """The level that first brings each alarm; or else the parameter, with the level that it needs beside it."""
    found: dict[str, str] = {}
    for level in LEVELS:
        found = dict.fromkeys(_stack(ONE | {"MonitoringLevel": level}).resources, level) | found
    for option, value in OPTIONS.items():
        named = f"`{OPERATORS.get(option, option)}`"
        for level in LEVELS:
            brings = _stack(ONE | {option: value, "MonitoringLevel": level}).resources
            found = dict.fromkeys(brings, named if level == LEVELS[0] else f"{named}, {level}") | found
    return found


def _tells(alarm_id: str, catalogue: Catalogue) -> str:
    alarm = catalogue.alarms[alarm_id]
    if isinstance(alarm, Unjudgeable) or alarm.actions.any():
        return "the topic"
    above = [
        other.id
        for other in catalogue.alarms.values()
        if not isinstance(other, Unjudgeable) and f'ALARM("{alarm.name}")' in getattr(other, "text", "")
    ]
    # An alarm that only gates another composite's throttles is not told by it.
    return f"`{above[-1]}`" if above else "nobody"


if __name__ == "__main__":
    sys.exit(main())
