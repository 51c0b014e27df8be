"""Where the doctor looks: a stack in an account, or in the sandbox. Reads the stack once; knows no check."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import urllib3

from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.loop_stop_aws import Account

PROVIDERS = ("github", "twilio")
# template.yaml's outputs begin with the provider as people write it.
PREFIXES: Mapping[str, str] = {"github": "GitHub", "twilio": "Twilio"}

HTTP_LIMIT_S = 15.0
"""A webhook is answered within eight seconds, or its provider is gone."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`hookwatch up`, as its API describes it.

    Attributes:
        api_url: page and API, without a slash at the end.
        health: the answer of /api/health.
    """

    api_url: str
    health: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look.

    Attributes:
        account: how AWS is asked.
        stack: the stack's name.
        outputs: the stack's outputs.
        status: the stack's status.
        sandbox: set where all this is a sandbox.
        http: how URLs are asked; never follows a redirect, because a provider's own answer is what counts.
    """

    account: Account
    stack: str
    outputs: Mapping[str, str]
    status: str
    sandbox: Sandbox | None = None
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=False, timeout=HTTP_LIMIT_S), repr=False
    )

    def providers(self) -> tuple[str, ...]:
        """The providers that the stack serves."""
        return tuple(each for each in PROVIDERS if f"{PREFIXES[each]}FunctionName" in self.outputs)

    def output(self, provider: str, what: str) -> str:
        """An output of one provider, such as its FunctionName; empty where there is none."""
        return self.outputs.get(f"{PREFIXES[provider]}{what}", "")

    def url(self, provider: str) -> str:
        """The Function URL: the sandbox serves it at another address than its output says."""
        if self.sandbox is not None:
            return str(self.sandbox.health.get(f"{provider}_url") or "")
        return self.output(provider, "FunctionUrl")

    def from_sandbox(self, path: str) -> Any | Problem:
        """Ask the sandbox's API."""
        assert self.sandbox is not None
        return fetch(self.http, self.sandbox.api_url + path)


def fetch(http: urllib3.PoolManager, url: str) -> Any | Problem:
    """A JSON document."""
    try:
        answer = http.request("GET", url)
        document = json.loads(answer.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        why = type(error).__name__
        return Problem(f"{url} does not answer as the sandbox does ({why}): is `hookwatch up` running?")
    return document


def find_sandbox(http: urllib3.PoolManager, api_url: str) -> Sandbox | Problem:
    """The sandbox behind an address."""
    api_url = api_url.rstrip("/")
    health = fetch(http, f"{api_url}/api/health")
    if isinstance(health, Problem):
        return health
    return Sandbox(api_url, health)


def find(account: Account, stack: str, sandbox: Sandbox | None = None) -> Place | Problem:
    """The stack, if there is one of ours."""
    answer = account.ask("cloudformation", "describe_stacks", StackName=stack)
    if isinstance(answer, Problem):
        if answer.code == "ValidationError":
            return Problem(f"there is no stack {stack} in this account and Region: name it with --stack")
        return answer
    found = answer["Stacks"][0]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
    place = Place(account, stack, outputs, found["StackStatus"], sandbox)
    if not place.providers():
        return Problem(f"the stack {stack} has no output that names a function: is it hookwatch's?")
    return place
