"""What the emulator calls an action of its own is allowed exactly where AWS's is."""

from __future__ import annotations

from hookwatch.sandbox.deploy_policies import with_batches


def test_a_batch_is_allowed_where_the_single_call_is() -> None:
    """Beside each of the three calls stands its batch, also behind a condition; everything else stays."""
    plain = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "queue"}
    empty = {"Effect": "Deny", "Action": ["sqs:DeleteMessage", "sqs:ReceiveMessage"], "Resource": "queue"}
    statements = [plain, {"Fn::If": ["C", send, {"Ref": "AWS::NoValue"}]}, empty]
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {"Statement": statements}}]}}
    queue = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Statement": [dict(send)]}}
    with_batches({"Resources": {"Role": role, "Queue": queue, "Bare": {"Type": "AWS::IAM::Role"}}})
    assert plain["Action"] == "s3:GetObject"
    assert send["Action"] == ["sqs:SendMessage", "sqs:SendMessageBatch"]
    assert empty["Action"] == ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:DeleteMessageBatch"]
    assert queue["Properties"] == {"Statement": [{**send, "Action": "sqs:SendMessage"}]}
