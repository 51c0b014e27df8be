"""The sandbox: the template deployed, the functions running, everything watched.

Never prints and never handles a signal. `async with Sandbox(config) as sandbox:` is the whole interface; whatever way
the block ends, no process and no folder is left.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from random import Random
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from hookwatch import __version__
from hookwatch.sandbox.cloud_model import LOOPBACK, MisuseError, SandboxConfig
from hookwatch.sandbox.cloud_observer import CloudObserver
from hookwatch.sandbox.cloud_server import WebServer, bind
from hookwatch.sandbox.console import console_app
from hookwatch.sandbox.deploy import Deployment, deploy
from hookwatch.sandbox.deploy_clients import CREDENTIALS, Clients, session_credentials
from hookwatch.sandbox.events import EventBuses, EventTap
from hookwatch.sandbox.faults import FaultTable
from hookwatch.sandbox.faults_proxy import FaultProxy
from hookwatch.sandbox.function_url import function_url_app, function_url_config
from hookwatch.sandbox.lambda_function import LambdaFunction
from hookwatch.sandbox.ministack import MiniStack
from hookwatch.sandbox.traces_collector import TraceCollector

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from types import TracebackType

    from hookwatch.sandbox.cloud_store import Store
    from hookwatch.sandbox.lambda_model import FunctionSpec

DOMAIN = "sandbox.lambda-url.us-east-1.on.aws"


class Sandbox:
    """The local cloud, from entering the block to leaving it."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.observer = CloudObserver()
        self.faults = FaultTable(Random(config.seed))  # noqa: S311 - dice for faults, not for keys
        self._exits = AsyncExitStack()
        self._ministack = MiniStack(enforce_iam=config.enforce_iam)
        self._proxy: FaultProxy | None = None
        self._tap: EventTap | None = None
        self._deployment: Deployment | None = None
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
        self._tap = EventTap(Clients(self._ministack.endpoint, attempts=1), deployment.buses)
        exits.push_async_callback(self._tap.stop)
        await self._tap.start()
        self._proxy = FaultProxy(
            self._ministack.endpoint,
            self.faults,
            on_metric=self.observer.metric,
            buses=EventBuses(clients),
        )
        exits.push_async_callback(self._proxy.stop)
        await self._proxy.start()
        collector = TraceCollector(self.observer.segment)
        exits.callback(collector.stop)
        await collector.start()
        for provider in ("github", "twilio"):
            if provider in deployment.functions:
                credentials = await asyncio.to_thread(self._credentials, clients, provider)
                spec = _complete(deployment.functions[provider], credentials, self._proxy.endpoint, collector.address)
                await self._serve(exits, provider, spec, listeners[provider])
        console = uvicorn.Config(
            console_app(self),
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="error",
            server_header=False,
            proxy_headers=False,
        )
        server = WebServer(console, listeners["api"])
        exits.push_async_callback(server.stop)
        await server.start()
        self._urls["api"] = server.url

    def _credentials(self, clients: Clients, provider: str) -> Mapping[str, str]:
        assert self._deployment is not None
        if not self.config.enforce_iam:
            return CREDENTIALS
        return session_credentials(clients, self._deployment.roles[provider], f"hookwatch-{provider}")

    async def _serve(self, exits: AsyncExitStack, provider: str, spec: FunctionSpec, listener: socket.socket) -> None:
        function = LambdaFunction(spec, observer=self.observer)
        exits.push_async_callback(function.stop)
        try:
            await function.start()
        except NotADirectoryError as error:
            raise MisuseError(str(error)) from error
        app = function_url_app(function, observer=self.observer, domain=f"{provider}.{DOMAIN}")
        server = WebServer(function_url_config(app, port=listener.getsockname()[1], host=LOOPBACK), listener)
        exits.push_async_callback(server.stop)
        await server.start()
        self._urls[provider] = server.url

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
    def events(self) -> Store[dict[str, Any]]:
        """Events as the rule's target received them."""
        assert self._tap is not None
        return self._tap.events

    def health(self) -> Mapping[str, Any]:
        """Return what /api/health answers."""
        assert self._deployment is not None
        assert self._proxy is not None
        return {
            "status": "ok" if self._ministack.alive else "the AWS emulator has ended: start again",
            "version": __version__,
            "uptime_s": round(time.monotonic() - self._started_s, 3),
            "api_url": self.api_url,
            "github_url": self.github_url,
            "twilio_url": self.twilio_url,
            "functions": {
                provider: _function_as_json(spec, self._urls.get(provider))
                for provider, spec in self._deployment.functions.items()
            },
            "template": str(self.config.template),
            "outputs": dict(self._deployment.outputs),
            "event_buses": list(self._deployment.buses),
            "stripped": [asdict(item) for item in self._deployment.stripped],
            "aws_endpoint_url": self._ministack.endpoint,
            "fault_proxy_url": self._proxy.endpoint,
        }


def _function_as_json(spec: FunctionSpec, url: str | None) -> dict[str, Any]:
    return {
        "url": url,
        "name": spec.name,
        "handler": spec.handler,
        "timeout_s": spec.timeout_s,
        "memory_mb": spec.memory_mb,
        "reserved_concurrency": spec.reserved_concurrency,
        "log_format": spec.log_format,
        "tracing": spec.tracing,
    }


def _complete(spec: FunctionSpec, credentials: Mapping[str, str], endpoint: str, trace_address: str) -> FunctionSpec:
    """Add what only the sandbox knows."""
    ours = {"AWS_ENDPOINT_URL": endpoint, "AWS_XRAY_DAEMON_ADDRESS": trace_address, **credentials}
    return replace(spec, environment={**spec.environment, **ours})
