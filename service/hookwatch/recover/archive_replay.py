"""A replay of the bus's archive: planned, started, followed. Starts nothing that was not planned first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookwatch.recover.archive_model import ARCHIVE_DELAY, Archive, Asked, Plan, Progress
from hookwatch.recover.moments import shown
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.loop_stop_aws import Account

POLL_S = 2.0
_BUSY = ("STARTING", "RUNNING", "CANCELLING")

_ALL_RULES = "No --rule: ALL rules of the bus see it, and every consumer gets every event a second time."
_DUPLICATES = (
    "Consumers see duplicates. Replayed events carry replay-name: a pattern with "
    '"replay-name": [{"exists": false}] leaves them out.'
)
_LOOPS = (
    "A consumer that acts on what it is told acts again: comments, messages, deployments. Where that causes webhooks, "
    "it can start a loop: see hookwatch patterns loops, and hookwatch loop stop."
)
_LATE = "Events reach an archive up to ten minutes late: the last of this span may be missing."


def read_archive(account: Account, name: str) -> Archive | Problem:
    """Ask for an archive."""
    answer = account.ask("events", "describe_archive", ArchiveName=name)
    if isinstance(answer, Problem):
        if answer.code == "ResourceNotFoundException":
            return Problem(f"there is no archive {name}: deploy with ArchiveRetentionDays, or name one with --archive")
        return answer
    if answer.get("State") != "ENABLED":
        return Problem(f"the archive {name} is {answer.get('State')}, not ENABLED: wait, or mend it", found=True)
    return Archive(
        name=name,
        arn=answer["ArchiveArn"],
        bus_arn=answer["EventSourceArn"],
        created=_utc(answer["CreationTime"]),
        retention_days=int(answer.get("RetentionDays") or 0),
        events=int(answer.get("EventCount", 0)),
        size_bytes=int(answer.get("SizeBytes", 0)),
    )


def plan(account: Account, archive: Archive, asked: Asked, now: datetime) -> Plan | Problem:
    """Check what was asked for, and put it together; reads only."""
    problem = _wrong_span(archive, asked, now) or _busy(account, archive)
    if problem is not None:
        return problem
    arns: dict[str, str] = {}
    bus = archive.bus_arn.partition(":event-bus/")[2]
    for rule in asked.rules:
        answer = account.ask("events", "describe_rule", Name=rule, EventBusName=bus)
        if isinstance(answer, Problem):
            if answer.code == "ResourceNotFoundException":
                return Problem(f"there is no rule {rule} on the bus {bus}: `aws events list-rules` names them")
            return answer
        if answer.get("State", "ENABLED") == "DISABLED":
            return Problem(f"the rule {rule} is disabled and would see nothing: enable it first", found=True)
        arns[rule] = answer["Arn"]
    name = f"hookwatch-{now:%Y%m%dT%H%M%SZ}-{archive.name}"[:64]
    return Plan(name, archive, asked, arns, _warnings(asked, now))


def start(account: Account, planned: Plan) -> Problem | None:
    """Start a replay."""
    destination: dict[str, Any] = {"Arn": planned.archive.bus_arn}
    if planned.arns:
        destination["FilterArns"] = list(planned.arns.values())
    answer = account.ask(
        "events",
        "start_replay",
        ReplayName=planned.name,
        Description="hookwatch replay archive",
        EventSourceArn=planned.archive.arn,
        EventStartTime=planned.asked.begin,
        EventEndTime=planned.asked.end,
        Destination=destination,
    )
    if isinstance(answer, Problem):
        if answer.code == "LimitExceededException":
            return Problem("ten replays run in this account already, which is as many as AWS allows", found=True)
        return answer
    return None


def follow(account: Account, planned: Plan, step: Callable[[Progress], None]) -> Progress | Problem:
    """Tell `step` how far a replay is, until it is over."""
    while True:
        answer = account.ask("events", "describe_replay", ReplayName=planned.name)
        if isinstance(answer, Problem):
            return answer
        last = answer.get("EventLastReplayedTime")
        progress = Progress(answer.get("State", ""), answer.get("StateReason", ""), _utc(last) if last else None)
        step(progress)
        if progress.over:
            return progress
        account.pause(POLL_S)


def _wrong_span(archive: Archive, asked: Asked, now: datetime) -> Problem | None:
    begin, end = asked.begin, asked.end
    if begin >= end:
        return Problem(f"--from {shown(begin)} is not before --to {shown(end)}")
    if begin >= now:
        return Problem(f"--from {shown(begin)} is in the future")
    first = archive.begins(now)
    if begin < first:
        why = "was made then" if first == archive.created else f"keeps {archive.retention_days} days"
        return Problem(
            f"the archive {archive.name} does not cover {shown(begin)}: it {why}, and begins at {shown(first)}. "
            f"Give --from {shown(first)} or later",
            found=True,
        )
    return None


def _busy(account: Account, archive: Archive) -> Problem | None:
    for state in _BUSY:
        answer = account.ask("events", "list_replays", EventSourceArn=archive.arn, State=state)
        if isinstance(answer, Problem):
            return answer
        for replay in answer.get("Replays", []):
            name = replay["ReplayName"]
            return Problem(
                f"the replay {name} of this archive is {state}: wait for it, or end it with "
                f"`aws events cancel-replay --replay-name {name}`",
                found=True,
            )
    return None


def _warnings(asked: Asked, now: datetime) -> tuple[str, ...]:
    found = [] if asked.rules else [_ALL_RULES]
    found += [_DUPLICATES, _LOOPS]
    return (*found, _LATE) if asked.end > now - ARCHIVE_DELAY else tuple(found)


def _utc(when: datetime | float) -> datetime:
    return when.astimezone(UTC) if isinstance(when, datetime) else datetime.fromtimestamp(when, tz=UTC)
