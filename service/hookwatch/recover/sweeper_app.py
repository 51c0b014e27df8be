"""The sweeper's composition root: settings in, a function that sweeps once for each call out. Judges no delivery.

Safe to run twice at once: what a run is about to ask for it claims first, and GitHub's record decides everything else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookwatch.recover.brake import loop_alarm
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_auth import read_token
from hookwatch.recover.github_connect import read_secret
from hookwatch.recover.github_http import Http
from hookwatch.recover.github_limits import Limits, Pace
from hookwatch.recover.github_look import Look, look
from hookwatch.recover.github_plan import Wanted
from hookwatch.recover.github_run import Ran, Runner
from hookwatch.recover.github_story import Story
from hookwatch.recover.github_verify import Waiting, verify
from hookwatch.recover.problem import Problem
from hookwatch.recover.sweeper_aws import FunctionAws
from hookwatch.recover.sweeper_claims import BucketClaims
from hookwatch.recover.sweeper_log import SweeperLog
from hookwatch.recover.sweeper_order import Order, read_order, report
from hookwatch.telemetry import silence_others

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.github_connect import Asks
    from hookwatch.recover.github_plan import Item
    from hookwatch.recover.sweeper_settings import Settings

PATIENCE_S = 30.0
"""A run that GitHub limits for longer ends; the next one comes in a quarter of an hour."""
SETTLE_S = 45.0
MARGIN_S = 15.0
RESERVE_S = SETTLE_S + PATIENCE_S + MARGIN_S
"""Time that verification and one wait must still have: no redelivery is asked for after it has begun."""

OUT_OF_TIME = "out_of_time"


class SweepError(Exception):
    """A run could not be finished; Lambda counts it, and an alarm speaks when it goes on."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """How time passes.

    Attributes:
        clock: seconds that only go forward.
        sleep: waits so many seconds.
        now_s: the time of day, seconds since the epoch.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now_s: Callable[[], float] = time.time


class Sweeper:
    """Sweeps the hooks of one scope."""

    def __init__(self, settings: Settings, aws: Asks, claims: BucketClaims, clocks: Clocks = Clocks()) -> None:
        """Make a sweeper from its parts; `compose` makes it from settings."""
        self._settings = settings
        self._aws = aws
        self._claims = claims
        self._clock, self._sleep, self._now_s = clocks.clock, clocks.sleep, clocks.now_s
        self._log = SweeperLog()

    def __call__(self, event: object, context: Any) -> dict[str, Any]:
        """Sweep once, or do the one step that was ordered; returns what `sweeper_order.report` tells.

        Raises:
            SweepError: GitHub or AWS did not let the run be finished; the line before says why.
        """
        ends_s = self._clock() + context.get_remaining_time_in_millis() / 1000 - RESERVE_S
        order = read_order(event)
        story = order if isinstance(order, Problem) else self._sweep(order, ends_s)
        if isinstance(story, Problem):
            self._log.fail(story, context.aws_request_id)
            raise SweepError(story.code or "failed")
        self._log.write(story, context.aws_request_id)
        return report(story)

    def _sweep(self, order: Order, ends_s: float) -> Story | Problem:
        settings = self._settings
        http = self._connect()
        if isinstance(http, Problem):
            return http
        github = GitHub(http)
        looked = look(
            github,
            Look(
                scope=settings.scope,
                hook=settings.hook,
                our_url=lambda: settings.function_url or None,
                wanted=lambda now: Wanted(
                    since=None if order.since is None else now - order.since,
                    events=order.events,
                    maximum=None if order.reads_only else order.maximum or settings.maximum,
                    retention=settings.retention,
                ),
                repositories=(),
                memory={},
                recall=self._claims.recall,
                now_s=http.now_s,
            ),
        )
        if isinstance(looked, Problem):
            return looked
        if order.reads_only:
            return Story(scope=settings.scope, looked=looked, dry_run=True, requests=http.requests)
        story = Story(scope=settings.scope, looked=looked, dry_run=False, ran=Ran())

        def ask(item: Item) -> Problem | None:
            if self._clock() > ends_s:
                return Problem("the rest is for the next run: this one's time is over", found=True, code=OUT_OF_TIME)
            return github.redeliver(settings.scope, item.hook_id, item.delivery.id)

        runner = Runner(
            ask=ask, claims=self._claims, brake=lambda: loop_alarm(self._aws, settings.stack), now_s=http.now_s
        )
        began = datetime.fromtimestamp(http.now_s(), UTC)
        assert story.ran is not None
        sent = runner.run(looked.plan.now, story.ran).asked + story.ran.unknown
        if sent:
            left_s = ends_s + RESERVE_S - MARGIN_S - self._clock()
            waiting = Waiting(http.now_s, self._sleep, max(0.0, min(SETTLE_S, left_s)))
            story.verified = verify(github, settings.scope, sent, began, waiting)
        story.requests, story.waited_s = http.requests, http.waited_s
        return story

    def _connect(self) -> Http | Problem:
        """A connection with the token as it is now: it may have been rotated since the last run."""
        settings = self._settings
        token = read_token({}, secret=lambda: read_secret(self._aws, settings.token_secret), gh=lambda: None)
        if isinstance(token, Problem):
            return token
        limits = Limits(clock=self._clock, sleep=self._sleep, pace=Pace(patience_s=PATIENCE_S))
        return Http(settings.api_url, token, limits, self._now_s)


def compose(settings: Settings) -> Sweeper:
    """Build the sweeper that these settings describe."""
    silence_others()
    aws = FunctionAws()
    return Sweeper(settings, aws, BucketClaims(aws.client("s3"), settings.bucket))
