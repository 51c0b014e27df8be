"""template.yaml as CloudFormation sees it after the SAM transform, for the tests that judge it."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from hookwatch.cfn import Stack, Unresolved, load, load_text, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.cfn import Resource, Template

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = REPOSITORY / "template.yaml"
SECRETS = {"GitHubWebhookSecret": "a secret", "TwilioWebhookSecret": "a token"}
GITHUB_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hooks/github-AbCdEf"
TWILIO_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hooks/twilio-AbCdEf"
SHARED_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hooks/shared-AbCdEf"
MADE_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:made-at-deploy-AbCdEf"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


class _NoManagedPolicies:
    """Stands where the translator would ask IAM for managed policies; the template names none."""

    def load(self) -> dict[str, str]:
        return {}


def written() -> Template:
    """The template as it stands in its file."""
    return load(TEMPLATE)


@functools.cache
def expanded_text() -> str:
    """The template after the SAM transform, as JSON."""
    document = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    # The translator wants code that was uploaded already.
    document["Globals"]["Function"]["CodeUri"] = {"Bucket": "artefacts", "Key": "hookwatch.zip"}
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"}):
        return json.dumps(transform(document, {}, _NoManagedPolicies()))


def deployed(**parameters: Any) -> Stack:
    """What a deploy with these parameters would make; the two secrets are given unless said otherwise."""
    return resolve(load_text(expanded_text()), {**SECRETS, **parameters}, stack_name="hooks")


def deployed_whole(**parameters: Any) -> Stack:
    """The same with the nested stacks, which take their time to read."""
    return resolve(load_text(expanded_text(), TEMPLATE), {**SECRETS, **parameters}, stack_name="hooks")


def of_type(stack: Stack, kind: str) -> dict[str, Resource]:
    """The stack's resources of one type, by logical id."""
    return {logical_id: resource for logical_id, resource in stack.resources.items() if resource.type == kind}


def environment(stack: Stack, function: str) -> dict[str, str]:
    """A function's variables as Lambda hands them over: all text, the ARN that only a deploy knows made up."""
    variables = stack.resources[function].properties["Environment"]["Variables"]
    return {name: MADE_ARN if isinstance(value, Unresolved) else str(value) for name, value in variables.items()}


def statements(stack: Stack, role: str) -> Iterator[dict[str, Any]]:
    """Every statement of a role's inline policies."""
    for policy in stack.resources[role].properties["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def broken_rules(**parameters: str) -> list[str]:
    """The sentences that CloudFormation would refuse these parameters with."""
    template = written()
    values = {name: str(item.get("Default", "")) for name, item in template.section("Parameters").items()} | parameters
    return [
        assertion["AssertDescription"]
        for rule in template.section("Rules").values()
        if "RuleCondition" not in rule or _holds(rule["RuleCondition"], values)
        for assertion in rule["Assertions"]
        if not _holds(assertion["Assert"], values)
    ]


def _holds(expression: dict[str, Any], values: dict[str, str]) -> bool:
    """The part of the rule functions that the template uses."""
    match expression:
        case {"Fn::Equals": [left, right]}:
            return bool(_operand(left, values) == _operand(right, values))
        case {"Fn::Not": [inner]}:
            return not _holds(inner, values)
        case {"Fn::And": parts}:
            return all(_holds(part, values) for part in parts)
        case {"Fn::Or": parts}:
            return any(_holds(part, values) for part in parts)
        case _:
            raise AssertionError(f"no rule function that CloudFormation knows: {yaml.safe_dump(expression)}")


def _operand(operand: Any, values: dict[str, str]) -> Any:
    return values[operand["Ref"]] if isinstance(operand, dict) else operand
