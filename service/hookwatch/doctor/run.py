"""All checks in the order in which an operator would go: the stack, the door, the key, the way out, the alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from hookwatch.doctor.alarm_checks import check_alarms, check_budget, check_topic
from hookwatch.doctor.queue_checks import check_queues, check_replay
from hookwatch.doctor.secret_checks import check_secrets
from hookwatch.doctor.stack_checks import check_functions, check_quota, check_stack
from hookwatch.doctor.url_checks import check_answer, check_permissions, check_ping, no_ping

if TYPE_CHECKING:
    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place

Check = Callable[["Place"], Iterator["Finding"]]

CHECKS: tuple[Check, ...] = (
    check_stack,
    check_functions,
    check_quota,
    check_permissions,
    check_answer,
    check_secrets,
    check_ping,
    check_queues,
    check_replay,
    check_topic,
    check_alarms,
    check_budget,
)


def examine(place: Place, *, ping: bool = True, more: tuple[Check, ...] = ()) -> Iterator[Finding]:
    """Look at everything, and yield each finding as it is made.

    Args:
        place: where to look.
        ping: whether signed heartbeats may be sent.
        more: checks of the provider's side, for which the caller brought credentials.
    """
    for check in (*CHECKS, *more):
        yield from (no_ping if check is check_ping and not ping else check)(place)
