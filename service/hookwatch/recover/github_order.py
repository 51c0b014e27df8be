"""What a command asks for, from its options to values; the first thing that is wrong ends it. Never asks anybody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookwatch.recover.github_cause import CAUSES
from hookwatch.recover.github_model import Scope
from hookwatch.recover.github_plan import MAX_ATTEMPTS, RETENTION, Wanted
from hookwatch.recover.moments import moment
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
_NAME = re.compile(r"[a-z0-9_]{1,128}")
_STATUS = re.compile(r"[1-5](\d\d|xx)|0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the command, as they were typed."""

    repo: str | None = None
    org: str | None = None
    app: bool = False
    since: str | None = None
    until: str | None = None
    events: Sequence[str] = ()
    actions: Sequence[str] = ()
    repositories: Sequence[str] = ()
    statuses: Sequence[str] = ()
    maximum: int | None = None
    max_attempts: int = MAX_ATTEMPTS
    retention_hours: float = RETENTION / timedelta(hours=1)
    fixed: bool = False
    reinject: bool = False


def scope_of(options: Options) -> Scope | Problem:
    """Where the hooks live."""
    if [options.repo is not None, options.org is not None, options.app].count(True) != 1:
        return Problem("whose hooks? Give one of --repo OWNER/NAME, --org NAME or --app")
    if options.app:
        return Scope("app")
    if options.repo is not None:
        if not _REPOSITORY.fullmatch(options.repo):
            return Problem(f"--repo {options.repo!r} is not a repository: OWNER/NAME")
        return Scope("repository", options.repo)
    assert options.org is not None
    if not _ORGANIZATION.fullmatch(options.org):
        return Problem(f"--org {options.org!r} is not the name of an organization")
    return Scope("organization", options.org)


def wanted_of(options: Options, now: datetime) -> Wanted | Problem:
    """What is asked for; the repositories are named still and become ids later."""
    moments: dict[str, datetime | None] = {"since": None, "until": None}
    for name, text in (("since", options.since), ("until", options.until)):
        if text is not None:
            read = moment(text, now, f"--{name}")
            if isinstance(read, Problem):
                return read
            moments[name] = read
    since, until = moments["since"], moments["until"]
    if since is not None and until is not None and since >= until:
        return Problem("--since is not before --until")
    problem = _misspelt(options)
    if problem is not None:
        return problem
    return Wanted(
        since=since,
        until=until,
        events=frozenset(options.events),
        actions=frozenset(options.actions),
        statuses=frozenset(options.statuses),
        maximum=options.maximum,
        max_attempts=options.max_attempts,
        retention=timedelta(hours=options.retention_hours),
        fixed=options.fixed,
        reinject=options.reinject,
    )


def _misspelt(options: Options) -> Problem | None:
    checks: tuple[tuple[str, Sequence[str], Callable[[str], object], str], ...] = (
        ("--event", options.events, _NAME.fullmatch, "the name of an event such as issues"),
        ("--action", options.actions, _NAME.fullmatch, "an action such as opened"),
        ("--status", options.statuses, _is_status, f"503, 5xx or one of {', '.join(sorted(CAUSES))}"),
        ("--repository", options.repositories, _is_repository, "OWNER/NAME or a repository's id"),
    )
    for option, values, fits, meant in checks:
        for value in values:
            if not fits(value):
                return Problem(f"{option} {value!r} is not {meant}")
    return None


def _is_status(value: str) -> bool:
    return value in CAUSES or bool(_STATUS.fullmatch(value))


def _is_repository(value: str) -> bool:
    return bool(_REPOSITORY.fullmatch(value)) or (value.isascii() and value.isdigit())
