"""What a call of an AWS API needs to be allowed, read off the request. Knows only what hookwatch's functions call.

Never guesses: an operation that it does not know is an error, so that a new call of a function must be added here, and
with it a thought about its role. Which operation needs which action, and the context keys:
https://docs.aws.amazon.com/service-authorization/latest/reference/, read 2026-11-27.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from iam_policy import Call

if TYPE_CHECKING:
    from hookwatch.sandbox import faults_http, faults_operation

REGION, ACCOUNT = "us-east-1", "123456789012"
NOT_FOUND = 404

BATCHED = {
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    "DeleteMessageBatch": "DeleteMessage",
    "SendMessageBatch": "SendMessage",
}
"""A batch needs the permission of the single call."""


def needs(called: faults_operation.Call, request: faults_http.Request, answer: faults_http.Answer) -> list[Call]:
    """Return what one call asked IAM for."""
    if called.service == "s3":
        return _s3(called.operation, request, answer)
    asked = json.loads(request.body)
    match called.service:
        case "sqs":
            queue = asked["QueueUrl"].rsplit("/", 1)[-1]
            operation = BATCHED.get(called.operation, called.operation)
            return [Call(f"sqs:{operation}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")]
        case "dynamodb":
            keys = asked.get("Key") or {"id": asked["Item"]["id"]}
            context = {"dynamodb:LeadingKeys": tuple(value["S"] for value in keys.values())}
            table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{asked['TableName']}"
            return [Call(f"dynamodb:{called.operation}", table, context)]
        case "secretsmanager":
            return [Call(f"secretsmanager:{called.operation}", asked["SecretId"])]
        case "events":
            return [_put_events(entry) for entry in asked["Entries"]]
    raise AssertionError(f"no role was thought about for {called}")


def _s3(operation: str, request: faults_http.Request, answer: faults_http.Answer) -> list[Call]:
    bucket, _, key = unquote(urlsplit(request.target).path).lstrip("/").partition("/")
    found = [Call(f"s3:{operation}", f"arn:aws:s3:::{bucket}/{key}")]
    if operation == "GetObject" and answer.status == NOT_FOUND:
        # Without it S3 answers 403, whether the object is missing or forbidden.
        found.append(Call("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    return found


def _put_events(entry: dict[str, Any]) -> Call:
    bus = str(entry.get("EventBusName") or "default").rsplit("/", 1)[-1]
    context = {"events:source": (entry["Source"],), "events:detail-type": (entry["DetailType"],)}
    return Call("events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}", context)


def of_lambda(log_group: str) -> list[Call]:
    """Return what Lambda itself does with a function's role: it writes its log and its traces.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html, read 2026-11-27.
    """
    stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{log_group}:log-stream:2026/11/27/[$LATEST]0123abcd"
    return [
        *(Call(f"logs:{action}", stream) for action in ("CreateLogStream", "PutLogEvents")),
        *(Call(f"xray:{action}", "*") for action in ("PutTraceSegments", "PutTelemetryRecords")),
    ]


def of_secrets_manager(key_arn: str, secret_arn: str) -> Call:
    """Return what Secrets Manager does with a caller's permissions to read a secret under a customer managed key.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html, read 2026-11-27.
    """
    context = {
        "kms:ViaService": (f"secretsmanager.{REGION}.amazonaws.com",),
        "kms:EncryptionContext:SecretARN": (secret_arn,),
    }
    return Call("kms:Decrypt", key_arn, context)
