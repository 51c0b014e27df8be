"""From what was asked to a rotation that runs, or to what it would do. Prints nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hookwatch.cli.secret_asked import Asked, Done, Working
from hookwatch.cli.secret_view import AHEAD, UNDO
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_connect import connect
from hookwatch.recover.github_limits import Limits
from hookwatch.recover.github_model import APP_HOOK
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import ANY, PREVIOUS, Ended, Place, tag
from hookwatch.recover.rotation_base import Base
from hookwatch.recover.rotation_github import GitHubRotation
from hookwatch.recover.rotation_github_hook import GitHubHook
from hookwatch.recover.rotation_stack import same_url
from hookwatch.recover.rotation_twilio import TwilioRotation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.rotation_stack import Endpoint


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
    # twilio-python takes a while to be imported, and only this needs it.
    from hookwatch.recover.rotation_twilio_tokens import twilio_tokens

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
