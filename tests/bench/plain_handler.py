"""A plain handler of the quick start's kind, to measure ours against. Never deployed, and no example to follow.

Written for this benchmark after what is known of AWS's own quick start: a boto3 client for the bus and a botocore
session of its own for the secret cache, both made at import; JSON parsed before the signature is checked; a missing
signature compared like a wrong one; every header printed on a refusal; no telemetry. Its environment is
PLAIN_SECRET_ID and PLAIN_EVENT_BUS.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any
from urllib.parse import parse_qs

import boto3
import botocore.session
from aws_secretsmanager_caching import SecretCache, SecretCacheConfig

SECRET_ID = os.environ["PLAIN_SECRET_ID"]
EVENT_BUS = os.environ["PLAIN_EVENT_BUS"]

events = boto3.client("events")
secrets = SecretCache(config=SecretCacheConfig(), client=botocore.session.get_session().create_client("secretsmanager"))


class NotSignedError(Exception):
    """The signature does not fit."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one Function URL request of GitHub."""
    headers = event["headers"]
    try:
        body = event["body"]
        if event["isBase64Encoded"]:
            body = base64.b64decode(body).decode()
        payload = parse(headers, body)
        verify(headers, body)
        publish(headers, payload)
    except NotSignedError as problem:
        return refuse(401, str(problem), headers)
    except ValueError as problem:
        return refuse(400, str(problem), headers)
    except RuntimeError as problem:
        return refuse(500, str(problem), headers)
    return {"statusCode": 202, "body": json.dumps({"message": "accepted"})}


def parse(headers: dict[str, str], body: str) -> str:
    """The JSON text of the payload."""
    media_type = headers.get("content-type", "").partition(";")[0]
    if media_type == "application/x-www-form-urlencoded":
        payload = parse_qs(body)["payload"][0]
    elif media_type == "application/json":
        payload = body
    else:
        raise ValueError("unsupported content type")
    json.loads(payload)
    return payload


def verify(headers: dict[str, str], body: str) -> None:
    """Check `X-Hub-Signature-256`."""
    key = secrets.get_secret_string(SECRET_ID)
    expected = "sha256=" + hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("x-hub-signature-256", ""), expected):
        raise NotSignedError("wrong signature")


def publish(headers: dict[str, str], payload: str) -> None:
    """Put the payload onto the bus as it is."""
    answer = events.put_events(
        Entries=[
            {
                "Source": "github.com",
                "DetailType": headers["x-github-event"],
                "Detail": payload,
                "EventBusName": EVENT_BUS,
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError("not published")


def refuse(status: int, message: str, headers: dict[str, str]) -> dict[str, Any]:
    """Print what came and answer with an error."""
    print(f"{status} {message}: {headers}")
    return {"statusCode": status, "body": json.dumps({"message": message})}
