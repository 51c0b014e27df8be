from __future__ import annotations

from dataclasses import replace

from hookwatch.sandbox.faults_http import Request
from hookwatch.sandbox.faults_signing import Signatures

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential={key}/20261127/us-east-1/sqs/aws4_request,"
    " SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=0000"
)


def request(key: str) -> Request:
    """A call of SQS, signed with a key."""
    headers = {
        "authorization": AUTHORIZATION.format(key=key),
        "content-type": "application/x-amz-json-1.0",
        "host": "127.0.0.1:4566",
        "x-amz-date": "20261127T000000Z",
        "x-amz-target": "AmazonSQS.ReceiveMessage",
        "user-agent": "not signed",
    }
    return Request("POST", "/", headers, b'{"QueueUrl": "q"}')


def test_a_known_key_signs_the_body_that_there_is_now():
    """Scope and signed headers stay, the signature depends on the body, and what was not signed is kept."""
    signatures = Signatures()
    signatures.add({"AWS_ACCESS_KEY_ID": "ASIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"})
    first = signatures.renewed(request("ASIA1"))
    other = signatures.renewed(replace(request("ASIA1"), body=b'{"QueueUrl": "another"}'))
    for each in (first, other):
        assert "/us-east-1/sqs/aws4_request" in each.headers["authorization"]
        assert each.headers["x-amz-security-token"] == "t"
        assert each.headers["user-agent"] == "not signed"
        assert each.headers["x-amz-target"] == "AmazonSQS.ReceiveMessage"
    assert first.headers["authorization"] != other.headers["authorization"]


def test_a_strange_key_and_no_signature_are_left_as_they_are():
    """Nobody gets a signature who had none that we know."""
    signatures = Signatures()
    assert signatures.renewed(request("AKIASTRANGER")) == request("AKIASTRANGER")
    unsigned = Request("GET", "/", {"host": "127.0.0.1"}, b"")
    assert signatures.renewed(unsigned) == unsigned
