"""The functions of a deployed stack: what each is, and where its code lies.

Never starts one. Blocking: call it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

import hookwatch
from hookwatch.sandbox.cloud_model import ACCOUNT, REGION, STACK_NAME
from hookwatch.sandbox.deploy_template import CONCURRENCY_OUTPUT, Prepared
from hookwatch.sandbox.lambda_async import RETRIES
from hookwatch.sandbox.lambda_model import FunctionSpec

if TYPE_CHECKING:
    from hookwatch.sandbox.deploy_stack import Stack

PROVIDER_VARIABLE = "HOOKWATCH_PROVIDER"
BUS_VARIABLE = "HOOKWATCH_EVENT_BUS"
INSTALLED = Path(hookwatch.__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedFunction:
    """One function as the stack made it.

    Attributes:
        key: What people call it: its provider, or its name without the stack's.
        spec: How it runs, without the addresses that only the sandbox knows.
        role: ARN of its role.
        url: Its Function URL as the emulator names it; None when it has none.
        retries: How often an asynchronous invocation that failed is tried again.
    """

    key: str
    spec: FunctionSpec
    role: str
    url: str | None
    retries: int

    @property
    def provider(self) -> str | None:
        """The provider whose webhooks it answers."""
        return self.spec.environment.get(PROVIDER_VARIABLE)


def deployed_functions(client: Any, prepared: Prepared, stack: Stack) -> dict[str, DeployedFunction]:
    """Return the functions whose code is a folder, by key; those that answer a provider come first."""
    found: list[DeployedFunction] = []
    for logical_id, (kind, name) in stack.resources.items():
        source = prepared.sources.get(logical_id)
        if kind != "AWS::Lambda::Function" or source is None:
            continue
        deployed = client.get_function_configuration(FunctionName=name)
        if not source.is_dir() and deployed["Handler"].startswith("hookwatch."):
            source = INSTALLED  # an installed hookwatch has no checkout around it
        concurrency = stack.outputs.get(f"{CONCURRENCY_OUTPUT}{logical_id}", "none")
        spec = _spec(name, deployed, source, concurrency)
        key = spec.environment.get(PROVIDER_VARIABLE) or name.removeprefix(f"{STACK_NAME}-")
        found.append(
            DeployedFunction(
                key=key, spec=spec, role=deployed["Role"], url=_url(client, name), retries=_retries(client, name)
            )
        )
    return {function.key: function for function in sorted(found, key=lambda each: (each.provider is None, each.key))}


def _url(client: Any, name: str) -> str | None:
    try:
        url: str = client.get_function_url_config(FunctionName=name)["FunctionUrl"]
    except ClientError:
        return None  # ResourceNotFoundException: it has no URL
    return url


def _retries(client: Any, name: str) -> int:
    for qualifier in ({}, {"Qualifier": "$LATEST"}):
        try:
            configured = client.get_function_event_invoke_config(FunctionName=name, **qualifier)
        except ClientError:
            continue
        return int(configured.get("MaximumRetryAttempts", RETRIES))
    return RETRIES


def _spec(name: str, deployed: Any, source: Path, concurrency: str) -> FunctionSpec:
    logging = deployed.get("LoggingConfig", {})
    return FunctionSpec(
        name=name,
        handler=deployed["Handler"],
        source_root=source,
        environment=dict(deployed.get("Environment", {}).get("Variables", {})),
        timeout_s=float(deployed["Timeout"]),
        memory_mb=int(deployed["MemorySize"]),
        reserved_concurrency=int(concurrency) if concurrency.isdigit() else None,
        log_format="JSON" if logging.get("LogFormat") == "JSON" else "Text",
        application_log_level=logging.get("ApplicationLogLevel"),
        tracing=deployed.get("TracingConfig", {}).get("Mode") == "Active",
        runtime=deployed.get("Runtime", "python3.13"),
        region=REGION,
        account=ACCOUNT,
        log_group=logging.get("LogGroup") or "",
    )
