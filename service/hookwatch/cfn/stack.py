"""A template with its parameters filled in: the resources that a deploy would make.

Never resolves anything itself and never runs the SAM transform: `AWS::Serverless::*` resources stay as written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hookwatch.cfn.template import Template
from hookwatch.cfn.values import Unresolved


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource that the deploy makes.

    Attributes:
        logical_id: Its name in its own template.
        type: For example `AWS::CloudWatch::Alarm`.
        properties: Resolved properties; unresolved parts are `Unresolved` values where they stand.
        condition_true: True, or why the condition cannot be judged. Resources whose condition is false are left out.
        physical_name: The explicit name, else `<stack>-<LogicalId>`.
        ref: What `Ref` gives.
        line: 1-based line in the template file, when known.
    """

    logical_id: str
    type: str
    properties: dict[str, Any]
    condition_true: bool | Unresolved
    physical_name: str | Unresolved
    ref: Any
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """A resolved template.

    Attributes:
        name: The stack's name.
        template: Where it came from.
        parameters: Values as `Ref` gives them.
        missing_parameters: Parameters that have neither a value nor a default; their `Ref` is unresolved.
        resources: By logical id, only those whose condition holds or cannot be judged.
        outputs: Resolved output values.
        children: Nested stacks whose template is a local file, by logical id.
        notes: What was left out and why, in sentences.
    """

    name: str
    template: Template
    parameters: dict[str, Any]
    missing_parameters: tuple[str, ...]
    resources: dict[str, Resource]
    outputs: dict[str, Any]
    children: dict[str, "Stack"]
    notes: tuple[str, ...]

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Resource]]:
        """Yield every resource with its qualified id: `Id`, or `Stack.Id` inside a nested stack."""
        for logical_id, resource in self.resources.items():
            yield prefix + logical_id, resource
        for logical_id, child in self.children.items():
            yield from child.walk(f"{prefix}{logical_id}.")

    def stacks(self, prefix: str = "") -> Iterator[tuple[str, "Stack"]]:
        """Yield this stack (as an empty id) and every nested one with its qualified id."""
        yield prefix, self
        for logical_id, child in self.children.items():
            yield from child.stacks(f"{prefix}.{logical_id}" if prefix else logical_id)
