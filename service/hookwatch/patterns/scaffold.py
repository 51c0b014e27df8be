"""Writes a rule to start from: precise from its first day, with samples that hold it.

Never writes a file: it gives names and texts. What it proposes has been matched against its own samples.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.errors import InvalidPattern
from hookwatch.patterns.fixes import add_leaf, applied
from hookwatch.patterns.knowledge import ENVELOPE
from hookwatch.patterns.lint.mutants import FUTURE_ACCOUNT, FUTURE_ACTION, FUTURE_TYPE
from hookwatch.patterns.overlap import Meets, meet
from hookwatch.patterns.scaffold_filters import Filter, ScaffoldError, Wish, filters

_ACCOUNT = "123456789012"
"""The account that AWS's documentation uses, and that templates are resolved with offline."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,254}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule to start from.

    Attributes:
        name: logical id.
        pattern: the event pattern, with `account` as an intrinsic function.
        files: what to write, by relative path: template.yaml, expectations.yaml and the sample event.
    """

    name: str
    pattern: dict[str, Any]
    files: dict[str, str]


def draft(wish: Wish) -> Draft:
    """Draft a rule.

    Raises:
        ScaffoldError: the provider or event is not known, or a filter does not fit it; the message says what does.
    """
    source, detail_type, wanted = filters(wish)
    name = wish.name or "On" + "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", wish.event))
    if not _NAME.fullmatch(name):
        raise ScaffoldError(f"{name!r} is no logical id: letters and digits, beginning with a letter")
    envelope: dict[str, Any] = {"source": [source], "detail-type": [detail_type], "account": [_ACCOUNT]}
    pattern = envelope
    for one in wanted:
        pattern = applied(pattern, add_leaf(pattern, f"detail.{one.path}", one.entries))
    sample = _sample(pattern, wanted)
    written = {**pattern, "account": [{"Ref": "AWS::AccountId"}]}
    event = f"events/{wish.event.replace('.', '-')}.json"
    files = {
        "template.yaml": _template(wish, name, written),
        "expectations.yaml": _expectations(name, event, wanted, wish),
        event: json.dumps(sample, indent=2, ensure_ascii=False) + "\n",
    }
    return Draft(name, written, files)


def _sample(pattern: dict[str, Any], wanted: list[Filter]) -> dict[str, Any]:
    try:
        compiled = compile_pattern(pattern)
    except InvalidPattern as invalid:
        raise ScaffoldError(f"these filters make no valid pattern: {invalid.reason}") from None
    found = meet((compiled.alternatives[0].leaves,))
    if not isinstance(found, Meets):
        raise ScaffoldError("no event satisfies these filters together")
    event: dict[str, Any] = json.loads(found.event)
    for one in wanted:
        if one.example is not None:
            _put(event, f"detail.{one.path}", one.example)
    if not compiled.matches(event):
        raise ScaffoldError("no event satisfies these filters together")
    return {name: event[name] for name in ENVELOPE if name in event}


def _put(event: dict[str, Any], dotted: str, value: Any) -> None:
    *way, last = dotted.split(".")
    for step in way:
        event = event.setdefault(step, {})
    event[last] = value


def _template(wish: Wish, name: str, pattern: dict[str, Any]) -> str:
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"A rule for {wish.provider} {wish.event}, drafted by hookwatch.",
        "Parameters": {
            "EventBusName": {"Type": "String", "Default": wish.bus, "Description": "The bus that the events are on."},
            "TargetArn": {"Type": "String", "Description": "What the rule calls, for example a function's ARN."},
        },
        "Resources": {
            name: {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "Description": f"{wish.provider} {wish.event}",
                    "EventBusName": {"Ref": "EventBusName"},
                    "EventPattern": pattern,
                    "Targets": [{"Id": "target", "Arn": {"Ref": "TargetArn"}}],
                },
            }
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _expectations(name: str, event: str, wanted: list[Filter], wish: Wish) -> str:
    refused: list[dict[str, Any]] = [
        {"name": "a type that does not exist yet", "event": event, "set": {"detail-type": FUTURE_TYPE}},
        {"name": "another account", "event": event, "set": {"account": FUTURE_ACCOUNT}},
    ]
    for one in wanted:
        if one.path == "action":
            refused.append(
                {"name": "an action that does not exist yet", "event": event, "set": {"detail.action": FUTURE_ACTION}}
            )
        refused += [{"name": what, "event": event, "set": {f"detail.{one.path}": value}} for what, value in one.refused]
    rule = {"rule": name, "must_match": [event], "must_not_match": refused}
    document = {"template": "template.yaml", "parameters": {"TargetArn": _target(wish)}, "rules": [rule]}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _target(wish: Wish) -> str:
    return f"arn:aws:lambda:us-east-1:{_ACCOUNT}:function:on-{wish.event.replace('.', '-').replace('_', '-')}"
