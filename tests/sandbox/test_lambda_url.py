"""What a Function URL of the sandbox answers, over HTTP and with AWS's own runtime client behind it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from hookwatch.sandbox.lambda_model import MAX_HEADER_BYTES, MAX_REQUEST_BYTES
from sandbox.lambda_rig import Rig, running, spec_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.sandbox

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def echo() -> Iterator[Rig]:
    """Return a running function that answers with the event that it got."""
    with running(spec_of("handlers.echo")) as rig:
        yield rig


def test_the_handler_gets_a_complete_event(echo: Rig) -> None:
    """The event has every field of payload format 2.0 and the ids agree with the invocation's."""
    answer = echo.request("PUT", "/hook", b'{"a":1}', [JSON, ("User-Agent", "probe/1"), ("Host", "hooks.test:8001")])
    event = answer.json()
    context = event["requestContext"]
    assert (event["version"], event["routeKey"], context["stage"]) == ("2.0", "$default", "$default")
    assert context["http"] == {
        "method": "PUT",
        "path": "/hook",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "probe/1",
    }
    assert (context["domainName"], event["headers"]["host"]) == ("hooks.test", "hooks.test:8001")
    assert (context["accountId"], context["apiId"], context["domainPrefix"]) == ("anonymous", "probe", "probe")
    assert context["requestId"] == answer.header("x-request") == answer.header("x-amzn-requestid")
    assert context["time"].endswith("+0000")
    assert context["timeEpoch"] > 1.7e12
    assert (event["body"], event["isBase64Encoded"]) == ('{"a":1}', False)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/a%2Fb//c/%7Ed/../e;f=1?x=%20&y=+&z",
        "/?b=2&a=1&b=1&=&c",
        "/%zz?%zz=%ff&q=%C3%A9",
        "/p?a=http://x/?y=1&b=%26",
    ],
)
def test_path_and_query_are_not_touched(echo: Rig, target: str) -> None:
    """Both rawPath and rawQueryString are byte for byte what was requested."""
    event = echo.request("GET", target).json()
    path, _, query = target.partition("?")
    assert (event["rawPath"], event["rawQueryString"]) == (path, query)


def test_repeated_headers_and_parameters_are_joined(echo: Rig) -> None:
    """Repeated headers and query parameters arrive joined by commas, cookies as a list of their own."""
    headers = [("X-One", "1"), ("x-ONE", "2"), ("Cookie", "a=1; b=2"), ("Cookie", "c=3")]
    event = echo.request("POST", "/?x=1&x=2&y=%C3%A9&z=", b"", headers).json()
    assert event["headers"]["x-one"] == "1,2"
    assert event["queryStringParameters"] == {"x": "1,2", "y": "é", "z": ""}
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]
    assert "body" not in event


def test_forwarded_headers_tell_the_local_scheme(echo: Rig) -> None:
    """Scheme and port of the local server are forwarded, so that the function can rebuild the URL asked for."""
    headers = echo.request("POST", "/").json()["headers"]
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == str(echo.port)
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_a_tunnel_may_say_that_it_ended_tls(echo: Rig) -> None:
    """A forwarded scheme of https is believed, so that a real provider's signature holds through a tunnel."""
    headers = echo.request("POST", "/", b"", [("X-Forwarded-Proto", "https"), ("Host", "x.tunnel.test")]).json()[
        "headers"
    ]
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("https", "443")


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=utf-8", "text/plain", "text/xml"]
)
def test_text_bodies_arrive_as_text(echo: Rig, media_type: str) -> None:
    """A body of a text media type is text."""
    event = echo.request("POST", "/", '{"é": 1}'.encode(), [("Content-Type", media_type)]).json()
    assert (event["body"], event["isBase64Encoded"]) == ('{"é": 1}', False)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([FORM], b"Body=hi&From=%2B1"),
        ([], b"plain"),
        ([("Content-Type", "image/png")], b"\x89PNG"),
        ([JSON], b'{"\xff"}'),
    ],
)
def test_other_bodies_arrive_as_base64(echo: Rig, headers: list[tuple[str, str]], body: bytes) -> None:
    """Form, unnamed and binary bodies, and JSON that is not UTF-8, are base64 of the exact bytes."""
    event = echo.request("POST", "/", body, headers).json()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


def test_the_answer_is_what_the_function_asked_for() -> None:
    """Status, headers, cookies and a base64 body reach the client, the function's framing headers do not."""
    with running(spec_of("handlers.structured")) as rig:
        answer = rig.request()
    assert (answer.status, answer.body) == (201, b"<Response/>")
    assert answer.header("content-type") == "text/xml; charset=utf-8"
    assert answer.header("x-number") == "7"
    assert [value for name, value in answer.headers if name.lower() == "set-cookie"] == ["a=1; Path=/", "b=2"]
    assert answer.header("content-length") == "11"


def test_a_value_without_status_is_a_json_answer() -> None:
    """A function that returns no statusCode answers 200 and application/json."""
    with running(spec_of("handlers.inferred")) as rig:
        answer = rig.request()
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert answer.json() == {"message": "no status code"}


def test_a_body_over_six_megabytes_is_413_and_runs_nothing(echo: Rig) -> None:
    """A body past 6 MB, as sent or once base64 has inflated it, is 413, and the function does not run."""
    before = len(echo.seen.values("Invocations"))
    plain = echo.request("POST", "/", b" " * (MAX_REQUEST_BYTES + 1), [JSON])
    inflated = echo.request("POST", "/", b"a" * (5 * 1024 * 1024), [FORM])
    assert [plain.status, inflated.status] == [413, 413]
    assert plain.header("x-amzn-errortype") == "RequestEntityTooLargeException"
    assert len(echo.seen.values("Invocations")) == before
    assert echo.seen.values("Url4xxCount")[-2:] == [1.0, 1.0]


def test_a_body_within_six_megabytes_arrives() -> None:
    """Five megabytes of JSON reach the function whole."""
    with running(spec_of("handlers.surroundings")) as rig:
        assert rig.request("POST", "/", b"[" + b" " * (5 * 1024 * 1024) + b"]", [JSON]).status == 200


def test_headers_up_to_a_megabyte_pass_and_more_is_431(echo: Rig) -> None:
    """200 KB of headers pass, as on AWS; past 1 MB the answer is 431 and the function does not run."""
    rows = [(f"X-{number}", "v" * 2000) for number in range(95)]
    assert echo.request("POST", "/", b"", rows).json()["headers"]["x-94"] == "v" * 2000
    before = len(echo.seen.values("Invocations"))
    assert echo.request("POST", "/?q=" + "a" * 60000, b"", [("X-Big", "v" * MAX_HEADER_BYTES)]).status == 431
    assert len(echo.seen.values("Invocations")) == before


def test_past_reserved_concurrency_the_answer_is_429() -> None:
    """With two executions reserved, five requests at once are two answers and three 429s in Lambda's words."""
    with running(spec_of("handlers.process", reserved_concurrency=2)) as rig:
        answers = rig.at_once(5, "/?seconds=1")
        assert sorted(answer.status for answer in answers) == [200, 200, 429, 429, 429]
        refused = next(answer for answer in answers if answer.status == 429)
        assert refused.json() == {
            "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
            "Type": "User",
            "message": "Rate Exceeded.",
        }
        assert refused.header("x-amzn-errortype") == "TooManyRequestsException"
        assert rig.request().status == 200
        assert rig.seen.values("Throttles").count(1.0) == 3
        assert len(rig.seen.values("Invocations")) == 3


def test_reserved_concurrency_of_zero_is_a_stop_switch() -> None:
    """A function with nothing reserved answers 429 to everything and starts no process."""
    with running(spec_of("handlers.echo", reserved_concurrency=0)) as rig:
        assert rig.request().status == 429
        assert rig.seen.lines == []


@pytest.mark.parametrize("handler", ["handlers.raises", "handlers.exits", "handlers.large"])
def test_a_failed_execution_is_a_bare_502(handler: str) -> None:
    """An exception, a dead process and an oversized answer are 502 without a word of what happened, every time."""
    with running(spec_of(handler)) as rig:
        answers = [rig.request(), rig.request()]
    assert [(answer.status, answer.body) for answer in answers] == [(502, b"Internal Server Error")] * 2
    assert rig.seen.values("Errors") == [1.0, 1.0]
    assert rig.seen.values("Url5xxCount") == [1.0, 1.0]


def test_a_timeout_is_502_and_the_next_call_works() -> None:
    """An execution past the timeout is killed and answered 502; the next one runs in a new process."""
    with running(spec_of("handlers.process", timeout_s=1)) as rig:
        first = rig.request().json()["pid"]
        late = rig.request(target="/?seconds=30")
        second = rig.request().json()["pid"]
    assert (late.status, late.body) == (502, b"Internal Server Error")
    assert first != second
    assert 1000 <= rig.seen.values("Duration")[1] < 3000


def test_an_init_failure_is_reported_once_and_the_next_call_tries_again(tmp_path: Path) -> None:
    """A module that fails to import is one 502 with its own error in the log; the next call starts a new process."""
    spec = spec_of("fails_at_first.handler", environment={"MARKER": str(tmp_path / "tried")})
    with running(spec) as rig:
        assert [rig.request().status, rig.request().status] == [502, 200]
    assert sum("configuration is wrong" in line for line in rig.seen.lines) == 1
    assert any(line.startswith("INIT_REPORT") for line in rig.seen.lines)
    assert rig.seen.values("Errors") == [1.0, 0.0]


def test_a_handler_that_is_not_there_is_an_init_failure() -> None:
    """A wrong handler name is 502 for every call, with the import error in the log."""
    with running(spec_of("no_such_module.handler", log_format="JSON")) as rig:
        assert [rig.request().status, rig.request().status] == [502, 502]
    types = [record["errorType"] for record in rig.seen.platform("platform.initReport")]
    assert types == ["Runtime.ImportModuleError"] * 2


def test_too_much_memory_is_a_crash() -> None:
    """A process that holds more than its memory setting is killed, as Lambda kills it."""
    with running(spec_of("handlers.greedy", memory_mb=128, timeout_s=10)) as rig:
        assert rig.request().status == 502
    assert "Runtime.OutOfMemory" in rig.seen.lines


def test_answers_are_quick_once_warm(echo: Rig) -> None:
    """The median of a hundred warm requests is far below what a person or a provider would notice."""
    durations = sorted(_latencies(echo, 100))
    assert durations[50] < 30


def _latencies(rig: Rig, count: int) -> list[float]:
    for _ in range(count):
        assert rig.request("POST", "/", json.dumps({"a": 1}).encode(), [JSON]).status == 200
    return rig.seen.values("UrlRequestLatency")[-count:]
