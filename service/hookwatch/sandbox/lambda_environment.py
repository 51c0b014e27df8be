"""The environment that a worker process starts with, as Lambda would set it.

Never inherits from the sandbox's own process: a developer's credentials, profiles and proxies must not reach the
function, where they could turn a rehearsal into calls to a real account.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.lambda_model import FunctionSpec

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


def worker_environment(spec: FunctionSpec, *, runtime_api: str, log_stream: str) -> dict[str, str]:
    """Return the whole environment of one worker.

    The names are those of https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (read
    2026-11-22). The function's own variables may replace a default, but not what identifies the function or leads
    it to the Runtime API: those are reserved on AWS too.

    Args:
        spec: The function.
        runtime_api: `host:port` of the worker's Runtime API.
        log_stream: Name of the worker's log stream.
    """
    defaults = {
        "PATH": f"{Path(spec.python).parent}:{SYSTEM_PATH}",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": str(spec.source_root),
        # boto3 finds the home folder without HOME; these keep a developer's own profiles out of reach.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    reserved = {
        "_HANDLER": spec.handler,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": spec.log_format,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        "LAMBDA_TASK_ROOT": str(spec.source_root),
    }
    if spec.application_log_level is not None and spec.log_format == "JSON":
        reserved["AWS_LAMBDA_LOG_LEVEL"] = spec.application_log_level
    return {**defaults, **spec.environment, **reserved}


def connected(spec: FunctionSpec, credentials: Mapping[str, str], endpoint: str, trace_address: str) -> FunctionSpec:
    """Return a function that takes `endpoint` for AWS and sends its traces to `trace_address`."""
    ours = {"AWS_ENDPOINT_URL": endpoint, "AWS_XRAY_DAEMON_ADDRESS": trace_address, **credentials}
    return replace(spec, environment={**spec.environment, **ours})
