"""A running sandbox from the parking queue's end: messages in, lines and depths out, and a hand on the mapping."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from hookwatch.cli.parked import app
from hookwatch.ingest.parked import Parked, encode
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.sandbox.deploy_clients import Clients
from sandbox.cloud_rig import eventually
from sandbox.replay_stage import parked

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud


class Stand:
    """The session's sandbox, with the hand on the mapping between queue and function."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        health = cloud.get("/api/health")
        self.aws = Clients(health["aws_endpoint_url"])
        self.outputs: dict[str, str] = health["outputs"]
        name = self.outputs["ReplayFunction"]
        (mapping,) = self.aws("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        self._uuid = mapping["UUID"]

    def reads(self, *, enabled: bool) -> None:
        """Let the function read the queue, or not, and wait until it is so."""
        self.aws("lambda").update_event_source_mapping(UUID=self._uuid, Enabled=enabled)
        eventually(
            lambda: any(
                source["enabled"] == enabled and source["function"].endswith("replay")
                for source in self.cloud.get("/api/sources")["queues"]
            )
        )
        if not enabled:
            time.sleep(1.5)  # a look at the queue that had begun takes a second

    def send(self, body: str | Parked) -> None:
        text = body if isinstance(body, str) else encode(body)
        self.aws("sqs").send_message(QueueUrl=self.outputs["ParkingQueueUrl"], MessageBody=text)

    def line(self, **fields: object) -> Any:
        """The replay's line with these fields, as soon as it is there."""

        def look() -> Any:
            lines = [
                json.loads(each["line"]) for each in self.cloud.get("/api/logs")["lines"] if "replay" in each["line"]
            ]
            found = (line for line in lines if line.get("message") == "replay")
            return next((line for line in found if all(line.get(k) == v for k, v in fields.items())), None)

        return eventually(look)

    def depth(self, output: str) -> tuple[int, int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.aws("sqs").get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=names)
        return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])

    def command(self, *arguments: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*arguments, "--json"], obj=lambda *_: Account(self.aws))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout)


def named(delivery_id: str, detail: str) -> Parked:
    event = parked(1)
    resources = (f"hookwatch:github:delivery/{delivery_id}",)
    envelope = replace(event.envelope, detail=detail, resources=resources, detail_bytes=None)
    return replace(event, delivery_id=delivery_id, envelope=envelope)
