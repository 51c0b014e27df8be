"""PyYAML, taught CloudFormation's short tags and made safe for strangers' files.

Never makes an object: it is a SafeLoader, and an unknown tag without `!` in front stays an error.
"""

import re
from typing import Any

import yaml

LONG_NAMES_WITHOUT_PREFIX = frozenset({"Ref", "Condition"})

MAX_UNFOLDED_NODES = 250_000
"""Ours: nodes after every alias is written out; a template at the size limit has fewer than half as many."""


MAX_DEPTH = 400
"""Ours: levels in each other; the deepest of our own templates has 25. libyaml's composer calls itself for each level
without a limit, and a file of a million brackets ends the process (PyYAML 6.0.3, measured 2026-11-27)."""

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: it takes a tenth of the time."""


class TemplateLoader(_Loader):  # type: ignore[valid-type,misc] # one of two classes, and both are SafeLoaders
    """SafeLoader that keeps dates as text; CloudFormation knows no timestamp type."""


TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = _mapping(loader, node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    name = suffix if suffix in LONG_NAMES_WITHOUT_PREFIX else f"Fn::{suffix}"
    return {name: value}


def _mapping(loader: yaml.SafeLoader, node: yaml.Node) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):  # what PyYAML never does; it tells the type checker
        raise yaml.constructor.ConstructorError(problem="expected a mapping", problem_mark=node.start_mark)
    seen: dict[str, int] = {}
    for key_node, _ in node.value:
        if isinstance(key_node, yaml.ScalarNode) and key_node.tag != "tag:yaml.org,2002:merge":
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key_node.value!r} stands here and already on line {seen[key_node.value]}",
                    problem_mark=key_node.start_mark,
                )
            seen[key_node.value] = key_node.start_mark.line + 1
    loader.flatten_mapping(node)
    pairs = ((loader.construct_object(k, deep=True), loader.construct_object(v, deep=True)) for k, v in node.value)
    return {key if isinstance(key, str) else _key_text(key): value for key, value in pairs}


def _key_text(key: Any) -> str:
    return ("true" if key else "false") if isinstance(key, bool) else str(key)


TemplateLoader.add_multi_constructor("!", _long_form)
TemplateLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


class DataLoader(TemplateLoader):
    """A loader for test files: `0x10` stays text, where YAML 1.1 reads 16."""


DataLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:int"]
    for first, resolvers in TemplateLoader.yaml_implicit_resolvers.items()
}
DataLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


def too_deep(text: str) -> bool:
    """Tell whether a text nests deeper than anybody writes; found by its events, which need no stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return True
    return False


def unfolded_nodes(node: yaml.Node, known: dict[int, int], open_nodes: set[int]) -> int:
    """Count the nodes as if every alias were written out; each shared node is visited once."""
    if id(node) in known:
        return known[id(node)]
    if id(node) in open_nodes:
        return MAX_UNFOLDED_NODES + 1
    open_nodes.add(id(node))
    count = 1
    if isinstance(node, yaml.SequenceNode):
        count += sum(unfolded_nodes(item, known, open_nodes) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            count += unfolded_nodes(key, known, open_nodes) + unfolded_nodes(value, known, open_nodes)
    open_nodes.discard(id(node))
    known[id(node)] = count
    return count


def resource_lines(root: yaml.Node) -> dict[str, int]:
    """Return the 1-based line of each logical id under Resources."""
    if not isinstance(root, yaml.MappingNode):
        return {}
    sections = [v for k, v in root.value if k.value == "Resources" and isinstance(v, yaml.MappingNode)]
    return {str(key.value): key.start_mark.line + 1 for section in sections for key, _ in section.value}
