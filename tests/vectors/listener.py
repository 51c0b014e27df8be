"""A webhook receiver on loopback that answers as it is told, for tests of the sender. Verifies nothing."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]


@dataclass(slots=True)
class Listener:
    """Every request so far, and how to answer the next one."""

    url: str
    answer: Callable[[Seen], tuple[int, str]]
    delay_s: float = 0.0
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def listening(
    answer: Callable[[Seen], tuple[int, str]] = lambda _: (200, '{"outcome":"accepted"}'),
) -> Iterator[Listener]:
    """Listen on a free port of 127.0.0.1; a status of 0 hangs up without an answer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    listener = Listener(f"http://127.0.0.1:{server.server_address[1]}/", answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.path, headers, body, self.client_address)
            listener.seen.append(seen)
            status, text = listener.answer(seen)
            time.sleep(listener.delay_s)
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.send_header("Location", listener.url + "elsewhere")
            with suppress(ConnectionError):  # whoever asked may have lost patience
                self.end_headers()
                self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server has
            """Quiet."""

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
