"""The documents of SSM Automation: nothing before an approval, no reference to nowhere, no right too many."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader

from automation import references
from automation_documents import DOCUMENTS, content, role_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

every_document = pytest.mark.parametrize("document", DOCUMENTS)
ACTIONS = {"aws:executeScript", "aws:branch", "aws:approve", "aws:loop", "aws:waitForAwsResourceProperty"}
# boto3 methods that change something, by the first word.
CHANGES = ("start_", "invoke", "send_", "put_", "delete_", "update_")
# What a method needs beyond the action of its own name (service authorization reference, read 2026-11-27).
ALSO = {"sqs:StartMessageMoveTask": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"}}
NAMES = {"lambda:Invoke": "lambda:InvokeFunction"}


def walk(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every step, those of loops too, in order."""
    for step in steps:
        yield step
        yield from walk(step["inputs"].get("Steps", []))


def calls(script: str) -> Iterator[tuple[str, str]]:
    """Service and method of each call that a script makes through boto3."""
    tree = ast.parse(script)
    clients: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (service := _client(node.value)) and isinstance(node.targets[0], ast.Name):
            clients[node.targets[0].id] = service
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            service = _client(on) or (clients.get(on.id) if isinstance(on, ast.Name) else None)
            if service:
                yield service, node.func.attr


def _client(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client":
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else None
    return None


@every_document
def test_a_document_is_well_formed(document: str):
    """Names are unique, actions known, following steps exist, and scripts compile and have their handler."""
    found = content(document)
    steps = list(walk(found["mainSteps"]))
    names = [step["name"] for step in steps]
    assert found["schemaVersion"] == "0.3"
    assert found["assumeRole"]
    assert len(names) == len(set(names))
    assert {step["action"] for step in steps} <= ACTIONS
    for step in steps:
        inputs = step["inputs"]
        following = [
            step.get("nextStep"),
            inputs.get("Default"),
            *(each["NextStep"] for each in inputs.get("Choices", ())),
        ]
        assert {each for each in following if each} <= set(names)
        if "Script" in inputs:
            functions = [node.name for node in ast.parse(inputs["Script"]).body if isinstance(node, ast.FunctionDef)]
            assert inputs["Handler"] in functions
    assert any(step.get("isEnd") for step in found["mainSteps"])


@every_document
def test_every_reference_leads_somewhere(document: str):
    """What a step puts in is a parameter, or an output of a step that ran before it."""
    found = content(document)
    known = {*found["parameters"], "automation:EXECUTION_ID"}
    order = [step["name"] for step in walk(found["mainSteps"])]
    outputs = {
        f"{step['name']}.{output['Name']}": step["name"]
        for step in walk(found["mainSteps"])
        for output in step.get("outputs", ())
    }
    used = set()
    for step, name in references(found):
        used.add(name)
        assert name in known or name in outputs, (step, name)
        # A loop's condition is looked at after its steps.
        condition = str(
            next(each for each in walk(found["mainSteps"]) if each["name"] == step)["inputs"].get("LoopCondition")
        )
        if name in outputs and name not in condition:
            assert order.index(outputs[name]) < order.index(step), (step, name)
    assert set(found["outputs"]) <= set(outputs)
    assert set(found["parameters"]) <= used, "a parameter that nothing uses"


@every_document
def test_nothing_is_changed_before_somebody_approved(document: str):
    """Before the approval only reads; after it, each change has a look at the loop alarm before it."""
    steps = list(walk(content(document)["mainSteps"]))
    approval = next(number for number, step in enumerate(steps) if step["action"] == "aws:approve")
    assert "{{" in steps[approval]["inputs"]["Message"], "whoever approves must see of how much"
    assert steps[approval]["onFailure"] == "Abort"
    changing = [number for number, step in enumerate(steps) if _changes(step)]
    assert changing
    for number in changing:
        assert number > approval, steps[number]["name"]
        assert steps[number - 1]["name"] == "quiet", steps[number]["name"]


def _changes(step: Mapping[str, Any]) -> bool:
    payload = step["inputs"].get("InputPayload", {})
    if payload.get("action") in ("plan", "verify"):
        return False
    return any(method.startswith(CHANGES) for _, method in calls(step["inputs"].get("Script", "")))


def test_the_role_may_do_what_the_documents_do_and_no_more():
    """Each call of a script is allowed by the role, and each allowed action is used by some call."""
    wanted = {"sns:Publish"}
    for document in DOCUMENTS:
        for step in walk(content(document)["mainSteps"]):
            used = list(calls(step["inputs"].get("Script", "")))
            if step["action"] == "aws:waitForAwsResourceProperty":
                used.append((step["inputs"]["Service"], re.sub(r"(?<!^)(?=[A-Z])", "_", step["inputs"]["Api"]).lower()))
            for service, method in used:
                model = Loader().load_service_model(service, "service-2")
                operation = "".join(word.capitalize() for word in method.split("_"))
                assert operation in model["operations"], (service, method)
                prefix = "cloudwatch" if service == "cloudwatch" else service
                action = f"{prefix}:{operation}"
                wanted |= {NAMES.get(action, action)} | ALSO.get(action, set())
    allowed: set[str] = set()
    for statement in role_statements():
        actions = statement["Action"]
        allowed |= set([actions] if isinstance(actions, str) else actions)
        assert statement["Sid"] == "SeeTheLoopAlarm" or statement["Resource"] != "*"
    assert allowed == wanted


@every_document
def test_a_document_fits_into_ssm(document: str):
    """A document is at most 64 KB, and its description says what it does."""
    import json

    found = content(document)
    assert len(json.dumps(found)) < 65_536
    assert len(found["description"]) > 40
