import pytest

from hookwatch.alarms.statistics import Statistic, parse_statistic

HUNDRED = [(float(value), 1) for value in range(1, 101)]


def value(text: str, samples: list[tuple[float, int]]) -> float | None:
    """Apply a statistic by its name."""
    statistic = parse_statistic(text)
    assert isinstance(statistic, Statistic), statistic
    return statistic.of(samples)


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("SampleCount", 100),
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("p99", 99),
        ("p50", 50),
        ("p0", 1),
        ("p100", 100),
        ("p99.9", 100),
        ("tm90", 45.5),
        ("TM(2%:98%)", 50.5),
        ("TM(:95%)", 48),
        ("TM(10%:)", 55.5),
        ("TM(90:95)", 93),
        ("tc90", 90),
        ("TC(80:500)", 20),
        ("TC(:0.5)", 0),
        ("ts90", 4095),
        ("TS(80%:)", 1810),
        ("PR(:30)", 30),
        ("PR(10:20)", 10),
        ("PR(90:)", 10),
        ("IQM", 50.5),
        ("wm98", 50.47),
        ("WM(10%:90%)", 50.5),
    ],
)
def test_statistics_of_one_to_a_hundred(statistic, expected):
    """Every statistic of the numbers 1 to 100 is what the definitions page says."""
    assert value(statistic, HUNDRED) == pytest.approx(expected)


def test_weights_count_as_repeats():
    """A weighted sample is the same as the sample repeated."""
    weighted, plain = [(5.0, 40), (9.0, 1)], [(5.0, 1)] * 40 + [(9.0, 1)]
    for text in ("Sum", "SampleCount", "Average", "p50", "p99", "tm90", "ts90", "tc50", "PR(:5)", "wm90"):
        assert value(text, weighted) == pytest.approx(value(text, plain))


def test_few_samples_make_p99_the_maximum():
    """With fewer than a hundred samples p99 is the largest one."""
    assert value("p99", [(5.0, 1), (7.0, 1), (90.0, 1)]) == 90


def test_no_samples_are_no_datapoint():
    """A period without samples has no value, not zero."""
    assert value("Sum", []) is None


@pytest.mark.parametrize(
    ("statistic", "needed"),
    [("p99", 1000), ("p90", 100), ("p50", 20), ("p10", 100), ("p100", 0), ("tm99", 0), ("Sum", 0)],
)
def test_samples_that_make_a_percentile_significant(statistic, needed):
    """A percentile p needs 10/(1-p) samples, 10/p under the median; nothing else needs any."""
    parsed = parse_statistic(statistic)
    assert isinstance(parsed, Statistic)
    assert parsed.samples_needed() == needed


@pytest.mark.parametrize("text", ["sum", "P99", "p101", "tm", "TM(:)", "TM(10%:90)", "PR(:10%)", "avg", "", "p-1"])
def test_what_is_no_statistic_says_so(text):
    """A name that CloudWatch does not know is a sentence, not a guess."""
    assert isinstance(parse_statistic(text), str)
