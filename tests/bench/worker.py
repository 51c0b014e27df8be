"""Runs one handler as Lambda would and measures its own CPU. Needs nothing but the standard library.

Never chooses what to run: it reads one JSON command a line and answers each with one line on the given descriptor.

    python worker.py CODE_FOLDER REPLY_DESCRIPTOR

`{"do": "import", "module": M}` imports `M`; `{"do": "call", "event": FILE, "times": N, "sampled": B}` hands the event
to its handler N times. It is read anew from JSON each time, as by AWS's runtime client, and that does not count. What
the handler writes goes to standard output, which is flushed at every write, as the runtime client does it too.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time

# Nothing is imported here that can be left out: what the worker has loaded already, an import no longer costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TextIO

    Handler = Callable[[dict[str, Any], Any], Any]

# As many no-op calls as it takes for their mean to stand still.
_IDLE_CALLS = 2000


class Unbuffered:
    """A stream that keeps nothing back."""

    def __init__(self, stream: TextIO) -> None:
        """Wrap a stream."""
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> None:
        """Write and flush."""
        self.stream.write(text)
        self.stream.flush()


class Context:
    """What Lambda hands over beside the event."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    function_name = "bench-github"
    memory_limit_in_mb = 256

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """The time left of nine seconds."""
        return 8990


def mean_cpu_us(handler: Handler, text: str, times: int, *, sampled: bool) -> tuple[float, object]:
    """The mean CPU of a call in microseconds, clock included, and the last answer."""
    spent_ns, answer = 0, None
    for number in range(times):
        root = f"1-67891233-{number:024x}"
        os.environ["_X_AMZN_TRACE_ID"] = f"Root={root};Parent=53995c3f42cd8ad8;Sampled={int(sampled)};Lineage=1:a8:0"
        event = json.loads(text)
        began_ns = time.process_time_ns()
        answer = handler(event, Context)
        spent_ns += time.process_time_ns() - began_ns
    return spent_ns / times / 1000, answer


def peak_bytes() -> int | None:
    """The most memory this process ever held, in bytes; None where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib is not to be loaded
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return None


def _no_op(_event: object, _context: object) -> None:
    return None


def idle_us() -> float:
    """What the clock itself adds to a call."""
    return mean_cpu_us(_no_op, "{}", _IDLE_CALLS, sampled=False)[0]


def main(folder: str, replies: TextIO) -> None:
    """Serve commands until there are no more."""
    sys.path.insert(0, folder)
    sys.stdout = Unbuffered(sys.stdout)
    handler: Handler = _no_op
    clock_us: float | None = None
    reply: dict[str, Any]
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "import":
            began_ns = time.process_time_ns()
            handler = importlib.import_module(command["module"]).handler
            reply = {"cpu_us": (time.process_time_ns() - began_ns) / 1000}
        else:
            with open(command["event"], encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not to be loaded
                text = file.read()
            if clock_us is None:
                clock_us = idle_us()
            cpu_us, answer = mean_cpu_us(handler, text, command["times"], sampled=command["sampled"])
            reply = {"cpu_us": cpu_us - clock_us, "answer": answer, "peak_bytes": peak_bytes()}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[2]), "w", encoding="utf-8") as descriptor:
        main(sys.argv[1], descriptor)
