"""Runs one function behind its Function URL on a thread of its own, and remembers what the observer is told."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from hookwatch.sandbox.function_url import function_url_app, function_url_config
from hookwatch.sandbox.lambda_function import LambdaFunction
from hookwatch.sandbox.lambda_model import FunctionSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hookwatch.sandbox.lambda_model import MetricPoint

FUNCTIONS = Path(__file__).with_name("functions")


def spec_of(handler: str, **changes: Any) -> FunctionSpec:
    """Return a spec for a handler of tests/sandbox/functions."""
    return FunctionSpec(**{"name": "probe", "handler": handler, "source_root": FUNCTIONS, **changes})


class Recorder:
    """An observer that keeps everything."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.points: list[MetricPoint] = []
        self.segments: list[Mapping[str, Any]] = []

    def log_line(self, function: str, line: str) -> None:
        self.lines.append(line)

    def metric(self, point: MetricPoint) -> None:
        self.points.append(point)

    def segment(self, document: Mapping[str, object]) -> None:
        self.segments.append(document)

    def values(self, name: str) -> list[float]:
        """Return every value of one metric, in order."""
        return [point.value for point in self.points if point.name == name]

    def platform(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one type among the JSON platform lines."""
        documents = [json.loads(line) for line in self.lines if line.startswith('{"time"')]
        return [document["record"] for document in documents if document["type"] == kind]


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(slots=True)
class Rig:
    """A running function."""

    function: LambdaFunction
    seen: Recorder
    port: int = 0
    loop: asyncio.AbstractEventLoop | None = None
    failures: list[BaseException] = field(default_factory=list)

    def request(
        self,
        method: str = "POST",
        target: str = "/",
        body: bytes = b"",
        headers: Sequence[tuple[str, str]] = (),
    ) -> Response:
        """Send one request exactly as given; the target is not touched."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            skip_host = any(name.lower() == "host" for name, _ in headers)
            connection.putrequest(method, target, skip_host=skip_host, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Response(answer.status, answer.getheaders(), answer.read())

    def at_once(self, count: int, target: str = "/") -> list[Response]:
        """Send several requests in parallel."""
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda _: self.request(target=target), range(count)))


async def _serve(rig: Rig, started: threading.Event, stop: threading.Event) -> None:
    rig.loop = asyncio.get_running_loop()
    await rig.function.start()
    app = function_url_app(rig.function, observer=rig.seen, domain="probe.lambda-url.us-east-1.on.aws")
    server = uvicorn.Server(function_url_config(app, port=0))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, not an event
        await asyncio.sleep(0.005)
    rig.port = server.servers[0].sockets[0].getsockname()[1]
    started.set()
    await asyncio.to_thread(stop.wait)
    server.should_exit = True
    await rig.function.stop()
    await serving


@contextlib.contextmanager
def running(spec: FunctionSpec) -> Iterator[Rig]:
    """Run a function behind its URL until the block ends."""
    seen = Recorder()
    started, stop = threading.Event(), threading.Event()
    rigs: list[Rig] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            rig = Rig(LambdaFunction(spec, observer=seen), seen)
            rigs.append(rig)
            asyncio.run(_serve(rig, started, stop))
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test has to see it
            failures.append(failure)
            started.set()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait(20)
    try:
        if failures:
            raise failures[0]
        yield rigs[0]
    finally:
        stop.set()
        thread.join(20)
    if failures:
        raise failures[0]


def gone(pid: int, *, within_s: float = 3.0) -> bool:
    """Wait for a process to end; a zombie counts as ended."""
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
