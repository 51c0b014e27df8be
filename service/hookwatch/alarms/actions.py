"""Compares the actions that an alarm took with those that a test expects.

Never acts. An expected action is a topic's logical id (`Topic`, `Stack.Topic`), the name of a parameter that holds its
ARN, or a part of the ARN. What is compared is the set of actions since the previous expectation of the same alarm (or
since the start), whichever state they were for.
"""

from collections.abc import Sequence

from hookwatch.alarms.engine import ActionTaken
from hookwatch.cfn import Stack


def action_faults(expected: Sequence[str], taken: Sequence[ActionTaken], stack: Stack) -> list[str]:
    """Say which expected actions are missing and which taken ones were not expected."""
    names = _names(stack)
    targets = list(dict.fromkeys(item.action for item in taken))
    missing = [wanted for wanted in expected if not any(_means(wanted, target, names) for target in targets)]
    extra = [item for item in taken if not any(_means(wanted, item.action, names) for wanted in expected)]
    faults = [f"the action {wanted} was not taken" for wanted in missing]
    return faults + ([f"not expected: {spoken_actions(extra)}"] if extra else [])


def spoken_actions(taken: Sequence[ActionTaken]) -> str:
    """Say actions with their time and the state they were for."""
    return ", ".join(f"{item.action} at {item.at_s} s (to {item.state})" for item in taken)


def _names(stack: Stack) -> dict[str, set[str]]:
    """Return every action target that a name of the template stands for."""
    names: dict[str, set[str]] = {}
    for qualified_id, resource in stack.walk():
        if isinstance(resource.ref, str):
            names.setdefault(qualified_id, set()).add(resource.ref)
            names.setdefault(resource.logical_id, set()).add(resource.ref)
    for _, part in stack.stacks():
        for name, value in part.parameters.items():
            if isinstance(value, str) and value.startswith("arn:"):
                names.setdefault(name, set()).add(value)
    return names


def _means(wanted: str, target: str, names: dict[str, set[str]]) -> bool:
    known = names.get(wanted)
    if known and any(name.startswith("arn:") for name in known):
        return target in known
    return wanted in target
