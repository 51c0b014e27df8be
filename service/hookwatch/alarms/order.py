"""Which alarm a composite's rule means, and in which order alarms are judged.

Never evaluates. A composite with an unknown child, or one that is its own ancestor, is left out with the reason:
CloudWatch stops evaluating a cycle, and would not know the child.
"""

from dataclasses import dataclass

from hookwatch.alarms.definition import AlarmDefinition, CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.rule import children


@dataclass(frozen=True, slots=True)
class Wiring:
    """Alarms in evaluation order.

    Attributes:
        metric_alarms: In template order.
        composites: Children before parents.
        not_simulated: Ids of alarms that stay in INSUFFICIENT_DATA because we cannot compute them.
        ids: Qualified id for every name and ARN that a rule uses.
        left_out: Composites that cannot be judged, by id, with the reason.
    """

    metric_alarms: list[AlarmDefinition]
    composites: list[CompositeDefinition]
    not_simulated: list[str]
    ids: dict[str, str]
    left_out: dict[str, str]


def named_by(composite: CompositeDefinition) -> list[str]:
    """Return every alarm that a composite needs: its children, and its suppressor."""
    suppressor = [composite.suppressor.alarm] if composite.suppressor is not None else []
    return list(dict.fromkeys([*children(composite.rule), *suppressor]))


def alarm_name(name_or_arn: str) -> str:
    """Return the name in an alarm's ARN; a name stays as it is."""
    if name_or_arn.startswith("arn:") and ":alarm:" in name_or_arn:
        return name_or_arn.split(":alarm:", 1)[1]
    return name_or_arn


def wire(alarms: list[Definition | Unjudgeable]) -> Wiring:
    """Put alarms in order.

    An alarm that CloudWatch would judge and we cannot (an anomaly band) has no state here but INSUFFICIENT_DATA, so
    that the composites above it can still be judged; one that the template leaves unresolved is no alarm at all.
    """
    not_simulated = [alarm for alarm in alarms if isinstance(alarm, Unjudgeable) and not alarm.simulated]
    known = [alarm for alarm in alarms if not isinstance(alarm, Unjudgeable)]
    by_name: dict[str, Definition | Unjudgeable] = {alarm.name: alarm for alarm in [*known, *not_simulated]}
    ids: dict[str, str] = {}
    left_out: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    waiting: dict[str, CompositeDefinition] = {}
    for alarm in known:
        if not isinstance(alarm, CompositeDefinition):
            continue
        unknown = [name for name in named_by(alarm) if alarm_name(name) not in by_name]
        if unknown:
            left_out[alarm.id] = f"it names {', '.join(unknown)}, which can't be judged or isn't in the template"
            continue
        ids.update({name: by_name[alarm_name(name)].id for name in named_by(alarm)})
        needs[alarm.id] = {ids[name] for name in named_by(alarm)}
        waiting[alarm.id] = alarm
    ordered: list[CompositeDefinition] = []
    metric_alarms = [alarm for alarm in known if isinstance(alarm, AlarmDefinition)]
    done = {alarm.id for alarm in metric_alarms} | {alarm.id for alarm in not_simulated}
    while ready := [key for key in waiting if needs[key] <= done]:
        for key in ready:
            ordered.append(waiting.pop(key))
            done.add(key)
    for key in waiting:
        missing = sorted(needs[key] - done)
        cycle = all(name in waiting for name in missing)
        left_out[key] = f"it depends on {', '.join(missing)}, which " + ("closes a cycle" if cycle else "is left out")
    return Wiring(metric_alarms, ordered, [alarm.id for alarm in not_simulated], ids, left_out)
