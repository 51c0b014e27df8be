"""The answer of /api/health.

Never asks anybody anything: it shows what the sandbox was started with.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hookwatch import __version__
from hookwatch.sandbox.clock import iso

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hookwatch.sandbox.clock import Clock
    from hookwatch.sandbox.deploy import Deployment
    from hookwatch.sandbox.lambda_model import FunctionSpec

EMULATOR_ENDED = "the AWS emulator has ended: start again"


def health(  # noqa: PLR0913 - the parts of a sandbox
    deployment: Deployment,
    urls: Mapping[str, str],
    *,
    template: Path,
    clock: Clock,
    uptime_s: float,
    alive: bool,
    aws_endpoint: str,
    proxy_endpoint: str,
) -> Mapping[str, Any]:
    """Return the answer; `urls` are those of `api` and of each provider that is served."""
    return {
        "status": "ok" if alive else EMULATOR_ENDED,
        "version": __version__,
        "uptime_s": round(uptime_s, 3),
        "speed": clock.speed,
        "now": iso(clock.now_s()),
        "api_url": urls["api"],
        "github_url": urls.get("github"),
        "twilio_url": urls.get("twilio"),
        "functions": {key: _function(made.spec, urls.get(key)) for key, made in deployment.functions.items()},
        "template": str(template),
        "outputs": dict(deployment.outputs),
        "event_buses": list(deployment.buses),
        "stripped": [asdict(item) for item in deployment.stripped],
        "aws_endpoint_url": aws_endpoint,
        "fault_proxy_url": proxy_endpoint,
    }


def _function(spec: FunctionSpec, url: str | None) -> dict[str, Any]:
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
