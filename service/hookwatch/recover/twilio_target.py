"""Where Twilio's webhooks of a stack go: the Function URL, and the public URL in front of it. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.stack_outputs import stack_facts

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account

_URL, _FUNCTION = "TwilioFunctionUrl", "TwilioFunctionName"


def targets(account: Account, stack: str) -> tuple[str, ...] | Problem:
    """The URLs of a stack's Twilio function, the public one first."""
    facts = stack_facts(account, stack)
    if isinstance(facts, Problem):
        return facts
    outputs = facts.outputs
    if _URL not in outputs:
        return Problem(
            f"the stack {stack} has no output {_URL}: is it hookwatch's, with a Twilio function? Or give --url"
        )
    found = [outputs[_URL]]
    if _FUNCTION in outputs:
        settings = account.ask("lambda", "get_function_configuration", FunctionName=outputs[_FUNCTION])
        if isinstance(settings, Problem):
            return settings
        public = settings.get("Environment", {}).get("Variables", {}).get("HOOKWATCH_PUBLIC_URL")
        found = [public, *found] if public else found
    return tuple(found)


def wrong_url(url: str) -> str | None:
    """Why a URL cannot be a target; None if it can."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("http", "https") and parts.hostname:
        return None
    return f"{url!r} is not an absolute http or https URL, such as https://hooks.example.com/twilio"
