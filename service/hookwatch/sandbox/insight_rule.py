"""One Contributor Insights rule: which log lines it counts, and for whom.

Never keeps a line and never raises: a rule that is written in a way that is not read here is a sentence. Syntax:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html, read 2026-11-22. CLF
logs are not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
Check = Callable[[Any], bool]

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class UnreadRule:
    """A rule that cannot be computed here, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one line adds: to whom and how much."""

    contributor: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class InsightRule:
    """A rule over JSON log lines.

    Attributes:
        name: Its physical name.
        groups: Names of the log groups that it reads; a trailing `*` stands for any rest.
        keys: Paths whose values together are the contributor.
        filters: Paths and what must hold there, all of them.
        value_of: Path of the number that is added up; None counts lines.
    """

    name: str
    groups: tuple[str, ...]
    keys: tuple[str, ...]
    filters: tuple[tuple[str, Check], ...]
    value_of: str | None

    def reads(self, group: str) -> bool:
        """Tell whether it reads a log group."""
        return any(group.startswith(name[:-1]) if name.endswith("*") else group == name for name in self.groups)

    def contribution(self, line: Document) -> Contribution | None:
        """Return what a line adds; None when it does not count."""
        if not all(check(_at(line, path)) for path, check in self.filters):
            return None
        found = [_at(line, path) for path in self.keys]
        if any(value is _ABSENT for value in found):
            return None
        value = 1.0 if self.value_of is None else _at(line, self.value_of)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return Contribution(tuple(str(part) for part in found), float(value))


def read_rule(name: str, body: Any) -> InsightRule | UnreadRule:
    """Read a rule's body, JSON text as in RuleBody."""
    try:
        document = json.loads(body)
        contribution = document["Contribution"]
        aliases = {str(number): path for number, path in document.get("Fields", {}).items()}
        if document["LogFormat"] != "JSON":
            return UnreadRule(name, "only rules over JSON log lines are computed here")
        keys = tuple(aliases.get(key, key) for key in contribution["Keys"])
        filters = tuple(_filter(item, aliases) for item in contribution.get("Filters", []))
        value_of = contribution.get("ValueOf") if document["AggregateOn"] == "Sum" else None
        groups = tuple(map(str, document["LogGroupNames"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return UnreadRule(name, f"its body cannot be read ({type(error).__name__}: {error})")
    return InsightRule(name, groups, keys, filters, None if value_of is None else aliases.get(value_of, value_of))


_CHECKS: dict[str, Callable[[Any], Check]] = {
    "In": lambda wanted: lambda value: value in wanted,
    "NotIn": lambda wanted: lambda value: value is not _ABSENT and value not in wanted,
    "StartsWith": lambda wanted: lambda value: isinstance(value, str) and value.startswith(tuple(wanted)),
    "GreaterThan": lambda wanted: lambda value: _is_number(value) and value > wanted,
    "LessThan": lambda wanted: lambda value: _is_number(value) and value < wanted,
    "EqualTo": lambda wanted: lambda value: _is_number(value) and value == wanted,
    "NotEqualTo": lambda wanted: lambda value: _is_number(value) and value != wanted,
    "IsPresent": lambda wanted: lambda value: (value is not _ABSENT) is wanted,
}


def _filter(item: Mapping[str, Any], aliases: Mapping[str, str]) -> tuple[str, Check]:
    (kind,) = item.keys() - {"Match"}
    return aliases.get(item["Match"], item["Match"]), _CHECKS[kind](item[kind])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at(line: Document, path: str) -> Any:
    node: Any = line
    for part in path.removeprefix("$.").split("."):
        if not isinstance(node, Mapping) or part not in node:
            return _ABSENT
        node = node[part]
    return node
