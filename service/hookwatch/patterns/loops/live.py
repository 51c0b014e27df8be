"""Reads the rules of a live event bus: three read-only calls, through a client that is given.

Never makes a client and never changes anything. What functions may put is not read (that takes IAM's own calls), so
what they emit has to be declared. Needs events:ListRules, events:ListTargetsByRule and events:DescribeEventBus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hookwatch.patterns.emissions import forwarded, unknown
from hookwatch.patterns.loops.site import Place, Site, SiteRule, Target
from hookwatch.patterns.loops.terraform import described
from hookwatch.patterns.loops.wiring import Where, bus_of, is_bus, items, key_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES_READ_MAX = 2_000
"""Rules that are read from one bus; 300 is the default quota, 2,000 the highest that AWS names (docs.aws.amazon.com/
eventbridge/latest/userguide/eb-quota.html, recalled)."""


class Client(Protocol):
    """The part of boto3's `events` client that is used."""

    def describe_event_bus(self, **arguments: Any) -> Any:
        """Name, ARN and policy of a bus."""

    def list_rules(self, **arguments: Any) -> Any:
        """A page of rules."""

    def list_targets_by_rule(self, **arguments: Any) -> Any:
        """A page of a rule's targets."""


class LiveError(Exception):
    """The bus could not be read; the message says which call failed and why."""


def read_bus(client: Client, name: str) -> Site:
    """Read one bus by its name or ARN.

    Raises:
        LiveError: a call failed.
    """
    bus = _call("DescribeEventBus", client.describe_event_bus, Name=name)
    arn = str(bus.get("Arn") or "")
    parts = arn.split(":")
    where = Where(parts[3], parts[4]) if len(parts) > 5 else Where("", "")  # noqa: PLR2004 - an ARN has six parts
    rules = tuple(
        _rule(one, tuple(_targets(client, name, str(one.get("Name")), where)), name, where)
        for one in _pages("ListRules", client.list_rules, "Rules", EventBusName=name)
        if one.get("EventPattern") is not None
    )
    forwards = {
        found.name for rule in rules for target in rule.targets for one in target.emissions if (found := one.bus)
    }
    shared = {bus_name.name} if bus.get("Policy") and (bus_name := bus_of(arn or name, where)) else set()
    return Site(rules, {}, frozenset(shared | forwards))


def _rule(one: dict[str, Any], targets: tuple[Target, ...], bus: str, where: Where) -> SiteRule:
    return SiteRule(
        name=str(one.get("Name")),
        aliases=texts(one.get("Arn")),
        kind="live",
        text=str(one["EventPattern"]),
        not_judged="",
        bus=bus_of(one.get("EventBusName") or bus, where),
        enabled=str(one.get("State", "ENABLED")).startswith("ENABLED"),
        place=Place(f"bus {bus}", is_text=True),
        targets=targets,
        suppressions=described(one.get("Description")),
        account=where.account or None,
    )


def _targets(client: Client, bus: str, rule: str, where: Where) -> Iterator[Target]:
    for one in _pages("ListTargetsByRule", client.list_targets_by_rule, "Targets", EventBusName=bus, Rule=rule):
        arn = one.get("Arn")
        if is_bus(arn):
            target = bus_of(arn, where)
            changed = any(key in one for key in ("Input", "InputPath", "InputTransformer"))
            emission = unknown(f"puts a changed event on the bus {target}", target) if changed else forwarded(target)
            yield Target(None, f"bus {target}", (emission,))
        else:
            yield Target(key_of(arn), str(arn).rpartition(":")[2])


def _pages(name: str, call: Any, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    token: str | None = None
    given = 0
    while True:
        page = _call(name, call, **arguments, **({"NextToken": token} if token else {}))
        for one in items(page.get(key)):
            given += 1
            if given > RULES_READ_MAX:
                raise LiveError(f"{name}: more than {RULES_READ_MAX} {key.lower()}")
            yield one
        token = page.get("NextToken")
        if not token:
            return


def _call(name: str, call: Any, **arguments: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = call(**arguments)
    except Exception as error:  # noqa: BLE001 - boto3 builds its error classes at run time; all of them end here
        raise LiveError(f"{name} failed: {error}") from None
    return answer
