"""Makes the functions do everything that their roles are for, one by one. Judges nothing but whether it was done.

Every thing is named after the statement that allows it. What is expected to fail is given a moment, what is expected to
work all the patience of the rig.
"""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.ingest.parked import encode
from hookwatch.ingest.stored import stored
from hookwatch.sender import Example, github_request, load_example, twilio_request
from sandbox.cloud_rig import GITHUB_SECRET, TWILIO_TOKEN, eventually
from sandbox.fed_rig import aws
from sandbox.replay_stage import parked

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.cloud_rig import Cloud, Reply

Provider = Literal["github", "twilio"]

MAX_ENTRY_BYTES = 20_000
FILLER = "x" * 30_000
REFUSED_BY_SQS = "\ufffe"
A_MOMENT_S = 4.0
PROCESSES = 2
"""As many of a function as anything here starts."""


class Drive:
    """The functions of one running sandbox, on their way."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.outputs: dict[str, str] = cloud.get("/api/health")["outputs"]
        self._sqs, self._s3 = aws(cloud, "sqs"), aws(cloud, "s3")

    def does(self, function: str, sid: str) -> Callable[[float], bool]:
        """Return what makes a function do what a statement allows, and tells whether it was done in so many seconds."""
        if function in ("github", "twilio"):
            provider: Provider = "github" if function == "github" else "twilio"
            done: dict[str, Callable[[float], bool]] = {
                "ReadItsSecret": lambda _: self._reads_its_secret(provider),
                "PublishItsEvents": lambda _: self._outcome(provider) == "accepted",
                "ParkItsEvents": lambda _: self._while_throttled(provider) == "parked",
                "KeepItsPayloads": lambda _: self._keeps_payloads(provider),
                "RememberItsDeliveries": lambda _: self._remembers(provider),
            }
            return done[sid]
        if function.endswith("-canary"):
            return lambda _: self._beats(function)
        return {
            "EmptyTheQueue": self._replays,
            "GiveUp": self._gives_up,
            "ReadWhatIsParked": self._replays_from_the_bucket,
            "TellMissingFromForbidden": self._tells_missing,
            "CheckIn": self._checks_in,
            "PublishAgain": self._replays,
        }[sid]

    def everything(self) -> None:
        """Do all of it once, and whatever else the functions can be made to call."""
        for provider in ("github", "twilio"):
            for sid in (
                "ReadItsSecret",
                "PublishItsEvents",
                "ParkItsEvents",
                "KeepItsPayloads",
                "RememberItsDeliveries",
            ):
                assert self.does(provider, sid)(15.0), (provider, sid)
            assert self._forgets(provider), provider
            assert self._waits(provider), provider
            assert self._beats(f"{provider}-canary")
        for sid in ("EmptyTheQueue", "GiveUp", "ReadWhatIsParked", "TellMissingFromForbidden", "CheckIn"):
            assert self.does("replay", sid)(15.0), sid
        assert self._delays()

    # --- deliveries ---
    def _post(self, provider: Provider, *, text: str = "", delivery_id: str | None = None) -> tuple[Reply, str]:
        if provider == "github":
            content = json.loads(load_example("github", "issues.opened").content)
            content["issue"]["body"] = text
            body = json.dumps(content, ensure_ascii=False).encode()
            request = github_request(
                self.cloud.sandbox.github_url or "", Example("github", "issues", body), GITHUB_SECRET
            )
            if delivery_id is not None:
                headers = {**request.headers, "X-GitHub-Delivery": delivery_id}
                request = replace(request, headers=headers, delivery_id=delivery_id)
        else:
            sid = delivery_id or f"SM{uuid.uuid4().hex}"
            form = (("MessageSid", sid), ("AccountSid", f"AC{'0' * 32}"), ("Body", text), ("From", "+15005550006"))
            example = Example("twilio", "message.inbound", form)
            request = twilio_request(self.cloud.sandbox.twilio_url or "", example, TWILIO_TOKEN)
        return self.cloud._post(request), request.delivery_id

    def _outcome(self, provider: Provider, text: str = "", delivery_id: str | None = None) -> str:
        """Send one delivery; returns its outcome."""
        before = self.cloud.sandbox.observer.deliveries.seen
        self._post(provider, text=text, delivery_id=delivery_id)

        def line() -> Any:
            kept = self.cloud.sandbox.observer.deliveries
            fresh = kept.newest(kept.seen - before)
            return next(
                (each for each in fresh if each["message"] == "delivery" and each["provider"] == provider), None
            )

        return str(eventually(line)["outcome"])

    def _while_throttled(self, provider: Provider, text: str = "") -> str:
        fault = self.cloud.fault(operation="PutEvents", fault="error", code="AccessDeniedException")
        try:
            return self._outcome(provider, text)
        finally:
            self.cloud.call("DELETE", f"/api/faults/{fault['id']}")

    def _reads_its_secret(self, provider: Provider) -> bool:
        self.renewed(provider)
        return self._outcome(provider) == "accepted"

    def _keeps_payloads(self, provider: Provider) -> bool:
        """Both prefixes: what is too large for the bus, and what SQS does not take."""
        checked = self._outcome(provider, FILLER) == "claim_checked"
        return checked and self._while_throttled(provider, REFUSED_BY_SQS) == "parked"

    def _remembers(self, provider: Provider) -> bool:
        name = str(uuid.uuid4()) if provider == "github" else f"SM{uuid.uuid4().hex}"
        return [self._outcome(provider, delivery_id=name) for _ in range(2)] == ["accepted", "duplicate"]

    def _forgets(self, provider: Provider) -> bool:
        """A delivery that failed is not remembered, so that it passes when it comes again."""
        name = str(uuid.uuid4()) if provider == "github" else f"SM{uuid.uuid4().hex}"
        faults = [
            self.cloud.fault(operation=operation, fault="error", code="AccessDeniedException")
            for operation in ("PutEvents", "SendMessage")
        ]
        first = self._outcome(provider, delivery_id=name)
        for fault in faults:
            self.cloud.call("DELETE", f"/api/faults/{fault['id']}")
        return (first, self._outcome(provider, delivery_id=name)) == ("publish_failed", "accepted")

    def _waits(self, provider: Provider) -> bool:
        """A duplicate that comes while the first is under way looks how that one ends."""
        name = str(uuid.uuid4()) if provider == "github" else f"SM{uuid.uuid4().hex}"
        fault = self.cloud.fault(operation="PutEvents", fault="delay", seconds=0.7)
        with ThreadPoolExecutor(2) as pool:
            replies = list(pool.map(lambda _: self._post(provider, delivery_id=name)[0].status, range(2)))
        self.cloud.call("DELETE", f"/api/faults/{fault['id']}")
        return replies == [200, 200]

    def _beats(self, canary: str) -> bool:
        beat = self.cloud.call("POST", f"/api/functions/{canary}/invoke").json
        return (beat["result"], (beat["payload"] or {}).get("status")) == ("ok", 200)

    def renewed(self, function: str) -> None:
        """Let the function begin with new processes, which know no secret yet."""
        fault = self.cloud.fault(operation="Invoke", fault="crash", function=function)
        with ThreadPoolExecutor(PROCESSES) as pool:
            list(pool.map(lambda _: self.cloud.call("POST", f"/api/functions/{function}/invoke", {}), range(PROCESSES)))
        self.cloud.call("DELETE", f"/api/faults/{fault['id']}")

    # --- the parking queue ---
    def _send(self, body: str) -> None:
        self._sqs.send_message(QueueUrl=self.outputs["ParkingQueueUrl"], MessageBody=body)

    def _event(self, text: str = "") -> Any:
        event = parked(1)
        name = str(uuid.uuid4())
        detail = json.dumps(
            {"hookwatch": {"provider": "github", "delivery_id": name}, "text": text}, ensure_ascii=False
        )
        envelope = replace(
            event.envelope, detail=detail, detail_bytes=None, resources=(f"hookwatch:github:delivery/{name}",)
        )
        return replace(event, delivery_id=name, envelope=envelope)

    def _replayed(self, delivery_id: str, patience_s: float, **fields: object) -> bool:
        """Tell whether the replay says so of a delivery, in so many seconds."""
        wanted = {"message": "replay", "delivery_id": delivery_id, **fields}

        def line() -> bool:
            seen = self.cloud.sandbox.observer.deliveries.newest(200)
            return any(all(each.get(key) == value for key, value in wanted.items()) for each in seen)

        try:
            return bool(eventually(line, patience_s))
        except AssertionError:
            return False

    def _replays(self, patience_s: float) -> bool:
        event = self._event()
        self._send(encode(event))
        return self._replayed(event.delivery_id, patience_s, outcome="replayed")

    def _stored(self) -> tuple[Any, Any, bytes]:
        event = self._event()
        body = event.envelope.detail.encode()
        bucket = self.outputs["ClaimBucketName"]
        where = stored(bucket, "parked", provider="github", delivery_id=event.delivery_id, first_seen_ms=1, body=body)
        return replace(event, envelope=replace(event.envelope, detail=""), stored=where), where, body

    def _replays_from_the_bucket(self, patience_s: float) -> bool:
        event, where, body = self._stored()
        self._s3.put_object(Bucket=where.bucket, Key=where.key, Body=body)
        self._send(encode(event))
        return self._replayed(event.delivery_id, patience_s, outcome="replayed")

    def _tells_missing(self, patience_s: float) -> bool:
        event, _, _ = self._stored()
        self._send(encode(event))
        return self._replayed(event.delivery_id, patience_s, outcome="refused", error_code="NoSuchKey")

    def _checks_in(self, patience_s: float) -> bool:
        event = self._event(FILLER)
        self._send(encode(event))
        return self._replayed(event.delivery_id, patience_s, outcome="replayed")

    def _gives_up(self, patience_s: float) -> bool:
        mark = str(uuid.uuid4())
        self._send(f"not ours {mark}")

        def given_up() -> bool:
            received = self._sqs.receive_message(
                QueueUrl=self.outputs["ParkingDlqUrl"], MaxNumberOfMessages=10, VisibilityTimeout=0
            )
            return any(mark in message["Body"] for message in received.get("Messages", []))

        try:
            return bool(eventually(given_up, patience_s))
        except AssertionError:
            return False

    def _delays(self) -> bool:
        """While the bus does not take it, what is parked waits longer than it would by itself."""
        fault = self.cloud.fault(operation="PutEvents", fault="throttle")
        event = self._event()
        self._send(encode(event))
        try:
            return self._replayed(event.delivery_id, 15.0, outcome="failed")
        finally:
            self.cloud.call("DELETE", f"/api/faults/{fault['id']}")
