"""Connection overrides under everything that a fragment can hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hookwatch.recover.overrides import build, read
from hookwatch.recover.overrides_explain import explain
from hookwatch.recover.overrides_lint import lint
from hookwatch.recover.overrides_table import EDGES, INTERCONNECT_EDGES, LONGEST_MS, PARAMETERS, POLICIES
from hookwatch.recover.overrides_timeline import FAILURES, timeline

PAGE = "https://hooks.example.com/twilio?x=1"


def some(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), min_size=1, unique=True).map(",".join)


def value(key: str) -> st.SearchStrategy[str]:
    parameter = PARAMETERS[key]
    match parameter.kind:
        case "number":
            return st.integers(parameter.lowest, parameter.highest).map(str)
        case "flag":
            return st.sampled_from(parameter.words)
        case "list":
            words = tuple(each for each in POLICIES if each != "all") if key == "rp" else (*EDGES, *INTERCONNECT_EDGES)
            return some(words)


RIGHT = st.fixed_dictionaries({}, optional={key: value(key) for key in PARAMETERS})


@given(RIGHT)
def test_what_is_built_is_read_back(asked: dict[str, str]):
    """Every allowed set of overrides survives the way into a URL and out of it, without an error."""
    reading = read(build(PAGE, asked))
    assert reading.given == asked
    assert reading.page == PAGE
    assert [each for each in reading.findings if each.level == "error"] == []
    assert build(reading.page, reading.given) == build(PAGE, asked)


@given(RIGHT, st.sampled_from(sorted(FAILURES)))
def test_twilio_stops_within_the_total_time(asked: dict[str, str], failure: str):
    """No attempt begins or ends after tt or 15 s, there are never more than rc + 1, and none goes back in time."""
    now = read(build(PAGE, asked)).overrides
    found = timeline(now, failure)
    limit_ms = min(now.total_timeout_ms, LONGEST_MS)
    assert 1 <= len(found.attempts) <= now.retries + 1
    assert all(each.at_ms < limit_ms and each.at_ms <= each.failed_ms <= limit_ms for each in found.attempts)
    assert all(one.failed_ms <= two.at_ms for one, two in zip(found.attempts, found.attempts[1:], strict=False))
    assert {each.edge for each in found.attempts} <= set(now.edges)


@given(st.text(max_size=300), st.booleans())
def test_no_fragment_is_too_odd(fragment: str, incident: bool):
    """Whatever stands behind the #, reading, judging and explaining end in values."""
    url = f"{PAGE}#{fragment}"
    lint(url, incident=incident)
    explain(url)
    assert read(url).page == PAGE


@given(st.text(max_size=200))
def test_no_url_is_too_odd(url: str):
    """Any text is judged without an exception."""
    lint(url)


@given(st.sampled_from([key for key, each in PARAMETERS.items() if each.kind == "number"]), st.integers(-99, 99_999))
def test_a_number_is_taken_within_its_range_only(key: str, number: int):
    """A number outside of its range is a finding and leaves the default in force."""
    parameter = PARAMETERS[key]
    reading = read(f"{PAGE}#{key}={number}")
    right = parameter.lowest <= number <= parameter.highest
    assert (key in reading.given) == right
    assert any(each.code == "O003" for each in reading.findings) == (not right)
