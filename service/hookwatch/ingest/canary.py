"""Sends a signed heartbeat through the public URL, as the provider would. Never retries: the next one is the retry.

It runs in a small scheduled function of its own and proves in one stroke what no metric of the other can: that the URL
answers, that its permissions are in place, that the secret verifies and that the bus takes events. A heartbeat that
fails raises, so that Lambda counts it. What it sends is marked (`HEARTBEAT` as event type) and counted apart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.request
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from hookwatch.ingest import clients
from hookwatch.ingest.model import HEARTBEAT

# GitHub would wait this long; whoever answers later has failed a real delivery too.
TIMEOUT_S = 10.0
SUCCESS = 200
FORM = "application/x-www-form-urlencoded"


def handler(event: object, context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Send one heartbeat.

    Raises:
        OSError: the URL did not answer, or not with a success (urllib's HTTPError is one).
    """
    url = os.environ["HOOKWATCH_CANARY_URL"]
    secrets = clients.client("secretsmanager", connect_s=2, read_s=3, attempts=2)
    key = secrets.get_secret_value(SecretId=os.environ["HOOKWATCH_SECRET_ARN"])["SecretString"].encode()
    request = {"github": github, "twilio": twilio}[os.environ["HOOKWATCH_CANARY_PROVIDER"]](url, key)
    began_s = time.monotonic()
    # The URL is the stack's own output: https, never a file.
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - see above
        status = answer.status
    report = {"message": "heartbeat", "status": status, "total_ms": round((time.monotonic() - began_s) * 1000, 1)}
    print(json.dumps(report))  # noqa: T201 - one line in the function's log is all that it says
    if status != SUCCESS:
        raise OSError(f"the heartbeat was answered {status}")
    return report


def github(url: str, key: bytes) -> urllib.request.Request:
    """A heartbeat as GitHub would send it."""
    body = json.dumps({HEARTBEAT: True, "sent_at": int(time.time())}).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "hookwatch-canary",
        "X-GitHub-Event": HEARTBEAT,
        "X-GitHub-Delivery": str(uuid4()),
        "X-Hub-Signature-256": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}",
    }
    return urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - the stack's own URL


def twilio(url: str, key: bytes) -> urllib.request.Request:
    """A heartbeat as Twilio would send it."""
    parameters = {HEARTBEAT: str(uuid4())}
    text = url + "".join(name + value for name, value in sorted(parameters.items()))
    # Twilio's own scheme is HMAC-SHA1.
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest()).decode()
    headers = {"Content-Type": FORM, "User-Agent": "hookwatch-canary", "X-Twilio-Signature": signature}
    return urllib.request.Request(url, urlencode(parameters).encode(), headers, method="POST")  # noqa: S310 - as above
