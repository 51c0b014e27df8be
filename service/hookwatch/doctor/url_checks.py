"""The Function URL: does it answer whoever calls, does it refuse what nobody signed, and does a signed ping verify?

The ping is a heartbeat as the canary sends it: marked on the bus, counted apart, and no delivery of any provider.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import urllib3

from hookwatch.doctor.finding import fail, ok, skip, unseen, warn
from hookwatch.ingest import canary
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from urllib.request import Request

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place

# AWS refuses requests whose signature is five minutes off, GitHub an App's token whose iat lies ahead.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html (read 2026-11-27)
CLOCK_FAIL_S, CLOCK_WARN_S = 240.0, 30.0

PERMISSIONS: Mapping[str, str] = {
    "lambda:InvokeFunctionUrl": "lambda:FunctionUrlAuthType is NONE",
    "lambda:InvokeFunction": "lambda:InvokedViaFunctionUrl is true",
}
"""A public URL needs both since October 2025.
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html (read 2026-11-22)"""

REDEPLOY = "deploy the stack again: make deploy"
SUCCESS, UNAUTHORIZED = 200, 401


def check_permissions(place: Place) -> Iterator[Finding]:
    """The URL is public, by both permissions that this takes."""
    for provider in place.providers():
        name, function = f"permissions {provider}", place.output(provider, "FunctionName")
        config = place.account.ask("lambda", "get_function_url_config", FunctionName=function)
        if isinstance(config, Problem):
            yield unseen(name, config)
            continue
        if config.get("AuthType") != "NONE":
            yield fail(name, f"the URL wants {config.get('AuthType')}, which no provider can give", REDEPLOY)
            continue
        policy = place.account.ask("lambda", "get_policy", FunctionName=function)
        if isinstance(policy, Problem) and policy.code != "ResourceNotFoundException":
            yield unseen(name, policy)
            continue
        granted = set() if isinstance(policy, Problem) else set(_granted(json.loads(policy["Policy"])))
        missing = [f"{action} ({why})" for action, why in PERMISSIONS.items() if action not in granted]
        if missing:
            yield fail(name, f"everybody is answered 403, because {' and '.join(missing)} is missing", REDEPLOY)
        else:
            yield ok(name, "public, by both permissions")


def check_answer(place: Place) -> Iterator[Finding]:
    """The URL answers, and refuses what nobody signed; its Date is what our own clock is compared with."""
    dates: list[str] = []
    for provider in place.providers():
        name, url = f"url {provider}", place.url(provider)
        if not url:
            yield fail(name, "the stack has no such output", REDEPLOY)
            continue
        answer = _post(place, url, b"{}", {"Content-Type": "application/json", "User-Agent": "hookwatch-doctor"})
        if isinstance(answer, Problem):
            yield fail(name, answer.message, "look at the name, the network, and AWS Health for Lambda")
            continue
        dates.append(answer.headers.get("date", ""))
        yield _unsigned(name, answer)
    yield from _clock(dates)


def check_ping(place: Place) -> Iterator[Finding]:
    """A delivery signed with the current secret verifies and reaches the bus."""
    for provider in place.providers():
        name, url = f"signed ping {provider}", place.url(provider)
        value = place.account.ask("secretsmanager", "get_secret_value", SecretId=place.output(provider, "SecretArn"))
        if isinstance(value, Problem):
            yield unseen(name, value)
            continue
        key = str(value.get("SecretString", "")).encode()
        request: Request = {"github": canary.github, "twilio": canary.twilio}[provider](url, key)
        body = request.data
        assert isinstance(body, bytes)
        answer = _post(place, url, body, dict(request.header_items()))
        if isinstance(answer, Problem):
            yield fail(name, answer.message, "look at the function's log")
        else:
            yield _pinged(name, answer)


def no_ping(place: Place) -> Iterator[Finding]:
    """The ping was not wanted."""
    for provider in place.providers():
        yield skip(f"signed ping {provider}", "left out by --no-ping")


def _unsigned(name: str, answer: urllib3.BaseHTTPResponse) -> Finding:
    match answer.status:
        case 401:
            return ok(name, "answers, and refuses what nobody signed")
        case 403:
            return fail(name, "answers 403: its permissions are missing, no delivery gets in", REDEPLOY)
        case 429:
            return fail(name, "answers 429: no copy is free", "see runbooks/throttled.md")
        case 502:
            return fail(name, "answers 502: the function does not start or crashes", "see its first log line")
        case status:
            return fail(name, f"answers {status} to an unsigned request instead of 401", "see runbooks/crashed.md")


def _pinged(name: str, answer: urllib3.BaseHTTPResponse) -> Finding:
    if answer.status == SUCCESS:
        outcome = _outcome(answer.data)
        if outcome == "parked":
            return warn(name, "verified, but the bus did not take it: it is parked", "see runbooks/putevents-failed.md")
        return ok(name, "verified, and the event is on the bus")
    if answer.status == UNAUTHORIZED:
        return fail(
            name,
            "the current secret does not verify: the function holds another one",
            "wait five minutes for its cache, then see runbooks/secret-out-of-sync.md",
        )
    outcome = _outcome(answer.data) or f"status {answer.status}"
    return fail(name, f"ended as {outcome}", "README, 'How a delivery ends', names what it means and its runbook")


def _outcome(body: bytes) -> str:
    try:
        return str(json.loads(body).get("outcome", ""))
    except (ValueError, AttributeError):
        return ""


def _granted(policy: Mapping[str, Any]) -> Iterator[str]:
    """The actions that everybody may, on the condition that belongs to each."""
    for statement in policy.get("Statement", ()):
        if statement.get("Effect") != "Allow" or statement.get("Principal") not in ("*", {"AWS": "*"}):
            continue
        conditions = {
            key: str(value).lower()
            for test in (statement.get("Condition") or {}).values()
            for key, value in test.items()
        }
        actions = statement.get("Action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            if (action, conditions) in (
                ("lambda:InvokeFunctionUrl", {"lambda:FunctionUrlAuthType": "none"}),
                ("lambda:InvokeFunction", {"lambda:InvokedViaFunctionUrl": "true"}),
            ):
                yield action


def _clock(dates: list[str]) -> Iterator[Finding]:
    known = [each for each in dates if each]
    if not known:
        yield skip("clock", "nothing answered with a date")
        return
    try:
        off_s = (datetime.now(UTC) - parsedate_to_datetime(known[-1])).total_seconds()
    except (TypeError, ValueError):
        yield skip("clock", "the answer's date cannot be read")
        return
    sentence = f"this machine's clock is {abs(off_s):.0f} s {'ahead' if off_s > 0 else 'behind'}"
    fix = "set it by NTP: AWS refuses signatures that are 5 minutes off, and GitHub tokens from the future"
    if abs(off_s) >= CLOCK_FAIL_S:
        yield fail("clock", sentence, fix)
    elif abs(off_s) >= CLOCK_WARN_S:
        yield warn("clock", sentence, fix)
    else:
        yield ok("clock", f"right to within {CLOCK_WARN_S:.0f} s")


def _post(place: Place, url: str, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse | Problem:
    try:
        return place.http.request("POST", url, body=body, headers=headers, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        return Problem(f"{url} does not answer ({type(error).__name__})")
