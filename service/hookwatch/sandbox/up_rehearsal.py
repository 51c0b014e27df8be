"""One signed webhook, followed all the way: answer, event, log line, metric, trace.

Never judges more than arrival, and never starts anything: it uses a running sandbox as a provider would.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import urllib3

from hookwatch.sandbox.metrics import point_as_json
from hookwatch.sender import github_request, load_example, twilio_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.cloud import Sandbox
    from hookwatch.sender import OutgoingRequest

ANSWER_LIMIT_S = 20.0
ARRIVAL_LIMIT_S = 10.0
"""An event is on the queue within milliseconds; a busy machine gets ten seconds."""

REFUSED_LIMIT_S = 1.0
"""After a refusal no event is to be waited for, only the log line."""

POLL_S = 0.02
NAMESPACE = "Hookwatch"
OUTCOME_METRIC = "Accepted"
PROVIDERS: tuple[Literal["github"], Literal["twilio"]] = ("github", "twilio")


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """What became of one webhook; None is what was not seen.

    Attributes:
        provider: `github` or `twilio`.
        event_name: What was sent, as the provider names it.
        status: HTTP status of the answer, 0 without one.
        took_ms: From request to answer, a cold start included.
        event: The envelope as the rule's target received it.
        line: The delivery's log line.
        metric: The data point of its outcome.
        trace: Its trace.
    """

    provider: str
    event_name: str
    status: int = 0
    took_ms: float = 0.0
    event: Mapping[str, Any] | None = None
    line: Mapping[str, Any] | None = None
    metric: Mapping[str, Any] | None = None
    trace: Mapping[str, Any] | None = None

    @property
    def answered_well(self) -> bool:
        """Whether the answer was a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own borders

    @property
    def missing(self) -> list[str]:
        """What should have been seen and was not."""
        parts = {
            "a 2xx answer": self.answered_well,
            "the event on the queue": self.event is not None,
            "the log line": self.line is not None,
            "the metric": self.metric is not None,
            "the trace": self.trace is not None,
        }
        return [name for name, seen in parts.items() if not seen]

    def as_json(self) -> dict[str, Any]:
        """Return it as `up --json` prints it."""
        return {
            "ok": not self.missing,
            "missing": self.missing,
            "sent": self.event_name,
            "status": self.status,
            "took_ms": round(self.took_ms, 1),
            "event": self.event,
            "log_line": self.line,
            "metric": self.metric,
            "trace_id": None if self.trace is None else self.trace["id"],
        }


async def rehearse(sandbox: Sandbox) -> list[Rehearsal]:
    """Send one signed webhook of each provider that the template serves, and follow it."""
    secrets = {"github": sandbox.config.github_secret, "twilio": sandbox.config.twilio_token}
    urls = {"github": sandbox.github_url, "twilio": sandbox.twilio_url}
    walks = [_follow(sandbox, name, url, secrets[name]) for name in PROVIDERS if (url := urls[name]) is not None]
    return list(await asyncio.gather(*walks))


async def _follow(sandbox: Sandbox, provider: Literal["github", "twilio"], url: str, secret: str) -> Rehearsal:
    example = load_example(provider, "push" if provider == "github" else "message.inbound")
    request = (github_request if provider == "github" else twilio_request)(url, example, secret)
    result = Rehearsal(provider=provider, event_name=example.event)
    started = time.monotonic()
    result.status = await asyncio.to_thread(_post, request)
    result.took_ms = (time.monotonic() - started) * 1000
    marks = _marks(request, example.content)
    end = time.monotonic() + (ARRIVAL_LIMIT_S if result.answered_well else REFUSED_LIMIT_S)
    while time.monotonic() < end:
        _look(sandbox, result, marks)
        if not result.missing:
            break
        await asyncio.sleep(POLL_S)
    return result


def _post(request: OutgoingRequest) -> int:
    try:
        # A pool of its own: no proxy of the user's shell stands between us and loopback.
        with urllib3.PoolManager(retries=False, timeout=ANSWER_LIMIT_S) as pool:
            return pool.request("POST", request.url, body=request.body, headers=request.headers).status
    except urllib3.exceptions.HTTPError:
        return 0


def _marks(request: OutgoingRequest, content: object) -> frozenset[str]:
    """Return the ids by which the event can be known again on the bus."""
    if isinstance(content, bytes):
        return frozenset({request.delivery_id})
    sids = (pair.partition("=")[2] for pair in request.body.decode().split("&") if pair.startswith("MessageSid="))
    return frozenset({request.delivery_id, *sids})


def _look(sandbox: Sandbox, result: Rehearsal, marks: frozenset[str]) -> None:
    """Fill in what can be seen by now."""
    observer = sandbox.observer
    if result.event is None:
        result.event = next((event for event in sandbox.events.newest(50) if _marked(event, marks)), None)
    if result.event is None:
        return
    if result.line is None:
        event_id = result.event["id"]
        result.line = next((line for line in observer.deliveries.newest(50) if line.get("event_id") == event_id), None)
    if result.line is None:
        return
    if result.metric is None:
        points = observer.metrics.query(namespace=NAMESPACE, name=OUTCOME_METRIC, limit=50)
        mine = (point for point in points if point.dimensions.get("provider") == result.provider)
        result.metric = next((point_as_json(point) for point in mine), None)
    trace = observer.traces.get(str(result.line.get("xray_trace_id")))
    if trace is not None and trace["annotations"].get("provider") == result.provider:
        result.trace = trace


def _marked(event: Mapping[str, Any], marks: frozenset[str]) -> bool:
    return any(str(resource).rsplit("/", 1)[-1] in marks for resource in event.get("resources") or ())
