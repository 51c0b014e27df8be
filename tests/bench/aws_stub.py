"""Secrets Manager and EventBridge on loopback, in a process of their own so that their CPU does not count.

Never checks a request and never fails: it answers what a healthy AWS would, as fast as it can. The X-Ray daemon's UDP
port is open too, and nobody reads it. As a script it is that process: it prints its ports as one line of JSON, then
answers every line on standard input with the body of the last PutEvents, and ends with its input.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

SECRET = "It's a Secret to Everybody"
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:bench-AbCdEf"
VERSION = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"

_ANSWERS = {
    "DescribeSecret": {"ARN": SECRET_ARN, "Name": "bench", "VersionIdsToStages": {VERSION: ["AWSCURRENT"]}},
    "GetSecretValue": {
        "ARN": SECRET_ARN,
        "Name": "bench",
        "VersionId": VERSION,
        "SecretString": SECRET,
        "VersionStages": ["AWSCURRENT"],
    },
    "PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": "6a51f4c3-1d5e-4a0b-9f5c-2f1a7b1c9d3e"}]},
}
_READ_BYTES = 1 << 20


class AwsStub:
    """The stub's process as a context."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.aws_port = 0
        self.xray_port = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-B", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.aws_port, self.xray_port = self._read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop it."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def published(self) -> Any:
        """What PutEvents was asked last."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def serve() -> None:
    """Be the stub until standard input ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(type=socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        last = {"PutEvents": b"{}"}
        threading.Thread(target=_accept, args=(listener, last), daemon=True).start()
        print(json.dumps([listener.getsockname()[1], daemon.getsockname()[1]]), flush=True)
        for _ in sys.stdin:
            print(json.dumps(json.loads(last["PutEvents"])), flush=True)


def _accept(listener: socket.socket, last: dict[str, bytes]) -> None:
    while True:
        peer, _ = listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_talk, args=(peer, last), daemon=True).start()


def _talk(peer: socket.socket, last: dict[str, bytes]) -> None:
    """Answer request after request on one connection, as HTTP/1.1 keeps it."""
    answers = {name: _http(json.dumps(answer).encode()) for name, answer in _ANSWERS.items()}
    buffered = bytearray()
    with peer:
        while True:
            while (end := buffered.find(b"\r\n\r\n")) < 0:
                if not (chunk := peer.recv(_READ_BYTES)):
                    return
                buffered += chunk
            headers = dict(line.lower().split(b": ", 1) for line in bytes(buffered[:end]).split(b"\r\n")[1:])
            whole = end + 4 + int(headers.get(b"content-length", b"0"))
            while len(buffered) < whole:
                if not (chunk := peer.recv(_READ_BYTES)):
                    return
                buffered += chunk
            target = headers[b"x-amz-target"].rpartition(b".")[2]
            operation = next(name for name in answers if name.lower().encode() == target)
            last[operation] = bytes(buffered[end + 4 : whole])
            del buffered[:whole]
            peer.sendall(answers[operation])


def _http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {len(body)}\r\n"
    return f"{head}x-amzn-requestid: 5b0b9f4e-0f8a-4a55-9d0c-7f1f3a2e7c11\r\n\r\n".encode() + body


if __name__ == "__main__":
    serve()
