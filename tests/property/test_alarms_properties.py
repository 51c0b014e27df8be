import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.alarms.math import Kind, MathFault, MetricQuery, check, evaluate, parse
from hookwatch.alarms.math.queries import ExpressionQuery
from hookwatch.alarms.metrics import metric
from hookwatch.alarms.notation import parse_values
from hookwatch.alarms.rule import RuleFault, holds
from hookwatch.alarms.rule_parser import parse_rule
from hookwatch.alarms.samples import SampleStore
from hookwatch.alarms.state import AlarmState, MissingData, Window, decide
from hookwatch.alarms.statistics import Statistic, parse_statistic
from hookwatch.cfn import TemplateError, load_text, resolve

QUICK = settings(max_examples=150, deadline=None)

marks = st.sampled_from([True, False, None])
windows = st.integers(1, 6).flatmap(lambda n: st.builds(Window, st.just(n), st.integers(1, n)))
OPERATORS = ["+", "-", "*", "/", "^", "(", ")", "[", "]", ",", ">", "==", "AND", "OR"]
CALLS = ["SUM(", "IF(", "FILL(", "RATE(", "AVG(", "DIFF(", "STDDEV(", "TIME_SERIES(", "RUNNING_SUM("]
pieces = st.sampled_from(["m1", "m2", "1", "2.5", "REPEAT", "METRICS()", "PERIOD(m1)", "'x'", *OPERATORS, *CALLS])
values = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=6)


@QUICK
@given(st.data(), windows, st.sampled_from(MissingData), st.sampled_from(AlarmState))
def test_enough_real_datapoints_make_the_treatment_irrelevant(data, window, treatment, previous):
    """With N real datapoints in range every treatment decides alike, by counting the newest N."""
    length = window.range_periods
    real = data.draw(st.lists(st.booleans(), min_size=window.evaluation_periods, max_size=length))
    gaps = data.draw(st.permutations([*range(length)]))[: length - len(real)]
    rest = iter(real)
    breaching = [None if i in gaps else next(rest) for i in range(length)]
    found = decide(breaching, window, treatment, previous)
    newest = [mark for mark in breaching if mark is not None][-window.evaluation_periods :]
    wanted = AlarmState.ALARM if sum(newest) >= window.datapoints_to_alarm else AlarmState.OK
    assert found.state is wanted
    assert found.filled == 0


@QUICK
@given(st.data(), windows, st.sampled_from(AlarmState))
def test_breaching_is_never_calmer_than_not_breaching(data, window, previous):
    """Whatever notBreaching takes for an ALARM, every other treatment but ignore does too."""
    length = window.range_periods
    breaching = data.draw(st.lists(marks, min_size=length, max_size=length))
    calm = decide(breaching, window, MissingData.NOT_BREACHING, previous).state
    alarmed = decide(breaching, window, MissingData.BREACHING, previous).state
    missing = decide(breaching, window, MissingData.MISSING, previous).state
    if calm is AlarmState.ALARM:
        assert alarmed is AlarmState.ALARM
        assert missing is AlarmState.ALARM
    if missing is AlarmState.ALARM:
        assert alarmed is AlarmState.ALARM


@QUICK
@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_a_fault_inside_it(text):
    """The parser never raises, and its column lies in the text or right behind it."""
    found = parse(text)
    if isinstance(found, MathFault):
        assert 1 <= found.column <= len(text) + 1


@QUICK
@given(st.lists(pieces, max_size=14).map(" ".join), values, values)
def test_what_passes_the_check_can_be_computed(text, first, second):
    """An expression that the checker lets through evaluates to finite values without an exception."""
    node = parse(text)
    if isinstance(node, MathFault):
        return
    source = SampleStore()
    queries = {}
    for name, series in (("m1", first), ("m2", second)):
        key = metric("N", name)
        source.add(key, [(i * 60, [] if v is None else [(v, 1)]) for i, v in enumerate(series)])
        queries[name] = MetricQuery(name, key, "Sum", 60)
    query = ExpressionQuery("e", text, node)
    kind = check(query, queries)
    if isinstance(kind, MathFault):
        return
    found = evaluate("e", {**queries, "e": query}, source, 0, 360)
    if kind is Kind.SERIES:
        assert len(found) == 1
    assert all(abs(value) != float("inf") and value == value for item in found for value in item.points.values())  # noqa: PLR0124 - NaN differs from itself


@QUICK
@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_a_fault(text):
    """The rule parser never raises, and a rule can be judged."""
    found = parse_rule(text)
    if not isinstance(found, RuleFault):
        assert holds(found, lambda _: AlarmState.OK) in (True, False)


@QUICK
@given(st.text(alphabet="0123456789x+-*_[],. e", max_size=25))
def test_any_text_is_values_or_a_sentence(text):
    """The notation never raises and never gives an empty weight."""
    found = parse_values(text)
    if not isinstance(found, str):
        assert all(weight > 0 for entry in found for _, weight in entry)


@QUICK
@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 50)), min_size=1, max_size=20),
    st.sampled_from(["Average", "p0", "p50", "p99", "p100", "tm90", "TM(10%:90%)", "IQM", "wm95"]),
)
def test_means_and_percentiles_lie_between_the_extremes(samples, name):
    """No mean and no percentile leaves the range of its samples."""
    statistic = parse_statistic(name)
    assert isinstance(statistic, Statistic)
    found = statistic.of(samples)
    assert found is not None
    slack = 1e-6 * max(1.0, *(abs(value) for value, _ in samples))
    assert min(value for value, _ in samples) - slack <= found <= max(value for value, _ in samples) + slack


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Ref", "Fn::Sub", "Fn::If", "Fn::GetAtt", "Fn::Join", "Fn::Select", "Fn::Split", "A",
                             "Fn::FindInMap", "Condition", "Fn::And", "Fn::Not", "Fn::ToJsonString", "Fn::Length"]),
            inner, max_size=2,
        ),
    ),
    max_leaves=8,
)  # fmt: skip


@QUICK
@given(json_values, json_values)
def test_resolving_never_raises(value, condition):
    """Any tree of functions resolves to values or Unresolved; a stranger's template cannot crash the reader."""
    template = {
        "Conditions": {"C": condition},
        "Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"P": value, "TopicName": value}}},
        "Outputs": {"O": {"Value": value}},
    }
    stack = resolve(load_text(json.dumps(template)))
    assert "A" in stack.resources


@QUICK
@given(st.text(max_size=80))
def test_any_text_is_a_template_or_a_template_error(text):
    """Reading never raises anything but TemplateError."""
    with contextlib.suppress(TemplateError):
        assert load_text(text).section("Resources")
