"""The fake GitHub on a port of its own, in a thread, for tests and rehearsals. Listens on loopback only."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from hookwatch.sandbox.cloud_model import LOOPBACK
from hookwatch.sandbox.github_api import github_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.sandbox.github_api_world import FakeGitHub

POLL_S = 0.005
STOP_LIMIT_S = 5.0


@contextmanager
def serving(world: FakeGitHub, port: int = 0) -> Iterator[str]:
    """Serve a fake GitHub; yields the value for GITHUB_API_URL."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    config = uvicorn.Config(
        github_api(world), ws="none", lifespan="off", access_log=False, log_level="error", date_header=False
    )
    server = uvicorn.Server(config)
    # Not in the main thread uvicorn handles no signals.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(POLL_S)
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_LIMIT_S)
        listener.close()
        world.close()
