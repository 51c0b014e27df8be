"""The deployed template once more, this time whole: with the alarms that the emulator cannot hold.

Never deploys. The emulator drops composites and metric math, so alarms are read from the template itself, resolved with
the same parameters, and with the physical names that the deploy drew for what the template does not name.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.cfn import Stack, Template, TemplateError, load, resolve
from hookwatch.cfn.names import name_property
from hookwatch.sandbox.cloud_model import ACCOUNT, REGION, STACK_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class UnreadTemplate:
    """A template that deploys and that our own reader cannot read; `reason` is a sentence."""

    reason: str


def read_stack(path: Path, given: Mapping[str, str], names: Mapping[str, str]) -> Stack | UnreadTemplate:
    """Resolve a deployed template.

    Args:
        path: The template file.
        given: Parameter values; those that the template does not declare are left aside.
        names: Physical name by logical id, as deployed; top level only.
    """
    try:
        template = load(path)
        declared = template.section("Parameters")
        parameters: dict[str, Any] = {name: value for name, value in given.items() if name in declared}
        return resolve(_named(template, names), parameters, REGION, ACCOUNT, STACK_NAME)
    except TemplateError as error:
        return UnreadTemplate(str(error))


def _named(template: Template, names: Mapping[str, str]) -> Template:
    """Write the deployed name into every resource whose name the template leaves to CloudFormation."""
    document = copy.deepcopy(template.document)
    for logical_id, resource in document.get("Resources", {}).items():
        if not isinstance(resource, dict) or logical_id not in names:
            continue
        key = name_property(str(resource.get("Type")))
        properties = resource.setdefault("Properties", {})
        if key and isinstance(properties, dict) and key not in properties:
            properties[key] = names[logical_id]
    return Template(template.path, document, template.lines)
