"""The finest brake: one rule of a bus is disabled. Never touches the rule's pattern or targets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.recover import loop_stop_cost
from hookwatch.recover.loop_stop import Call, Plan, Problem, Stop
from hookwatch.recover.loop_stop_record import TAG, Record, read_tag, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.loop_stop_aws import Account

DISABLED = "DISABLED"
MAX_OTHER_BUSES = 20
"""How many other buses are searched for a rule that is not where it was looked for."""

# PutRule replaces the whole rule, so all of it has to be given back (EventBridge API reference, read 2026-11-22).
_KEPT_BY_PUT = ("EventPattern", "ScheduleExpression", "Description", "RoleArn")


@dataclass(frozen=True, slots=True)
class RuleBrake:
    """One rule; the bus is named, not given by ARN."""

    account: Account
    name: str
    bus: str

    @property
    def target(self) -> str:
        """Bus and rule."""
        return f"{self.bus}/{self.name}"

    def stop(self, now: datetime) -> Plan | Problem:
        """Plan to disable the rule."""
        rule = self._read()
        if isinstance(rule, Problem):
            return rule
        if "ManagedBy" in rule:
            return Problem(
                f"the rule {self.target} belongs to {rule['ManagedBy']}, and AWS lets nobody else disable it"
            )
        state = str(rule["State"])
        before = {"state": state}
        if state == DISABLED:
            record = self._record(rule)
            if isinstance(record, Problem):
                return record
            note = (
                f"stopped already, since {record.at}"
                if record
                else "disabled already, and not by `hookwatch loop stop`"
            )
            return Plan(verb="stop", kind="rule", target=self.target, before=before, after=before, note=note)
        tags = [{"Key": TAG, "Value": Record(state, stamp(now)).text()}]
        return Plan(
            verb="stop",
            kind="rule",
            target=self.target,
            before=before,
            after={"state": DISABLED},
            calls=(
                Call(
                    "events",
                    "tag_resource",
                    {"ResourceARN": rule["Arn"], "Tags": tags},
                    f"aws events tag-resource --resource-arn {rule['Arn']} --tags '{json.dumps(tags)}'",
                ),
                Call("events", "disable_rule", self._named, f"aws events disable-rule {self._options}"),
            ),
            on_failure=(self._untag(rule),),
            costs=loop_stop_cost.of_rule(self._targets(), self._archives(rule)),
        )

    def resume(self) -> Plan | Problem:
        """Plan to give the rule the state back that it had."""
        rule = self._read()
        if isinstance(rule, Problem):
            return rule
        record = self._record(rule)
        if isinstance(record, Problem):
            return record
        state = str(rule["State"])
        before = {"state": state}
        if record is None and state == DISABLED:
            return Problem(
                f"the rule {self.target} is disabled, but not by `hookwatch loop stop`: ask who did it. By hand: "
                f"aws events enable-rule {self._options}",
                found=True,
            )
        if record is None:
            note = "not stopped: nothing to resume"
            return Plan(verb="resume", kind="rule", target=self.target, before=before, after=before, note=note)
        undone = state != DISABLED
        return Plan(
            verb="resume",
            kind="rule",
            target=self.target,
            before=before,
            after=before if undone else {"state": record.before},
            calls=(self._untag(rule),) if undone else (self._restore(rule, record), self._untag(rule)),
            note="somebody enabled it meanwhile; only the record is removed" if undone else "",
        )

    def stops(self) -> tuple[Stop, ...] | Problem:
        """The stop of this rule, if it is stopped."""
        rule = self._read()
        if isinstance(rule, Problem):
            return rule
        record = self._record(rule) if rule["State"] == DISABLED else None
        if isinstance(record, Problem):
            return record
        if record is None:
            return ()
        before = {"state": record.before}
        return (Stop(kind="rule", target=self.target, since=record.at, before=before, selector=self._selector),)

    @property
    def _named(self) -> dict[str, str]:
        return {"Name": self.name, "EventBusName": self.bus}

    @property
    def _options(self) -> str:
        return f"--name {self.name} --event-bus-name {self.bus}"

    @property
    def _selector(self) -> str:
        return f"--rule {self.name} --bus {self.bus}"

    def _read(self) -> dict[str, Any] | Problem:
        rule = self.account.ask("events", "describe_rule", **self._named)
        if isinstance(rule, Problem) and rule.code == "ResourceNotFoundException":
            return Problem(f"there is no rule {self.name} on the bus {self.bus}{self._elsewhere()}")
        return rule

    def _elsewhere(self) -> str:
        buses = self.account.ask("events", "list_event_buses", Limit=MAX_OTHER_BUSES)
        if isinstance(buses, Problem):
            return ""
        names = [bus["Name"] for bus in buses["EventBuses"] if bus["Name"] != self.bus]
        found = [
            name
            for name in names
            if not isinstance(self.account.ask("events", "describe_rule", Name=self.name, EventBusName=name), Problem)
        ]
        return f"; there is one on {' and on '.join(found)}: give --bus {found[0]}" if found else ""

    def _record(self, rule: dict[str, Any]) -> Record | Problem | None:
        answer = self.account.ask("events", "list_tags_for_resource", ResourceARN=rule["Arn"])
        if isinstance(answer, Problem):
            return answer
        record = read_tag({tag["Key"]: tag["Value"] for tag in answer["Tags"]})
        return record if record is not None and record.before.startswith("ENABLED") else None

    def _untag(self, rule: dict[str, Any]) -> Call:
        return Call(
            "events",
            "untag_resource",
            {"ResourceARN": rule["Arn"], "TagKeys": [TAG]},
            f"aws events untag-resource --resource-arn {rule['Arn']} --tag-keys {TAG}",
        )

    def _restore(self, rule: dict[str, Any], record: Record) -> Call:
        if record.before == "ENABLED":
            return Call("events", "enable_rule", self._named, f"aws events enable-rule {self._options}")
        # EnableRule knows one kind of enabled only.
        kept = {key: rule[key] for key in _KEPT_BY_PUT if key in rule}
        return Call(
            "events",
            "put_rule",
            {**self._named, **kept, "State": record.before},
            f"aws events put-rule {self._options} --state {record.before} (and all else as it is)",
        )

    def _targets(self) -> list[str] | None:
        answer = self.account.ask("events", "list_targets_by_rule", Rule=self.name, EventBusName=self.bus)
        return None if isinstance(answer, Problem) else [target["Arn"] for target in answer["Targets"]]

    def _archives(self, rule: dict[str, Any]) -> list[str] | None:
        bus_arn = str(rule["Arn"]).partition(":rule/")[0] + f":event-bus/{self.bus}"
        answer = self.account.ask("events", "list_archives", EventSourceArn=bus_arn)
        return None if isinstance(answer, Problem) else [archive["ArchiveName"] for archive in answer["Archives"]]
