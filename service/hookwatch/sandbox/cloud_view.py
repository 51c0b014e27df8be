"""What the proxy answers itself because the emulator cannot, put together for one sandbox. Never answers anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.sandbox.aws_view import AwsView
from hookwatch.sandbox.aws_view_invoke import Invoker
from hookwatch.sandbox.aws_view_model import Seen
from hookwatch.sandbox.aws_view_moves import Mover
from hookwatch.sandbox.cloud_functions import served_at

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.cloud_observer import CloudObserver
    from hookwatch.sandbox.deploy import Deployment
    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_function import LambdaFunction


def view(
    clients: Clients,
    deployment: Deployment,
    listeners: Mapping[str, socket.socket],
    seen: tuple[CloudObserver, LiveAlarms],
    find: Callable[[str], LambdaFunction | None],
) -> AwsView:
    """Return the view of what was deployed, seen and judged here; `find` knows the functions by name."""
    observer, alarms = seen
    return AwsView(
        Seen(observer, alarms, observer.log_groups),
        served_at(deployment.functions, listeners),
        Invoker(find),
        Mover(clients),
    )
