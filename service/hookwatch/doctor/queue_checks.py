"""The parking queue, what is behind it, and who empties it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.doctor.finding import fail, ok, skip, unseen, warn
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place

STATES = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


def check_queues(place: Place) -> Iterator[Finding]:
    """Nothing is parked, and nothing was given up."""
    parking, dlq = place.outputs.get("ParkingQueueUrl", ""), place.outputs.get("ParkingDlqUrl", "")
    if not parking:
        yield skip("parking queue", "the stack has none", "deploy this version, which keeps what the bus does not take")
        return
    waiting = _depth(place, parking)
    if isinstance(waiting, Problem):
        yield unseen("parking queue", waiting)
    elif waiting:
        yield warn(
            "parking queue",
            f"{waiting:,} verified events wait to be published",
            f"hookwatch parked list --stack {place.stack}, and runbooks/parked.md",
        )
    else:
        yield ok("parking queue", "empty")
    given_up = _depth(place, dlq) if dlq else 0
    if isinstance(given_up, Problem):
        yield unseen("dead-letter queue", given_up)
    elif given_up:
        yield fail(
            "dead-letter queue",
            f"{given_up:,} events were given up and are on no bus",
            f"hookwatch parked list --stack {place.stack}, and runbooks/dlq-drain.md",
        )
    else:
        yield ok("dead-letter queue", "empty")


def check_replay(place: Place) -> Iterator[Finding]:
    """Somebody empties the parking queue."""
    function = place.outputs.get("ReplayFunction", "")
    if not function:
        yield skip("replay", "the stack has no replay function")
        return
    if place.sandbox is not None:
        # The sandbox feeds the function by itself: the emulator's own mapping would run another runtime.
        yield ok("replay", f"the sandbox feeds {function} from the parking queue")
        return
    answer = place.account.ask("lambda", "list_event_source_mappings", FunctionName=function)
    if isinstance(answer, Problem):
        yield unseen("replay", answer)
        return
    mappings = answer.get("EventSourceMappings", [])
    states = [mapping.get("State", "") for mapping in mappings]
    if "Enabled" in states:
        yield ok("replay", f"{function} is fed from the parking queue")
    elif any(state in ("Creating", "Enabling", "Updating") for state in states):
        yield warn("replay", f"its event source mapping is {states[0]}", "run this again in a minute")
    elif mappings:
        yield fail(
            "replay",
            f"its event source mapping is {states[0]}: what is parked stays parked",
            f"aws lambda update-event-source-mapping --uuid {mappings[0]['UUID']} --enabled",
        )
    else:
        yield fail("replay", "nothing feeds it: what is parked stays parked", "deploy the stack again: make deploy")


def _depth(place: Place, url: str) -> int | Problem:
    answer = place.account.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=list(STATES))
    if isinstance(answer, Problem):
        return answer
    return sum(int(answer["Attributes"].get(state, 0)) for state in STATES)
