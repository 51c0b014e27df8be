"""ministack as a child: one AWS API on a free loopback port.

Never deploys anything and never talks to AWS. Who ends it when we cannot is `ministack_keeper`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hookwatch.sandbox.cloud_model import ACCOUNT, LOOPBACK, REGION, SandboxError, one_line

if TYPE_CHECKING:
    from asyncio.subprocess import Process

START_LIMIT_S = 15.0
"""ministack is ready 0.3 s after its start (facts measured 2026-11); a busy machine gets fifty times that."""

STOP_LIMIT_S = 8.0
READY_POLL_S = 0.02
PORT_TRIES = 3
KEEPER = Path(__file__).with_name("ministack_keeper.py")


def free_port() -> int:
    """Return a loopback TCP port that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class MiniStack:
    """One running ministack; with `enforce_iam` it holds callers to their roles' policies."""

    def __init__(self, *, enforce_iam: bool = False) -> None:
        self._enforce_iam = enforce_iam
        self._process: Process | None = None
        self._folder: Path | None = None
        self._port = 0
        self._last_word: asyncio.Task[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs; False once it has ended by itself."""
        return self._last_word is not None and not self._last_word.done()

    @property
    def endpoint(self) -> str:
        """The URL of the AWS API."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def folder(self) -> Path:
        """Its temporary folder; gone after `stop`."""
        if self._folder is None:
            raise SandboxError("ministack has not been started")
        return self._folder

    async def start(self) -> None:
        """Start and wait until requests are answered.

        Raises:
            SandboxError: ministack ended or stayed silent; the message carries the end of its log.
        """
        problem = ""
        for _ in range(PORT_TRIES):  # a port that was free may be taken before ministack listens on it
            self._port = free_port()
            problem = await self._start_once()
            if not problem:
                return
            await self.stop()
            if "in use" not in problem:
                break
        raise SandboxError(f"ministack did not start: {problem}")

    async def _start_once(self) -> str:
        settings = {
            "BIND_HOST": LOOPBACK,  # its default is every interface
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AUTH": "true" if self._enforce_iam else "false",
            "IOT_MTLS_ENABLED": "0",  # would listen on every interface
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_WORKER_THREADS": "16",
            "DOCKER_HOST": "unix:///nonexistent",  # it reaps containers of others when it finds a daemon
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(KEEPER),
            json.dumps(settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; the keeper ends when we have ended
        )
        assert self._process.stdout is not None
        first = await self._process.stdout.readline()
        if not first:
            return "its keeper ended at once"
        self._folder = Path(json.loads(first)["folder"])
        self._last_word = asyncio.create_task(self._process.stdout.readline())
        try:
            async with asyncio.timeout(START_LIMIT_S):
                while self.alive:
                    if await self._answers():
                        return ""
                    await asyncio.sleep(READY_POLL_S)
        except TimeoutError:
            return f"no answer on {self.endpoint} in {START_LIMIT_S:.0f} s"
        return one_line(json.loads(self._last_word.result() or b"{}").get("log", "no log"))

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
        except OSError:
            return False
        try:
            writer.write(b"GET /_ministack/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return b" 200 " in await reader.readline()
        except OSError:
            return False
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def stop(self) -> None:
        """End ministack with all that it started, and remove its folder."""
        process, self._process = self._process, None
        if self._last_word is not None:
            self._last_word.cancel()
            self._last_word = None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                async with asyncio.timeout(STOP_LIMIT_S):
                    await process.wait()
            except TimeoutError:
                process.kill()  # ministack dies with its parent
                await process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
