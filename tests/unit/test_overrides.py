"""Connection overrides: read, built, held against the rules, explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hookwatch.recover.overrides import Overrides, build, overrides, read
from hookwatch.recover.overrides_explain import explain, sentence
from hookwatch.recover.overrides_lint import lint
from hookwatch.recover.overrides_presets import PRESETS
from hookwatch.recover.overrides_rules import RULES
from hookwatch.recover.overrides_table import EDGES, INTERCONNECT_EDGES, PARAMETERS, POLICIES
from hookwatch.recover.overrides_timeline import FAILURES, timeline

PAGE = "https://id.lambda-url.eu-west-1.on.aws/"
GOOD = build(PAGE, PRESETS["normal"])
DOC = (Path(__file__).parents[2] / "docs" / "overrides.md").read_text()


def codes(fragment: str, page: str = PAGE, **more: object) -> dict[str, str]:
    """Code -> level of what lint finds."""
    return {each.code: each.level for each in lint(f"{page}{fragment}", **more)}  # type: ignore[arg-type] # flags by name


@pytest.mark.parametrize(
    ("key", "lowest", "highest", "default"),
    [("ct", 100, 10_000, 5000), ("rt", 100, 15_000, 15_000), ("tt", 100, 15_000, 15_000), ("rc", 0, 5, 1)],
)
def test_numbers_have_twilios_ranges_and_defaults(key: str, lowest: int, highest: int, default: int):
    """Each number is taken from its lowest to its highest, and one further is refused on both sides."""
    assert PARAMETERS[key].default == str(default)
    for value in (lowest, highest, default):
        assert read(f"{PAGE}#{key}={value}").given == {key: str(value)}
        assert "O003" not in codes(f"#{key}={value}")
    for wrong in (lowest - 1, highest + 1, "", "x", "1.5", "+1", "1_0", "٣", "9" * 5000):
        assert {"O003", "O025"} & set(codes(f"#{key}={wrong}"))
        assert read(f"{PAGE}#{key}={wrong}").overrides == Overrides()


def test_the_defaults_are_twilios():
    """A URL without overrides is what Twilio's page says it is: one retry, after a failed connection only."""
    assert read(PAGE).overrides == Overrides(
        connect_timeout_ms=5000,
        read_timeout_ms=15_000,
        total_timeout_ms=15_000,
        retries=1,
        retry_on=("ct",),
        sni=True,
        edges=("ashburn",),
    )
    assert overrides({}) == Overrides()


@pytest.mark.parametrize("policy", ["4xx", "5xx", "ct", "rt"])
def test_each_policy_is_read_alone(policy: str):
    """Each word of rp means itself."""
    assert read(f"{PAGE}#rp={policy}").overrides.retry_on == (policy,)


def test_all_means_every_policy():
    """rp=all is the four kinds of failure together."""
    assert read(f"{PAGE}#rp=all").overrides.retry_on == ("4xx", "5xx", "ct", "rt")
    assert set(POLICIES) == {"4xx", "5xx", "ct", "rt", "all"}


@pytest.mark.parametrize("edge", [*EDGES, *INTERCONNECT_EDGES])
def test_every_edge_of_the_page_is_taken(edge: str):
    """All eight public edges and five Interconnect ones are edges; the latter come with a note."""
    assert read(f"{PAGE}#e={edge}").overrides.edges == (edge,)
    found = codes(f"#e={edge}")
    assert "O005" not in found
    assert ("O006" in found) == edge.endswith("-ix")


@pytest.mark.parametrize(("text", "sni"), [("y", True), ("n", False)])
def test_sni_is_y_or_n(text: str, sni: bool):
    """Server Name Indication is on unless the URL says n."""
    assert read(f"{PAGE}#sni={text}").overrides.sni is sni
    assert "O003" in codes("#sni=yes")


@pytest.mark.parametrize(
    ("fragment", "code", "level"),
    [
        ("#speed=9", "O002", "error"),
        ("#RC=3", "O002", "error"),
        ("#r=us1", "O002", "error"),
        ("#rc=6", "O003", "error"),
        ("#sni=1", "O003", "error"),
        ("#rp=503", "O004", "error"),
        ("#rp=5XX", "O004", "error"),
        ("#rp=5xx,", "O004", "error"),
        ("#e=paris", "O005", "error"),
        ("#e=tokyo-ix", "O005", "error"),
        ("#e=dublin-ix", "O005", "error"),
        ("#e=london-ix", "O006", "note"),
        ("#rc=1&rc=2", "O007", "error"),
        ("#rp=ct,ct", "O007", "error"),
        ("#rp=all,ct", "O007", "error"),
        ("#e=dublin,dublin", "O007", "error"),
        ("#tt=5000&rt=6000", "O008", "warning"),
        ("#tt=4000", "O009", "warning"),
        ("#rc=3&rp=5xx,rt", "O010", "warning"),
        ("#rc=3&ct=5000&rp=ct,5xx", "O011", "note"),
        ("#rp=4xx,5xx", "O012", "warning"),
        ("#rp=all", "O012", "warning"),
        ("#rp=ct,rt", "O013", "warning"),
        ("#rp=5xx", "O014", "note"),
        ("#e=dublin", "O015", "note"),
        ("#rc=2", "O016", "note"),
        ("#rc=2", "O017", "note"),
        ("#rc=0&rp=5xx", "O018", "warning"),
        ("", "O019", "warning"),
        ("#rc=3", "O019", "warning"),
        ("#rp=5xx,rt&rt=7999", "O020", "warning"),
        ("#rp=5xx&rt=7999", "O020", "warning"),
        ("#rp=5xx,rt&rt=12000", "O021", "note"),
        ("#", "O025", "error"),
        ("#rc", "O025", "error"),
        ("#rc=", "O025", "error"),
        ("#=1", "O025", "error"),
        ("#rc=1&", "O025", "error"),
        ("#sni=n", "O026", "warning"),
    ],
)
def test_each_rule_finds_what_it_is_for(fragment: str, code: str, level: str):
    """Every rule has a URL that breaks it."""
    assert codes(fragment).get(code) == level


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("hooks.example.com/twilio", "O001"),
        ("https:///x", "O001"),
        ("https://[x/", "O001"),
        ("https://hooks.example.com/a b", "O001"),
        (f"{PAGE}?x={'y' * 4000}", "O022"),
        ("https://user:password@hooks.example.com/", "O023"),
        ("http://hooks.example.com/", "O024"),
    ],
)
def test_the_address_is_judged_too(url: str, code: str):
    """Overrides do not help a URL that Twilio cannot or should not call."""
    assert code in {each.code for each in lint(url)}


def test_every_rule_is_tested():
    """No rule stands in the table without a URL above that breaks it."""
    text = Path(__file__).read_text()
    assert [code for code in RULES if text.count(f'"{code}"') == 0] == []


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("#tt=6000&rt=6000&ct=6000", "O008"),
        ("#tt=6000&rt=6000&ct=6000", "O009"),
        ("#rp=5xx,rt&rt=8000&rc=1", "O010"),
        ("#rp=5xx,ct&rc=3&ct=3749", "O011"),
        ("#rp=5xx", "O012"),
        ("#rp=5xx", "O013"),
        ("#rp=4xx,5xx", "O014"),
        ("#rc=0", "O018"),
        ("#rc=0", "O019"),
        ("#rp=5xx,rt&rt=8000", "O020"),
        ("#rp=5xx,rt&rt=10000", "O021"),
        ("#rp=5xx,ct&e=dublin", "O007"),
    ],
)
def test_a_rule_is_silent_on_its_boundary(fragment: str, code: str):
    """What just fits is not complained about."""
    assert code not in codes(fragment)


def test_loopback_may_speak_http():
    """A rehearsal against the sandbox is not told to use https."""
    assert "O024" not in codes("", "http://127.0.0.1:8002/")


def test_4xx_is_meant_in_an_incident():
    """The warning about 4xx becomes a note for whoever says that it is an incident."""
    assert codes("#rp=4xx,5xx", incident=True)["O012"] == "note"


def test_a_product_that_ignores_overrides_is_a_warning():
    """Overrides on a Conversations webhook are an illusion."""
    assert codes("#rc=3&rp=5xx", product="Conversations")["O016"] == "warning"


@pytest.mark.parametrize("situation", ["normal", "incident"])
def test_what_we_recommend_passes_our_own_rules(situation: str):
    """Our presets leave notes at most."""
    found = lint(build(PAGE, PRESETS[situation]), incident=situation == "incident")  # type: ignore[index] # parametrised
    assert {each.level for each in found} == {"note"}


def test_every_finding_says_what_to_do():
    """No finding without a message and a fix."""
    for fragment in ("#x", "#rc=9&rp=x&e=x&rt=1&tt=100&sni=n&ct=100", "#rp=all&rt=1000&rc=5", "#rc=0&rp=5xx", ""):
        for each in lint(f"{PAGE}{fragment}"):
            assert each.message
            assert each.fix


@pytest.mark.parametrize(
    ("fragment", "failure", "begins", "given_up_ms"),
    [
        ("", "connect-timeout", [0, 5000], 10_000),
        ("", "answer-503", [0], 100),
        ("", "slow-answer", [0], 15_000),
        ("#rc=3&rp=5xx,rt&rt=9000", "slow-answer", [0, 9000], 15_000),
        ("#rc=3&rp=5xx,rt&rt=9000", "answer-503-late", [0, 8000], 15_000),
        ("#rc=3&rp=5xx", "answer-429", [0], 100),
        ("#rc=3&rp=4xx", "answer-429", [0, 100, 200, 300], 400),
        ("#rc=5&rp=all", "answer-401", [0, 100, 200, 300, 400, 500], 600),
        ("#rc=5&rp=all&tt=250", "answer-503", [0, 100, 200], 250),
        ("#rc=5&rp=all", "partial-answer", [0], 15_000),
        ("#rc=2&rp=rt&rt=4000", "answer-503-late", [0, 4000, 8000], 12_000),
        ("#rc=2&rp=5xx&rt=4000", "answer-503-late", [0], 4000),
        ("#rc=0&rp=all", "connect-refused", [0], 100),
    ],
)
def test_the_timeline_is_what_twilio_does(fragment: str, failure: str, begins: list[int], given_up_ms: int):
    """Each kind of failure has its attempts at their times, and its end."""
    found = timeline(read(f"{PAGE}{fragment}").overrides, failure)
    assert [each.at_ms for each in found.attempts] == begins
    assert found.given_up_ms == given_up_ms


def test_edges_rotate_per_retry():
    """With several edges each attempt takes the next, and after the last the first again."""
    now = read(f"{PAGE}#e=dublin,ashburn&rc=2&rp=ct").overrides
    assert [each.edge for each in timeline(now, "connect-refused").attempts] == ["dublin", "ashburn", "dublin"]


def test_the_sentence_says_what_is_tried_and_what_never():
    """One sentence tells the count, the kinds and the time."""
    assert sentence(Overrides()).startswith("Twilio tries again once after a failed connection, all within 15 s; never")
    assert "never after a 4xx answer" in explain(GOOD).sentence
    assert "sends once and never again" in sentence(Overrides(retries=0))
    assert "dublin, then tokyo" in sentence(Overrides(edges=("dublin", "tokyo")))


def test_the_page_is_the_table():
    """docs/overrides.md has every parameter with range and default, every rule with its level, and both presets."""
    for key, each in PARAMETERS.items():
        assert re.search(
            rf"^\| `{key}` \| {re.escape(each.name)} \| .* \| `{re.escape(each.default)}` \|", DOC, re.MULTILINE
        ), key
    for code, (level, says) in RULES.items():
        assert f"| {code} | {level} | {says} |" in DOC
    for preset in PRESETS.values():
        assert f"`{build('', preset)}`" in DOC
    for failure in FAILURES.values():
        assert str(failure.error) in DOC
