"""What GitHub's refusals mean and what to do about each: one sentence for whoever typed the command. Never retries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from hookwatch.recover.github_limits import server_time_s
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

UNAUTHORIZED = "unauthorized"
FORBIDDEN = "forbidden"
NOT_FOUND = "not_found"
INVALID = "invalid"
UNAVAILABLE = "unavailable"
UNREACHABLE = "unreachable"
CLOCK = "clock"

# `iat` is a minute back and `exp` a minute under the limit: a clock that is off by more than that is the reason.
MAX_CLOCK_ERROR_S = 60

_SERVER_ERROR = 500


class _Said(msgspec.Struct):
    message: str = ""


def message_of(body: bytes) -> str:
    """What an error answer says, on one line; empty if it says nothing we can read."""
    try:
        said = msgspec.json.decode(body, type=_Said).message
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return ""
    return " ".join(said.split())[:200]


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came.

    Attributes:
        status: its status.
        headers: its headers, names in lower case.
        body: its body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal(heard: Heard, *, what: str, is_app: bool, now_s: float) -> Problem | None:
    """The problem that an answer is; None if it is a success.

    Args:
        heard: the answer.
        what: what was asked for, as in "the deliveries of hook 5 of the repository o/r".
        is_app: whether an App's JWT asked.
        now_s: this machine's clock, seconds since the epoch.
    """
    said, status = message_of(heard.body), heard.status
    quoted = f" (GitHub says: {said})" if said else ""
    match status:
        case 401 if is_app:
            return _app_refused(heard.headers, quoted, now_s)
        case 401:
            return Problem(
                f"GitHub does not take this token{quoted}: it is wrong, expired or revoked. Make a new one, or sign in "
                "again with `gh auth login`",
                code=UNAUTHORIZED,
            )
        case 403:
            return Problem(
                f"this token may not reach {what}{quoted}. A repository's hooks need the permission Webhooks (read to "
                "list, write to redeliver) or the scope repo, an organization's need admin:org_hook or its permission "
                "Webhooks. The GITHUB_TOKEN of a workflow is never enough",
                code=FORBIDDEN,
            )
        case 404:
            return Problem(
                f"GitHub knows nothing of {what}: the name or the id is wrong, or this token's owner is not an admin "
                "there (GitHub answers 404 to everybody else)",
                code=NOT_FOUND,
            )
        case 400 | 422:
            return Problem(f"GitHub does not accept the request for {what}{quoted}", code=INVALID)
        case _ if status >= _SERVER_ERROR:
            return Problem(
                f"GitHub itself fails ({status}) at {what}: see https://www.githubstatus.com, and run this again",
                found=True,
                code=UNAVAILABLE,
            )
        case _ if status >= 300:  # noqa: PLR2004 - the first status that is no success
            return Problem(f"GitHub answered {status} to the request for {what}{quoted}", code=INVALID)
        case _:
            return None


def _app_refused(headers: Mapping[str, str], quoted: str, now_s: float) -> Problem:
    theirs_s = server_time_s(headers)
    if theirs_s is not None and abs(now_s - theirs_s) > MAX_CLOCK_ERROR_S:
        way = "ahead of" if now_s > theirs_s else "behind"
        return Problem(
            f"this machine's clock is {abs(now_s - theirs_s):.0f} s {way} GitHub's, and an App's key only counts with "
            "the right time: set the clock (chronyc makestep, or timedatectl set-ntp true)",
            code=CLOCK,
        )
    return Problem(
        f"GitHub does not take this App's key{quoted}: it was revoked, or it is not a key of the App that "
        "GITHUB_APP_ID names. Make a new private key in the App's settings",
        code=UNAUTHORIZED,
    )
