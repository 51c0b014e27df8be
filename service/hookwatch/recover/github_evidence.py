"""What our own function said when it refused: one answer for each cause, as GitHub kept it. Never decides by it.

GitHub's list tells a status code only; the answer's body names the outcome. A 401 may be a hook without a secret or one
with another secret, a 503 a secret that cannot be read or a bus that throttles: each has a runbook of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hookwatch.outcomes import Outcome
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import Scope
    from hookwatch.recover.github_plan import Plan


class _Answer(msgspec.Struct):
    outcome: str = ""


def our_words(github: GitHub, scope: Scope, plan: Plan) -> Mapping[str, Outcome]:
    """Cause -> the outcome that our answer named; nothing where somebody else answered, or nobody.

    The newest delivery of each cause is looked at. Whatever cannot be read is left out: this only helps to understand.
    """
    newest = {item.cause.name: item for item in plan.items if item.delivery.status_code}
    found: dict[str, Outcome] = {}
    for cause, item in newest.items():
        detail = github.delivery(scope, item.hook_id, item.delivery.id)
        if isinstance(detail, Problem):
            continue
        try:
            said = msgspec.json.decode(detail.response.payload or "", type=_Answer).outcome
            found[cause] = Outcome(said)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
    return found
