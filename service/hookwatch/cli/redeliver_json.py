"""How `hookwatch redeliver github` shows plans and runs to machines. Asks nobody anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.cli.redeliver_view import kinds, lines
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.recover.github_plan import Item
    from hookwatch.recover.github_run import Ran
    from hookwatch.recover.github_story import Story
    from hookwatch.recover.github_verify import Verified


def document(story: Story) -> dict[str, Any]:
    """The story as a JSON document."""
    plan, ran = story.looked.plan, story.ran
    return {
        "scope": {"kind": story.scope.kind, "name": story.scope.name},
        "hooks": list(story.looked.hooks),
        "dry_run": story.dry_run,
        "ok": story.missing == 0,
        "read": plan.read,
        "done": plan.done,
        "filtered": plan.filtered,
        "planned": len(plan.now),
        "recovered": story.recovered,
        "missing": story.missing,
        "expiring_soon": len(story.expiring_soon),
        "plan": [_line_json(line, story) for line in lines(plan.items)],
        "deliveries": [_item_json(item) for item in plan.items],
        "run": None if ran is None else _ran_json(ran),
        "verified": _verified_json(story.verified),
        "notes": story.notes,
        "waited_s": round(story.waited_s, 1),
        "requests": story.requests,
    }


def _line_json(line: Sequence[Item], story: Story) -> dict[str, Any]:
    left = [item.hours_left for item in line]
    return {
        "verdict": line[0].verdict.value,
        "cause": line[0].cause.name,
        "say": line[0].cause.sentence,
        "our_outcome": story.said.get(line[0].cause.name),
        "count": len(line),
        "hours_left": {"min": min(left), "max": max(left)},
        "events": kinds(line),
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "hook": item.hook_id,
        "guid": item.delivery.guid,
        "id": item.delivery.id,
        "event": item.delivery.event,
        "action": item.delivery.action,
        "status": item.delivery.status,
        "status_code": item.delivery.status_code,
        "verdict": item.verdict.value,
        "cause": item.cause.name,
        "redeliveries": item.redeliveries,
        "first_at": item.first_at.isoformat(),
        "hours_left": item.hours_left,
    }


def _ran_json(ran: Ran) -> dict[str, Any]:
    return {
        "asked": len(ran.asked),
        "unknown": len(ran.unknown),
        "refused": [{"guid": item.delivery.guid, "why": problem.message} for item, problem in ran.refused],
        "taken": len(ran.taken),
        "stopped": None if ran.stopped is None else ran.stopped.message,
    }


def _verified_json(verified: Verified | Problem | None) -> dict[str, Any] | None:
    match verified:
        case None:
            return None
        case Problem():
            return {"problem": verified.message}
        case _:
            return {
                "recovered": [item.delivery.guid for item in verified.recovered],
                "failed": [{"guid": item.delivery.guid, "cause": cause.name} for item, cause in verified.failed],
                "pending": [item.delivery.guid for item in verified.pending],
            }
