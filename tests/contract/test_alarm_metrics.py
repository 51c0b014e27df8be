"""Every metric that an alarm watches is one that our code emits or AWS documents, with exactly those dimensions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import alarms_page
import pytest
from botocore.exceptions import ClientError

from alarm_files import COST, REPOSITORY, STACK, catalogue, whole
from delivery_lines import replay, sweep, unkept
from hookwatch.alarms import AlarmDefinition
from hookwatch.alarms.lint.published import PUBLISHED
from hookwatch.alarms.runner import run_file
from hookwatch.cfn import load
from hookwatch.config import LoopPolicy
from hookwatch.ingest.model import HEARTBEAT
from support import Bus, SecretsManager, github_event, lines, stand, twilio, twilio_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hookwatch.alarms import Metric

PUSH = {"ref": "refs/heads/main", "repository": {"full_name": "me/mine"}, "sender": {"login": "me"}, "commits": []}
SMS = [("MessageSid", "SM" + "a" * 32), ("From", "+15017122661"), ("To", "+15558675310"), ("Body", "hello there")]
OWN = LoopPolicy(own_actors=frozenset({"me"}))


def refusing(service: Any) -> Any:
    """A fake whose every call AWS refuses."""
    service.error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")
    return service


class Broken(Bus):
    """A bus that fails in a way that nobody foresaw."""

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        raise RuntimeError("unforeseen")


def drive() -> None:
    """Send one delivery into every end that an alarm is about."""
    throttled = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "PutEvents")
    push = github_event(PUSH)
    stand(loops=OWN)(push)
    stand()(github_event(PUSH, secret="another"))
    stand()(github_event(PUSH, **{"x-hub-signature-256": ""}))
    stand()(github_event(b"[]"))
    stand(max_entry_bytes=200)(push)
    refused = stand(secrets=refusing(SecretsManager(AWSCURRENT="x")))
    # botocore tells the watch, which no fake client does.
    refused.app._pipeline.keyrings["webhook"]._watch.failed(ConnectionError())
    refused(push)
    stand(secrets=SecretsManager(AWSCURRENT="new", AWSPREVIOUS="old"))(github_event(PUSH, secret="old"))
    stand(bus=Bus(*[throttled] * 20))(push)
    stand(bus=Bus(["AccessDeniedException"]))(push)
    stand(bus=Broken())(push)
    stand(twilio())(twilio_event(SMS))
    stand()(github_event({}, HEARTBEAT))
    stand(secrets=SecretsManager(AWSCURRENT="old", AWSPENDING="new"))(github_event(PUSH, secret="new"))
    unkept()
    replay()
    sweep()


def emitted(logged: list[dict[str, Any]]) -> Iterator[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Every metric in log lines, as CloudWatch reads them."""
    for line in logged:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for names in directive["Dimensions"]:
                dimensions = frozenset((name, line[name]) for name in names)
                for metric in directive["Metrics"]:
                    yield directive["Namespace"], metric["Name"], dimensions


def watched() -> Iterator[tuple[str, Metric]]:
    """Every metric of every alarm."""
    for template in (STACK, COST):
        for alarm in catalogue(template).alarms.values():
            if isinstance(alarm, AlarmDefinition):
                for query in alarm.inputs:
                    yield alarm.id, query.metric


def test_our_own_metrics_are_emitted(capsys: pytest.CaptureFixture[str]):
    """Each Hookwatch metric of an alarm comes out of a log line, with the alarm's dimensions."""
    drive()
    found = set(emitted(lines(capsys)))
    dimensions = {name: {each for _, other, each in found if other == name} for _, name, _ in found}
    wanted = {(alarm, metric) for alarm, metric in watched() if metric.namespace == "Hookwatch"}
    assert wanted
    for alarm, metric in wanted:
        assert metric.name in dimensions, f"{alarm} watches {metric.name}, which nothing emits"
        spoken = {
            frozenset(dict(each) | {"provider": dict(metric.dimensions)["provider"]})
            for each in dimensions[metric.name]
        }
        assert spoken == {frozenset(dict(metric.dimensions))}, alarm
    # The provider is a dimension like any other: what one emits, the other does under its own name.
    assert {dict(each)["provider"] for each in dimensions["Accepted"]} == {"github", "twilio"}
    assert {(key, value) for each in dimensions["Accepted"] for key, value in each if key == "service"} == {
        ("service", dict(metric.dimensions)["service"]) for _, metric in wanted
    }


def test_metrics_of_aws_are_documented():
    """Each metric of an AWS service is documented with exactly the alarm's set of dimensions."""
    names = {metric.namespace for _, metric in watched()}
    assert names == {"Hookwatch", "AWS/Lambda", "AWS/Events", "AWS/SQS", "AWS/SNS", "AWS/Logs", "AWS/Billing"}
    for alarm, metric in watched():
        if metric.namespace in PUBLISHED:
            assert frozenset(dict(metric.dimensions)) in PUBLISHED[metric.namespace][metric.name], alarm


def test_rules_on_the_default_bus_have_one_dimension_and_others_two():
    """EventBridge publishes a rule's metrics under both names, except on the default bus."""
    rules = {metric.dimensions for _, metric in watched() if metric.namespace == "AWS/Events" and metric.dimensions}
    assert {frozenset(dict(each)) for each in rules} == {
        frozenset({"EventBusName", "RuleName"}),
        frozenset({"EventBusName"}),
    }


@pytest.mark.parametrize("alarm", ["RulesFailed", "RulesThrottled", "RulesDlqFailed", "RulesLatency", "RulesLoop"])
def test_ten_rules_are_watched_alike(alarm: str):
    """The second to tenth rule are watched as the first one is, which the unit tests try."""
    queries = {query.id: query for query in catalogue(STACK).alarms[alarm].inputs}
    assert queries.keys() == {f"rule{number}" for number in range(1, 11)}
    for number in range(1, 11):
        query, first = queries[f"rule{number}"], queries["rule1"]
        assert dict(query.metric.dimensions) == dict(first.metric.dimensions) | {"RuleName": f"rule-{number}"}
        assert (query.metric.name, query.statistic, query.period_s) == (
            first.metric.name,
            first.statistic,
            first.period_s,
        )


@pytest.mark.parametrize("provider", ["GitHub", "Twilio"])
def test_contributors_are_counted_by_a_field_that_lines_have(provider: str, capsys: pytest.CaptureFixture[str]):
    """The Contributor Insights rule counts by what verified deliveries log, and skips what strangers cause."""
    rule = whole(STACK).resources[f"{provider}TopContributors"]
    body: Mapping[str, Any] = json.loads(rule.properties["RuleBody"])
    assert body["LogGroupNames"] == [f"/aws/lambda/hooks-{provider.lower()}"]
    (key,) = body["Contribution"]["Keys"]
    assert body["Contribution"]["Filters"] == [{"Match": key, "IsPresent": True}]
    if provider == "GitHub":
        stand()(github_event(PUSH))
        stand()(github_event(PUSH, secret="forged"))
    else:
        stand(twilio())(twilio_event(SMS))
        stand(twilio())(twilio_event(SMS, token="forged"))
    accepted, forged = lines(capsys)
    assert accepted[key.removeprefix("$.")]
    assert key.removeprefix("$.") not in forged


def test_the_page_is_made_from_the_templates():
    """The tables of docs/alarms.md are what tools/alarms_page.py makes of the templates."""
    page = alarms_page.PAGE.read_text(encoding="utf-8")
    assert alarms_page.rendered(page) == page


def test_the_level_of_an_alarm_is_where_an_operator_finds_it():
    """The column names a level, or a parameter of template.yaml with the level without which it brings nothing."""
    levels = {row.alarm: row.level for row in alarms_page.table()}
    assert levels["GitHubThrottles"] == "minimal"
    assert levels["GitHubHeartbeatMissing"] == "`Heartbeat`"
    assert levels["GitHubDedupeFailing"] == "`Deduplicate`, standard"
    assert levels["BusAmplification"] == "`EventBusName`, full"
    named = {name for level in levels.values() for name in re.findall(r"`(\w+)`", level)}
    assert {"RuleNames", "Sweeper"} < named
    assert named - set(load(REPOSITORY / "template.yaml").section("Parameters")) == {"AccountWide"}


def test_the_pages_example_is_a_test_that_passes(tmp_path: Path):
    """The alarm test that docs/alarms.md shows runs as it is printed."""
    (example,) = re.findall(r"```yaml\n(.*?)```", alarms_page.PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
    result = run_file(tmp_path / "example.yaml", REPOSITORY)
    assert result.ok
    assert result.cases


def test_each_level_costs_more_and_says_so():
    """More monitoring costs more; the prices of the page are computed, the free tier not counted."""
    for given in (alarms_page.ONE, alarms_page.BOTH, alarms_page.PLAIN):
        prices = [alarms_page.monthly_usd(**given, MonitoringLevel=level) for level in alarms_page.LEVELS]
        assert prices == sorted(prices)
        assert prices[0] > 1
