"""What a deployed stack says about its Twilio function: settings, log group, and the token that it verifies with.

Reads only, and never shows the token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.config import ConfigError, Settings, load
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.stack_outputs import stack_facts

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account

_URL, _NAME = "TwilioFunctionUrl", "TwilioFunctionName"


@dataclass(frozen=True, slots=True)
class TwilioFunction:
    """The function of one stack.

    Attributes:
        settings: what it was configured with.
        urls: where its webhooks go, the public URL first.
        log_group: where it logs.
        token: the auth token that it verifies with.
    """

    settings: Settings
    urls: tuple[str, ...]
    log_group: str
    token: str = field(repr=False)


def read_function(account: Account, stack: str) -> TwilioFunction | Problem:
    """Read a stack's Twilio function."""
    facts = stack_facts(account, stack)
    if isinstance(facts, Problem):
        return facts
    outputs = facts.outputs
    if _NAME not in outputs or _URL not in outputs:
        return Problem(f"the stack {stack} has no Twilio function: is it hookwatch's, and deployed with Twilio?")
    found = account.ask("lambda", "get_function_configuration", FunctionName=outputs[_NAME])
    if isinstance(found, Problem):
        return found
    try:
        settings = load(found.get("Environment", {}).get("Variables", {}))
    except ConfigError:
        return Problem(f"the function {outputs[_NAME]} is not configured as hookwatch's: its first log line says why")
    token = account.ask("secretsmanager", "get_secret_value", SecretId=settings.secret_arn)
    if isinstance(token, Problem):
        return token
    if not token.get("SecretString"):
        return Problem("the stack's Twilio secret is not text: see runbooks/secret-fetch.md")
    return TwilioFunction(
        settings=settings,
        urls=(*([settings.public_url] if settings.public_url else []), outputs[_URL]),
        log_group=found.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{outputs[_NAME]}",
        token=token["SecretString"],
    )
