"""Brings back lost webhooks of Twilio's: what is meant, the plan, the run, the proof. Never prints.

A run holds the journal's lock from reading to the end, so that two at once cannot send the same.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.recover.brake import loop_alarm
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.twilio_journal import open_journal, read_memory
from hookwatch.recover.twilio_look import Asked, Looked, look, window
from hookwatch.recover.twilio_plan import Plan, Verdict, Wanted, plan
from hookwatch.recover.twilio_send import Brought, Way, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.twilio_client import TwilioAccount
    from hookwatch.recover.twilio_history import History
    from hookwatch.recover.twilio_record import LogRecord

CONFIRM_S, CONFIRM_POLL_S = 30.0, 2.0
"""A line is in the log some seconds after the answer."""
STILL_MISSING = frozenset({Verdict.RETRY, Verdict.FIX, Verdict.CAPPED, Verdict.UNKNOWN, Verdict.LATER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Redelivery:
    """One redelivery, before anything is read.

    Attributes:
        account: whose alerts.
        asked: which webhooks are meant.
        wanted: what is to become of them.
        way: how they are brought back.
        record: what knows what arrived; None where there is none to ask.
        journal: the file of earlier runs.
        aws: where the loop alarm is; None where no stack is meant.
        stack: whose alarm it is.
        ignore_loop_alarm: why a loop alarm that fires does not stop it; empty if it does.
        progress: told what is done, how far, and of how much.
        sleep: waits so many seconds.
    """

    account: TwilioAccount
    asked: Asked
    wanted: Wanted
    way: Way
    record: LogRecord | None
    journal: Path
    aws: Account | None
    stack: str
    ignore_loop_alarm: str = ""
    progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True, kw_only=True)
class Story:
    """What was found, and what was done.

    Attributes:
        looked: what Twilio tells.
        plan: what was to be done.
        unrecorded: why our own record could not be asked; empty if it could.
        ran: whether anything was to be sent in this run.
        brought: how each ended, in order.
        confirmed: the delivery ids that our own record then knew; None where it could not be asked.
        interrupted: whether somebody stopped it.
        loop_alarm_ignored: why the loop alarm was not looked at; empty if it was.
    """

    looked: Looked
    plan: Plan
    unrecorded: str
    ran: bool = False
    brought: list[Brought] = field(default_factory=list)
    confirmed: frozenset[str] | None = None
    interrupted: bool = False
    loop_alarm_ignored: str = ""

    @property
    def recovered(self) -> int:
        """How many are durable now that were not before."""
        return sum(each.answer is not None and each.answer.ok for each in self.brought)

    @property
    def missing(self) -> int:
        """How many are not, and could be."""
        return sum(each.verdict in STILL_MISSING for each in self.plan.items) - self.recovered


def show(redelivery: Redelivery) -> Story | Problem:
    """Plan, and send nothing."""
    return _planned(redelivery, read_memory(redelivery.journal, datetime.now(UTC)))


def carry_out(redelivery: Redelivery) -> Story | Problem:
    """Plan and do it; a KeyboardInterrupt ends it with what is known so far."""
    with open_journal(redelivery.journal, datetime.now(UTC)) as journal:
        if isinstance(journal, Problem):
            return journal
        # Reading may take a quarter of an hour, which need not be begun while a loop runs.
        stopped = _loop(redelivery)
        if stopped is not None:
            return stopped
        story = _planned(redelivery, journal.memory)
        if isinstance(story, Problem):
            return story
        story.ran = True
        items = story.plan.wanted
        try:
            done = run(items, redelivery.way, journal, lambda: _loop(redelivery), redelivery.sleep)
            for number, each in enumerate(done, 1):
                story.brought.append(each)
                redelivery.progress("sending", number, len(items))
            story.confirmed = _confirmed(redelivery, story)
        except KeyboardInterrupt:
            story.interrupted = True
        return story


def _planned(redelivery: Redelivery, memory: Mapping[str, History]) -> Story | Problem:
    found = look(redelivery.account, redelivery.asked, lambda done, of: redelivery.progress("reading alerts", done, of))
    if isinstance(found, Problem):
        return found
    now = datetime.now(UTC)
    arrived: frozenset[str] | Problem = Problem("no stack was named whose log could be asked")
    if redelivery.record is not None:
        ids = [each.delivery_id for each in found.lost if each.kind]
        numberless = frozenset(each.delivery_id for each in found.lost if each.numberless)
        arrived = redelivery.record.arrived(ids, *window(found.lost, now), numberless)
    known = None if isinstance(arrived, Problem) else arrived
    planned = plan(found.lost, redelivery.wanted, memory, known, now)
    return Story(
        looked=found,
        plan=planned,
        unrecorded=arrived.message if isinstance(arrived, Problem) else "",
        loop_alarm_ignored=redelivery.ignore_loop_alarm,
    )


def _confirmed(redelivery: Redelivery, story: Story) -> frozenset[str] | None:
    """Which of what was answered with success our own record knows, as soon as it knows all, or after a while."""
    sent = [each.item.lost for each in story.brought if each.answer is not None and each.answer.ok]
    # What was published from here never passed the function, whose log therefore cannot know it.
    if redelivery.record is None or redelivery.wanted.publish or not sent:
        return None
    ids = frozenset(each.delivery_id for each in sent)
    waited_s = 0.0
    while True:
        found = redelivery.record.arrived(ids, *window(sent, datetime.now(UTC)))
        known = frozenset[str]() if isinstance(found, Problem) else found
        if known == ids or waited_s >= CONFIRM_S:
            return None if isinstance(found, Problem) else known
        redelivery.sleep(CONFIRM_POLL_S)
        waited_s += CONFIRM_POLL_S


def _loop(redelivery: Redelivery) -> Problem | None:
    if redelivery.aws is None or redelivery.ignore_loop_alarm:
        return None
    return loop_alarm(redelivery.aws, redelivery.stack)
