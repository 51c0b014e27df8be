from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.faults_answer import error_answer
from hookwatch.sandbox.faults_codes import throttle_code
from hookwatch.sandbox.faults_http import Request
from hookwatch.sandbox.faults_operation import UNKNOWN, Call, identify

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = Clients("http://127.0.0.1:1", attempts=1)
ROLE = "arn:aws:iam::123456789012:role/r"
CALLS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("events", "PutEvents", lambda c: c.put_events(Entries=[])),
    ("secretsmanager", "GetSecretValue", lambda c: c.get_secret_value(SecretId="s")),
    ("secretsmanager", "DescribeSecret", lambda c: c.describe_secret(SecretId="s")),
    ("sqs", "SendMessage", lambda c: c.send_message(QueueUrl="http://127.0.0.1/1/q", MessageBody="m")),
    ("dynamodb", "PutItem", lambda c: c.put_item(TableName="t", Item={"k": {"S": "v"}})),
    ("sns", "Publish", lambda c: c.publish(TopicArn="arn:aws:sns:us-east-1:123456789012:t", Message="m")),
    ("sts", "AssumeRole", lambda c: c.assume_role(RoleArn=ROLE, RoleSessionName="s")),
    ("cloudformation", "CreateStack", lambda c: c.create_stack(StackName="s", TemplateBody="{}")),
    ("cloudwatch", "PutMetricData", lambda c: c.put_metric_data(Namespace="n", MetricData=[])),
    ("logs", "PutLogEvents", lambda c: c.put_log_events(logGroupName="g", logStreamName="s", logEvents=[])),
    ("ssm", "GetParameter", lambda c: c.get_parameter(Name="n")),
    ("kms", "Decrypt", lambda c: c.decrypt(CiphertextBlob=b"x")),
    ("lambda", "Invoke", lambda c: c.invoke(FunctionName="f", Payload=b"{}")),
    ("lambda", "GetFunctionConfiguration", lambda c: c.get_function_configuration(FunctionName="f")),
    ("xray", "PutTraceSegments", lambda c: c.put_trace_segments(TraceSegmentDocuments=["{}"])),
    ("s3", "PutObject", lambda c: c.put_object(Bucket="b", Key="a/b c", Body=b"x")),
    ("s3", "GetObject", lambda c: c.get_object(Bucket="b", Key="k")),
    ("s3", "HeadObject", lambda c: c.head_object(Bucket="b", Key="k")),
    ("s3", "CopyObject", lambda c: c.copy_object(Bucket="b", Key="k", CopySource="b/j")),
    ("s3", "UploadPart", lambda c: c.upload_part(Bucket="b", Key="k", PartNumber=1, UploadId="u", Body=b"x")),
    ("s3", "GetObjectTagging", lambda c: c.get_object_tagging(Bucket="b", Key="k")),
    ("s3", "ListObjectsV2", lambda c: c.list_objects_v2(Bucket="b")),
    ("s3", "ListBuckets", lambda c: c.list_buckets()),
    ("s3", "CreateBucket", lambda c: c.create_bucket(Bucket="b")),
    ("s3", "DeleteObject", lambda c: c.delete_object(Bucket="b", Key="k")),
]


class Wire:
    """Stands where the network would be: keeps what botocore sends, and answers as it is told."""

    def __init__(self, client: Any, code: str | None = None) -> None:
        self.sent: list[Request] = []
        self.call: Call | None = None
        self._code = code
        client.meta.events.register("before-send", self.answer)

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        """Take a request of botocore's and answer it."""
        url = urlsplit(request.url)
        body = request.body or b""
        raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body.read()
        target = url.path + (f"?{url.query}" if url.query else "")
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        self.sent.append(Request(request.method, target, headers, raw))
        self.call = identify(self.sent[-1])
        answer = error_answer(self.call, self._code or throttle_code(self.call), "as told")
        return AWSResponse(request.url, answer.status, HTTPHeaders.from_dict(answer.headers), _Raw(answer.body))


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> list[bytes]:
        return [self._body]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(
    ("service", "operation", "call"), CALLS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_operation_is_known_by_its_request(service: str, operation: str, call: Callable[[Any], Any]) -> None:
    """What botocore sends for an operation is recognised as that operation, in every protocol."""
    client = CLIENTS(service)
    wire = Wire(client)
    with pytest.raises(ClientError):
        call(client)
    assert wire.call is not None
    assert wire.call.operation == operation


SPELLED = {
    ("s3", "AccessDeniedException"): "AccessDenied",
    ("s3", "InternalFailure"): "InternalError",
    ("sqs", "AccessDeniedException"): "AccessDenied",
}
"""What these services call differently from the others."""


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalFailure", None])
@pytest.mark.parametrize(
    ("service", "operation", "call"),
    [row for row in CALLS if row[1] != "HeadObject"],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_botocore_reads_the_code_out_of_our_error_answer(
    service: str, operation: str, call: Callable[[Any], Any], code: str | None
) -> None:
    """The error that a caller catches carries the code, whatever the service's protocol."""
    client = CLIENTS(service)
    wire = Wire(client, code)
    with pytest.raises(ClientError) as caught:
        call(client)
    assert wire.call is not None
    expected = SPELLED.get((service, code), code) or throttle_code(wire.call)
    assert caught.value.response["Error"]["Code"] == expected
    assert "as told" in caught.value.response["Error"]["Message"]
    assert (caught.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500) is (
        expected in ("InternalError", "InternalFailure", "SlowDown")
    )


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/", {}, b""),
        Request("POST", "/%00?=&&", {"content-type": "application/x-www-form-urlencoded"}, b"\xff"),
        Request("DELETE", "/a/b/c", {"authorization": "Credential=x/20261122/r/nosuchservice/aws4_request"}, b""),
    ],
)
def test_a_request_that_is_no_aws_call_is_unknown(request_: Request) -> None:
    """What cannot be recognised is called Unknown and never raises."""
    assert identify(request_).operation == UNKNOWN
