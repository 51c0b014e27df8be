"""The documents of runbooks/stack.yaml, resolved as they would be deployed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hookwatch.cfn import load, resolve
from sam_template import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE = REPOSITORY / "runbooks" / "stack.yaml"
GIVEN = {
    "SweeperFunctionName": "hookwatch-sweeper",
    "ParkingQueueName": "hookwatch-parked",
    "ParkingDlqName": "hookwatch-parked-dlq",
    "ArchiveName": "hookwatch-archive",
    "EventBusName": "default",
    "LoopAlarmName": "hookwatch-loop-or-spend",
    "NamePrefix": "hookwatch",
}
DOCUMENTS = ("RedeliverGitHub", "DrainDlq", "ReplayArchive")


@cache
def _resources(given: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    return resolve(load(TEMPLATE), dict(given), stack_name="hookwatch-Runbooks", every_resource=True).resources


def content(document: str, **given: str) -> Mapping[str, Any]:
    """The content of one document."""
    resource = _resources(tuple(sorted((GIVEN | given).items())))[document]
    found: Mapping[str, Any] = resource.properties["Content"]
    return found


def role_statements() -> list[Mapping[str, Any]]:
    """What the documents' role may do."""
    policies = _resources(tuple(sorted(GIVEN.items())))["AutomationRole"].properties["Policies"]
    statements: list[Mapping[str, Any]] = policies[0]["PolicyDocument"]["Statement"]
    return statements
