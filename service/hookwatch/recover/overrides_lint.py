"""Holds a webhook's URL against the rules: what Twilio refuses, and what does not fit this function. Asks nobody.

What the function needs of an override follows from how it answers (outcomes.py): 5xx can get better by trying again,
4xx cannot, but for the 429 that Lambda gives in its place when it has no free concurrency.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hookwatch.recover.overrides import read
from hookwatch.recover.overrides_rules import LEVELS, finding
from hookwatch.recover.overrides_table import IGNORED_BY, LONGEST_URL
from hookwatch.recover.overrides_timeline import FUNCTION_TIMEOUT_MS, OUR_ANSWER_MS, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.recover.overrides import Reading
    from hookwatch.recover.overrides_rules import Finding

# A timeout of the function is a 502 that reaches Twilio a moment after these 9 s.
OUTLIVES_MS = FUNCTION_TIMEOUT_MS + 1000


def lint(url: str, *, incident: bool = False, product: str = "") -> tuple[Finding, ...]:
    """What is wrong with a URL, worst first.

    Args:
        url: as Twilio was or will be given it.
        incident: whether 4xx is meant to be tried again for a while.
        product: the product that uses the URL, where it is one that ignores overrides.
    """
    reading = read(url)
    findings = [*_address(url, reading), *reading.findings]
    if not any(each.code == "O001" for each in findings):
        findings += [*_retries(reading, incident=incident), *_times(reading), *_surroundings(reading, product)]
    return tuple(sorted(findings, key=lambda each: (LEVELS.index(each.level), each.code)))


def _address(url: str, reading: Reading) -> Iterator[Finding]:
    try:
        parts = urlsplit(reading.page)
        host, userinfo = parts.hostname or "", "@" in parts.netloc
    except ValueError:
        parts, host, userinfo = urlsplit(""), "", False
    if parts.scheme not in ("http", "https") or not host or any(each.isspace() for each in url):
        yield finding("O001", "this is not an absolute http or https URL", "write https://host/path")
        return
    if parts.scheme == "http" and not _is_loopback(host):
        message = (
            "http carries phone numbers, texts and the signature in the open, and a Function URL speaks https only"
        )
        yield finding("O024", message, "write https")
    if userinfo:
        message = "a user and password in the URL are shown in the Console and in every alert, and prove nothing here"
        yield finding("O023", message, "take them out: the signature is what is verified")
    if len(url) > LONGEST_URL:
        message = f"{len(url)} characters are more than the {LONGEST_URL} that Twilio takes (error 21609)"
        yield finding("O022", message, "shorten the query")
    if not reading.overrides.sni:
        message = "sni=n: Function URLs share addresses, and without the name the TLS handshake fails (11220)"
        yield finding("O026", message, "take sni=n out")


def _retries(reading: Reading, *, incident: bool) -> Iterator[Finding]:
    now = reading.overrides
    if now.retries == 0:
        if "rp" in reading.given:
            yield finding("O018", "rp says what to try again, and rc=0 that nothing is", "set rc to 1 to 5, or drop rp")
        return
    if "rp" not in reading.given:
        message = f"only a failed connection is tried again, {_times_word(now.retries)}: no 503 of ours, no 429, no 502"
        yield finding("O019", message, "add rp=5xx,ct,rt and rc=3 (hookwatch overrides build --for normal)")
    elif "5xx" not in now.retry_on:
        message = "our 503 means that trying again helps, and it is not tried again"
        yield finding("O013", message, f"add 5xx to rp: rp=5xx,{','.join(now.retry_on)}")
    if "4xx" in now.retry_on:
        message = (
            "a 401 or 400 of ours is tried again too, which cannot help and multiplies what a wrong secret or an "
            "attack costs; it does help against 429, while Lambda throttles"
        )
        fix = "take 4xx out again when the incident is over" if incident else "take 4xx out; set it in an incident only"
        yield finding("O012", message, fix, "note" if incident else None)
    else:
        message = "a delivery that Lambda throttles is answered 429 and not tried again; the function never saw it"
        yield finding("O014", message, "raise ReservedConcurrency; in an incident add 4xx to rp for its duration")


def _times(reading: Reading) -> Iterator[Finding]:
    now = reading.overrides
    if now.total_timeout_ms < now.read_timeout_ms:
        message = f"after tt={now.total_timeout_ms} all is over, so rt={now.read_timeout_ms} never comes to an end"
        yield finding("O008", message, f"set rt to {now.total_timeout_ms} or less")
    if now.total_timeout_ms < now.connect_timeout_ms:
        message = f"after tt={now.total_timeout_ms} all is over, so ct={now.connect_timeout_ms} never comes to an end"
        yield finding("O009", message, f"set ct to {now.total_timeout_ms} or less")
    for name, policy, key in (("connect-timeout", "ct", "ct"), ("slow-answer", "rt", "rt")):
        found = timeline(now, name)
        if not found.wanted or found.retries == found.wanted:
            continue
        lasts = now.connect_timeout_ms if policy == "ct" else now.read_timeout_ms
        message = (
            f"rp={policy} asks for {_times_word(found.wanted)}, but with {key}={lasts} only {found.retries} of them "
            f"can begin within {now.total_timeout_ms} ms"
        )
        fits_ms = now.total_timeout_ms // found.wanted
        fix = f"set {key} below {fits_ms}, or rc to {found.retries}"
        if policy == "rt" and fits_ms <= OUR_ANSWER_MS < lasts:
            fix = "leave it: the function may need these 8 s, and the retries are there for what fails sooner"
        yield finding("O011" if found.retries else "O010", message, fix)
    if min(now.read_timeout_ms, now.total_timeout_ms) < OUR_ANSWER_MS:
        again = now.retries and "rt" in now.retry_on
        message = f"the function may take {OUR_ANSWER_MS} ms, because it tries the bus again for as long: " + (
            "a retry begins while the first attempt is still worked on, and both may be published"
            if again
            else "Twilio counts a failure and asks the fallback URL while the event still goes onto the bus"
        )
        yield finding("O020", message, f"set rt to {FUNCTION_TIMEOUT_MS}, or deploy with Deduplicate=on")
    elif OUTLIVES_MS < now.read_timeout_ms < now.total_timeout_ms and now.retries and "rt" in now.retry_on:
        message = f"after {FUNCTION_TIMEOUT_MS} ms Lambda has ended the function; what is waited for longer cannot come"
        yield finding("O021", message, f"set rt to {FUNCTION_TIMEOUT_MS}, which leaves time for a retry")


def _surroundings(reading: Reading, product: str) -> Iterator[Finding]:
    if product:
        message = f"webhooks of {product} ignore every override"
        yield finding("O016", message, "rely on its post-event webhooks and on the REST API", "warning")
    if not reading.given:
        return
    if not product:
        yield finding("O016", f"webhooks of {' and '.join(IGNORED_BY)} ignore overrides", "nothing, for other products")
    message = "where a rule of Twilio's Webhooks configuration API matches this URL, its setting counts and not this"
    yield finding("O017", message, "see client.webhooks.v1.rules.list() if an override seems to do nothing")
    if "e" in reading.given:
        yield finding("O015", "an account with Static Proxy ignores e", "leave e out there")


def _times_word(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
