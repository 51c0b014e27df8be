"""Connection overrides as values: out of a URL, and into one. Never asks Twilio and never judges what is sensible.

Reading is total: whatever stands in a fragment becomes a `Reading`, with a finding for all that Twilio would refuse.
What Twilio does with a wrong value of ct, rt, tt, rc or sni is not documented; it is taken as not given.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hookwatch.recover.overrides_rules import finding
from hookwatch.recover.overrides_table import EDGES, INTERCONNECT_EDGES, PARAMETERS, POLICIES, UNSURE_EDGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.overrides_rules import Finding
    from hookwatch.recover.overrides_table import Parameter

MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """How Twilio sends one webhook. The defaults are Twilio's.

    Attributes:
        connect_timeout_ms: ct.
        read_timeout_ms: rt.
        total_timeout_ms: tt.
        retries: rc.
        retry_on: rp, with `all` taken apart.
        sni: sni.
        edges: e.
    """

    connect_timeout_ms: int = 5000
    read_timeout_ms: int = 15_000
    total_timeout_ms: int = 15_000
    retries: int = 1
    retry_on: tuple[str, ...] = ("ct",)
    sni: bool = True
    edges: tuple[str, ...] = ("ashburn",)


@dataclass(frozen=True, slots=True)
class Reading:
    """A URL, read.

    Attributes:
        page: the URL without its fragment: what is requested, and what is signed.
        given: the overrides that are right and stand in the URL, key -> value as text.
        overrides: what holds, defaults included.
        findings: what Twilio would refuse.
    """

    page: str
    given: Mapping[str, str]
    overrides: Overrides
    findings: tuple[Finding, ...]


def read(url: str) -> Reading:
    """Read a URL's overrides."""
    page, hash_, fragment = url.partition("#")
    given: dict[str, str] = {}
    findings: list[Finding] = []
    for part in fragment.split("&") if hash_ else ():
        key, equals, value = part.partition("=")
        if not (key and equals and value):
            findings.append(
                finding(
                    "O025", f"{part!r} is not key=value", "write key=value, with & between two of them, after one #"
                )
            )
        elif key not in PARAMETERS:
            findings.append(_unknown(key))
        elif key in given:
            findings.append(
                finding("O007", f"{key} is given twice; which one counts is not documented", f"keep one {key}")
            )
        else:
            wrong = _wrong(PARAMETERS[key], value)
            findings += wrong
            if all(each.level == "note" for each in wrong):
                given[key] = value
    return Reading(page, given, overrides(given), tuple(findings))


def overrides(given: Mapping[str, str]) -> Overrides:
    """What holds for values that are right; Twilio's default where one is not given."""
    value = {key: given.get(key, parameter.default) for key, parameter in PARAMETERS.items()}
    policies = tuple(value["rp"].split(","))
    return Overrides(
        connect_timeout_ms=int(value["ct"]),
        read_timeout_ms=int(value["rt"]),
        total_timeout_ms=int(value["tt"]),
        retries=int(value["rc"]),
        retry_on=tuple(each for each in POLICIES if each != "all" and (each in policies or "all" in policies)),
        sni=value["sni"] == "y",
        edges=tuple(value["e"].split(",")),
    )


def build(page: str, given: Mapping[str, str]) -> str:
    """A URL with overrides, in the order of the table; a fragment that it had goes."""
    page = page.partition("#")[0]
    fragment = "&".join(f"{key}={given[key]}" for key in PARAMETERS if key in given)
    return f"{page}#{fragment}" if fragment else page


def _unknown(key: str) -> Finding:
    if key == "r":
        return finding("O002", "r (region) is Twilio's old name of e (edge)", "write e= with the name of an edge")
    lower = key.lower()
    near = [lower] if lower in PARAMETERS else get_close_matches(lower, PARAMETERS, 1)
    known = ", ".join(PARAMETERS)
    fix = f"did you mean {near[0]}?" if near else "take it out; a fragment of the page itself has no place in a webhook"
    return finding("O002", f"{key!r} is no override; there are {known}", fix)


def _wrong(parameter: Parameter, value: str) -> list[Finding]:
    match parameter.kind:
        case "number":
            right = value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
            if right and parameter.lowest <= int(value) <= parameter.highest:
                return []
        case "flag":
            if value in parameter.words:
                return []
        case "list":
            return _wrong_words(parameter, value)
    fix = f"the default is {parameter.default}; leave {parameter.key} out, or write {parameter.allowed}"
    return [finding("O003", f"{parameter.key}={value} is not {parameter.allowed}", fix)]


def _wrong_words(parameter: Parameter, value: str) -> list[Finding]:
    words = value.split(",")
    found: list[Finding] = []
    for word in dict.fromkeys(words):
        if parameter.key == "rp" and word not in POLICIES:
            fix = f"write {parameter.allowed}"
            found.append(finding("O004", f"rp={word} is no retry policy: Twilio logs error 11243", fix))
        elif parameter.key == "e":
            found += _wrong_edge(word)
        if words.count(word) > 1:
            found.append(finding("O007", f"{parameter.key} names {word} twice", f"keep one {word}"))
    if parameter.key == "rp" and "all" in words and len(words) > 1:
        found.append(finding("O007", "rp=all already means every other word beside it", "keep all, or the others"))
    return found


def _wrong_edge(edge: str) -> list[Finding]:
    if edge in EDGES:
        return []
    if edge in INTERCONNECT_EDGES:
        message = f"e={edge} needs Twilio Interconnect: without it Twilio logs error 11242 and sends nothing"
        return [finding("O006", message, "take it out, unless this account has Interconnect")]
    if edge in UNSURE_EDGES:
        message = f"e={edge} stands on Twilio's page on Interconnect, but not on its page on overrides"
        return [finding("O005", message, "try it on a number that nobody needs, or take another edge")]
    near = get_close_matches(edge.lower(), (*EDGES, *INTERCONNECT_EDGES), 1)
    fix = f"did you mean {near[0]}?" if near else f"write one of {', '.join(EDGES)}"
    return [finding("O005", f"e={edge} is no edge: Twilio logs error 11240 or 11241 and sends nothing", fix)]
