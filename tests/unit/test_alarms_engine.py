import json
from typing import Any

import pytest

from hookwatch.alarms import AlarmDefinition, AlarmState, Engine, SampleStore, Unjudgeable, metric, read_alarms
from hookwatch.cfn import load_text, resolve

BASE = {
    "Namespace": "N",
    "MetricName": "M",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0,
    "TreatMissingData": "notBreaching",
}


def alarms(**resources: dict[str, Any]) -> dict[str, Any]:
    """Read alarms from properties; one with AlarmRule is a composite."""
    declared = {}
    for name, properties in resources.items():
        kind = "CompositeAlarm" if "AlarmRule" in properties else "Alarm"
        full = properties if kind == "CompositeAlarm" else {**BASE, **properties}
        declared[name] = {"Type": f"AWS::CloudWatch::{kind}", "Properties": {"AlarmName": name, **full}}
    return dict(read_alarms(resolve(load_text(json.dumps({"Resources": declared})))).alarms)


def source(values: list[float | None], name: str = "M", **dimensions: str) -> SampleStore:
    """Return a store with one value a minute."""
    store = SampleStore()
    store.add(metric("N", name, dimensions), [(i * 60, [] if v is None else [(v, 1)]) for i, v in enumerate(values)])
    return store


def states(engine: Engine, alarm: str, times: list[int]) -> list[str]:
    """Step through times and return the state at each."""
    found = []
    for at_s in times:
        engine.step(at_s)
        found.append(str(engine.state(alarm)))
    return found


def test_an_alarm_starts_without_data_and_is_judged_when_its_first_period_ends():
    """Before its first period has ended an alarm is INSUFFICIENT_DATA."""
    engine = Engine(alarms(A={}).values(), source([1, 0, 0]))
    assert states(engine, "A", [0, 59, 60, 120]) == ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "ALARM", "OK"]


SILENT = {
    "EvaluationPeriods": 3,
    "Threshold": 1,
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "breaching",
    "AlarmActions": ["page"],
}


@pytest.mark.parametrize(
    ("values", "whole", "judged_s"),
    [
        ([], False, 300),
        # The window of three minutes is full; so it is when only its two ends have data.
        ([1, 1, 1, 1, 1], False, 180),
        ([None, 1, None, 1, 1], False, 240),
        ([1, 1, 1, 1, 1], True, 300),
    ],
)
def test_a_new_alarm_warms_up(values: list[float | None], whole: bool, judged_s: int):
    """A new alarm judges nothing and tells nobody until it has warmed up, or until its window is full of data."""
    warm_up = {"WarmUpPeriodDurationInMinutes": 5, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": whole}
    made = alarms(A={**SILENT, "WarmUpConfiguration": warm_up}, C={"AlarmRule": "ALARM(A)", "AlarmActions": ["page"]})
    engine = Engine(made.values(), source(values))
    engine.step(judged_s - 1)
    assert (engine.state("A"), engine.state("C")) == (AlarmState.INSUFFICIENT_DATA, AlarmState.OK)
    assert engine.actions == []
    evaluation = engine.evaluation("A")
    assert evaluation is not None
    assert "warms up" in evaluation.reason
    engine.step(judged_s)
    assert engine.state("A") is (AlarmState.OK if values else AlarmState.ALARM)
    assert len(engine.actions) == (0 if values else 2)


def test_an_alarm_warms_up_once():
    """Silence after the warm-up is told as soon as without one."""
    plain, warmed = (
        Engine(alarms(A={**SILENT, **more}).values(), source([1, 1, 1, 1]))
        for more in ({}, {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 10}})
    )
    times = list(range(180, 900, 60))
    assert states(warmed, "A", times) == states(plain, "A", times)


def test_the_running_period_is_not_looked_at():
    """A sample counts once its period has ended."""
    engine = Engine(alarms(A={"Period": 300}).values(), source([0, 0, 1]))
    assert states(engine, "A", [240, 299, 300]) == ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "ALARM"]


def test_actions_are_taken_on_change_only():
    """A state that lasts acts once; every change acts with the list of its new state."""
    engine = Engine(
        alarms(A={"AlarmActions": ["page"], "OKActions": ["fine"], "InsufficientDataActions": ["blind"]}).values(),
        source([0, 1, 1, 1, 0]),
    )
    engine.step(600)
    assert [(item.at_s, item.action) for item in engine.actions] == [(60, "fine"), (120, "page"), (300, "fine")]


def test_disabled_actions_are_not_taken():
    """ActionsEnabled false changes the state and tells nobody."""
    engine = Engine(alarms(A={"AlarmActions": ["page"], "ActionsEnabled": "false"}).values(), source([1]))
    engine.step(60)
    assert engine.state("A") is AlarmState.ALARM
    assert engine.actions == []


def test_one_big_step_is_many_small_ones():
    """Catching up gives the same history as stepping second by second."""
    values: list[float | None] = [0, 1, None, None, 1, 1, 0, None, 1, 0]
    made = {
        "A": {"TreatMissingData": "ignore"},
        "B": {"Period": 120, "AlarmActions": ["x"]},
        "C": {"AlarmRule": "ALARM(A)"},
    }
    leap, walk = (Engine(alarms(**made).values(), source(values)) for _ in range(2))
    leap.step(900)
    for at_s in range(901):
        walk.step(at_s)
    assert leap.transitions == walk.transitions
    assert leap.actions == walk.actions


def test_going_back_in_time_does_nothing():
    """A clock that jumps back neither judges again nor changes anything."""
    engine = Engine(alarms(A={}).values(), source([1, 0]))
    engine.step(60)
    assert engine.step(0) == []
    assert engine.state("A") is AlarmState.ALARM


def test_an_engine_may_begin_late():
    """Started at a real clock's time, the first evaluation is at the next boundary of the period."""
    store = SampleStore()
    store.add(metric("N", "M"), [(1_000_020, [(1.0, 1)])])
    engine = Engine(alarms(A={}).values(), store, start_s=1_000_030)
    assert states(engine, "A", [1_000_079, 1_000_080]) == ["INSUFFICIENT_DATA", "ALARM"]


def test_dimensions_match_as_a_set_and_exactly():
    """An alarm reads neither a metric with more dimensions nor one with fewer."""
    pair = [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]
    made = alarms(Both={"Dimensions": pair}, One={"Dimensions": pair[:1]}, None_={})
    engine = Engine(made.values(), source([5], a="1", b="2"))
    engine.step(60)
    assert [str(engine.state(name)) for name in ("Both", "One", "None_")] == ["ALARM", "OK", "OK"]


def test_units_match_when_both_are_given():
    """An alarm with a unit reads samples of that unit and samples without one, not those of another."""
    made = alarms(Count={"Unit": "Count"}, Any={})
    for unit, expected in (("Count", ["ALARM", "ALARM"]), ("Seconds", ["OK", "ALARM"]), (None, ["ALARM", "ALARM"])):
        store = SampleStore()
        store.add(metric("N", "M"), [(0, [(1.0, 1)])], unit)
        engine = Engine(made.values(), store)
        engine.step(60)
        assert [str(engine.state(name)) for name in ("Count", "Any")] == expected


@pytest.mark.parametrize(
    ("choice", "few", "many"), [("ignore", "INSUFFICIENT_DATA", "ALARM"), ("evaluate", "ALARM", "ALARM")]
)
def test_low_sample_percentiles(choice, few, many):
    """With ignore a p90 of fewer than a hundred samples keeps the state; with evaluate it is judged."""
    properties = {**BASE, "ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": choice, "Threshold": 50}
    properties.pop("Statistic")
    for count, expected in ((99, few), (100, "ALARM")):
        store = SampleStore()
        store.add(metric("N", "M"), [(0, [(90.0, count)])])
        engine = Engine(_one(properties), store)
        assert states(engine, "A", [60]) == [expected]


def _one(properties: dict[str, Any]) -> list[Any]:
    template = {"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    return list(read_alarms(resolve(load_text(json.dumps(template)))).alarms.values())


def test_ten_second_periods():
    """A high-resolution alarm is judged every ten seconds."""
    store = SampleStore()
    store.add(metric("N", "M"), [(10, [(1.0, 1)])])
    engine = Engine(alarms(A={"Period": 10}).values(), store)
    assert states(engine, "A", [10, 20, 30, 40]) == ["OK", "ALARM", "ALARM", "ALARM"]
    assert states(engine, "A", [50]) == ["OK"]


def test_composites_follow_their_children_at_once():
    """A composite of composites changes in the same evaluation as its leaf."""
    made = alarms(
        Top={"AlarmRule": "ALARM(Middle)", "AlarmActions": ["page"]}, Middle={"AlarmRule": "ALARM(Leaf)"}, Leaf={}
    )
    engine = Engine(made.values(), source([0, 1]))
    engine.step(180)
    assert [(item.at_s, item.alarm) for item in engine.transitions if item.state == "ALARM"] == [
        (120, "Leaf"),
        (120, "Middle"),
        (120, "Top"),
    ]
    assert [item.at_s for item in engine.actions] == [120]


def test_a_suppressed_composite_changes_state_and_tells_nobody():
    """While the suppressor is in ALARM the composite is in ALARM without an action."""
    made = alarms(
        Leaf={},
        Works={"MetricName": "Works"},
        Top={
            "AlarmRule": "ALARM(Leaf)",
            "AlarmActions": ["page"],
            "ActionsSuppressor": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:Works",
            "ActionsSuppressorWaitPeriod": 60,
            "ActionsSuppressorExtensionPeriod": 90,
        },
    )
    store = source([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    store.add(metric("N", "Works"), [(i * 60, [(v, 1)]) for i, v in enumerate([0, 0, 1, 1, 1, 0, 0, 0, 0, 0])])
    engine = Engine(made.values(), store)
    assert states(engine, "Top", [240, 360]) == ["ALARM", "ALARM"]
    assert [item for item in engine.actions if item.state == "ALARM"] == []
    assert "suppressed" in engine.suppressed("Top") or "wait" in engine.suppressed("Top")
    engine.step(600)
    assert [item.at_s for item in engine.actions if item.state == "ALARM"] == [450]


def test_composites_that_cannot_be_judged_are_left_out_with_the_reason():
    """An unknown child and a circle leave a composite out, and what stands above it too."""
    made = alarms(
        A={"AlarmRule": "ALARM(nobody)"},
        B={"AlarmRule": "ALARM(C)"},
        C={"AlarmRule": "ALARM(B)"},
        D={"AlarmRule": "OK(A)"},
    )
    engine = Engine(made.values(), SampleStore())
    assert "nobody" in engine.left_out["A"]
    assert "cycle" in engine.left_out["B"]
    assert "left out" in engine.left_out["D"] or "can't be judged" in engine.left_out["D"]


def test_what_only_cloudwatch_can_compute_stays_without_data():
    """A composite over an anomaly alarm is judged with that child in INSUFFICIENT_DATA."""
    band = {
        "Metrics": [{"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}],
        "ThresholdMetricId": "band",
        "ComparisonOperator": "GreaterThanUpperThreshold",
    }
    for key in ("Namespace", "MetricName", "Statistic", "Period", "Threshold"):
        band[key] = None
    made = alarms(Leaf={}, Band=band, Top={"AlarmRule": "ALARM(Band) OR ALARM(Leaf)"})
    assert isinstance(made["Band"], Unjudgeable)
    engine = Engine(made.values(), source([0, 1]))
    assert states(engine, "Top", [60, 120]) == ["OK", "ALARM"]
    assert engine.not_simulated == ["Band"]


def test_a_plain_rule_needs_no_child():
    """TRUE is ALARM from the start."""
    engine = Engine(alarms(A={"AlarmRule": "TRUE"}).values(), SampleStore())
    assert states(engine, "A", [0]) == ["ALARM"]


def test_the_datapoints_of_the_last_evaluation_are_kept():
    """An evaluation shows its whole range, what breaches, and what decided."""
    engine = Engine(alarms(A={"EvaluationPeriods": 2}).values(), source([0, None, 3, 4]))
    engine.step(240)
    evaluation = engine.evaluation("A")
    assert evaluation is not None
    assert [(p.start_s, p.value, p.breaching, p.used) for p in evaluation.datapoints] == [
        (0, 0, False, False),
        (60, None, None, False),
        (120, 3, True, True),
        (180, 4, True, True),
    ]
    assert isinstance(alarms(A={})["A"], AlarmDefinition)
