"""Runs an SSM Automation document step by step, with its real scripts against whatever AWS the environment points to.

As much of Automation as our documents use, after the actions' reference
(https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html, read 2026-11-27): executeScript,
branch, approve, loop, waitForAwsResourceProperty. Everything else is refused by name, so that a document that grows
beyond this is noticed here and not on AWS.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_ITERATIONS = 100
WAIT_S = 0.1
_WHOLE = re.compile(r"\{\{\s*([\w.:]+)\s*\}\}")
TYPES: Mapping[str, type | tuple[type, ...]] = {"Integer": int, "String": str, "Boolean": bool, "StringList": list}
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "NumericGreaterOrEquals": lambda value, limit: int(value) >= limit,
    "BooleanEquals": lambda value, wanted: bool(value) == wanted,
}


class StepFailed(Exception):  # noqa: N818 - a failed step is what it is
    """A step failed, and with it the execution."""


@dataclass
class Execution:
    """One execution of a document.

    Attributes:
        content: the document's content, resolved.
        parameters: what it was started with.
        approve: asked with the message of each approval; answers whether it is given.
        steps: names of the steps that ran, in order.
        values: outputs by `step.Name`.
    """

    content: Mapping[str, Any]
    parameters: Mapping[str, Any]
    approve: Callable[[str], bool]
    steps: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Run to the end; returns the document's outputs.

        Raises:
            StepFailed: a step failed, an approval was refused.
            ValueError: the document cannot be run, or a parameter is missing.
        """
        for name, declared in self.content["parameters"].items():
            if name not in self.parameters and "default" not in declared:
                raise ValueError(f"the parameter {name} is missing")
            value = self.parameters.get(name, declared.get("default"))
            if "allowedPattern" in declared and not re.search(declared["allowedPattern"], str(value)):
                raise ValueError(f"the parameter {name} is not as it must be")
            self.values[name] = value
        self.values["automation:EXECUTION_ID"] = f"e-{time.time_ns()}"
        by_name = {step["name"]: step for step in self.content["mainSteps"]}
        order = list(by_name)
        at: str | None = order[0]
        while at is not None:
            step = by_name[at]
            chosen = self._step(step)
            if step.get("isEnd"):
                break
            following = order.index(at) + 1
            at = chosen or step.get("nextStep") or (order[following] if following < len(order) else None)
        return {name: self.values[name] for name in self.content.get("outputs", ())}

    def _step(self, step: Mapping[str, Any]) -> str | None:
        self.steps.append(step["name"])
        action = step["action"]
        if action == "aws:loop":
            self._loop(step["inputs"])
            return None
        inputs = self._filled(step["inputs"])
        match action:
            case "aws:executeScript":
                self._keep(step, {"Payload": self._script(inputs)})
            case "aws:branch":
                return self._branch(inputs)
            case "aws:approve":
                assert inputs["Approvers"], "nobody may approve"
                if not self.approve(inputs["Message"]):
                    raise StepFailed("the approval was refused")
            case "aws:waitForAwsResourceProperty":
                self._keep(step, self._wait(inputs))
            case _:
                raise ValueError(f"{action} is not known here")
        return None

    def _script(self, inputs: Mapping[str, Any]) -> Any:
        assert inputs["Runtime"] == "python3.11", "the newest runtime that aws:executeScript documents"
        scope: dict[str, Any] = {}
        exec(compile(inputs["Script"], "document", "exec"), scope)  # noqa: S102 - running it is the point
        try:
            answer = scope[inputs["Handler"]](inputs["InputPayload"], None)
        except Exception as error:
            raise StepFailed(f"{type(error).__name__}: {error}") from error
        return json.loads(json.dumps(answer))

    def _loop(self, inputs: Mapping[str, Any]) -> None:
        assert inputs["MaxIterations"] <= MAX_ITERATIONS
        for _ in range(inputs["MaxIterations"]):
            for step in inputs["Steps"]:
                self._step(step)
            if not _holds(self._filled(inputs["LoopCondition"])):
                return

    def _branch(self, inputs: Mapping[str, Any]) -> str:
        for choice in inputs["Choices"]:
            if _holds(choice):
                return str(choice["NextStep"])
        return str(inputs["Default"])

    def _wait(self, inputs: Mapping[str, Any]) -> Any:
        own = ("Service", "Api", "PropertySelector", "DesiredValues")
        asked = {key: value for key, value in inputs.items() if key not in own}
        client: Any = boto3.client(inputs["Service"])
        while True:
            answer = getattr(client, xform_name(inputs["Api"]))(**asked)
            if _selected(answer, inputs["PropertySelector"]) in inputs["DesiredValues"]:
                return answer
            time.sleep(WAIT_S)

    def _keep(self, step: Mapping[str, Any], answer: Any) -> None:
        for output in step.get("outputs", ()):
            value = _selected(answer, output["Selector"])
            assert isinstance(value, TYPES[output["Type"]]), (step["name"], output, value)
            self.values[f"{step['name']}.{output['Name']}"] = value

    def _filled(self, node: Any) -> Any:
        """Put values where the document has `{{ name }}`; a text that is only that becomes the value itself."""
        if isinstance(node, str):
            whole = _WHOLE.fullmatch(node.strip())
            if whole:
                return self.values[whole[1]]
            return _WHOLE.sub(lambda found: str(self.values[found[1]]), node)
        if isinstance(node, dict):
            return {key: self._filled(value) if key != "Script" else value for key, value in node.items()}
        return [self._filled(each) for each in node] if isinstance(node, list) else node


def _holds(condition: Mapping[str, Any]) -> bool:
    tests = [(COMPARISONS[name], limit) for name, limit in condition.items() if name in COMPARISONS]
    assert len(tests) == 1, condition
    return tests[0][0](condition["Variable"], tests[0][1])


def _selected(answer: Any, selector: str) -> Any:
    for name in selector.removeprefix("$.").split("."):
        answer = answer[name]
    return answer


def references(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Each `{{ name }}` of a document and the step that uses it, in document order."""
    for step in _walk(content["mainSteps"]):
        own = {key: value for key, value in step["inputs"].items() if key != "Steps"}
        for found in _WHOLE.finditer(json.dumps({key: value for key, value in own.items() if key != "Script"})):
            yield step["name"], found[1]


def _walk(steps: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for step in steps:
        yield step
        yield from _walk(step["inputs"].get("Steps", ()))
