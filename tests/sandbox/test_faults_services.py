from __future__ import annotations

import hashlib
import io
import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from hookwatch.sandbox.deploy_clients import Clients
from sandbox.fed_rig import aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

QUEUE = "faults-of-services"
KEY = {"id": {"S": "1"}}

CALLS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "SendMessage": ("sqs", lambda sqs: sqs.send_message(QueueUrl=url(sqs), MessageBody="x")),
    "SendMessageBatch": (
        "sqs",
        lambda sqs: sqs.send_message_batch(QueueUrl=url(sqs), Entries=[{"Id": "1", "MessageBody": "x"}]),
    ),
    "PutObject": ("s3", lambda s3: s3.put_object(Bucket=QUEUE, Key="a/b.json", Body=b"{}")),
    "GetObject": ("s3", lambda s3: s3.get_object(Bucket=QUEUE, Key="there")),
    "GetItem": ("dynamodb", lambda table: table.get_item(TableName=QUEUE, Key=KEY)),
    "PutItem": ("dynamodb", lambda table: table.put_item(TableName=QUEUE, Item=KEY)),
    "UpdateItem": (
        "dynamodb",
        lambda table: table.update_item(
            TableName=QUEUE, Key=KEY, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": {"S": "x"}}
        ),
    ),
    "DeleteItem": ("dynamodb", lambda table: table.delete_item(TableName=QUEUE, Key=KEY)),
    "GetSecretValue": ("secretsmanager", lambda secrets: secrets.get_secret_value(SecretId=QUEUE)),
    "DescribeSecret": ("secretsmanager", lambda secrets: secrets.describe_secret(SecretId=QUEUE)),
}
"""Every operation that the functions use beside PutEvents."""

SPELLED = {
    "sqs": {"throttle": ("RequestThrottled", 400), "error": ("InternalFailure", 500), "deny": ("AccessDenied", 403)},
    "s3": {"throttle": ("SlowDown", 503), "error": ("InternalError", 500), "deny": ("AccessDenied", 403)},
    "dynamodb": {
        "throttle": ("ThrottlingException", 400),
        "error": ("InternalServerError", 500),
        "deny": ("AccessDeniedException", 400),
    },
    "secretsmanager": {
        "throttle": ("ThrottlingException", 400),
        "error": ("InternalServiceError", 500),
        "deny": ("AccessDeniedException", 400),
    },
}


def url(sqs: Any) -> str:
    """Return the address of this module's queue."""
    return f"{sqs.meta.endpoint_url}/123456789012/{QUEUE}"


@pytest.fixture(scope="module")
def shared(running_cloud: Cloud) -> Cloud:
    """The session's sandbox with a queue, a bucket, a table and a secret of this module."""
    aws(running_cloud, "sqs").create_queue(QueueName=QUEUE)
    s3 = aws(running_cloud, "s3")
    s3.create_bucket(Bucket=QUEUE)
    s3.put_object(Bucket=QUEUE, Key="there", Body=b"{}")
    aws(running_cloud, "secretsmanager").create_secret(Name=QUEUE, SecretString="throwaway")
    aws(running_cloud, "dynamodb").create_table(
        TableName=QUEUE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return running_cloud


@pytest.fixture
def cloud(shared: Cloud) -> Iterator[Cloud]:
    """The same, without faults before and after."""
    shared.clear()
    yield shared
    shared.clear()


@cache
def client(proxy: str, service: str) -> Any:
    """Return a client that speaks to the proxy and tries once; making one takes longer than a call."""
    return Clients(proxy, attempts=1)(service)


def ending(cloud: Cloud, operation: str) -> tuple[str, int]:
    """Call through the proxy; returns code and status of the refusal, or an empty code."""
    service, call = CALLS[operation]
    try:
        call(client(cloud.sandbox.health()["fault_proxy_url"], service))
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    except (ConnectionClosedError, ReadTimeoutError):
        return "cut", 0
    return "", 200


@pytest.mark.parametrize("operation", CALLS)
def test_every_call_of_the_functions_passes_and_fails_as_its_service_says_it(cloud: Cloud, operation: str) -> None:
    """Untouched it passes; throttled, failed, denied or cut the client raises the very code that AWS would cause."""
    assert ending(cloud, operation) == ("", 200)
    spelled = SPELLED[CALLS[operation][0]]
    for fault, expected in (
        ({"fault": "throttle"}, spelled["throttle"]),
        ({"fault": "error"}, spelled["error"]),
        ({"fault": "error", "code": "AccessDeniedException"}, spelled["deny"]),
        ({"fault": "cut"}, ("cut", 0)),
    ):
        cloud.fault(operation=operation, **fault)
        assert ending(cloud, operation) == expected, fault
        cloud.clear()


@pytest.mark.parametrize(
    ("operation", "code", "expected"),
    [
        ("SendMessage", "QueueDoesNotExist", ("AWS.SimpleQueueService.NonExistentQueue", 400)),
        ("PutObject", "NoSuchBucket", ("NoSuchBucket", 404)),
        ("GetObject", "NoSuchKey", ("NoSuchKey", 404)),
        ("PutObject", "ServiceUnavailable", ("ServiceUnavailable", 503)),
        ("PutItem", "ConditionalCheckFailedException", ("ConditionalCheckFailedException", 400)),
        ("PutItem", "ProvisionedThroughputExceededException", ("ProvisionedThroughputExceededException", 400)),
        ("GetSecretValue", "ResourceNotFoundException", ("ResourceNotFoundException", 400)),
    ],
)
def test_a_code_comes_with_its_status_and_its_old_name(
    cloud: Cloud, operation: str, code: str, expected: tuple[str, int]
) -> None:
    """What a service calls differently in its older protocol reaches the client by that name, as from AWS."""
    cloud.fault(operation=operation, fault="error", code=code)
    assert ending(cloud, operation) == expected


def test_a_queue_that_is_missing_is_reported_as_the_fault_reports_it(cloud: Cloud) -> None:
    """The emulator's own error of a queue that is not there has the code that the fault gives."""
    with pytest.raises(ClientError) as caught:
        aws(cloud, "sqs").send_message(QueueUrl=url(aws(cloud, "sqs")) + "-not-there", MessageBody="x")
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_lost_answer_is_a_call_that_was_done(cloud: Cloud) -> None:
    """`lose` hangs up after the emulator has acted: the message is in the queue although the caller saw nothing."""
    before = depth(cloud)
    cloud.fault(operation="SendMessage", fault="lose")
    assert ending(cloud, "SendMessage") == ("cut", 0)
    assert depth(cloud) == before + 1
    cloud.clear()
    cloud.fault(operation="SendMessage", fault="cut")
    assert ending(cloud, "SendMessage") == ("cut", 0)
    assert depth(cloud) == before + 1


def depth(cloud: Cloud) -> int:
    """Return how many messages are in this module's queue."""
    sqs = aws(cloud, "sqs")
    names = ["ApproximateNumberOfMessages"]
    return int(sqs.get_queue_attributes(QueueUrl=url(sqs), AttributeNames=names)["Attributes"][names[0]])


def test_faults_of_several_kinds_act_together_and_on_their_own_operations_only(cloud: Cloud) -> None:
    """A delay, a share of cuts and a share of throttles on one operation, a denial on another, a third untouched."""
    cloud.fault(operation="SendMessage", fault="delay", seconds=0.01, rate=0.5)
    cloud.fault(operation="SendMessage", fault="cut", rate=0.3)
    cloud.fault(operation="SendMessage", fault="throttle", rate=0.4)
    cloud.fault(operation="PutObject", fault="error", code="AccessDenied")
    endings = [ending(cloud, "SendMessage")[0] for _ in range(60)]
    assert {ending(cloud, "PutObject") for _ in range(3)} == {("AccessDenied", 403)}
    assert ending(cloud, "PutItem") == ("", 200)
    assert set(endings) == {"", "cut", "RequestThrottled"}
    delays, cuts, throttles, denials = (fault["hits"] for fault in cloud.get("/api/faults")["faults"])
    assert 0 < delays < 60
    assert cuts == endings.count("cut")
    assert throttles >= endings.count("RequestThrottled")
    assert denials == 3


@pytest.mark.parametrize("as_stream", [False, True], ids=["bytes", "stream"])
def test_six_megabytes_pass_to_s3_byte_for_byte(cloud: Cloud, as_stream: bool) -> None:
    """With checksums and Expect, from memory or from a stream: what is stored has the sha256 of what was sent."""
    content = os.urandom(6_000_000)
    s3 = cloud.through_proxy()("s3")
    body = io.BufferedReader(io.BytesIO(content)) if as_stream else content
    stored = s3.put_object(Bucket=QUEUE, Key="large", Body=body, ServerSideEncryption="AES256")
    assert stored["ResponseMetadata"]["HTTPStatusCode"] == 200
    for read in (aws(cloud, "s3"), s3):
        got = read.get_object(Bucket=QUEUE, Key="large")["Body"].read()
        assert hashlib.sha256(got).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"MessageBody": "x" * 1_048_577}, "InvalidParameterValue"),
        ({"MessageBody": "ä" * 524_289}, "InvalidParameterValue"),
        ({"MessageBody": "x\x00y"}, "InvalidMessageContents"),
        ({"MessageBody": "x\ufffe"}, "InvalidMessageContents"),
        ({"MessageBody": "x\x1b"}, "InvalidMessageContents"),
        (
            {
                "MessageBody": "x" * 1_048_570,
                "MessageAttributes": {"reason": {"DataType": "String", "StringValue": "throttled"}},
            },
            "InvalidParameterValue",
        ),
    ],
)
def test_a_message_that_sqs_does_not_take_is_refused(cloud: Cloud, message: dict[str, Any], code: str) -> None:
    """Too long in bytes, attributes counted, or with characters outside XML's: refused by SQS's own code."""
    sqs = cloud.through_proxy()("sqs")
    with pytest.raises(ClientError) as caught:
        sqs.send_message(QueueUrl=url(sqs), **message)
    assert caught.value.response["Error"]["Code"] == code


def test_a_message_of_exactly_a_mebibyte_is_taken_and_comes_back_whole(cloud: Cloud) -> None:
    """1,048,576 bytes with tabs, line breaks and characters beyond the basic plane."""
    body = '\t\n\r"\U0001f600' + "ä" * 524_280
    body += "x" * (1_048_576 - len(body.encode()))
    sqs = cloud.through_proxy()("sqs")
    sent = sqs.send_message(QueueUrl=url(sqs), MessageBody=body)
    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def test_a_batch_over_a_mebibyte_is_refused_as_a_whole(cloud: Cloud) -> None:
    """SendMessageBatch counts all entries, their attributes included."""
    sqs = cloud.through_proxy()("sqs")
    half = {"MessageBody": "x" * 524_280, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b" * 20}}}
    with pytest.raises(ClientError) as caught:
        sqs.send_message_batch(QueueUrl=url(sqs), Entries=[{"Id": "1", **half}, {"Id": "2", **half}])
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.BatchRequestTooLong"


def test_an_item_over_400_kilobytes_is_refused(cloud: Cloud) -> None:
    """DynamoDB's own limit holds through the proxy."""
    table = cloud.through_proxy()("dynamodb")
    with pytest.raises(ClientError) as caught:
        table.put_item(TableName=QUEUE, Item={**KEY, "a": {"S": "x" * 410_000}})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_crash_can_come_while_the_function_runs(cloud: Cloud) -> None:
    """With seconds the process is killed after it got the event; the caller sees 502, and the next delivery passes."""
    cloud.github()  # there is a warm process now
    cloud.fault(operation="PutEvents", fault="delay", seconds=1)
    crash = cloud.fault(operation="Invoke", fault="crash", seconds=0.3, function="github")
    assert crash["seconds"] == 0.3
    reply, _ = cloud.github()
    assert reply.status == 502
    cloud.clear()
    assert cloud.github()[0].status == 200
    lines = [json.loads(line["line"]) for line in cloud.get("/api/logs?limit=500")["lines"] if line["line"][0] == "{"]
    assert any(line.get("record", {}).get("errorType") == "Runtime.ExitError" for line in lines)
