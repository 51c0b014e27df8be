"""The sweeper's environment as frozen settings. Never shows a value; collects every problem and fails once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from hookwatch.config import ConfigError
from hookwatch.recover.github_connect import URL_VARIABLE, api_url
from hookwatch.recover.github_model import Scope
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

# template.yaml sets exactly these; a contract test holds the two.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "HOOKWATCH_SWEEPER_REPOSITORY": "the repository whose hooks are swept, OWNER/NAME; or an organization",
        "HOOKWATCH_SWEEPER_ORGANIZATION": "the organization whose hooks are swept; or a repository",
        "HOOKWATCH_SWEEPER_HOOK_ID": "the id of the one hook; 0 for the hook of HOOKWATCH_FUNCTION_URL",
        "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": "the secret that holds GitHub's token as text",
        "HOOKWATCH_SWEEPER_MAX_PER_RUN": "how many redeliveries one run asks for at most",
        "HOOKWATCH_SWEEPER_RETENTION_HOURS": "how long GitHub keeps deliveries",
        "HOOKWATCH_FUNCTION_URL": "the URL that the hook points to",
        "HOOKWATCH_CLAIM_BUCKET": "the bucket in which runs claim deliveries",
        "HOOKWATCH_STACK": "the stack whose loop alarm stops a run",
        URL_VARIABLE: "the address of GitHub's API",
    }
)
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
_NUMBER = re.compile(r"\d{1,15}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the sweeper needs to know.

    Attributes:
        scope: where the hooks live.
        hook: the id of one hook; None for the one of our URL.
        token_secret: the secret that holds the token.
        maximum: redeliveries a run, at most.
        retention: how long GitHub keeps deliveries.
        function_url: the URL that the hook points to; empty where it is not known.
        bucket: where runs claim deliveries.
        stack: whose loop alarm stops a run.
        api_url: the address of GitHub's API.
    """

    scope: Scope
    hook: int | None
    token_secret: str
    maximum: int
    retention: timedelta
    function_url: str
    bucket: str
    stack: str
    api_url: str


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings out of an environment.

    Raises:
        ConfigError: something is missing or wrong; all problems are in the one message.
    """
    values = {name: environ.get(name, "").strip() for name in VARIABLES}
    repository, organization = values["HOOKWATCH_SWEEPER_REPOSITORY"], values["HOOKWATCH_SWEEPER_ORGANIZATION"]
    problems: list[str] = []
    if bool(repository) == bool(organization):
        problems.append("HOOKWATCH_SWEEPER_REPOSITORY or HOOKWATCH_SWEEPER_ORGANIZATION must be set, one of the two")
    if repository and not _REPOSITORY.fullmatch(repository):
        problems.append("HOOKWATCH_SWEEPER_REPOSITORY must be OWNER/NAME")
    if organization and not _ORGANIZATION.fullmatch(organization):
        problems.append("HOOKWATCH_SWEEPER_ORGANIZATION must be the name of an organization")
    problems += [
        f"HOOKWATCH_SWEEPER_{name} must be a whole number"
        for name in ("HOOK_ID", "MAX_PER_RUN", "RETENTION_HOURS")
        if not _NUMBER.fullmatch(values[f"HOOKWATCH_SWEEPER_{name}"])
    ]
    problems += [
        f"{name} is not set: {VARIABLES[name]}"
        for name in ("HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN", "HOOKWATCH_CLAIM_BUCKET", "HOOKWATCH_STACK")
        if not values[name]
    ]
    url = api_url(values)
    if isinstance(url, Problem):
        problems.append(url.message)
    if problems:
        raise ConfigError("hookwatch cannot start:\n" + "\n".join(f"- {problem}" for problem in problems))
    return Settings(
        scope=Scope("repository", repository) if repository else Scope("organization", organization),
        hook=int(values["HOOKWATCH_SWEEPER_HOOK_ID"]) or None,
        token_secret=values["HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN"],
        maximum=int(values["HOOKWATCH_SWEEPER_MAX_PER_RUN"]),
        retention=timedelta(hours=int(values["HOOKWATCH_SWEEPER_RETENTION_HOURS"])),
        function_url=values["HOOKWATCH_FUNCTION_URL"],
        bucket=values["HOOKWATCH_CLAIM_BUCKET"],
        stack=values["HOOKWATCH_STACK"],
        api_url=str(url),
    )
