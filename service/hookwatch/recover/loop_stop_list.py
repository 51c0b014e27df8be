"""The drop list as text: two variables of a function's environment. Pure arithmetic on them, no AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.loop_stop_record import ActorRecord

ACTORS = "HOOKWATCH_OWN_ACTORS"
ACTION = "HOOKWATCH_OWN_ACTOR_ACTION"


def listed(text: str | None) -> list[str]:
    """The actors of a list, as `hookwatch.config` reads it."""
    return [actor.strip().lower() for actor in (text or "").split(",") if actor.strip()]


def held(record: ActorRecord) -> dict[str, str]:
    """The two variables while these stops are in force."""
    before = (record.actors or "").strip(", ")
    added = [actor for actor in record.stopped if actor not in listed(before)]
    return {ACTORS: ",".join([before, *added] if before else added), ACTION: "drop"}


def as_left(variables: Mapping[str, str], record: ActorRecord) -> bool:
    """Whether nobody edited the two variables since the last stop or resume."""
    return all(variables.get(name) == value for name, value in held(record).items())


def shown(variables: Mapping[str, str]) -> dict[str, str]:
    """The two variables as people see them."""
    return {"own_actors": variables.get(ACTORS, ""), "own_actor_action": variables.get(ACTION, "tag")}
