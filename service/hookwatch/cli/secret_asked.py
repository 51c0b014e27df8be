"""What `hookwatch secret` was asked for, and what it works on. Values; decides nothing and prints nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.recover.github_model import Scope
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account, account
from hookwatch.recover.rotation import Ended, Step
from hookwatch.recover.rotation_accept import Pace
from hookwatch.recover.rotation_probe import Probe
from hookwatch.recover.rotation_secret import Secret
from hookwatch.recover.rotation_stack import read_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from hookwatch.recover.rotation import Provider, Report
    from hookwatch.recover.rotation_stack import Endpoint


@dataclass(frozen=True, slots=True)
class Tools:
    """What a test gives instead of the real thing.

    Attributes:
        account: makes the account of a Region and an endpoint.
        pace: how long to wait.
    """

    account: Callable[[str | None, str | None], Account] = account
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What the options say."""

    stack: str
    url: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


def find_endpoint(where: Where, tools: Tools, provider: Provider) -> tuple[Account, Endpoint] | Problem:
    """The account, and the provider's part of the stack in it."""
    here = tools.account(where.region, where.endpoint_url)
    endpoint = read_endpoint(here, where.stack, provider, where.url)
    return endpoint if isinstance(endpoint, Problem) else (here, endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants.

    Attributes:
        provider: whose key.
        yes: whether to do it.
        undo: to go back instead.
        finish: to end the previous key instead.
        current: to give this hook the current key instead.
        grace: how long nobody may have used the previous key before it is ended; None leaves it.
        consent: GitHub: no other hook shares the secret. Twilio: promote.
        replace: whether a secondary token that is there already may be deleted.
        repo: a repository's hook.
        org: an organization's.
        app: an App's.
        hook: its id.
        token_secret: the secret that holds GitHub's token.
    """

    provider: Provider
    yes: bool = False
    undo: bool = False
    finish: bool = False
    current: bool = False
    grace: timedelta | None = None
    consent: bool = False
    replace: bool = False
    repo: str | None = None
    org: str | None = None
    app: bool = False
    hook: int | None = None
    token_secret: str | None = None

    def wrong(self) -> Problem | None:
        """What cannot be meant."""
        if sum((self.undo, self.finish, self.current)) > 1:
            return Problem("one thing at a time: --undo, --finish or --current")
        if self.provider == "github" and not self.finish:
            if sum((self.repo is not None, self.org is not None, self.app)) != 1:
                return Problem("which hook? Give --repo OWNER/NAME, --org NAME or --app")
            if self.app and self.hook is not None:
                return Problem("an App has one hook only: leave --hook out")
            if self.repo is not None and (self.repo.count("/") != 1 or not all(self.repo.split("/"))):
                return Problem("--repo must be OWNER/NAME")
        return None

    def scope(self) -> Scope:
        """Where the hook lives."""
        if self.app:
            return Scope("app")
        return Scope("organization", self.org) if self.org is not None else Scope("repository", self.repo or "")


@dataclass(frozen=True, slots=True)
class Working:
    """What a rotation works on and with.

    Attributes:
        account: where the stack is.
        endpoint: the provider's part of it.
        pace: how long to wait.
        report: is told each step.
    """

    account: Account
    endpoint: Endpoint
    pace: Pace
    report: Report

    def limited(self, wait_s: float, why: str) -> None:
        """Tell of a wait that GitHub's limits ask for."""
        self.report(Step.CHECK, f"{why}: waiting {wait_s:.0f} s")

    @property
    def secret(self) -> Secret:
        """The stack's secret."""
        return Secret(self.account, self.endpoint.secret_id)

    @property
    def probe(self) -> Probe:
        """What sends heartbeats to the stack's URL."""
        return Probe(self.endpoint.provider, self.endpoint.url)


@dataclass(frozen=True, slots=True)
class Done:
    """How it ended, and what a dry run would have gone on to do."""

    result: Ended | Problem
    ahead: str = ""
