"""The form of a Terraform plan as JSON: modules, resources, references.

Never knows what a resource means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from hookwatch.patterns.loops.wiring import items, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

Found: TypeAlias = tuple[dict[str, Any], str]
"""A resource and the JSON pointer to it in the plan."""


def mapping(value: Any) -> dict[str, Any]:
    """Give a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def resources(module: dict[str, Any], pointer: str) -> Iterator[Found]:
    """Give every resource of a module and the modules below it, with its JSON pointer."""
    waiting = [(module, pointer)]
    while waiting:
        one, at = waiting.pop(0)
        for index, resource in enumerate(items(one.get("resources"))):
            yield resource, f"{at}/resources/{index}"
        waiting += [
            (child, f"{at}/child_modules/{index}") for index, child in enumerate(items(one.get("child_modules")))
        ]


def references(module: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Give what each resource's arguments refer to, by its address without index."""
    waiting = [(module, prefix)]
    while waiting:
        one, at = waiting.pop(0)
        for resource in items(one.get("resources")):
            expressions = mapping(resource.get("expressions"))
            yield (
                f"{at}{resource.get('address')}",
                {name: list(texts(*_list(mapping(value).get("references")))) for name, value in expressions.items()},
            )
        for name, call in mapping(one.get("module_calls")).items():
            waiting.append((mapping(mapping(call).get("module")), f"{at}module.{name}."))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
