"""All functions of the stack, running: behind their URLs, at their queues, on their schedules.

Never deploys and never strikes by itself: faults come from the table. What starts here stops in the opposite order.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import LOOPBACK, MisuseError
from hookwatch.sandbox.cloud_server import WebServer
from hookwatch.sandbox.deploy_clients import CREDENTIALS, Clients, session_credentials
from hookwatch.sandbox.function_settings import FunctionSettings
from hookwatch.sandbox.function_url import function_url_app, function_url_config
from hookwatch.sandbox.lambda_environment import connected
from hookwatch.sandbox.lambda_function import LambdaFunction
from hookwatch.sandbox.queue_sources import QueueSources
from hookwatch.sandbox.schedule_clock import ScheduleClock

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from contextlib import AsyncExitStack

    from hookwatch.sandbox.cloud_observer import CloudObserver
    from hookwatch.sandbox.deploy_functions import DeployedFunction
    from hookwatch.sandbox.faults import FaultTable
    from hookwatch.sandbox.faults_signing import Signatures
    from hookwatch.sandbox.lambda_model import FunctionSpec

DOMAIN = "sandbox.lambda-url.us-east-1.on.aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the functions meet.

    Attributes:
        emulator: URL of the AWS API itself.
        proxy: URL of the AWS API as the functions reach it.
        traces: Address of the X-Ray collector.
        signatures: Is told the key of each function's session.
        enforce_iam: Whether each function has the session of its own role.
    """

    emulator: str
    proxy: str
    traces: str
    signatures: Signatures
    enforce_iam: bool


class CloudFunctions:
    """The functions by key, each also known by its name.

    Attributes:
        urls: Address of each function that has one here, by key.
        queues: What feeds functions from queues.
        schedules: What invokes functions by the clock.
    """

    def __init__(self, deployed: Mapping[str, DeployedFunction], observer: CloudObserver, faults: FaultTable) -> None:
        self.urls: dict[str, str] = {}
        self.queues: QueueSources | None = None
        self.schedules: ScheduleClock | None = None
        self._deployed = deployed
        self._observer = observer
        self._faults = faults
        self._running: dict[str, LambdaFunction] = {}

    async def start(self, exits: AsyncExitStack, listeners: Mapping[str, socket.socket], around: Around) -> None:
        """Start them all; a function that answers a provider listens on that provider's socket."""
        emulator, proxy = around.emulator, around.proxy
        clients = Clients(emulator)
        roles: dict[str, Mapping[str, str]] = {}
        addresses = served_at(self._deployed, listeners)
        for key, made in self._deployed.items():
            roles[key] = await asyncio.to_thread(_credentials, clients, made) if around.enforce_iam else CREDENTIALS
            around.signatures.add(roles[key])
            spec = connected(_addressed(made.spec, addresses), roles[key], proxy, around.traces)
            await self._begin(exits, key, spec, emulator)
            if made.provider is not None and made.provider in listeners:
                await self._serve(exits, key, listeners[made.provider])
        named = {function.spec.name: (function, key) for key, function in self._running.items()}
        self.queues = QueueSources(
            Clients(emulator, attempts=1),
            {name: (function, Clients(proxy, credentials=roles[key])) for name, (function, key) in named.items()},
            self._observer.clock.speed,
        )
        exits.push_async_callback(self.queues.stop)
        await self.queues.start()
        retries = {made.spec.name: made.retries for made in self._deployed.values()}
        self.schedules = ScheduleClock(
            Clients(emulator, attempts=1),
            {name: function for name, (function, _) in named.items()},
            retries,
            self._observer.clock,
        )
        exits.push_async_callback(self.schedules.stop)
        await self.schedules.start()

    def find(self, name: str) -> LambdaFunction | None:
        """Return the function that is called so, by key or by name."""
        by_name = {function.spec.name: function for function in self._running.values()}
        return self._running.get(name) or by_name.get(name)

    @property
    def running(self) -> tuple[LambdaFunction, ...]:
        """All of them that have been started."""
        return tuple(self._running.values())

    def sources(self) -> dict[str, Any]:
        """Return what feeds the functions, as the API shows it."""
        readers = () if self.queues is None else self.queues.sources
        schedules = () if self.schedules is None else self.schedules.schedules
        return {
            "queues": [{**asdict(reader.mapping), "problem": reader.problem or None} for reader in readers],
            "schedules": [{**asdict(each), "every_s": each.every_s} for each in schedules],
        }

    async def _begin(self, exits: AsyncExitStack, key: str, spec: FunctionSpec, emulator: str) -> None:
        names = (key, spec.name)
        function = LambdaFunction(spec, observer=self._observer, strike=lambda: self._faults.draw_invoke(names))
        exits.push_async_callback(function.stop)
        try:
            await function.start()
        except NotADirectoryError as error:
            raise MisuseError(str(error)) from error
        self._running[key] = function
        settings = FunctionSettings(function, Clients(emulator, attempts=1))
        exits.push_async_callback(settings.stop)
        await settings.start()

    async def _serve(self, exits: AsyncExitStack, key: str, listener: socket.socket) -> None:
        app = function_url_app(self._running[key], observer=self._observer, domain=f"{key}.{DOMAIN}")
        server = WebServer(function_url_config(app, port=listener.getsockname()[1], host=LOOPBACK), listener)
        exits.push_async_callback(server.stop)
        await server.start()
        self.urls[key] = server.url


def served_at(deployed: Mapping[str, DeployedFunction], listeners: Mapping[str, socket.socket]) -> dict[str, str]:
    """Return where each Function URL of the emulator is really served."""
    return {
        made.url: _address(listeners[made.provider])
        for made in deployed.values()
        if made.url is not None and made.provider is not None and made.provider in listeners
    }


def _credentials(clients: Clients, made: DeployedFunction) -> Mapping[str, str]:
    return session_credentials(clients, made.role, f"hookwatch-{made.key}")


def _addressed(spec: FunctionSpec, addresses: Mapping[str, str]) -> FunctionSpec:
    """Return the function with the real address in every variable that holds a Function URL."""
    return replace(spec, environment={name: addresses.get(value, value) for name, value in spec.environment.items()})


def _address(listener: socket.socket) -> str:
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}/"
