"""The sandbox: the template deployed, the functions running, everything watched.

Never prints and never handles a signal. `async with Sandbox(config) as sandbox:` is the whole interface; whatever way
the block ends, no process and no folder is left.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from random import Random
from typing import TYPE_CHECKING, Any, Self

from hookwatch.sandbox.clock import Clock
from hookwatch.sandbox.cloud_functions import Around, CloudFunctions
from hookwatch.sandbox.cloud_health import health
from hookwatch.sandbox.cloud_observer import CloudObserver
from hookwatch.sandbox.cloud_server import WebServer, bind, console_config
from hookwatch.sandbox.cloud_view import view
from hookwatch.sandbox.cloud_watch import CloudWatch
from hookwatch.sandbox.console import console_app
from hookwatch.sandbox.deploy import Deployment, deploy
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.events import EventBuses
from hookwatch.sandbox.faults import FaultTable
from hookwatch.sandbox.faults_proxy import FaultProxy
from hookwatch.sandbox.github_fake import SandboxGitHub
from hookwatch.sandbox.ministack import MiniStack
from hookwatch.sandbox.traces_collector import TraceCollector
from hookwatch.sandbox.twilio_fake import SandboxTwilio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.cloud_model import SandboxConfig
    from hookwatch.sandbox.cloud_store import Store
    from hookwatch.sandbox.faults_http import Answer, Request
    from hookwatch.sandbox.faults_operation import Call
    from hookwatch.sandbox.lambda_function import LambdaFunction
    from hookwatch.sandbox.queue_view import QueueView


class Sandbox:
    """The local cloud, from entering the block to leaving it."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.observer = CloudObserver(Clock(config.speed))
        self.faults = FaultTable(Random(config.seed))  # noqa: S311 - dice for faults, not for keys
        self._exits = AsyncExitStack()
        self._ministack = MiniStack(enforce_iam=config.enforce_iam)
        self._proxy: FaultProxy | None = None
        self._watch: CloudWatch | None = None
        self._deployment: Deployment | None = None
        self._functions: CloudFunctions | None = None
        self.twilio = SandboxTwilio(config.twilio_token)
        self.github = SandboxGitHub(config.github_secret)
        self._urls: dict[str, str] = {}
        self._started_s = time.monotonic()

    async def __aenter__(self) -> Self:
        """Start everything.

        Raises:
            PortTakenError: one of the ports belongs to another program.
            SandboxError: the template cannot be deployed, or ministack does not start.
        """
        async with AsyncExitStack() as exits:
            await self._start(exits)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything, last started first."""
        await self._exits.aclose()

    async def _start(self, exits: AsyncExitStack) -> None:
        listeners = bind(self.config.ports)
        for listener in listeners.values():
            exits.callback(listener.close)
        exits.push_async_callback(self._ministack.stop)
        await self._ministack.start()
        clients = Clients(self._ministack.endpoint)
        deployment = self._deployment = await asyncio.to_thread(deploy, self.config, clients)
        watch = self._watch = CloudWatch(self.observer, self.faults, deployment, self._ministack.endpoint)
        await watch.start(exits, lambda: self._functions.running if self._functions else ())
        self._proxy = FaultProxy(
            self._ministack.endpoint,
            self.faults,
            observer=self.observer,
            buses=EventBuses(clients),
            speed=self.config.speed,
            view=view(clients, deployment, listeners, (self.observer, self.alarms), self._find_function),
        )
        exits.push_async_callback(self._proxy.stop)
        await self._proxy.start()
        collector = TraceCollector(self.observer.segment)
        exits.callback(collector.stop)
        await collector.start()
        self._functions = CloudFunctions(deployment.functions, self.observer, self.faults)
        await self._functions.start(
            exits,
            {name: listener for name, listener in listeners.items() if name != "api"},
            Around(
                emulator=self._ministack.endpoint,
                proxy=self._proxy.endpoint,
                traces=collector.address,
                signatures=self._proxy.signatures,
                enforce_iam=self.config.enforce_iam,
            ),
        )
        self._urls |= self._functions.urls
        for provider, url in ((self.github, self.github_url), (self.twilio, self.twilio_url)):
            exits.callback(provider.close)
            if url is not None:
                provider.point_to(url)
        server = WebServer(console_config(console_app(self)), listeners["api"])
        exits.push_async_callback(server.stop)
        await server.start()
        self._urls["api"] = server.url

    def _find_function(self, name: str) -> LambdaFunction | None:
        return None if self._functions is None else self._functions.find(name)

    @property
    def api_url(self) -> str:
        """Page and JSON API, with a trailing slash."""
        return self._urls["api"]

    @property
    def github_url(self) -> str | None:
        """GitHub's Function URL; None when the template does not make it."""
        return self._urls.get("github")

    @property
    def twilio_url(self) -> str | None:
        """Twilio's Function URL; None when the template does not make it."""
        return self._urls.get("twilio")

    @property
    def functions(self) -> CloudFunctions:
        """The functions, each by its provider or name."""
        assert self._functions is not None
        return self._functions

    @property
    def queues(self) -> QueueView:
        """The stack's queues."""
        assert self._watch is not None
        return self._watch.queues

    @property
    def events(self) -> Store[dict[str, Any]]:
        """Events as the rule's target received them."""
        assert self._watch is not None
        return self._watch.tap.events

    @property
    def alarms(self) -> LiveAlarms:
        """The alarms of the template."""
        assert self._watch is not None
        return self._watch.alarms

    def listen(
        self,
        *,
        on_event: Callable[[Mapping[str, Any]], None] | None = None,
        on_line: Callable[[str], None] | None = None,
        on_call: Callable[[Call, Request, Answer], None] | None = None,
    ) -> None:
        """Tell of everything from now on, however much it is: what is kept here is only the newest.

        `on_event` gets each event as the rule's target received it, in a thread of its bus, and may take its time.
        `on_line` gets each log line, `on_call` each AWS call that reached the emulator; they must return at once.
        """
        assert self._watch is not None
        assert self._proxy is not None
        self._watch.tap.listeners += [] if on_event is None else [on_event]
        self.observer.listeners += [] if on_line is None else [on_line]
        self._proxy.listeners += [] if on_call is None else [on_call]

    def health(self) -> Mapping[str, Any]:
        """Return what /api/health answers."""
        assert self._deployment is not None
        assert self._proxy is not None
        return health(
            self._deployment,
            self._urls,
            template=self.config.template,
            clock=self.observer.clock,
            uptime_s=time.monotonic() - self._started_s,
            alive=self._ministack.alive,
            aws_endpoint=self._ministack.endpoint,
            proxy_endpoint=self._proxy.endpoint,
        )
