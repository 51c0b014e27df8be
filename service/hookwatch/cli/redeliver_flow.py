"""The steps of a redelivery, one after the other: look, run, verify. Never prints a result and never decides one."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.cli.redeliver_progress import reading_progress, running_progress
from hookwatch.recover.brake import loop_alarm
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_auth import APP_ID
from hookwatch.recover.github_evidence import our_words
from hookwatch.recover.github_journal import journal_path, open_journal, read_memory
from hookwatch.recover.github_look import Look, Looked, look
from hookwatch.recover.github_order import wanted_of
from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.github_run import Ran, Runner
from hookwatch.recover.github_shared import shared_claims
from hookwatch.recover.github_story import Story
from hookwatch.recover.github_verify import Verified, Waiting, verify
from hookwatch.recover.problem import NOT_SIGNED_IN, Problem
from hookwatch.recover.reinject_stack import reinjector
from hookwatch.recover.stack_outputs import stack_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hookwatch.recover.github_claims import Claims
    from hookwatch.recover.github_http import Http
    from hookwatch.recover.github_journal import FileJournal
    from hookwatch.recover.github_model import Scope
    from hookwatch.recover.github_order import Options
    from hookwatch.recover.github_plan import Asked, Item, Key
    from hookwatch.recover.loop_stop_aws import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What one command works with.

    Attributes:
        http: the connection to GitHub.
        scope: where the hooks live.
        hook: the one that was named; None if none was.
        options: what is asked for.
        aws: the account of the stack.
        stack: the stack's name.
        unproven: whether to publish what no signature vouches for.
        ignore_loop_alarm: why the loop alarm does not matter; None if it does.
        settle_s: how long to wait for redeliveries to show up.
    """

    http: Http
    scope: Scope
    hook: int | None
    options: Options
    aws: Account
    stack: str
    unproven: bool
    ignore_loop_alarm: str | None
    settle_s: float

    @property
    def github(self) -> GitHub:
        """The API."""
        return GitHub(self.http)

    @property
    def journal(self) -> Path:
        """Where earlier runs wrote what they did."""
        # Two Apps hear of one event under the same GUID, and GitHub tells no id of their hooks.
        scope = f"app-{os.environ.get(APP_ID, '')}" if self.scope.kind == "app" else str(self.scope)
        return journal_path(os.environ, self.http.url, scope)

    def now(self) -> datetime:
        """GitHub's clock."""
        return datetime.fromtimestamp(self.http.now_s(), UTC)


def show(flow: Flow) -> Story | Problem:
    """Plan only."""
    looked = _look(flow, read_memory(flow.journal, flow.now()))
    if isinstance(looked, Problem):
        return looked
    said = our_words(flow.github, flow.scope, looked.plan)
    return Story(scope=flow.scope, looked=looked, dry_run=True, said=said)


def carry_out(flow: Flow) -> Story | Problem:
    """Plan, do it, and read how it ended."""
    with open_journal(flow.journal, flow.now()) as journal:
        if isinstance(journal, Problem):
            return journal
        looked = _look(flow, journal.memory)
        if isinstance(looked, Problem):
            return looked
        story = Story(scope=flow.scope, looked=looked, dry_run=False)
        if flow.ignore_loop_alarm:
            story.notes.append(f"the loop alarm was ignored: {flow.ignore_loop_alarm}")
        if looked.plan.now:
            began = flow.now()
            problem = _run(flow, story, journal)
            if problem is not None:
                return problem
            _verify(flow, story, began)
        return story


def _look(flow: Flow, memory: Mapping[Key, Asked]) -> Looked | Problem:
    def our_url() -> str | None:
        facts = stack_facts(flow.aws, flow.stack)
        return None if isinstance(facts, Problem) else facts.outputs.get("GitHubFunctionUrl")

    with reading_progress() as progress:
        return look(
            flow.github,
            Look(
                scope=flow.scope,
                hook=flow.hook,
                our_url=our_url,
                wanted=lambda now: wanted_of(flow.options, now),
                repositories=flow.options.repositories,
                memory=memory,
                now_s=flow.http.now_s,
                progress=progress,
            ),
        )


def _run(flow: Flow, story: Story, journal: FileJournal) -> Problem | None:
    """Bring back what was planned; a `Problem` if that could not even begin."""
    brake = _brake(flow)
    stopped = brake()
    if stopped is not None and stopped.code == NOT_SIGNED_IN:
        # GitHub can be asked without AWS; an alarm that could not be read would have stopped it.
        story.notes.append("no loop alarm is watched: this shell is signed in to no AWS account")
        brake = _no_brake
    elif stopped is not None:
        return stopped
    ask = _ask(flow)
    if isinstance(ask, Problem):
        return ask
    claims = _claims(flow, story, journal)
    if isinstance(claims, Problem):
        return claims
    story.ran = ran = Ran()
    planned = story.looked.plan.now
    try:
        with running_progress(len(planned)) as advance:
            Runner(ask=ask, claims=claims, brake=brake, now_s=flow.http.now_s, advance=advance).run(planned, ran)
    except KeyboardInterrupt:
        left = len(planned) - len(ran.asked) - len(ran.unknown) - len(ran.refused) - len(ran.taken)
        ran.stopped = Problem(f"by Ctrl-C, {left} were not asked for: the same command goes on with them", found=True)
    return None


def _claims(flow: Flow, story: Story, journal: FileJournal) -> Claims | Problem:
    """Our own file, and the sweeper's claims; who goes on without the loop alarm goes on without these, too."""
    claims = shared_claims(flow.aws, flow.stack, journal)
    if isinstance(claims, Problem) and flow.ignore_loop_alarm:
        story.notes.append(f"no sweeper's claims are heeded: {claims.message}")
        return journal
    return claims


def _ask(flow: Flow) -> Callable[[Item], Problem | None] | Problem:
    """What brings back one delivery."""
    if flow.options.reinject:
        return reinjector(flow.github, flow.scope, flow.aws, flow.stack, unproven=flow.unproven)
    github = flow.github
    return lambda item: github.redeliver(flow.scope, item.hook_id, item.delivery.id)


def _no_brake() -> Problem | None:
    return None


def _brake(flow: Flow) -> Callable[[], Problem | None]:
    if flow.ignore_loop_alarm:
        return _no_brake
    return lambda: loop_alarm(flow.aws, flow.stack)


def _verify(flow: Flow, story: Story, began: datetime) -> None:
    ran = story.ran
    assert ran is not None
    sent = [item for item in (*ran.asked, *ran.unknown) if item.verdict is Verdict.RETRY]
    # Who stopped it, or GitHub's own limit, would only have to wait; the next run reads all the same.
    if not sent or ran.stopped is not None:
        return
    try:
        story.verified = verify(
            flow.github, flow.scope, sent, began, Waiting(flow.http.now_s, time.sleep, flow.settle_s)
        )
    except KeyboardInterrupt:
        story.verified = Verified((), (), tuple(sent))
