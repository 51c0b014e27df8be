"""Template text (YAML with short tags, or JSON) to one plain document.

Never resolves a function and never opens a file. Guards against aliases that unfold without end,
duplicate keys, and nesting too deep for the parser.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hookwatch.cfn.values import TemplateError
from hookwatch.cfn.yaml_loader import (
    MAX_UNFOLDED_NODES,
    DataLoader,
    TemplateLoader,
    resource_lines,
    too_deep,
    unfolded_nodes,
)

MAX_TEMPLATE_BYTES = 1_048_576
"""Largest template body that CloudFormation takes, from S3.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html, read 2026-11-22.
"""


TOO_DEEP = "nested too deeply to read"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed template: `tree` is plain data in long form, `lines` the 1-based line of each resource."""

    tree: dict[str, Any]
    lines: dict[str, int]


def read_data(text: str, path: Path | None = None) -> dict[str, Any]:
    """Parse a YAML or JSON file that is no template, with the same guards.

    Raises:
        TemplateError: As `read`.
    """
    return _read(text, path, DataLoader, "the top of the file must be a mapping").tree


def read(text: str, path: Path | None = None) -> Document:
    """Parse template text.

    Raises:
        TemplateError: The text is no YAML or JSON object, is over the limits, or repeats a key.
    """
    return _read(text, path, TemplateLoader, "the top of a template must be a mapping with a Resources section")


def _read(text: str, path: Path | None, loader: type[TemplateLoader], otherwise: str) -> Document:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEMPLATE_BYTES:
        raise TemplateError(f"larger than CloudFormation's limit of {MAX_TEMPLATE_BYTES:,} bytes", path)
    try:
        document = _read_json(text, path) if text.lstrip("\ufeff \t\r\n").startswith("{") else None
        document = document or _read_yaml(text, path, loader)
    except RecursionError:
        raise TemplateError(TOO_DEEP, path) from None
    if not isinstance(document.tree, dict):
        raise TemplateError(otherwise, path, 1)
    return document


def _read_json(text: str, path: Path | None) -> Document | None:
    """Return the JSON document, or None when it is not JSON (a YAML flow mapping also starts with a brace)."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise TemplateError(f"the key {twice!r} stands twice in one object", path)
        return result

    try:
        tree = json.loads(text.lstrip("\ufeff"), object_pairs_hook=unique)
    except ValueError:
        return None
    resources = tree.get("Resources")
    names = resources if isinstance(resources, dict) else {}
    lines = {name: text.count("\n", 0, text.find(json.dumps(name))) + 1 for name in names}
    return Document(_dotted_get_att(tree), lines)


def _dotted_get_att(value: Any) -> Any:
    match value:
        case {"Fn::GetAtt": str(dotted), **rest} if not rest:
            return {"Fn::GetAtt": dotted.split(".", 1)}
        case dict():
            return {key: _dotted_get_att(item) for key, item in value.items()}
        case list():
            return [_dotted_get_att(item) for item in value]
        case _:
            return value


def _read_yaml(text: str, path: Path | None, loader_type: type[TemplateLoader]) -> Document:
    try:
        if too_deep(text):
            raise TemplateError(TOO_DEEP, path)
        loader = loader_type(text)
        node = loader.get_single_node()
        if node is None:
            raise TemplateError("the file is empty", path)
        if unfolded_nodes(node, {}, set()) > MAX_UNFOLDED_NODES:
            raise TemplateError(f"its aliases unfold to more than {MAX_UNFOLDED_NODES:,} nodes", path)
        tree = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.problem, error.context) if part) or "not readable"
        raise TemplateError(f"not valid YAML: {reason}", path, mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TemplateError(f"the character {error.character:#x} is not allowed in YAML", path, line) from None
    except (yaml.YAMLError, ValueError) as error:
        raise TemplateError(f"not valid YAML: {error}", path) from None
    return Document(_dotted_get_att(tree) if isinstance(tree, dict) else tree, resource_lines(node))
