from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sandbox.cloud_rig import Cloud, eventually
from sandbox.fed_rig import TEMPLATE, aws, depth, emptied, fed, given, running_fed, said, send, stays

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox

QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:hookwatch-work"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One sandbox for this module."""
    yield from running_fed(tmp_path_factory.mktemp("fed"))


@pytest.fixture
def cloud(shared: Cloud) -> Iterator[Cloud]:
    """The module's sandbox, without faults before and after."""
    shared.clear()
    yield shared
    shared.clear()


def untouched(cloud: Cloud) -> bool:
    """Tell whether one message waits and nobody has it."""
    return depth(cloud, "work") == (1, 0)


def depth_of_dead(cloud: Cloud) -> int:
    """Return how many messages are in the dead-letter queue."""
    return depth(cloud, "dead")[0]


def test_a_message_reaches_the_function_in_the_form_that_lambda_gives_it(cloud: Cloud) -> None:
    """Ids, body, system attributes, message attributes, hash and source are those of Lambda's event."""
    sqs = aws(cloud, "sqs")
    url = sqs.get_queue_url(QueueName="hookwatch-work")["QueueUrl"]
    body = json.dumps({"do": "ok", "text": 'ünïcode "quoted" \U0001f600'}, ensure_ascii=False)
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody=body,
        MessageAttributes={
            "reason": {"DataType": "String", "StringValue": "throttled"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        },
    )
    record = eventually(
        lambda: next((r for e in fed(cloud) for r in e["Records"] if r["messageId"] == sent["MessageId"]), None)
    )
    assert record["body"] == body
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert record["messageAttributes"] == {
        "reason": {"stringValue": "throttled", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "raw": {"binaryValue": "AAE=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
    }
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == ("aws:sqs", QUEUE_ARN, "us-east-1")
    attributes = record["attributes"]
    assert attributes["ApproximateReceiveCount"] == "1"
    assert abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    assert {"SenderId", "ApproximateFirstReceiveTimestamp"} <= attributes.keys()
    assert record["receiptHandle"]
    assert emptied(cloud)


def test_only_the_messages_that_the_function_reports_come_again(cloud: Cloud) -> None:
    """Of a batch the reported ones return after the visibility timeout, and end in the dead-letter queue."""
    ids = send(cloud, {"do": "ok"}, {"do": "fail"}, {"do": "ok"})
    assert emptied(cloud)
    assert [given(cloud, each) for each in ids] == [1, 2, 1]
    dead = aws(cloud, "sqs").receive_message(
        QueueUrl=f"{aws(cloud, 'sqs').meta.endpoint_url}/123456789012/hookwatch-dead"
    )["Messages"]
    assert [message["MessageId"] for message in dead] == [ids[1]]


@pytest.mark.parametrize("ending", ["raise", "odd", "unknown"])
def test_an_error_or_a_malformed_answer_returns_the_whole_batch(cloud: Cloud, ending: str) -> None:
    """Every message of the batch comes again, and after two receives none is left in the queue."""
    before = depth(cloud, "dead")[0]
    ids = send(cloud, {"do": ending, "mark": ending})
    assert emptied(cloud)
    assert given(cloud, ids[0]) == 2
    assert depth(cloud, "dead")[0] == before + 1


def test_ten_messages_of_a_megabyte_are_split_under_the_limit_of_an_event(cloud: Cloud) -> None:
    """No event is over 6 MB, and every message arrives."""
    ids = send(cloud, *({"do": "ok", "fill": "x" * 1_000_000} for _ in range(12)))
    assert emptied(cloud)
    assert all(given(cloud, each) >= 1 for each in ids)
    sizes = [line["bytes"] for line in said(cloud, "fed")]
    assert 1_000_000 < max(sizes) <= 6 * 1024 * 1024


def test_no_more_batches_run_at_once_than_the_mapping_allows(cloud: Cloud) -> None:
    """With a maximum of two, eight slow messages sent one by one never run in more than two processes at a time."""
    for _ in range(8):
        send(cloud, {"do": "ok", "seconds": 0.2})
        time.sleep(0.05)
    assert emptied(cloud)
    points = cloud.get("/api/metrics?namespace=AWS/Lambda&name=ConcurrentExecutions")["metrics"]
    mine = [point["value"] for point in points if point["dimensions"]["FunctionName"] == "hookwatch-worker"]
    assert mine
    assert max(mine) <= 2


def test_a_throttled_function_gets_the_batch_when_it_is_free_again(cloud: Cloud) -> None:
    """Throttled invocations are tried again; nothing is lost and nothing reaches the function meanwhile."""
    fault = cloud.fault(operation="Invoke", fault="throttle", function="worker")
    ids = send(cloud, {"do": "ok"})
    assert eventually(lambda: cloud.get("/api/faults")["faults"][0]["hits"] >= 1)
    assert given(cloud, ids[0]) == 0
    assert cloud.call("DELETE", f"/api/faults/{fault['id']}").status == 200
    assert eventually(lambda: given(cloud, ids[0]) == 1 or depth(cloud, "dead")[0])


def test_a_disabled_mapping_reads_nothing_until_it_is_enabled(cloud: Cloud) -> None:
    """update-event-source-mapping works as on AWS, and list shows the state."""
    client = aws(cloud, "lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName="hookwatch-worker")["EventSourceMappings"]
    assert mapping["State"] == "Enabled"
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    time.sleep(2.5)  # it is looked at once a second, and a look at the queue takes one more
    ids = send(cloud, {"do": "ok"})
    assert stays(partial(untouched, cloud), 2)
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    assert eventually(lambda: given(cloud, ids[0]) == 1)
    assert emptied(cloud)


def test_a_mapping_that_the_template_disables_starts_disabled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The template's Enabled holds, and the emulator itself reads nothing either."""
    for cloud in running_fed(tmp_path_factory.mktemp("off"), parameters={"Reads": "false"}):
        client = aws(cloud, "lambda")
        assert [m["State"] for m in client.list_event_source_mappings()["EventSourceMappings"]] == ["Disabled"]
        send(cloud, {"do": "ok"})
        assert stays(partial(untouched, cloud), 2)


def test_under_iam_a_role_that_may_not_delete_gets_its_messages_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The queue is read with the function's role: without DeleteMessage a message is given twice and then dead."""
    weakened = TEMPLATE.replace("sqs:DeleteMessage, ", "")
    assert weakened != TEMPLATE
    for cloud in running_fed(tmp_path_factory.mktemp("iam"), template=weakened, enforce_iam=True):
        (identity,) = send(cloud, {"do": "ok"})
        assert eventually(partial(depth_of_dead, cloud))
        assert given(cloud, identity) == 2
