"""A016, A017, A018, A025: what an alarm says and whom it tells.

Never fetches a runbook URL.
"""

import re
from collections.abc import Iterator

from hookwatch.alarms.definition import Definition, Unjudgeable
from hookwatch.alarms.lint.context import Context
from hookwatch.cfn import Resource, Unresolved, contains_unresolved

MAX_DESCRIPTION_CHARACTERS = 1_024
MAX_ACTIONS = 5
"""API_PutMetricAlarm.html and API_PutCompositeAlarm.html in CloudWatch's API reference, read 2026-11-22."""

_ACTION_LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_URL = re.compile(r"https?://\S+")


def alarm_findings(alarm: Definition | Unjudgeable, resource: Resource, context: Context) -> Iterator[tuple[str, str]]:
    """Yield `(rule, message)` for one alarm or composite."""
    description = resource.properties.get("AlarmDescription", "")
    if isinstance(description, str) and len(description) > MAX_DESCRIPTION_CHARACTERS:
        yield "A018", f"its description has {len(description):,} characters, {MAX_DESCRIPTION_CHARACTERS:,} are allowed"
    lists = {key: _listed(resource, key) for key in _ACTION_LISTS}
    for key, actions in lists.items():
        if len(actions) > MAX_ACTIONS:
            yield "A025", f"{key} has {len(actions)} entries, {MAX_ACTIONS} are allowed"
    if context.acting_parents(alarm.name):
        return
    enabled = str(resource.properties.get("ActionsEnabled", True)).lower() != "false"
    if not enabled:
        yield "A016", "its actions are switched off (ActionsEnabled false), and no composite acts for it"
    elif not any(lists.values()):
        yield "A016", "it has no action, and no composite that acts names it: nobody is told"
    if not contains_unresolved(description) and not _URL.search(str(description)):
        yield "A017", "its description has no runbook URL: whoever is paged does not know what to do"


def _listed(resource: Resource, key: str) -> list[object]:
    value = resource.properties.get(key) or []
    if isinstance(value, Unresolved):
        return [value]
    return value if isinstance(value, list) else [value]
