"""Processes that run one handler each, in an environment like Lambda's.

Never inherits the caller's environment: a setting of this shell would be measured too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bench.aws_stub import SECRET_ARN, AwsStub
from bench.trees import BenchError

if TYPE_CHECKING:
    from types import TracebackType

    from bench.trees import Tree

_WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True)
class Stand:
    """What every run needs.

    Attributes:
        python: The interpreter that runs the handlers.
        stub: AWS.
        scratch: A folder for events and for what the handlers print.
        plain: The plain handler.
        ours: Ours.
    """

    python: Path
    stub: AwsStub
    scratch: Path
    plain: Tree
    ours: Tree

    @property
    def pair(self) -> tuple[Tree, Tree]:
        """Both handlers, the plain one first."""
        return self.plain, self.ours


class Worker:
    """A fresh process with one handler, as a context."""

    def __init__(self, stand: Stand, tree: Tree) -> None:
        """Nothing runs yet."""
        self._stand = stand
        self._tree = tree
        self._process: subprocess.Popen[str] | None = None
        self._replies: Any = None
        self._log = stand.scratch / f"{tree.name}-{os.urandom(4).hex()}.log"

    def __enter__(self) -> Self:
        """Start the interpreter; the handler is not imported yet."""
        ours, theirs = os.pipe()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command(self._stand, self._tree), str(theirs)],
                stdin=subprocess.PIPE,
                stdout=log,
                text=True,
                pass_fds=(theirs,),
                env=environment(self._stand, self._tree),
            )
        os.close(theirs)
        self._replies = os.fdopen(ours, encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End the interpreter."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()
        self._replies.close()

    def load(self) -> dict[str, Any]:
        """Import the handler."""
        return self._ask({"do": "import", "module": self._tree.module})

    def call(self, event: Path, times: int = 1, *, sampled: bool) -> dict[str, Any]:
        """Hand it an event so many times."""
        return self._ask({"do": "call", "event": str(event), "times": times, "sampled": sampled})

    def log(self) -> str:
        """Everything that the handler has printed."""
        return self._log.read_text(encoding="utf-8")

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._replies.readline()
        if not line:
            raise BenchError(f"the {self._tree.name} handler has died; its traceback is above")
        reply: dict[str, Any] = json.loads(line)
        return reply


def instructions(stand: Stand, tree: Tree | None) -> int | None:
    """Instructions that it takes to start and to import a handler, counted by valgrind; None if it cannot count.

    Args:
        stand: Where it runs.
        tree: Whose handler; None for an interpreter that does nothing.
    """
    tree, code = (tree, command(stand, tree)) if tree else (stand.plain, [*interpreter(stand), "-c", "pass"])
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    done = subprocess.run(
        [*valgrind, *code, "2"],
        input=json.dumps({"do": "import", "module": tree.module}) + "\n",
        capture_output=True,
        text=True,
        check=False,
        env=environment(stand, tree) | {"PATH": os.environ.get("PATH", os.defpath)},
    )
    counted = re.search(r"Collected : (\d+)", done.stderr)
    return int(counted[1]) if counted and done.returncode == 0 else None


def interpreter(stand: Stand) -> list[str]:
    """The interpreter, with neither site packages nor anything else of the caller's."""
    return [str(stand.python), "-S", "-B", "-P"]


def command(stand: Stand, tree: Tree) -> list[str]:
    """The worker's command line, less its last argument, which is the descriptor for its replies."""
    return [*interpreter(stand), str(_WORKER), str(tree.folder)]


def environment(stand: Stand, tree: Tree) -> dict[str, str]:
    """What a function sees on Lambda, AWS's addresses aside."""
    return {
        # Lambda sets these; https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, read 2026-11-22.
        "LAMBDA_TASK_ROOT": str(tree.folder),
        "AWS_LAMBDA_FUNCTION_NAME": "bench-github",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench" * 120,
        "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{stand.stub.xray_port}",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "_X_AMZN_TRACE_ID": "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
        # What template.yaml sets.
        "HOOKWATCH_PROVIDER": "github",
        "HOOKWATCH_SECRET_ARN": SECRET_ARN,
        "HOOKWATCH_EVENT_BUS": "default",
        "HOOKWATCH_PARKING_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/hooks-parked",
        "HOOKWATCH_CLAIM_BUCKET": "hooks-claims",
        "POWERTOOLS_SERVICE_NAME": "hookwatch",
        "POWERTOOLS_METRICS_NAMESPACE": "Hookwatch",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
        "POWERTOOLS_TRACER_CAPTURE_ERROR": "false",
        # And the plain handler's own.
        "PLAIN_SECRET_ID": SECRET_ARN,
        "PLAIN_EVENT_BUS": "default",
        # This benchmark's: AWS on loopback, nobody's configuration files, and the same hashes in every run.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{stand.stub.aws_port}",
        "HOME": str(stand.scratch),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
    }
