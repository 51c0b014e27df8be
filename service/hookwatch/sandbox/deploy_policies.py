"""Names an IAM action as the emulator names it. Never allows what the template does not allow on AWS.

On AWS who may delete a message may delete ten at once: the batch calls of SQS need the permission of the single one.
ministack 1.5.33 asks for `sqs:DeleteMessageBatch`, which is no action on AWS, and would refuse a correct role.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html (read 2026-11-27)
"""

from __future__ import annotations

from typing import Any

SINGLE = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:SendMessage")


def with_batches(template: dict[str, Any]) -> None:
    """Add to every statement that allows or denies a call of SQS its batch, in place."""
    for resource in template.get("Resources", {}).values():
        if str(resource.get("Type", "")).startswith("AWS::IAM::"):
            _walk(resource.get("Properties", {}))


def _walk(node: Any) -> None:
    if isinstance(node, dict):
        if "Effect" in node and "Action" in node:
            node["Action"] = _named(node["Action"])
        for value in node.values():
            _walk(value)
    elif isinstance(node, list):
        for value in node:
            _walk(value)


def _named(actions: Any) -> Any:
    listed = [actions] if isinstance(actions, str) else actions
    batches = [f"{action}Batch" for action in listed if action in SINGLE]
    return [*listed, *batches] if batches else actions
