"""The middle brake: what one actor causes is answered and kept off the bus. Never touches other settings of a function.

One call changes it, and Lambda makes that call only if nobody else changed the function since it was read (the revision
id). The record is part of the same call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hookwatch.recover import loop_stop_cost
from hookwatch.recover.loop_stop import Call, Plan, Problem, Stop
from hookwatch.recover.loop_stop_list import ACTION, ACTORS, as_left, held, listed, shown
from hookwatch.recover.loop_stop_record import VARIABLE, ActorRecord, read_variable, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.loop_stop import Verb
    from hookwatch.recover.loop_stop_aws import Account

PROVIDER = "HOOKWATCH_PROVIDER"
_OURS = (ACTORS, ACTION, VARIABLE)

# All variables of a function together. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# (read 2026-11-22)
MAX_ENVIRONMENT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _State:
    """A function's environment as it was read."""

    variables: dict[str, str]
    revision: str
    record: ActorRecord | None

    @property
    def actors(self) -> list[str]:
        return listed(self.variables.get(ACTORS))

    @property
    def drops(self) -> bool:
        return self.variables.get(ACTION) == "drop"


@dataclass(frozen=True, slots=True)
class ActorBrake:
    """One actor (login, app slug or phone number) at one function of ours."""

    account: Account
    actor: str
    function: str

    @property
    def target(self) -> str:
        """Actor and function."""
        return f"{self.actor} at {self.function}"

    def stop(self, now: datetime) -> Plan | Problem:
        """Plan to add the actor to the drop list."""
        state = self._read()
        if isinstance(state, Problem):
            return state
        # A slug on the list stands for its bot user, too.
        actor = self.actor.lower()
        names = (actor, actor.removesuffix("[bot]"))
        if state.drops and set(names) & set(state.actors):
            stopped = state.record.stopped if state.record else {}
            at = next((stopped[name] for name in names if name in stopped), None)
            note = f"stopped already, since {at}" if at else "dropped already, and not by `hookwatch loop stop`"
            return self._plan("stop", state, state.variables, note=note)
        record = state.record or ActorRecord(state.variables.get(ACTORS), state.variables.get(ACTION))
        record = replace(record, stopped={**record.stopped, actor: stamp(now)})
        variables = {**state.variables, **held(record), VARIABLE: record.text()}
        size_bytes = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
        if size_bytes > MAX_ENVIRONMENT_BYTES:
            return Problem(
                f"the environment of {self.function} would have {size_bytes} bytes, and Lambda takes "
                f"{MAX_ENVIRONMENT_BYTES}: stop the rule or the function instead"
            )
        if state.record and not as_left(state.variables, state.record):
            return self._edited(state.record)
        others = [other for other in state.actors if other != actor]
        provider = state.variables[PROVIDER]
        costs = loop_stop_cost.of_actor(self.actor, others, provider, newly_dropped=not state.drops)
        return self._plan("stop", state, variables, costs=costs)

    def resume(self) -> Plan | Problem:
        """Plan to take the actor off the drop list; after the last one, both variables are as they were."""
        state = self._read()
        if isinstance(state, Problem):
            return state
        actor = self.actor.lower()
        record = state.record
        if record is None or actor not in record.stopped:
            if actor in state.actors and state.drops:
                return Problem(
                    f"{self.function} drops {self.actor}, but not by `hookwatch loop stop`: it is deployed like that. "
                    "Deploy with other OwnActors or OwnActorAction",
                    found=True,
                )
            return self._plan("resume", state, state.variables, note="not stopped: nothing to resume")
        if not as_left(state.variables, record):
            return self._edited(record)
        left = replace(record, stopped={each: at for each, at in record.stopped.items() if each != actor})
        variables = {name: value for name, value in state.variables.items() if name not in _OURS}
        if left.stopped:
            variables |= {**held(left), VARIABLE: left.text()}
            return self._plan("resume", state, variables, note=f"still dropped: {', '.join(left.stopped)}")
        before = {ACTORS: record.actors, ACTION: record.action}
        variables |= {name: value for name, value in before.items() if value is not None}
        return self._plan("resume", state, variables)

    def stops(self) -> tuple[Stop, ...] | Problem:
        """The stops of all actors at this function."""
        state = self._read()
        if isinstance(state, Problem):
            return state
        if state.record is None:
            return ()
        before = {"own_actors": state.record.actors or "", "own_actor_action": state.record.action or "tag"}
        return tuple(
            Stop(
                kind="actor",
                target=f"{actor} at {self.function}",
                since=at,
                before=before,
                selector=f"--actor '{actor}' --function {self.function}",
            )
            for actor, at in state.record.stopped.items()
        )

    def _read(self) -> _State | Problem:
        settings = self.account.ask("lambda", "get_function_configuration", FunctionName=self.function)
        if isinstance(settings, Problem):
            if settings.code == "ResourceNotFoundException":
                return Problem(f"there is no function {self.function} in this account and Region")
            return settings
        environment: dict[str, Any] = settings.get("Environment", {})
        if "Error" in environment:
            # An update replaces all variables; without having read them, that would wipe them.
            said = environment["Error"].get("Message", "no reason given")
            return Problem(f"the environment of {self.function} cannot be decrypted with these credentials: {said}")
        variables: dict[str, str] = environment.get("Variables", {})
        if PROVIDER not in variables:
            return Problem(
                f"{self.function} is no function of hookwatch: it has no {PROVIDER}, so it would not know a drop list"
            )
        return _State(variables, settings["RevisionId"], read_variable(variables))

    def _edited(self, record: ActorRecord) -> Problem:
        return Problem(
            f"{ACTORS} or {ACTION} of {self.function} was edited after `hookwatch loop stop`, so what is right "
            f"cannot be told. Before the stop they were {record.actors!r} and {record.action!r}: set them as they "
            f"should be and remove {VARIABLE}, by hand or by a deployment",
            found=True,
        )

    def _plan(
        self, verb: Verb, state: _State, variables: dict[str, str], *, costs: tuple[str, ...] = (), note: str = ""
    ) -> Plan:
        changed = variables != state.variables
        return Plan(
            verb=verb,
            kind="actor",
            target=self.target,
            before=shown(state.variables),
            after=shown(variables),
            calls=(self._update(state, variables),) if changed else (),
            costs=costs,
            note=note,
        )

    def _update(self, state: _State, variables: dict[str, str]) -> Call:
        ours = ",".join(f"{name}={variables[name]!r}" for name in _OURS if name in variables)
        others = sum(name not in _OURS for name in variables)
        return Call(
            "lambda",
            "update_function_configuration",
            {"FunctionName": self.function, "Environment": {"Variables": variables}, "RevisionId": state.revision},
            f"aws lambda update-function-configuration --function-name {self.function} --revision-id {state.revision} "
            f"--environment Variables={{{ours}}} (and {others} others as they are)",
            settles=self.function,
        )
