from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.cloud_rig import Cloud, eventually
from sandbox.fed_rig import aws, running_fed, said, stays

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One sandbox for this module; five minutes pass in a second and a quarter."""
    yield from running_fed(tmp_path_factory.mktemp("fed"), speed=240)


def times(cloud: Cloud, source: str) -> list[Any]:
    """Return the scheduled events of one source."""
    return [line["scheduled"] for line in said(cloud, "scheduled") if line["scheduled"].get("source") == source]


def more_than(count: int, cloud: Cloud, source: str) -> bool:
    """Tell whether a schedule has fired more often than so."""
    return len(times(cloud, source)) > count


def test_a_schedule_fires_at_once_and_then_at_its_rate_in_sandbox_time(cloud: Cloud) -> None:
    """EventBridge Scheduler's events come as AWS sends them, fifteen sandbox minutes apart."""
    assert eventually(partial(more_than, 1, cloud, "aws.scheduler"))
    first, second = times(cloud, "aws.scheduler")[:2]
    assert first["detail-type"] == "Scheduled Event"
    assert first["detail"] == "{}"
    assert first["resources"] == ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/often"]
    moments = [datetime.fromisoformat(event["time"]) for event in (first, second)]
    apart_s = (moments[1] - moments[0]).total_seconds()
    assert apart_s > 0
    assert apart_s % 900 == 0  # on a busy machine a turn may be passed over


def test_a_failed_scheduled_invocation_is_tried_again_as_often_as_the_function_wants(cloud: Cloud) -> None:
    """With MaximumRetryAttempts 1 each turn of the rule makes two attempts under one request id."""

    def attempts() -> dict[str, int]:
        counted: dict[str, int] = {}
        for line in said(cloud, "scheduled"):
            if line["scheduled"].get("fail"):
                counted[line["request"]] = counted.get(line["request"], 0) + 1
        return counted

    assert eventually(lambda: list(attempts().values())[:2] == [2, 2])
    assert max(attempts().values()) == 2


def test_a_disabled_schedule_does_not_fire(cloud: Cloud) -> None:
    """update-schedule with DISABLED works as on AWS, and so does ENABLED again."""
    scheduler = aws(cloud, "scheduler")
    made = scheduler.get_schedule(Name="often")
    wanted = {key: made[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**wanted, State="DISABLED")
    assert eventually(lambda: not shown(cloud, "schedule")["enabled"])
    before = len(times(cloud, "aws.scheduler"))
    assert stays(lambda: len(times(cloud, "aws.scheduler")) <= before + 1, 9)
    scheduler.update_schedule(**wanted, State="ENABLED")
    assert eventually(partial(more_than, before + 1, cloud, "aws.scheduler"))


def shown(cloud: Cloud, kind: str) -> Any:
    """Return one schedule as the API shows it."""
    (found,) = [each for each in cloud.get("/api/sources")["schedules"] if each["kind"] == kind]
    return found


def test_a_function_is_invoked_on_demand(cloud: Cloud) -> None:
    """The API hands a JSON event in and the function's answer out, by key or by name."""
    for name in ("by-rule", "hookwatch-by-rule"):
        reply = cloud.call("POST", f"/api/functions/{name}/invoke", {"on": "demand"})
        assert reply.status == 200
        assert (reply.json["result"], reply.json["payload"]) == ("ok", {"done": True})
    failed = cloud.call("POST", "/api/functions/by-rule/invoke", {"fail": True}).json
    assert (failed["result"], failed["error_type"]) == ("error", "RuntimeError")
    assert failed["payload"]["errorMessage"] == "as the schedule wished"


@pytest.mark.parametrize(
    ("name", "body", "status"), [("nobody", {}, 404), ("by-rule", b"{not json", 400), ("by-rule", b"1" * 6291457, 413)]
)
def test_an_invocation_that_cannot_be_is_refused_with_a_sentence(
    cloud: Cloud, name: str, body: Any, status: int
) -> None:
    """An unknown function, no JSON, or too much of it: a status and what is wrong."""
    reply = cloud.call("POST", f"/api/functions/{name}/invoke", body)
    assert reply.status == status
    assert reply.json["error"]


def test_health_lists_every_function_and_variables_hold_the_address_that_answers(cloud: Cloud) -> None:
    """Functions without a URL are listed too; a variable with a Function URL leads to where it is served here."""
    health = cloud.get("/api/health")
    assert set(health["functions"]) == {"github", "worker", "by-rule", "by-scheduler"}
    assert health["functions"]["worker"]["url"] is None
    spec = cloud.sandbox.functions.find("worker")
    assert spec is not None
    assert spec.spec.environment["HOOK_URL"] == health["github_url"]


def test_queues_are_shown_with_their_dead_letter_queue(cloud: Cloud) -> None:
    """Depth and who takes what was received too often."""
    queues = {queue["name"]: queue for queue in cloud.get("/api/queues")["queues"]}
    assert set(queues) == {"hookwatch-work", "hookwatch-dead"}
    assert queues["hookwatch-work"]["dead_letter_queue"] == "hookwatch-dead"
    assert queues["hookwatch-dead"]["dead_letter_of"] == ["hookwatch-work"]
    sqs = aws(cloud, "sqs")
    sqs.send_message(QueueUrl=queues["hookwatch-dead"]["url"], MessageBody=json.dumps({"do": "ok"}))
    (dead,) = [queue for queue in cloud.get("/api/queues")["queues"] if queue["name"] == "hookwatch-dead"]
    assert (dead["visible"], dead["in_flight"]) == (1, 0)
    assert eventually(lambda: cloud.get("/api/queues")["queues"][0]["oldest_age_s"] is not None)
