"""From the options of `hookwatch secret rotate` to a rotation that runs. Prints nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.cli.secret_view import AHEAD, UNDO
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_connect import connect
from hookwatch.recover.github_limits import Limits
from hookwatch.recover.github_model import APP_HOOK, Scope
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import ANY, PREVIOUS, Ended, Place, Step, tag
from hookwatch.recover.rotation_base import Base
from hookwatch.recover.rotation_github import GitHubRotation
from hookwatch.recover.rotation_github_hook import GitHubHook
from hookwatch.recover.rotation_probe import Probe
from hookwatch.recover.rotation_secret import Secret
from hookwatch.recover.rotation_stack import same_url
from hookwatch.recover.rotation_twilio import TwilioRotation
from hookwatch.recover.rotation_twilio_tokens import twilio_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.rotation import Provider, Report
    from hookwatch.recover.rotation_accept import Pace
    from hookwatch.recover.rotation_stack import Endpoint


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


def rotate_github(asked: Asked, place: Working, environ: Mapping[str, str]) -> Done:
    """Rotate a hook's secret, or say what would be done."""
    if asked.finish:
        return _finish(asked, place)
    http = connect(
        environ,
        as_app=asked.app,
        token_secret=asked.token_secret,
        aws=place.account,
        limits=Limits(clock=time.monotonic, sleep=time.sleep, waiting=place.limited),
    )
    if isinstance(http, Problem):
        return Done(http)
    github = GitHub(http)
    hook_id = _hook_id(github, asked, place.endpoint)
    if isinstance(hook_id, Problem):
        return Done(hook_id)
    hook = GitHubHook(github, asked.scope(), hook_id)
    rotation = GitHubRotation(
        endpoint=place.endpoint,
        secret=place.secret,
        probe=place.probe,
        pace=place.pace,
        report=place.report,
        tag=tag("github", hook.target),
        hook=hook,
        alone=asked.consent,
    )
    if not asked.yes:
        return _planned(asked, rotation)
    if asked.undo:
        return Done(rotation.undo())
    if asked.current:
        return Done(rotation.adopt())
    return _finished(asked, rotation, rotation.forward())


def rotate_twilio(asked: Asked, place: Working, environ: Mapping[str, str]) -> Done:
    """Rotate an account's auth token, or say what would be done."""
    if asked.finish:
        return _finish(asked, place)
    tokens = twilio_tokens(environ)
    if isinstance(tokens, Problem):
        return Done(tokens)
    rotation = TwilioRotation(
        endpoint=place.endpoint,
        secret=place.secret,
        probe=place.probe,
        pace=place.pace,
        report=place.report,
        tag=tag("twilio", tokens.target),
        tokens=tokens,
        replace=asked.replace,
    )
    if not asked.yes:
        return _planned(asked, rotation)
    if asked.undo:
        return Done(rotation.undo())
    return _finished(asked, rotation, rotation.forward(promote=asked.consent))


def _hook_id(github: GitHub, asked: Asked, endpoint: Endpoint) -> int | Problem:
    """The hook that was named, or the only one that points to this stack."""
    if asked.app:
        return APP_HOOK
    if asked.hook is not None:
        return asked.hook
    hooks = github.hooks(asked.scope())
    if isinstance(hooks, Problem):
        return hooks
    ours = [each.id for each in hooks if same_url(each.config.url, endpoint.url)]
    if len(ours) == 1:
        return ours[0]
    if not ours:
        return Problem(
            f"no hook of {asked.scope()} points to {endpoint.url}: name the hook's owner, or --stack, or --url"
        )
    return Problem(f"several hooks of {asked.scope()} point here, {', '.join(map(str, ours))}: name one with --hook")


def _planned(asked: Asked, rotation: GitHubRotation | TwilioRotation) -> Done:
    if asked.current and isinstance(rotation, GitHubRotation):
        checked = rotation.check_adopt()
        if isinstance(checked, Problem):
            return Done(checked)
        said = Ended(place=Place.NONE, said="the hook can be given the key that is current", complete=False)
        return Done(said, "give the current key to the hook and prove it by a delivery")
    if asked.undo:
        stands = rotation.stands()
        if isinstance(stands, Problem):
            return Done(stands)
        where = stands[0]
        said = Ended(place=where, said=f"the rotation stands at: {where.value}", complete=False)
        return Done(said, UNDO.get(where, "nothing: no rotation is under way"))
    checked_place = rotation.check()
    if isinstance(checked_place, Problem):
        return Done(checked_place)
    where = Place.NONE if checked_place.place is Place.UNDONE else checked_place.place
    return Done(checked_place, AHEAD[asked.provider][where])


def _finish(asked: Asked, place: Working) -> Done:
    assert asked.grace is not None
    base = Base(place.endpoint, place.secret, place.probe, place.pace, place.report, ANY)
    if asked.yes:
        return Done(base.finish(asked.grace))
    stands = base.stands()
    if isinstance(stands, Problem):
        return Done(stands)
    where, versions, _ = stands
    ahead = "take AWSPREVIOUS from its version, if nobody used it" if versions.at(PREVIOUS) else "nothing"
    return Done(Ended(place=where, said=f"the rotation stands at: {where.value}", complete=False), ahead)


def _finished(asked: Asked, rotation: Base, result: Ended | Problem) -> Done:
    """What a grace asks for after the promotion."""
    if asked.grace is None or isinstance(result, Problem) or result.place is not Place.PROMOTED:
        return Done(result)
    return Done(rotation.finish_when_quiet(asked.grace))
