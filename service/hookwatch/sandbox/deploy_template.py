"""A SAM template as CloudFormation that the emulator can deploy.

Never deploys and never builds: code is replaced by a token archive in the emulator's bucket, because the functions run
from their source under our own Runtime API. Where each function's source is, is remembered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from hookwatch.cfn import TemplateError, load
from hookwatch.sandbox.cloud_model import REGION, MisuseError, Stripped, one_line
from hookwatch.sandbox.deploy_policies import with_batches
from hookwatch.sandbox.deploy_sources import detach
from hookwatch.sandbox.deploy_strip import Strip, strip

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BUCKET = "hookwatch-sandbox-artefacts"
CODE_KEY = "code.zip"
FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}

CONCURRENCY_OUTPUT = "HookwatchSandboxConcurrency"
CONDITION_OUTPUT = "HookwatchSandboxCondition"
"""Outputs that we add, so that the emulator's own engine resolves what it would otherwise not tell us."""


class Upload(Protocol):
    """Puts a text where the emulator can read it."""

    def __call__(self, key: str, text: str) -> str:
        """Return the URL of the text."""


@dataclass(slots=True)
class Prepared:
    """One template ready to deploy, its nested ones uploaded.

    Attributes:
        body: CloudFormation, JSON.
        sources: Logical id of a function to the folder of its code.
        stripped: What was left out, nested templates included (`Parent.Id`).
        conditions: Logical id of what was left out to its condition's name; top level only.
    """

    body: str
    sources: dict[str, Path] = field(default_factory=dict)
    stripped: list[Stripped] = field(default_factory=list)
    conditions: dict[str, str] = field(default_factory=dict)


def prepare(path: Path, parameters: Mapping[str, str], upload: Upload, refused: Mapping[str, str]) -> Prepared:
    """Read, package, transform and strip one template and those that it nests.

    Raises:
        MisuseError: the file cannot be read, or the SAM transform refuses it.
    """
    document = _read(path)
    prepared = Prepared(body="")
    shared = document.get("Globals", {}).get("Function", {}).get("CodeUri")
    for logical_id, resource in document["Resources"].items():
        kind, properties = resource.get("Type"), resource.setdefault("Properties", {})
        if kind in FUNCTIONS:
            if source := _repoint(kind, properties, shared, path.parent):
                prepared.sources[logical_id] = source
        elif kind in NESTED and isinstance(location := properties.get(NESTED[kind]), str) and ":" not in location:
            child = prepare(path.parent / location, {}, upload, refused)
            prepared.stripped += [Stripped(f"{logical_id}.{s.logical_id}", s.type, s.reason) for s in child.stripped]
            properties[NESTED[kind]] = upload(f"{logical_id}-{path.stem}.json", child.body)
    plain = _transform(document, parameters, path)
    result = strip(plain, refused)
    prepared.stripped += result.stripped
    prepared.conditions = result.conditions
    _add_outputs(result)
    detach(result.template)
    with_batches(result.template)
    prepared.body = json.dumps(result.template)
    return prepared


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(load(path).document)
    except TemplateError as error:
        raise MisuseError(f"cannot read the template {one_line(str(error))}") from error


def _repoint(kind: str, properties: dict[str, Any], shared: Any, folder: Path) -> Path | None:
    """Put the token archive in the place of the code; returns where the code is, None when it is in the template."""
    key = "CodeUri" if kind == "AWS::Serverless::Function" else "Code"
    code = properties.get(key, shared if key == "CodeUri" else None)
    inline = properties.pop("InlineCode", None) if code is None else None
    if key == "CodeUri":
        properties[key] = {"Bucket": BUCKET, "Key": CODE_KEY}
    else:
        properties[key] = {"S3Bucket": BUCKET, "S3Key": CODE_KEY}
    if inline is not None or (isinstance(code, dict) and "ZipFile" in code):
        return None
    return (folder / code).resolve() if isinstance(code, str) and "://" not in code else folder.resolve()


class _Region:
    """As much of a boto3 session as the SAM translator asks for."""

    region_name = REGION


def _transform(document: dict[str, Any], parameters: Mapping[str, str], path: Path) -> dict[str, Any]:
    wanted = document.get("Transform", [])
    if "AWS::Serverless-2016-10-31" not in ([wanted] if isinstance(wanted, str) else wanted):
        return document
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    translator = Translator({}, Parser(), boto_session=_Region())
    try:
        plain: dict[str, Any] = translator.translate(document, dict(parameters))
    except InvalidDocumentException as error:
        reasons = "; ".join(str(cause.message) for cause in error.causes)
        raise MisuseError(f"the SAM transform refuses {path}: {one_line(reasons)}") from error
    except ExceptionWithMessage as error:
        raise MisuseError(f"the SAM transform refuses {path}: {one_line(str(error.message))}") from error
    finally:
        translator.metrics.publish()  # to nobody; unpublished they would end in a warning on the terminal
    left = [
        name for name in ([wanted] if isinstance(wanted, str) else wanted) if not name.startswith("AWS::Serverless-")
    ]
    plain.pop("Transform", None)
    return {**plain, "Transform": left} if left else plain


def _add_outputs(result: Strip) -> None:
    outputs: dict[str, Any] = {}
    for logical_id, resource in result.template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::Lambda::Function" and "ReservedConcurrentExecutions" in properties:
            value = {"Fn::Sub": ["${Value}", {"Value": _none_for_no_value(properties["ReservedConcurrentExecutions"])}]}
            condition = {"Condition": resource["Condition"]} if "Condition" in resource else {}
            outputs[f"{CONCURRENCY_OUTPUT}{logical_id}"] = {"Value": value, **condition}
    for name in set(result.conditions.values()):
        outputs[f"{CONDITION_OUTPUT}{name}"] = {"Value": "true", "Condition": name}
    result.template["Outputs"] = {**result.template.get("Outputs", {}), **outputs}


def _none_for_no_value(node: Any) -> Any:
    match node:
        case {"Ref": "AWS::NoValue"}:
            return "none"
        case {"Fn::If": [condition, yes, no]}:
            return {"Fn::If": [condition, _none_for_no_value(yes), _none_for_no_value(no)]}
        case int():
            return str(node)
        case _:
            return node
