"""Consumers get the whole payload, and never another one."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from hookwatch.claims import ClaimDiffersError, ClaimError, ClaimMissingError, ClaimRefusedError, resolve
from support import Objects, github_event, stand

PUSH = {"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "repository": {"id": 1}}
LARGE = PUSH | {"commits": [{"id": "é" * 1_000}] * 1_000}


class S3:
    """GetObject over what was stored."""

    def __init__(self, stored: dict[str, bytes], error: Exception | None = None) -> None:
        self._stored, self._error = stored, error

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        if self._error is not None:
            raise self._error
        if f"{Bucket}/{Key}" not in self._stored:
            raise refusal("NoSuchKey")
        return {"Body": io.BytesIO(self._stored[f"{Bucket}/{Key}"])}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "GetObject")


def checked_in() -> tuple[dict[str, Any], dict[str, bytes]]:
    """An event as a consumer sees it, and what lies in the bucket; both made by the real thing."""
    objects = Objects()
    stood = stand(objects=objects)
    assert stood(github_event(LARGE))["statusCode"] == 200
    return {"source": "github.com", "detail": json.loads(stood.bus.published[0]["Detail"])}, objects.stored


def test_the_whole_payload_comes_back():
    """What was too large for the bus is what a consumer gets, our own key included."""
    event, stored = checked_in()
    assert "commits" not in event["detail"]
    whole = resolve(event, S3(stored))
    assert {name: value for name, value in whole.items() if name != "hookwatch"} == LARGE
    assert "claim_check" not in whole["hookwatch"]
    assert whole["hookwatch"]["delivery_id"] == event["detail"]["hookwatch"]["delivery_id"]


@pytest.mark.parametrize("detail", [{}, {"a": 1}, {"hookwatch": {"kind": "push"}}, {"hookwatch": "theirs"}])
def test_an_event_without_a_claim_check_is_whole_already(detail: dict[str, Any]):
    """Every consumer can call it on every event; nothing is fetched where nothing has to be."""
    assert resolve({"detail": detail}, S3({}, refusal("AccessDenied"))) == detail


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (refusal("NoSuchKey"), ClaimMissingError, "is not there (NoSuchKey)"),
        (refusal("NoSuchBucket"), ClaimMissingError, "is not there (NoSuchBucket)"),
        (refusal("AccessDenied"), ClaimRefusedError, "may not be read (AccessDenied)"),
        (refusal("SlowDown"), ClaimError, "could not be read (SlowDown)"),
        (EndpointConnectionError(endpoint_url="https://s3"), ClaimError, "could not be read (EndpointConnectionError)"),
        (ReadTimeoutError(endpoint_url="https://s3"), ClaimError, "could not be read (ReadTimeoutError)"),
        (ConnectionClosedError(endpoint_url="https://s3"), ClaimError, "could not be read (ConnectionClosedError)"),
        (ResponseStreamingError(error="cut"), ClaimError, "could not be read (ResponseStreamingError)"),
    ],
)
def test_what_cannot_be_had_names_bucket_and_key(error: Exception, kind: type[ClaimError], words: str):
    """An error says what is wrong with which object."""
    event, stored = checked_in()
    with pytest.raises(kind) as caught:
        resolve(event, S3(stored, error))
    claim = event["detail"]["hookwatch"]["claim_check"]
    assert (caught.value.bucket, caught.value.key) == (claim["bucket"], claim["key"])
    assert str(caught.value).startswith(f"s3://{claim['bucket']}/{claim['key']}: {words}")


def test_another_object_is_not_taken_for_it():
    """Neither another size nor another content passes."""
    event, stored = checked_in()
    ((place, body),) = stored.items()
    with pytest.raises(ClaimDiffersError, match=f"has {len(body) - 1} bytes"):
        resolve(event, S3({place: body[:-1]}))
    with pytest.raises(ClaimDiffersError, match="SHA-256"):
        resolve(event, S3({place: body[:-2] + b" }"}))


@pytest.mark.parametrize("claim", ["text", {}, {"bucket": "b"}, {"key": "k"}, []])
def test_a_damaged_claim_check_is_an_error(claim: object):
    """A claim that leads nowhere is not mistaken for a whole payload."""
    with pytest.raises(ClaimDiffersError):
        resolve({"detail": {"hookwatch": {"claim_check": claim}}}, S3({}))


def test_what_is_no_event_is_refused():
    """The detail alone is no event."""
    with pytest.raises(ValueError, match="detail"):
        resolve({"ref": "refs/heads/main"}, S3({}))


def test_the_file_stands_alone(tmp_path: Path):
    """It can be copied beside a consumer: it runs without hookwatch, and imports no SDK before it needs a client."""
    source = Path(resolve.__code__.co_filename)
    (tmp_path / "claims.py").write_bytes(source.read_bytes())
    program = (
        "import sys, claims; assert claims.resolve({'detail': {'a': 1}}, object()) == {'a': 1}; "
        "print([name for name in sys.modules if name.startswith(('hookwatch', 'boto'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, env={}
    )
    assert done.stdout.strip() == "[]"


def test_a_claim_is_over_exactly_what_would_have_been_on_the_bus():
    """Bytes and hash can be checked by anybody with the object and the event."""
    event, stored = checked_in()
    (body,) = stored.values()
    claim = event["detail"]["hookwatch"]["claim_check"]
    assert (claim["bytes"], claim["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
