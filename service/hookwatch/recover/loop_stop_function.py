"""The coarsest brake: a function gets no concurrency, so that nothing of it runs. Never touches code or settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover import loop_stop_cost
from hookwatch.recover.loop_stop import Call, Plan, Problem, Stop
from hookwatch.recover.loop_stop_record import TAG, Record, read_tag, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.loop_stop import Verb
    from hookwatch.recover.loop_stop_aws import Account

# Reserved concurrency that is not set.
NONE = "none"


@dataclass(frozen=True, slots=True)
class _State:
    """A function as it was read: reserved concurrency is a number as text, or `none`."""

    arn: str
    provider: str | None
    reserved: str
    record: Record | None

    @property
    def before(self) -> dict[str, str]:
        return {"reserved_concurrency": self.reserved}


@dataclass(frozen=True, slots=True)
class FunctionBrake:
    """One function, by name or ARN, without version or alias."""

    account: Account
    name: str

    def stop(self, now: datetime) -> Plan | Problem:
        """Plan to reserve zero executions."""
        state = self._read()
        if isinstance(state, Problem):
            return state
        if state.reserved == "0":
            since = f"stopped already, since {state.record.at}" if state.record else ""
            note = since or "has no concurrency already, and not by `hookwatch loop stop`"
            return self._plan("stop", state, note=note)
        tags = {TAG: Record(state.reserved, stamp(now)).text()}
        return Plan(
            verb="stop",
            kind="function",
            target=self.name,
            before=state.before,
            after={"reserved_concurrency": "0"},
            calls=(
                Call(
                    "lambda",
                    "tag_resource",
                    {"Resource": state.arn, "Tags": tags},
                    f"aws lambda tag-resource --resource {state.arn} --tags '{json.dumps(tags)}'",
                ),
                self._reserve("0"),
            ),
            on_failure=(self._untag(state),),
            costs=loop_stop_cost.of_function(state.provider, now),
        )

    def resume(self) -> Plan | Problem:
        """Plan to give back the concurrency that was reserved, or none."""
        state = self._read()
        if isinstance(state, Problem):
            return state
        if state.record is None and state.reserved == "0":
            return Problem(
                f"{self.name} has no concurrency, but not by `hookwatch loop stop`: ask who did it. By hand: "
                f"aws lambda delete-function-concurrency --function-name {self.name}",
                found=True,
            )
        if state.record is None:
            return self._plan("resume", state, note="not stopped: nothing to resume")
        if state.reserved != "0":
            note = f"somebody set it to {state.reserved} meanwhile ({state.record.before} before the stop); that stays"
            return self._plan("resume", state, calls=(self._untag(state),), note=note)
        return Plan(
            verb="resume",
            kind="function",
            target=self.name,
            before=state.before,
            after={"reserved_concurrency": state.record.before},
            calls=(self._reserve(state.record.before), self._untag(state)),
        )

    def stops(self) -> tuple[Stop, ...] | Problem:
        """The stop of this function, if it is stopped."""
        state = self._read()
        if isinstance(state, Problem):
            return state
        if state.record is None or state.reserved != "0":
            return ()
        before = {"reserved_concurrency": state.record.before}
        selector = f"--function {self.name}"
        return (Stop(kind="function", target=self.name, since=state.record.at, before=before, selector=selector),)

    def _plan(self, verb: Verb, state: _State, *, note: str, calls: tuple[Call, ...] = ()) -> Plan:
        return Plan(
            verb=verb,
            kind="function",
            target=self.name,
            before=state.before,
            after=state.before,
            calls=calls,
            note=note,
        )

    def _read(self) -> _State | Problem:
        settings = self.account.ask("lambda", "get_function_configuration", FunctionName=self.name)
        if isinstance(settings, Problem):
            if settings.code == "ResourceNotFoundException":
                return Problem(f"there is no function {self.name} in this account and Region")
            return settings
        # Without the qualifier that a caller's ARN may have had: concurrency and tags belong to the whole function.
        arn: str = settings["FunctionArn"]
        reserved = self.account.ask("lambda", "get_function_concurrency", FunctionName=self.name)
        if isinstance(reserved, Problem):
            return reserved
        tags = self.account.ask("lambda", "list_tags", Resource=arn)
        if isinstance(tags, Problem):
            return tags
        number = reserved.get("ReservedConcurrentExecutions")
        variables = settings.get("Environment", {}).get("Variables", {})
        record = read_tag(tags.get("Tags", {}))
        if record is not None and not (record.before == NONE or record.before.isdecimal()):
            record = None
        return _State(arn, variables.get("HOOKWATCH_PROVIDER"), NONE if number is None else str(number), record)

    def _reserve(self, number: str) -> Call:
        named = {"FunctionName": self.name}
        text = f"--function-name {self.name}"
        if number == NONE:
            return Call(
                "lambda", "delete_function_concurrency", named, f"aws lambda delete-function-concurrency {text}"
            )
        return Call(
            "lambda",
            "put_function_concurrency",
            {**named, "ReservedConcurrentExecutions": int(number)},
            f"aws lambda put-function-concurrency {text} --reserved-concurrent-executions {number}",
        )

    def _untag(self, state: _State) -> Call:
        return Call(
            "lambda",
            "untag_resource",
            {"Resource": state.arn, "TagKeys": [TAG]},
            f"aws lambda untag-resource --resource {state.arn} --tag-keys {TAG}",
        )
