"""What a function's imports cost: the number of modules, the time and the memory, by package.

Never imports the artefact into the build itself: a fresh interpreter does, which sees the standard library and the
artefact and nothing of the building environment.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from artefact.errors import BuildError

RUNS = 5
"""The quickest of these counts: the others measure the machine's other work."""

FUNCTIONS = {
    "github": "hookwatch.ingest.handler",
    "twilio": "hookwatch.ingest.handler",
    "replay": "hookwatch.recover.replay",
    "sweeper": "hookwatch.recover.sweeper",
}
"""Function -> the module of its handler. A function that is a provider's is called as the provider is."""

# Everything a function refuses to start without; the addresses lead nowhere, so that an import cannot call AWS.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_LAMBDA_FUNCTION_NAME": "imports",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "HOOKWATCH_CLAIM_BUCKET": "none",
    "HOOKWATCH_EVENT_BUS": "default",
    "HOOKWATCH_PARKING_DLQ_URL": "http://127.0.0.1:9/dlq",
    "HOOKWATCH_PARKING_QUEUE_URL": "http://127.0.0.1:9/queue",
    "HOOKWATCH_STACK": "none",
    "HOOKWATCH_SWEEPER_HOOK_ID": "0",
    "HOOKWATCH_SWEEPER_MAX_PER_RUN": "1",
    "HOOKWATCH_SWEEPER_REPOSITORY": "octo-org/hello-world",
    "HOOKWATCH_SWEEPER_RETENTION_HOURS": "72",
    "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AAAAAA",
    "HOOKWATCH_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AAAAAA",
    "POWERTOOLS_METRICS_NAMESPACE": "Hookwatch",
    "POWERTOOLS_SERVICE_NAME": "hookwatch",
}

_PROBE = """
import importlib, json, resource, sys, time
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
started = time.perf_counter()
importlib.import_module(sys.argv[2])
elapsed = time.perf_counter() - started
names = sorted(set(sys.modules) - before)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stdout = sys.__stdout__
print(json.dumps({"ms": elapsed * 1000, "modules": names, "peak_kib": peak}))
"""


@dataclass(frozen=True, slots=True)
class Imports:
    """What importing one function's handler loads.

    Attributes:
        function: Whose, by the name in `FUNCTIONS`.
        import_ms: The quickest of several runs, in a fresh interpreter each.
        peak_memory_bytes: The interpreter's own memory included.
        modules: How many modules each top-level package brings, the largest first.
    """

    function: str
    import_ms: float
    peak_memory_bytes: int
    modules: Mapping[str, int]


def measure(artefact: Path, function: str) -> Imports:
    """Imports the handler from an artefact that this machine can run.

    Raises:
        BuildError: If the handler cannot be imported; its traceback is in the message.
    """
    best = min((_probe(artefact, function) for _ in range(RUNS)), key=lambda run: run.import_ms)
    counts: dict[str, int] = {}
    for name in best.modules:
        top = name.split(".")[0]
        top = "standard library" if top in sys.stdlib_module_names else top
        counts[top] = counts.get(top, 0) + 1
    return Imports(
        function=function,
        import_ms=round(best.import_ms, 1),
        peak_memory_bytes=best.peak_memory_bytes,
        modules=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    import_ms: float
    peak_memory_bytes: int
    modules: tuple[str, ...]


def _probe(artefact: Path, function: str) -> _Run:
    environment = {**_ENVIRONMENT, "HOOKWATCH_PROVIDER": function, "LAMBDA_TASK_ROOT": str(artefact)}
    environment["PATH"] = os.environ.get("PATH", "")
    done = subprocess.run(  # noqa: S603 - our own interpreter
        # -S hides the building environment's packages, -B keeps the artefact as it was built.
        [sys.executable, "-S", "-B", "-c", _PROBE, str(artefact), FUNCTIONS[function]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"The {function} function cannot start from {artefact}:\n{done.stderr.strip()}")
    document = json.loads(done.stdout.splitlines()[-1])
    return _Run(
        import_ms=document["ms"],
        peak_memory_bytes=document["peak_kib"] * 1024,  # Linux counts in KiB
        modules=tuple(document["modules"]),
    )
