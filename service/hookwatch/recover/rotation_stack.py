"""What a rotation must know of a deployed stack: its secret, its URL, its log. Never changes a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.rotation import Provider

# How template.yaml begins the names of a provider's outputs.
_SPELT: dict[Provider, str] = {"github": "GitHub", "twilio": "Twilio"}
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider's part of a stack.

    Attributes:
        provider: whose.
        stack: the stack's name.
        secret_id: ARN of the secret that its function verifies with.
        url: where the provider sends; the Function URL, or what stands in front of it.
        log_group: where its function writes.
    """

    provider: Provider
    stack: str
    secret_id: str
    url: str
    log_group: str


def read_endpoint(account: Account, stack: str, provider: Provider, url: str | None = None) -> Endpoint | Problem:
    """Read a stack's outputs.

    Args:
        account: where the stack is.
        stack: its name.
        provider: which part of it.
        url: the URL that the provider was given, where that is not the Function URL itself.
    """
    answer = account.ask("cloudformation", "describe_stacks", StackName=stack)
    if isinstance(answer, Problem):
        if answer.code == "ValidationError":
            return Problem(f"there is no stack {stack} in this account and Region: name it with --stack")
        return answer
    outputs = {item["OutputKey"]: item["OutputValue"] for item in answer["Stacks"][0].get("Outputs", [])}
    spelt = _SPELT[provider]
    found = [outputs.get(f"{spelt}{name}", "") for name in ("SecretArn", "FunctionUrl", "LogGroupName")]
    if not all(found):
        return Problem(f"the stack {stack} has no {spelt} endpoint: is it hookwatch's, and is Enable{spelt} true?")
    if url is not None and urlsplit(url).scheme not in _PORTS:
        return Problem("--url must be an absolute http or https URL")
    secret_id, function_url, log_group = found
    return Endpoint(provider, stack, secret_id, url or function_url, log_group)


def same_url(one: str, other: str) -> bool:
    """Whether two URLs are the same place; a slash at the end and the case of the host do not matter."""
    return _parts(one) == _parts(other)


def _parts(url: str) -> tuple[str, str | None, int | None, str, str]:
    try:
        split = urlsplit(url.strip())
        port = split.port or _PORTS.get(split.scheme)
    except ValueError:
        return ("", None, None, url, "")
    return (split.scheme, split.hostname, port, split.path.rstrip("/"), split.query)
