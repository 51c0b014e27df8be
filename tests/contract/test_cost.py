"""The bill, the spend alarm and the spend widgets are one model, and what the model assumes is what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery_lines import sweep
from hookwatch.alarms import AlarmDefinition, Metric, SampleStore, evaluate_metrics, metric, read_alarms
from hookwatch.alarms import prices as alarm_prices
from hookwatch.alarms.math import ExpressionQuery, MathFault, MetricQuery, Query, parse
from hookwatch.cfn import load, resolve
from hookwatch.cli.cost_document import IN_SPEND_ALARM
from hookwatch.cli.cost_helpers import METRICS_PER_SWEEPER
from hookwatch.cli.cost_stack import LEVELS, METRICS_PER_FUNCTION, read_deployment
from hookwatch.costs import PRICES, Deployment, Item, Line, Traffic, Usage, bill, spend
from hookwatch.costs.bill import SECRET_REFRESH_S, total
from hookwatch.costs.keeping import WRITES_PER_DELIVERY
from hookwatch.costs.traffic import (
    BILLED_EVENT_BYTES,
    ENTRY_OVERHEAD_BYTES,
    LOG_BYTES_PER_DELIVERY,
    MAX_REQUEST_BYTES,
    TRACED_LOG_BYTES,
)
from hookwatch.ingest.secrets import REFRESH_INTERVAL_S
from hookwatch.sandbox.lambda_lines import Ended, ended, started
from hookwatch.sandbox.lambda_model import FunctionSpec
from hookwatch.sandbox.lambda_trace import TraceContext
from hookwatch.telemetry import BILLED_EVENT_BYTES as COUNTED_EVENT_BYTES
from support import Table, github_event, lines, stand, twilio, twilio_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
ALARMS = load(ROOT / "alarms" / "stack.yaml")
DASHBOARDS = load(ROOT / "dashboards" / "stack.yaml")
NAMES = {"GitHubFunctionName": "hooks-github", "TwilioFunctionName": "hooks-twilio", "MonitoringLevel": "full"}
PERIOD_S = 300
PERIODS_AN_HOUR = 12

# What is charged for -> the id of its part in a widget.
PARTS = {
    Item.REQUESTS: "requests",
    Item.COMPUTE: "compute",
    Item.EVENTS: "events",
    Item.LOGS: "lines",
    Item.TRACES: "traces",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression with its metrics, as an alarm or a widget has it."""

    queries: dict[str, Query]

    def usd_per_hour(self, wanted: str, samples: Mapping[Metric, float]) -> float:
        """Evaluate over one period; no datapoint is nothing spent."""
        store = SampleStore()
        for key, value in samples.items():
            store.add(key, [(0, [(value, 1)])] if value else [])
        (found,) = evaluate_metrics(wanted, self.queries, store, 0, PERIOD_S)
        return found.points.get(0, 0.0)

    @property
    def metrics(self) -> list[Metric]:
        return [query.metric for query in self.queries.values() if isinstance(query, MetricQuery)]


@cache
def alarm_formula(memory_mb: int, traced_share: float, twilio_function: str = "hooks-twilio") -> Formula:
    given = {**NAMES, "MemorySize": memory_mb, "TracedShare": traced_share, "TwilioFunctionName": twilio_function}
    alarm = read_alarms(resolve(ALARMS, given)).find("SpendRate")
    assert isinstance(alarm, AlarmDefinition)
    assert alarm.watched == "spend"
    return Formula(dict(alarm.queries))


@cache
def widget_formulas(memory_mb: int, traced_share: float) -> list[Formula]:
    """Every widget of every dashboard that draws an expression named `spend`."""
    found = []
    for _, resource in resolve(DASHBOARDS, {**NAMES, "MemorySize": memory_mb, "TracedShare": traced_share}).walk():
        if resource.type == "AWS::CloudWatch::Dashboard":
            for widget in json.loads(resource.properties["DashboardBody"])["widgets"]:
                entries = [entry for entry in widget["properties"].get("metrics", []) if isinstance(entry[-1], dict)]
                if any(entry[-1].get("id") == "spend" for entry in entries):
                    found.append(_widget(widget["properties"], entries))
    return found


def _widget(properties: Mapping[str, Any], entries: list[list[Any]]) -> Formula:
    queries: dict[str, Query] = {}
    for *names, options in entries:
        key = options.get("id")
        if key and "expression" in options:
            node = parse(options["expression"])
            assert not isinstance(node, MathFault)
            queries[key] = ExpressionQuery(key, options["expression"], node)
        elif key:
            named = metric(names[0], names[1], dict(zip(names[2::2], names[3::2], strict=True)))
            queries[key] = MetricQuery(
                key, named, str(options.get("stat", properties.get("stat"))), properties["period"]
            )
    return Formula(queries)


def used(samples: Mapping[Metric, float], memory_mb: int, traced_share: float) -> Usage:
    """The same samples as the model takes them, by the names that AWS gives the metrics."""

    def of(namespace: str, name: str) -> float:
        return sum(value for key, value in samples.items() if (key.namespace, key.name) == (namespace, name))

    invocations = of("AWS/Lambda", "Invocations")
    return Usage(
        invocations=invocations,
        duration_ms=of("AWS/Lambda", "Duration"),
        billed_events=of("Hookwatch", "BilledEvents"),
        log_bytes=of("AWS/Logs", "IncomingBytes"),
        traces=invocations * traced_share,
        memory_mb=memory_mb,
    )


def hourly(spent: Sequence[Line]) -> dict[Item, float]:
    return {line.item: line.usd * PERIODS_AN_HOUR for line in spent}


# Whole numbers, as these metrics have them; up to what a whole account can run in five minutes.
AMOUNTS = st.integers(min_value=0, max_value=3_000_000)


@settings(max_examples=60, deadline=None)
@given(
    amounts=st.lists(AMOUNTS, min_size=8, max_size=8),
    deployed=st.sampled_from([(256, 0.05), (1769, 0)]),
)
def test_alarm_and_widgets_are_the_model(amounts: list[int], deployed: tuple[int, float]) -> None:
    """Over any usage the alarm's expression, every spend widget and each of its parts give what the model gives."""
    memory_mb, traced_share = deployed
    alarm, widgets = alarm_formula(memory_mb, traced_share), widget_formulas(memory_mb, traced_share)
    assert len(alarm.metrics) == 8
    samples = dict(zip(alarm.metrics, map(float, amounts), strict=True))
    expected = hourly(spend(used(samples, memory_mb, traced_share)))
    assert alarm.usd_per_hour("spend", samples) == pytest.approx(sum(expected.values()))
    assert widgets
    for widget in widgets:
        assert set(widget.metrics) == set(alarm.metrics)
        assert widget.usd_per_hour("spend", samples) == pytest.approx(sum(expected.values()))
        for item, part in PARTS.items():
            assert widget.usd_per_hour(part, samples) == pytest.approx(expected[item])


def test_the_alarm_models_what_the_bill_marks() -> None:
    """The items that the bill marks as modelled by the alarm are those of the formula."""
    nothing = Usage(0, 0, 0, 0, 0, 0)
    assert {line.item for line in spend(nothing)} == IN_SPEND_ALARM == set(PARTS)


def test_one_provider_alone_is_modelled_too() -> None:
    """With one provider the formula reads its four metrics and nothing of the other."""
    formula = alarm_formula(256, 0.05, "")
    assert len(formula.metrics) == 4
    samples = dict.fromkeys(formula.metrics, 1000.0)
    assert formula.usd_per_hour("spend", samples) == pytest.approx(
        sum(hourly(spend(used(samples, 256, 0.05))).values())
    )


def test_the_nested_alarm_is_told_the_truth() -> None:
    """The template hands the alarm its own memory, and a traced share of nothing when tracing is off."""
    template = load(ROOT / "template.yaml")
    for tracing, share in (("Active", 0.05), ("PassThrough", 0)):
        stack = resolve(template, {"MemorySize": "512", "Tracing": tracing})
        assert stack.children["Alarms"].parameters["MemorySize"] == 512
        assert stack.children["Alarms"].parameters["TracedShare"] == share


TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
LINE_OVERHEAD_BYTES = 26
PUSH = {
    "action": "opened",
    "number": 7,
    "pull_request": {"id": 1, "body": "x" * 10_000},
    "repository": {"full_name": "octo-org/octo-repo"},
    "sender": {"login": "octocat"},
}
SMS = [("MessageSid", "SM" + "a" * 32), ("From", "+15017122661"), ("To", "+15558675310"), ("Body", "hello there")]


def delivery_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """One accepted delivery of each provider."""
    stand()(github_event(PUSH, "pull_request"))
    stand(twilio())(twilio_event(SMS))
    return lines(capsys)


def platform_bytes(*, sampled: bool) -> int:
    """What Lambda itself writes about one invocation."""
    spec = FunctionSpec(name="webhooks-github", handler="h", source_root=ROOT, log_format="JSON", memory_mb=256)
    trace = TraceContext(
        root="1-5759e988-bd862e3fe1be46a994272793",
        caller_segment_id=None,
        service_segment_id="53995c3f42cd8ad8",
        function_segment_id="53995c3f42cd8ad9",
        sampled=sampled,
    )
    end = Ended(
        request_id=REQUEST_ID,
        status="success",
        error_type="",
        message="",
        duration_ms=21.345,
        init_ms=None,
        memory_mb=71,
        trace=trace,
    )
    return sum(len(line) + LINE_OVERHEAD_BYTES for line in (started(spec, REQUEST_ID), *ended(spec, end)))


def test_log_bytes_are_what_a_delivery_writes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The assumed bytes of log are within a tenth of what the handler and Lambda write for a delivery."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    records = delivery_lines(capsys)
    assert [record["outcome"] for record in records] == ["accepted", "accepted"]
    own = [len(json.dumps(record, separators=(",", ":"))) + LINE_OVERHEAD_BYTES for record in records]
    assert sum(own) / len(own) + platform_bytes(sampled=False) == pytest.approx(LOG_BYTES_PER_DELIVERY, rel=0.1)
    more = platform_bytes(sampled=True) - platform_bytes(sampled=False)
    assert more == pytest.approx(TRACED_LOG_BYTES, rel=0.2)


def test_the_envelope_is_as_large_as_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    """What hookwatch adds to a payload is within a fifth of the assumption."""
    github = delivery_lines(capsys)[0]
    assert github["entry_bytes"] - github["payload_bytes"] == pytest.approx(ENTRY_OVERHEAD_BYTES, rel=0.2)


def test_a_healthy_function_emits_so_many_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    """An accepted delivery carries as many metrics as the bill counts for each function."""
    for record in delivery_lines(capsys):
        (directive,) = record["_aws"]["CloudWatchMetrics"]
        assert len(directive["Metrics"]) == METRICS_PER_FUNCTION


def test_constants_agree_with_the_parts_they_describe() -> None:
    """What the model must not import, it repeats; here it is compared."""
    assert BILLED_EVENT_BYTES == COUNTED_EVENT_BYTES
    assert SECRET_REFRESH_S == 0.75 * REFRESH_INTERVAL_S
    assert PRICES[Item.ALARMS].usd_each == alarm_prices.STANDARD_USD
    assert PRICES[Item.COMPOSITE_ALARMS].usd_each == alarm_prices.COMPOSITE_USD
    assert MAX_REQUEST_BYTES == 6 * 1024 * 1024


SWEEPING = (
    ("Sweeper", "on"),
    ("SweeperRepository", "acme/shop"),
    ("SweeperTokenSecretArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf"),
)
KEPT = (("Deduplicate", "on"), ("ArchiveRetentionDays", "30"))
"""What may be switched on beside parking and the claim check, which are always there."""
EVERYTHING = (
    *KEPT,
    *SWEEPING,
    ("NotificationEmail", "a@example.com"),
    ("MonthlyBudget", "10"),
    ("RuleNames", "one,two"),
    ("SilenceHours", "4"),
)


@cache
def deployed_at(level: str, given: tuple[tuple[str, str], ...] = ()) -> Deployment:
    """The real template at one level."""
    deployment = read_deployment(load(ROOT / "template.yaml"), level, tracing=True, given=dict(given))
    assert not isinstance(deployment, str), deployment
    return deployment


@pytest.mark.parametrize("level", LEVELS)
def test_every_resource_has_a_price(level: str) -> None:
    """Every type of resource in our templates is in the table of prices or known to be free, at every level."""
    assert deployed_at(level, EVERYTHING).unpriced == ()


@pytest.mark.parametrize("level", LEVELS)
def test_the_price_of_a_level_is_that_of_its_resources(level: str) -> None:
    """The alarms of a level cost what `hookwatch alarms explain` says of each, nested stacks included."""
    stack = resolve(load(ROOT / "template.yaml"), {"MonitoringLevel": level})
    assert "Alarms" in stack.children
    charged = {line.item: line.usd for line in bill(Traffic(1, 1), deployed_at(level)).fixed}
    explained = sum(price.usd for price in alarm_prices.stack_prices(stack).values())
    assert charged[Item.ALARMS] + charged[Item.COMPOSITE_ALARMS] == pytest.approx(explained)
    dashboards = sum(resource.type == "AWS::CloudWatch::Dashboard" for _, resource in stack.walk())
    assert charged.get(Item.DASHBOARDS, 0) == pytest.approx(3 * dashboards)


PAGE = (ROOT / "docs" / "cost.md").read_text()


def test_the_docs_have_the_price_of_every_level() -> None:
    """docs/cost.md says what each level costs a month, as computed from the templates."""
    for level in LEVELS:
        fixed = {line.item: line.usd for line in bill(Traffic(2, 12_000), deployed_at(level)).fixed}
        cells = [f"{fixed[item]:.2f}" if item in fixed else "-" for item in LEVEL_COLUMNS]
        row = f"| {level} | {' | '.join(cells)} | {sum(fixed.values()):.2f} |"
        assert row in PAGE, f"docs/cost.md must say: {row}"


LEVEL_COLUMNS = (
    Item.ALARMS,
    Item.COMPOSITE_ALARMS,
    Item.CUSTOM_METRICS,
    Item.DASHBOARDS,
    Item.SECRETS,
    Item.CONTRIBUTOR_RULES,
    Item.QUEUE_POLLS,
)


def test_the_docs_have_every_price() -> None:
    """docs/cost.md shows the table of prices as it is, and no other."""
    shown = re.findall(
        r"^\| `([a-z_]+)` \| (.+?) \| ([\d.]+) \| ([\d,]+) (.+?) \| (.+?), (\d{4}-\d\d)(.*?) \|$", PAGE, re.MULTILINE
    )
    expected = [
        (
            item.value,
            price.name,
            f"{price.usd:.10f}".rstrip("0").rstrip("."),
            f"{price.per:,.0f}",
            price.unit,
            price.source,
            price.read,
            " (recalled)" if price.recalled else "",
        )
        for item, price in PRICES.items()
    ]
    assert shown == expected


def test_the_docs_have_a_million_deliveries() -> None:
    """The bill of a million deliveries in docs/cost.md is the one that the command prints."""
    deployment = deployed_at("standard")
    for rate, payload in ((2.0, 12_000), (1_000_000 / (730 * 3600), 200_000)):
        billed = bill(Traffic(rate, payload), deployment)
        cells = " | ".join(f"{line.usd:.2f}" for line in billed.per_million)
        row = f"| {cells} | {total(billed.per_million):.2f} |"
        assert row in PAGE, f"docs/cost.md must say: {row}"


def test_the_docs_have_the_price_of_losing_nothing() -> None:
    """docs/cost.md says what deduplication, the archive, the claim check and parking cost, as the command prints it."""
    kept = {line.item: line.usd for line in bill(Traffic(2, 12_000), deployed_at("standard", KEPT)).per_million}
    large = {line.item: line.usd for line in bill(Traffic(2, 2_000_000), deployed_at("standard")).per_million}
    parked = bill(Traffic(2, 12_000), deployed_at("standard")).parked_million
    rows = {
        "`Deduplicate` on": kept[Item.DEDUPE_WRITES],
        "`ArchiveRetentionDays` 30, 12 KB": kept[Item.ARCHIVE] + kept[Item.ARCHIVE_STORAGE],
        "claim check, 2 MB kept for 30 days": large[Item.CLAIM_PUTS] + large[Item.CLAIM_STORAGE],
        "parked first, 12 KB": parked.usd,
    }
    for name, usd in rows.items():
        assert f"| {name} | {usd:.2f} |" in PAGE, f"docs/cost.md must say: | {name} | {usd:.2f} |"


def test_what_is_not_there_costs_nothing() -> None:
    """Without table and archive the bill has no line for them, and small payloads have none for the bucket."""
    items = {line.item for line in bill(Traffic(2, 12_000), deployed_at("standard")).per_million}
    assert not items & {Item.DEDUPE_WRITES, Item.ARCHIVE, Item.ARCHIVE_STORAGE, Item.CLAIM_PUTS, Item.CLAIM_STORAGE}


def test_the_docs_have_the_price_of_the_sweeper() -> None:
    """docs/cost.md says what the sweeper costs a month: its alarms, its metrics, its runs."""
    without, swept = (bill(Traffic(2, 12_000), deployed_at("standard", given)).fixed_usd for given in ((), SWEEPING))
    assert f"about {swept - without:.2f} USD a month" in PAGE, f"docs/cost.md must say: about {swept - without:.2f}"


def test_a_sweep_sends_so_many_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    """Each run of the sweeper carries as many metrics as the bill counts for it."""
    sweep()
    (directive,) = lines(capsys)[0]["_aws"]["CloudWatchMetrics"]
    assert len(directive["Metrics"]) == METRICS_PER_SWEEPER


def test_a_delivery_that_is_looked_up_writes_so_often() -> None:
    """An accepted delivery makes as many writes to the table as the bill counts for it, and no read."""
    table = Table()
    stand(table=table)(github_event(PUSH, "pull_request"))
    assert table.calls == ["PutItem", "UpdateItem"]
    assert len(table.calls) == WRITES_PER_DELIVERY
