"""A small evaluator of IAM policies, for roles that only allow: which statement lets which call pass.

Never guesses: a condition operator, an element or an effect that it does not know is an error. The rules are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html, read 2026-11-27.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KNOWN_ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}


@dataclass(frozen=True)
class Call:
    """One call as IAM sees it.

    Attributes:
        action: Such as `sqs:SendMessage`.
        resource: ARN, or `*` where the service has none for the action.
        context: Condition keys and their values.
    """

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Statement:
    """One statement that allows something."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def allows(self, call: Call) -> bool:
        """Tell whether it lets a call pass."""
        return (
            any(matches(pattern.lower(), call.action.lower()) for pattern in self.actions)
            and any(matches(pattern, call.resource) for pattern in self.resources)
            and all(holds(operator, wanted, call.context.get(key, ())) for operator, key, wanted in self.conditions)
        )

    def without_each(self) -> Iterable[tuple[str, Statement]]:
        """Yield what is left of it without one of its actions or one of its resources, and which that is."""
        for action in self.actions:
            yield action, Statement(self.sid, _rest(self.actions, action), self.resources, self.conditions)
        for resource in self.resources:
            yield resource, Statement(self.sid, self.actions, _rest(self.resources, resource), self.conditions)


def read_policy(document: Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document."""
    return [read_statement(statement) for statement in document["Statement"]]


def read_statement(written: Mapping[str, Any]) -> Statement:
    """Return one statement as it is written."""
    if unknown := written.keys() - KNOWN_ELEMENTS:
        raise ValueError(f"elements that this evaluator does not know: {sorted(unknown)}")
    if written["Effect"] != "Allow":
        raise ValueError("this evaluator knows roles that only allow")
    conditions = tuple(
        (operator, key, _listed(values))
        for operator, keys in written.get("Condition", {}).items()
        for key, values in keys.items()
    )
    return Statement(written["Sid"], _listed(written["Action"]), _listed(written["Resource"]), conditions)


def allowed(statements: Iterable[Statement], call: Call) -> bool:
    """Tell whether any statement lets a call pass."""
    return any(statement.allows(call) for statement in statements)


def holds(operator: str, wanted: Sequence[str], given: Sequence[str]) -> bool:
    """Tell whether a condition holds for the values that a call has for its key."""
    quantifier, _, plain = operator.rpartition(":")
    match plain:
        case "StringEquals":
            fits = [value in wanted for value in given]
        case "StringLike" | "ArnLike":
            fits = [any(matches(pattern, value) for pattern in wanted) for value in given]
        case "Bool":
            fits = [value.lower() in [each.lower() for each in wanted] for value in given]
        case _:
            raise ValueError(f"a condition operator that this evaluator does not know: {operator}")
    match quantifier:
        case "ForAllValues":
            return all(fits)  # a call without the key passes, as on AWS
        case "ForAnyValue":
            return any(fits)
        case "":
            return len(fits) == 1 and fits[0]
        case _:
            raise ValueError(f"a quantifier that this evaluator does not know: {operator}")


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern with `*` and `?`."""
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _listed(values: Any) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, list) else (str(values),)


def _rest(values: tuple[str, ...], left_out: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != left_out)
