import math

import pytest

from hookwatch.alarms.math import ExpressionQuery, Kind, MathFault, MetricQuery, check, evaluate, parse
from hookwatch.alarms.metrics import metric
from hookwatch.alarms.samples import SampleStore

PERIOD_S = 60
GAP = None


def store(**series: list[float | None]) -> tuple[SampleStore, dict]:
    """Return a source and queries for series given by id, one value a minute."""
    source, queries = SampleStore(), {}
    for name, values in series.items():
        key = metric("N", name)
        source.add(key, [(i * PERIOD_S, [] if v is None else [(float(v), 1)]) for i, v in enumerate(values)])
        queries[name] = MetricQuery(name, key, "Sum", PERIOD_S)
    return source, queries


def compute(expression: str, length: int = 5, **series: list[float | None]) -> list[list[float | None]]:
    """Evaluate an expression over series; a row for each resulting series."""
    source, queries = store(**series)
    node = parse(expression)
    assert not isinstance(node, MathFault), node
    query = ExpressionQuery("result", expression, node)
    queries["result"] = query
    kind = check(query, queries)
    assert isinstance(kind, Kind), kind
    found = evaluate("result", queries, source, 0, length * PERIOD_S)
    return [[item.points.get(i * PERIOD_S) for i in range(length)] for item in found]


M = [1, 2, GAP, 4, 0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + 1", [2, 3, GAP, 5, 1]),
        ("1 + 2 * 3 - m1", [6, 5, GAP, 3, 7]),
        ("-m1 ^ 2", [-1, -4, GAP, -16, 0]),
        ("2 ^ 3 ^ 0 + 0 * m1", [2, 2, GAP, 2, 2]),
        ("(m1 - 1) * 2", [0, 2, GAP, 6, -2]),
        ("10 / m1", [10, 5, GAP, 2.5, GAP]),
        ("m1 + m2", [11, 2, 30, 44, 0]),
        ("m2 / m1", [10, 0, GAP, 10, GAP]),
        ("m1 > 1", [0, 1, GAP, 1, 0]),
        ("m1 >= 2 AND m2 > 5", [0, 0, 0, 1, 0]),
        ("m1 == 1 || m2 == 30", [1, 0, 1, 0, 0]),
        ("m1 != 2 && m1 != 4", [1, 0, GAP, 0, 1]),
        ("ABS(-m1)", [1, 2, GAP, 4, 0]),
        ("CEIL(m1 / 2)", [1, 1, GAP, 2, 0]),
        ("FLOOR(m1 / 2)", [0, 1, GAP, 2, 0]),
        ("LOG10(m1 * 10)", [1, math.log10(20), GAP, math.log10(40), GAP]),
        ("DIFF(m1)", [GAP, 1, GAP, 2, -4]),
        ("DIFF_TIME(m1)", [GAP, 60, GAP, 120, 60]),
        ("RATE(m1)", [GAP, 1 / 60, GAP, 2 / 120, -4 / 60]),
        ("RUNNING_SUM(m1)", [1, 3, GAP, 7, 7]),
        ("FILL(m1, 9)", [1, 2, 9, 4, 0]),
        ("FILL(m1, REPEAT)", [1, 2, 2, 4, 0]),
        ("FILL(m1, LINEAR)", [1, 2, 3, 4, 0]),
        ("FILL(m1, m2)", [1, 2, 30, 4, 0]),
        ("FILL(m1, MAX(m1))", [1, 2, 4, 4, 0]),
        ("FILL(m3, REPEAT)", [GAP, 7, 7, 7, 7]),
        ("FILL(m3, LINEAR)", [GAP, 7, GAP, GAP, GAP]),
        ("FILL(empty, 0)", [0, 0, 0, 0, 0]),
        ("TIME_SERIES(5)", [5] * 5),
        ("TIME_SERIES(SUM(m1))", [7] * 5),
        ("m1 / PERIOD(m1)", [1 / 60, 2 / 60, GAP, 4 / 60, 0]),
        ("m1 - AVG(m1)", [1 - 1.75, 0.25, GAP, 2.25, -1.75]),
        ("m1 / MAX(m1)", [0.25, 0.5, GAP, 1, 0]),
        ("m1 - MIN(m1)", [1, 2, GAP, 4, 0]),
        ("m1 * DATAPOINT_COUNT(m1)", [4, 8, GAP, 16, 0]),
        ("SUM([m1, m2])", [11, 2, 30, 44, 0]),
        ("AVG([m1, m2])", [5.5, 1, 15, 22, 0]),
        ("MIN([m1, m2])", [1, 2, 30, 4, 0]),
        ("MAX([m1, m2])", [10, 2, 30, 40, 0]),
        ("DATAPOINT_COUNT([m1, m2])", [2, 1, 1, 2, 1]),
        ("STDDEV([m1, m2])", [4.5, 0, 0, 18, 0]),
        ("m1 * METRIC_COUNT([m1, m2, m3])", [3, 6, GAP, 12, 0]),
        ("FIRST(SORT([m1, m2], SUM, DESC))", [10, GAP, 30, 40, GAP]),
        ("LAST(SORT([m1, m2], MAX, DESC))", [1, 2, GAP, 4, 0]),
        ("SUM(SLICE([m1, m2, m3], 0, 1))", [1, 2, GAP, 4, 0]),
        ("EPOCH(m1)", [0, 60, 120, 180, 240]),
        ("MINUTE(m1)", [0, 1, 2, 3, 4]),
        ("DAY(m1)", [4, 4, 4, 4, 4]),
    ],
)
def test_values(expression, expected):
    """Each operator and function gives CloudWatch's values, gaps included."""
    found = compute(expression, m1=M, m2=[10, GAP, 30, 40, GAP], m3=[GAP, 7, GAP, GAP, GAP], empty=[])
    assert found == [[pytest.approx(value) if value is not None else None for value in expected]]


def test_documented_comparison_table():
    """The example table of the comparison operators holds: a value that one side misses is 0."""
    metric1, metric2 = [30, 20, 0, 0], [20, GAP, 20, GAP]
    for expression, expected in (
        ("m1 < m2", [0, 0, 1, 0]),
        ("m1 >= 30", [1, 0, 0, 0]),
        ("m1 > 15 AND m2 > 15", [1, 0, 0, 0]),
    ):
        assert compute(expression, 4, m1=metric1, m2=metric2) == [expected]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(c, m2, m3)", [30, 0, 20, GAP, GAP]),
        ("IF(c, 5, m3)", [5, 5, 20, GAP, GAP]),
        ("IF(c, m2, 5)", [30, 0, 5, 5, GAP]),
        ("IF(c, m2)", [30, 0, GAP, GAP, GAP]),
        ("IF(c, 1, 0)", [1, 1, 0, 0, GAP]),
        ("IF(1, m2, m3)", [30, GAP, 0, 0, 30]),
        ("IF(0, m2, m3)", [0, 0, 20, GAP, 20]),
        ("IF(0, m2)", [GAP] * 5),
        ("IF(m2 > 20, 1, 0)", [1, GAP, 0, 0, 1]),
    ],
)
def test_documented_if_tables(expression, expected):
    """The example tables of IF hold, with what is dropped and what becomes 0."""
    c, m2, m3 = [1, 1, 0, 0, GAP], [30, GAP, 0, 0, 30], [0, 0, 20, GAP, 20]
    assert compute(expression, c=c, m2=m2, m3=m3) == [expected]


def test_arrays_stay_arrays():
    """Arithmetic with an array gives one series for each member, and METRICS picks by id."""
    both = {"bad1": [1, 2], "good1": [10, 20]}
    assert compute("METRICS() * 100", 2, **both) == [[100, 200], [1000, 2000]]
    assert compute('100 / METRICS("bad")', 2, **both) == [[100, 50]]
    assert compute("SUM(METRICS('bad')) / SUM(METRICS()) * 11", 2, **both) == [[1, 1]]
    assert compute("REMOVE_EMPTY([bad1, none])", 2, **both, none=[]) == [[1, 2]]
    assert compute("CEIL([bad1 / 2, good1])", 2, **both) == [[1, 1], [10, 20]]


def test_an_insight_rule_is_an_input():
    """INSIGHT_RULE_METRIC reads its own series at the expression's period."""
    source = SampleStore()
    source.add(
        metric("INSIGHT_RULE_METRIC", "MaxContributorValue", {"RuleName": "top"}), [(0, [(3.0, 1)]), (60, [(9.0, 1)])]
    )
    text = "INSIGHT_RULE_METRIC('top', 'MaxContributorValue')"
    node = parse(text)
    assert not isinstance(node, MathFault)
    query = ExpressionQuery("e", text, node, 300)
    assert evaluate("e", {"e": query}, source, 0, 300)[0].points == {0: 9}


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        ("SUM(((", 7),
        ("m1 +", 5),
        ("m1 = 2", 4),
        ("m1 ** 2", 5),
        ("(m1", 4),
        ("m1)", 3),
        ("m1 m2", 4),
        ("Sum(m1)", 1),
        ("NOPE(m1)", 1),
        ("M1 + 1", 1),
        ("[m1, m2", 8),
        ("m1 % 2", 4),
        ("'open", 1),
        ("", 1),
        ("(" * 200 + "m1" + ")" * 200, 51),
        ("m1" + " + m1" * 500, 2049),
    ],
)
def test_a_syntax_error_points_at_the_character(expression, column):
    """A broken expression is a fault with the column of the character."""
    found = parse(expression)
    assert isinstance(found, MathFault)
    assert found.column == column
    assert found.simulated


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        ("m1 + m9", 6),
        ("AVG(m1, m2)", 1),
        ("ABS(5)", 5),
        ("SUM(3)", 5),
        ("TIME_SERIES(m1)", 13),
        ("PERIOD(m1 + 1)", 11),
        ("PERIOD(e1)", 8),
        ("FILL(m1, ASC)", 10),
        ("[m1, 3]", 6),
        ("[m1] + [m2]", 6),
        ("e1 + 1", 1),
        ("IF(m1)", 1),
        ("m1 + 'a'", 4),
        ("SORT([m1], MAX, UP)", 17),
    ],
)
def test_parts_that_do_not_fit_point_at_the_character(expression, column):
    """An expression whose types do not fit is a fault with its column."""
    _, queries = store(m1=M, m2=M)
    loop = parse("e1 * 2")
    assert not isinstance(loop, MathFault)
    queries["e1"] = ExpressionQuery("e1", "e1 * 2", loop)
    node = parse(expression)
    found = node if isinstance(node, MathFault) else check(ExpressionQuery("x", expression, node), queries)
    assert isinstance(found, MathFault), found
    assert found.column == column


@pytest.mark.parametrize(
    "expression",
    ["ANOMALY_DETECTION_BAND(m1, 2)", "SEARCH('x', 'Sum', 60)", "SERVICE_QUOTA(m1)", 'SELECT AVG(x) FROM "N"'],
)
def test_what_only_cloudwatch_can_compute_is_not_guessed(expression):
    """Bands, searches, quotas and Metrics Insights are reported as not simulated."""
    found = parse(expression)
    assert isinstance(found, MathFault)
    assert not found.simulated


def test_scalars_are_told_from_series():
    """The kind of an expression decides whether an alarm can watch it."""
    _, queries = store(m1=M)
    kinds = {}
    for text in ("m1", "AVG(m1)", "METRICS()", "SUM(METRICS())", "m1 > 1", "1 + 1"):
        node = parse(text)
        assert not isinstance(node, MathFault)
        kinds[text] = check(ExpressionQuery("x", text, node), queries)
    assert kinds == {
        "m1": Kind.SERIES,
        "AVG(m1)": Kind.SCALAR,
        "METRICS()": Kind.ARRAY,
        "SUM(METRICS())": Kind.SERIES,
        "m1 > 1": Kind.SERIES,
        "1 + 1": Kind.SCALAR,
    }


def test_a_fractional_power_of_a_negative_is_no_datapoint():
    """What has no real value is dropped."""
    assert compute("(0 - m1) ^ 0.5", 2, m1=[4, 0]) == [[None, 0]]
