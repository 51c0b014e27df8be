"""Delivers to a hook's URL as GitHub does: one POST, ten seconds, no redirect, no second try. Never keeps a record."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ReadTimeoutError

from hookwatch.sandbox.github_api_model import OK, FakeHook, Posted
from hookwatch.sender.load import PATIENCE_S

MAX_KEPT_BYTES = 65_536
"""Ours: what is kept of an answer."""

_FIRST_REDIRECT = 300

_pool = urllib3.PoolManager(retries=False, maxsize=8)


def body_of(hook: FakeHook, payload: bytes) -> bytes:
    """What stands in the body: the payload itself, or a form that holds it."""
    return urlencode({"payload": payload.decode()}).encode("ascii") if hook.content_type == "form" else payload


def post(hook: FakeHook, headers: dict[str, str], body: bytes) -> Posted:
    """Deliver once."""
    began_s = time.monotonic()
    try:
        answer = _pool.request(
            "POST",
            hook.url,
            body=body,
            headers=headers,
            redirect=False,
            timeout=urllib3.Timeout(total=PATIENCE_S["github"]),
        )
    except (ReadTimeoutError, ConnectTimeoutError):
        return Posted("timed out", 0, duration_s=time.monotonic() - began_s)
    except (HTTPError, ValueError):
        return Posted("failed to connect to host", 0, duration_s=time.monotonic() - began_s)
    status = OK if answer.status < _FIRST_REDIRECT else f"Invalid HTTP Response: {answer.status}"
    text = answer.data[:MAX_KEPT_BYTES].decode("utf-8", "replace")
    return Posted(status, answer.status, dict(answer.headers), text, time.monotonic() - began_s)
