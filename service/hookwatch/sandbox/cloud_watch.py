"""What watches a running sandbox by itself: the tap on the buses, the meters, the alarms.

Never touches a function or a fault: it looks at what they leave behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.sandbox.alarms_live import LiveAlarms
from hookwatch.sandbox.alarms_template import UnreadTemplate
from hookwatch.sandbox.aws_metrics_account import account_points
from hookwatch.sandbox.aws_metrics_queues import QueueMeter
from hookwatch.sandbox.aws_metrics_rules import RuleMeter
from hookwatch.sandbox.aws_metrics_topics import TopicMeter
from hookwatch.sandbox.cloud_pulse import Pulse
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.events import RULE
from hookwatch.sandbox.events_tap import EventTap
from hookwatch.sandbox.queue_view import QueueView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AsyncExitStack

    from hookwatch.sandbox.cloud_observer import CloudObserver
    from hookwatch.sandbox.deploy import Deployment
    from hookwatch.sandbox.faults import FaultTable
    from hookwatch.sandbox.lambda_function import LambdaFunction


class CloudWatch:
    """The watchers of one stack.

    Attributes:
        tap: What reached the buses.
        alarms: The alarms of the template.
        queues: The stack's queues.
    """

    def __init__(self, observer: CloudObserver, faults: FaultTable, deployment: Deployment, endpoint: str) -> None:
        """Watch what this deployment made in the emulator at `endpoint`."""
        clients = Clients(endpoint)
        clock = observer.clock
        self._observer = observer
        self._clients = clients
        self._rules = RuleMeter(clients, RULE, faults, clock)
        self.tap = EventTap(Clients(endpoint, attempts=1), deployment.buses, self._rules, observer.metric)
        if not isinstance(deployment.alarms, UnreadTemplate):
            observer.source.watch(deployment.alarms)
        self.alarms = LiveAlarms(deployment.alarms, observer.source, clock.now_s(), unread=observer.source.unread)
        self.queues = QueueView(clients, deployment.queues, observer.metrics)
        self._meter = QueueMeter(clients, deployment.queues, clock.age_s) if deployment.queues else None
        specs = [function.spec for function in deployment.functions.values()]
        observer.log_groups = {spec.name: spec.log_group_name for spec in specs}

    async def start(self, exits: AsyncExitStack, running: Callable[[], Iterable[LambdaFunction]]) -> None:
        """Begin; `running` tells the functions that count towards the account's concurrency."""
        exits.push_async_callback(self.tap.stop)
        await self.tap.start()
        pulse = Pulse(
            self._observer,
            self.alarms,
            rules=self._rules,
            topics=TopicMeter(self._clients),
            queues=self._meter,
            account=lambda: account_points(running()),
        )
        exits.push_async_callback(pulse.stop)
        pulse.start()
