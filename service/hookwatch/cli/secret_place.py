"""Where `hookwatch secret` works: an account, or the sandbox. Decides nothing and prints nothing.

The sandbox keeps its metrics and log lines itself, not in the emulator; they are asked for here as CloudWatch's are, so
that a rehearsal runs the very same code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import urllib3

from hookwatch.doctor.place import HTTP_LIMIT_S, find_sandbox
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account, account
from hookwatch.recover.rotation_accept import Pace
from hookwatch.recover.rotation_stack import read_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hookwatch.doctor.place import Sandbox
    from hookwatch.recover.rotation import Provider
    from hookwatch.recover.rotation_stack import Endpoint

DELIVERIES = 5000


@dataclass(frozen=True, slots=True)
class Tools:
    """What a test gives instead of the real thing.

    Attributes:
        account: makes the account of a Region and an endpoint.
        pace: how long to wait.
    """

    account: Callable[[str | None, str | None], Account] = account
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What the options say."""

    stack: str
    url: str | None = None
    sandbox: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


def find_endpoint(where: Where, tools: Tools, provider: Provider) -> tuple[Account, Endpoint] | Problem:
    """The account, and the provider's part of the stack in it."""
    if where.sandbox is None:
        here = tools.account(where.region, where.endpoint_url)
        endpoint = read_endpoint(here, where.stack, provider, where.url)
        return endpoint if isinstance(endpoint, Problem) else (here, endpoint)
    http = urllib3.PoolManager(retries=False, timeout=HTTP_LIMIT_S)
    found = find_sandbox(http, where.sandbox)
    if isinstance(found, Problem):
        return found
    here = _emulated(found, http)
    endpoint = read_endpoint(here, where.stack, provider, where.url or found.health.get(f"{provider}_url"))
    return endpoint if isinstance(endpoint, Problem) else (here, endpoint)


def _emulated(found: Sandbox, http: urllib3.PoolManager) -> Account:
    """The sandbox's account: whatever the shell holds, a rehearsal must not become a call to a real one."""
    from hookwatch.sandbox.deploy_clients import Clients

    clients = Clients(str(found.health["aws_endpoint_url"]))
    own = {"cloudwatch": _Metrics(found.api_url, http), "logs": _Logs(found.api_url, http)}
    return Account(lambda service: own.get(service) or clients(service))


@dataclass(frozen=True, slots=True)
class _Asks:
    api_url: str
    http: urllib3.PoolManager

    def ask(self, method: str, path: str, body: object = None) -> Any:
        raw = None if body is None else json.dumps(body).encode()
        try:
            answer = self.http.request(method, self.api_url + path, body=raw)
            document = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise ValueError(f"the sandbox at {self.api_url} does not answer ({type(error).__name__})") from None
        if "error" in document:
            raise ValueError(document["error"])
        return document


class _Metrics(_Asks):
    """CloudWatch's GetMetricData over the sandbox's metrics; a span of the same length, up to the sandbox's now."""

    def get_metric_data(self, MetricDataQueries: Any, StartTime: datetime, EndTime: datetime) -> Any:  # noqa: N803 - AWS's own names
        minutes = (EndTime - StartTime).total_seconds() / 60
        found = self.ask("POST", "/api/metrics/query", {"MetricDataQueries": MetricDataQueries, "minutes": minutes})
        values = {
            query["Id"]: [
                point["value"]
                for series in found["series"]
                if series["id"] == query["Id"]
                for point in series["points"]
            ]
            for query in MetricDataQueries
        }
        return {"MetricDataResults": [{"Id": id_, "Values": points} for id_, points in values.items()]}


class _Logs(_Asks):
    """CloudWatch Logs' FilterLogEvents over the sandbox's deliveries; whoever asks chooses among them."""

    def filter_log_events(self, **_: Any) -> Any:
        found = self.ask("GET", f"/api/deliveries?limit={DELIVERIES}")["deliveries"]
        return {"events": [{"message": json.dumps(line)} for line in found]}
