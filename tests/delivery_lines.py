"""One line of each kind that a log group of ours holds, really written, for the tests that judge who reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookwatch.config import LoopPolicy
from hookwatch.ingest.secrets import Keyring, Watch
from hookwatch.recover.github_look import Looked
from hookwatch.recover.github_model import Scope
from hookwatch.recover.github_plan import Plan
from hookwatch.recover.github_story import Story
from hookwatch.recover.replay_log import ReplayLog
from hookwatch.recover.replay_model import Message, Verdict
from hookwatch.recover.sweeper_log import SweeperLog
from hookwatch.sandbox import lambda_lines, lambda_trace
from hookwatch.sandbox.lambda_model import FunctionSpec
from support import (
    Bus,
    Objects,
    Queue,
    SecretsManager,
    Table,
    github_event,
    lines,
    stand,
    twilio,
    twilio_event,
    url_event,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from support import Stand

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0"
PUSH = {"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "commits": [], "action": "pushed"}
SMS = [("MessageSid", "SM" + "a" * 32), ("From", "+15017122661"), ("To", "+15558675310"), ("Body", "hello")]


def denied(call: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, call)


class Slow(SecretsManager):
    """Secrets Manager that takes 40 ms to refuse, as botocore's hook tells it."""

    def __init__(self, app: Stand) -> None:
        super().__init__()
        self.error = denied("GetSecretValue")
        self.watch = Watch()
        self._clock = app.clock

    def describe_secret(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._clock.sleep(0.04)
        self.watch.failed(denied("DescribeSecret"))
        return super().describe_secret(SecretId)


def without_secret() -> Stand:
    """An app whose secret cannot be read, and which knows why."""
    app = stand()
    secrets = Slow(app)
    keyring = Keyring("arn:secret", secrets, app.clock, secrets.watch)
    app.app._pipeline = replace(app.app._pipeline, keyrings={"webhook": keyring})
    return app


def drive() -> None:
    """Bring about every kind of line: accepted, refused, failed, part of a loop."""
    own = LoopPolicy(own_actors=frozenset({"me"}), drop_own=False)
    stand(loops=own)(github_event({**PUSH, "sender": {"login": "me"}}))
    stand(twilio())(twilio_event(SMS))
    stand()(github_event(PUSH, secret="another"))
    stand()(url_event(b"{}"))
    stand(bus=Bus(["InternalFailure"], ["AccessDeniedException"]))(github_event(PUSH))
    without_secret()(github_event(PUSH))
    unkept()
    replay()
    sweep()


def unkept() -> None:
    """The lines of deliveries for which everything failed that could have kept them, and of one that was parked."""
    no = denied("AnyCall")
    for provider, event in ((None, github_event(PUSH)), (twilio(), twilio_event(SMS))):
        down = [["AccessDeniedException"]] * 9
        stand(provider, bus=Bus(*down), queue=Queue(*[no] * 9), objects=Objects(*[no] * 9), table=Table(*[no] * 9))(
            event
        )
        stand(provider, objects=Objects(*[no] * 9), max_entry_bytes=200)(event)
        stand(provider, bus=Bus(*down), queue=Queue())(event)


def replay() -> None:
    """The replay function's lines: one message published, one that has to wait, one that is damaged."""
    log, message = ReplayLog(), Message("m-1", "receipt", "{}", 2)
    for provider in ("github", "twilio"):
        log.write(message, Verdict(outcome="replayed", provider=provider, event_id="e", attempts=1), "1")
        failed = Verdict(outcome="failed", provider=provider, reason="bus_failing", error_code="InternalFailure")
        log.write(message, failed, "1", retry_in_s=60)
        log.write(message, Verdict(outcome="refused", provider=provider, reason="object_missing", place="b/k"), "1")


def sweep() -> None:
    """The sweeper's line of a run that found nothing to do."""
    looked = Looked((), Plan(items=(), read=0, done=0, filtered=0), datetime(2026, 11, 27, tzinfo=UTC))
    SweeperLog().write(Story(scope=Scope("repository", "acme/shop"), looked=looked, dry_run=False), "1")


def report() -> dict[str, Any]:
    """Lambda's line at the end of an invocation that was a cold start."""
    spec = FunctionSpec(name="hooks-github", handler="x.y", source_root=Path(), memory_mb=256, log_format="JSON")
    ended = lambda_lines.Ended(
        request_id="1",
        status="success",
        error_type="",
        message="",
        duration_ms=3.2,
        init_ms=200.0,
        memory_mb=70,
        trace=lambda_trace.begin(None, active=True),
    )
    parsed: dict[str, Any] = json.loads(lambda_lines.ended(spec, ended)[-1])
    return parsed


def flat(line: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Field names as Logs Insights discovers them, nested ones with dots."""
    for key, value in line.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")


def written_fields(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The name of every field in a line of ours or of Lambda's own."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    drive()
    return {name for line in [*lines(capsys), report()] for name in flat(line)}
