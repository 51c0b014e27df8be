from pathlib import Path

import pytest

from hookwatch.alarms import read_alarms
from hookwatch.alarms.explain import Explanation, explain
from hookwatch.alarms.prices import alarm_price, stack_prices
from hookwatch.cfn import load, load_text, resolve

SHOP = resolve(load(Path(__file__).parents[1] / "alarms" / "fixtures" / "shop.yaml"))


def told(alarm: str) -> Explanation:
    """Explain an alarm of the shop."""
    alarms = read_alarms(SHOP).alarms
    return explain(alarms[alarm], alarm_price(SHOP.resources[alarm]), alarms)


def test_a_sentence_says_what_fires_it():
    """The sentence has M of N, the period, statistic, metric, dimension and threshold."""
    assert told("Errors").fires == (
        "ALARM when 3 of the last 5 datapoints (1 minute each) of the Sum of AWS/Lambda Errors (FunctionName=shop) "
        "are at least 1."
    )
    assert "IF(total >= 20, 100 * refused / total, 0) (where total is the Sum of Shop Received" in told("Share").fires
    assert told("Impact").fires == "ALARM while Share is ALARM or Latency is ALARM."


@pytest.mark.parametrize(("alarm", "seconds"), [("Errors", 180), ("Share", 600), ("Heartbeat", 180), ("Impact", 60)])
def test_the_soonest_comes_from_the_state_machine(alarm, seconds):
    """The soonest is M periods, and for a composite that of its fastest child."""
    assert told(alarm).soonest_s == seconds


@pytest.mark.parametrize(
    ("alarm", "text"),
    [
        ("Heartbeat", "after healthy data, the alarm goes to ALARM after 5 periods (5 minutes)"),
        ("Errors", "after healthy data, the alarm stays OK"),
        ("Errors", "during an ALARM, it goes to OK after 5 periods"),
        ("Impact", "its children decide"),
    ],
)
def test_missing_data_is_told_in_periods(alarm, text):
    """What silence does is said with the number of periods that it takes."""
    assert text in told(alarm).missing_data


def test_prices_count_metrics_and_kinds():
    """Each metric of an expression is billed, a composite has its price, a band counts threefold, 10 s costs more."""
    prices = {key: price.usd for key, price in stack_prices(SHOP).items()}
    assert prices == {"Errors": 0.1, "Share": 0.2, "Latency": 0.1, "Heartbeat": 0.1, "Maintenance": 0.1, "Impact": 0.5}
    stack = resolve(
        load_text("""
Resources:
  Band:
    Type: AWS::CloudWatch::Alarm
    Properties:
      ThresholdMetricId: b
      Metrics:
        - {Id: b, Expression: "ANOMALY_DETECTION_BAND(m, 2)"}
        - {Id: m, MetricStat: {Stat: Sum, Period: 300, Metric: {Namespace: N, MetricName: M}}}
  Fine: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: N, MetricName: M, Period: 10}}
""")
    )
    assert {key: price.usd for key, price in stack_prices(stack).items()} == {"Band": 0.3, "Fine": 0.3}


def test_an_alarm_that_cannot_be_judged_is_told_as_such():
    """A band says that it is not simulated, and still has its price."""
    stack = resolve(
        load_text(
            "Resources: {B: {Type: AWS::CloudWatch::Alarm, Properties: {ThresholdMetricId: b, "
            "ComparisonOperator: GreaterThanUpperThreshold, "
            "Metrics: [{Id: b, Expression: 'ANOMALY_DETECTION_BAND(m)'}]}}}"
        )
    )
    alarms = read_alarms(stack).alarms
    found = explain(alarms["B"], alarm_price(stack.resources["B"]), alarms)
    assert "not simulated" in found.fires
    assert found.price_usd == 0.3
