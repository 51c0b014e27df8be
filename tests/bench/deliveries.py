"""GitHub deliveries as Function URL events, of a given size. Never random: the same bytes in every run.

The bodies are made after a real `push`: a repository, a pusher and as many commits as fit, with an author's name beyond
ASCII in each, because one such letter already changes how a text is held and encoded.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from enum import StrEnum
from typing import Any

from bench.aws_stub import SECRET

SIZES_BYTES = {
    "1 KB": 1_000,
    "10 KB": 10_000,
    "100 KB": 100_000,
    # The largest that fits into one PutEvents entry of 1,000,000 bytes beside everything else.
    "1 MB": 990_000,
}
HOST = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws"


class Forge(StrEnum):
    """Who sends it: GitHub, or somebody with no signature or with a wrong one."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    WRONG = "wrong"


def body(size_bytes: int) -> str:
    """A push-like payload of exactly this many bytes (from about 800)."""
    push: dict[str, Any] = {
        "ref": "refs/heads/main",
        "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        "after": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
        "repository": {
            "id": 186853002,
            "full_name": "Codertocat/Hello-World",
            "private": False,
            "html_url": "https://github.com/Codertocat/Hello-World",
        },
        "pusher": {"name": "Codertocat", "email": "21031067+Codertocat@users.noreply.github.com"},
        "sender": {"login": "Codertocat", "id": 21031067, "type": "User", "site_admin": False},
        "commits": [],
        "padding": "",
    }
    left_bytes = size_bytes - len(_encoded(push))
    number = 0
    while (commit_bytes := len(_encoded(_commit(number))) + 1) <= left_bytes:
        push["commits"].append(_commit(number))
        left_bytes -= commit_bytes
        number += 1
    push["padding"] = "x" * (size_bytes - len(_encoded(push)))
    return _encoded(push).decode()


def url_event(text: str, forge: Forge) -> dict[str, Any]:
    """The event that Lambda makes of such a request; JSON bodies come as text."""
    headers = {
        "accept": "*/*",
        "content-length": str(len(text.encode())),
        "content-type": "application/json",
        "host": HOST,
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
        "x-forwarded-for": "140.82.115.54",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-github-event": "push",
        "x-github-hook-id": "292430182",
        "x-github-hook-installation-target-id": "186853002",
        "x-github-hook-installation-target-type": "repository",
    }
    if forge is not Forge.UNSIGNED:
        key = SECRET if forge is Forge.SIGNED else "another secret"
        headers["x-hub-signature-256"] = "sha256=" + hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefghijklmnopqrstuvwxyz012345",
            "domainName": HOST,
            "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
            "http": {
                "method": "POST",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "140.82.115.54",
                "userAgent": "GitHub-Hookshot/044aadd",
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "14/Nov/2026:22:13:20 +0000",
            "timeEpoch": 1_794_694_400_000,
        },
        "body": text,
        "isBase64Encoded": False,
    }


def _commit(number: int) -> dict[str, Any]:
    commit_id = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
    author = {"name": "Zoë Müller", "email": "zoe@example.org", "username": "zoe"}
    return {
        "id": commit_id,
        "tree_id": commit_id[::-1],
        "distinct": True,
        "message": f'Mend the {number}th corner case\n\nIt said "no" where it meant "not yet".',
        "timestamp": "2026-11-14T22:13:20+01:00",
        "url": f"https://github.com/Codertocat/Hello-World/commit/{commit_id}",
        "author": author,
        "committer": author,
        "added": [],
        "removed": [],
        "modified": [f"src/part_{number}.py", "tests/test_parts.py"],
    }


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
