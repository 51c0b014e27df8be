"""Reads expectations: samples that a rule must and must not match, kept beside the rules as YAML.

This module never judges. Format (see docs/patterns.md):

    template: ../template.yaml          # where rules are looked up; parameters: fills it in
    rules:
      - rule: OnPush                    # or pattern: a mapping, JSON text, or the path of a file
        must_match:
          - events/push.json            # a file beside this one
        must_not_match:
          - name: push to a branch
            event: events/push.json     # or the event itself
            set: {detail.ref: refs/heads/dev}
            remove: [detail.head_commit]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hookwatch.patterns.samples import ExpectationsError, Sample, mapping_with, read_sample, read_text, to_json

_TOP_KEYS = {"template", "parameters", "rules"}
_RULE_KEYS = {"rule", "pattern", "must_match", "must_not_match"}


@dataclass(frozen=True, slots=True)
class RuleExpectations:
    """The samples of one rule: of the template's rule `rule`, or of the pattern `pattern` (JSON text)."""

    rule: str | None
    pattern: str | None
    place: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Expectations:
    """A whole file. `template` is a path as it can be opened from the working directory."""

    path: Path
    template: Path | None
    parameters: dict[str, Any]
    rules: tuple[RuleExpectations, ...]


class _Loader(yaml.SafeLoader):
    """SafeLoader in which dates stay text (events carry them) and only true and false are booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


def load_expectations(path: Path) -> Expectations:
    """Read a file of expectations and every sample that it names.

    Raises:
        ExpectationsError: unreadable, no YAML, or not of the form above.
    """
    try:
        document = yaml.load(read_text(path), Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except (yaml.YAMLError, RecursionError) as error:
        raise ExpectationsError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    top = mapping_with(document, _TOP_KEYS, str(path))
    rules = top.get("rules")
    if not isinstance(rules, list) or not rules:
        raise ExpectationsError(f"{path}: `rules` has to be a list with at least one rule")
    template = top.get("template")
    if template is not None and not isinstance(template, str):
        raise ExpectationsError(f"{path}: `template` has to be a path")
    parameters = top.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise ExpectationsError(f"{path}: `parameters` has to be a mapping")
    return Expectations(
        path=path,
        template=_beside(path, template),
        parameters=parameters,
        rules=tuple(_rule(item, path, f"{path}: rules[{index}]") for index, item in enumerate(rules)),
    )


def _beside(path: Path, template: str | None) -> Path | None:
    """Look a template up beside the file of expectations, else from the working directory."""
    if template is None:
        return None
    beside = path.parent / template
    return beside if beside.exists() or not (plain := Path(template)).exists() else plain


def _rule(item: Any, path: Path, where: str) -> RuleExpectations:
    found = mapping_with(item, _RULE_KEYS, where)
    rule = found.get("rule")
    if (rule is None) == ("pattern" not in found) or not isinstance(rule, str | None):
        raise ExpectationsError(f"{where}: name either a `rule` of the template or a `pattern`")
    samples: list[Sample] = []
    for key, must_match in (("must_match", True), ("must_not_match", False)):
        items = found.get(key) or []
        if not isinstance(items, list):
            raise ExpectationsError(f"{where}.{key}: has to be a list of samples")
        samples += [
            read_sample(one, path, f"{where}.{key}[{at}]", must_match=must_match) for at, one in enumerate(items)
        ]
    if not samples:
        raise ExpectationsError(f"{where}: has no samples under `must_match` or `must_not_match`")
    pattern, place = (None, str(path)) if rule is not None else _pattern(found["pattern"], path, where)
    return RuleExpectations(rule, pattern, place, tuple(samples))


def _pattern(value: Any, path: Path, where: str) -> tuple[str, str]:
    match value:
        case dict():
            return to_json(value, where), str(path)
        case str() if value.lstrip().startswith("{"):
            return value, str(path)
        case str():
            file = path.parent / value
            return read_text(file), str(file)
        case _:
            raise ExpectationsError(f"{where}.pattern: has to be a mapping, JSON text or the path of a file")
