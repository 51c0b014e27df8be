"""What the observer of a function is told: log lines, data points, segments."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.lambda_rig import running, spec_of

pytestmark = pytest.mark.sandbox

ROOT = "1-67e9a3f1-0123456789abcdef01234567"
CALLER = "53995c3f42cd8ad8"


def test_lines_come_in_the_order_they_were_written() -> None:
    """Everything a function printed stands between its START and its END, in order, from both streams."""
    with running(spec_of("handlers.chatty")) as rig:
        rig.request()
        rig.request()
    lines = rig.seen.lines
    assert lines[0].startswith("INIT_START Runtime Version: python:3.13")
    starts = [number for number, line in enumerate(lines) if line.startswith("START RequestId: ")]
    ends = [number for number, line in enumerate(lines) if line.startswith("END RequestId: ")]
    assert len(starts) == len(ends) == 2
    for start, end in zip(starts, ends, strict=True):
        inside = lines[start + 1 : end]
        assert inside[:200] == [f"line {number}" for number in range(200)]
        assert inside[200] == "on stderr"
        assert lines[end + 1].startswith("REPORT RequestId: ")


def test_the_report_line_is_lambdas() -> None:
    """The text REPORT line has Lambda's fields, the init duration only at first and the trace when sampled."""
    with running(spec_of("handlers.echo", memory_mb=192, tracing=True)) as rig:
        rig.request()
        rig.request()
    cold, warm = (line for line in rig.seen.lines if line.startswith("REPORT"))
    shape = (
        r"REPORT RequestId: [0-9a-f-]{36}\tDuration: [\d.]+ ms\tBilled Duration: (\d+) ms\tMemory Size: 192 MB"
        r"\tMax Memory Used: \d+ MB(\tInit Duration: [\d.]+ ms)?"
        r"\tXRAY TraceId: 1-[0-9a-f]{8}-[0-9a-f]{24}\tSegmentId: [0-9a-f]{16}\tSampled: true"
    )
    cold_match, warm_match = re.fullmatch(shape, cold), re.fullmatch(shape, warm)
    assert cold_match
    assert cold_match[2]
    assert warm_match
    assert not warm_match[2]
    assert int(cold_match[1]) > int(warm_match[1])


def test_json_platform_records() -> None:
    """With the JSON log format the platform's lines are records; a good run has no runtimeDone at level INFO."""
    with running(spec_of("handlers.echo", log_format="JSON", memory_mb=192)) as rig:
        answer = rig.request()
    seen = rig.seen
    request_id = answer.header("x-amzn-requestid")
    (start,) = seen.platform("platform.start")
    assert start == {
        "requestId": request_id,
        "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:probe",
        "version": "$LATEST",
    }
    (report,) = seen.platform("platform.report")
    assert (report["requestId"], report["status"]) == (request_id, "success")
    metrics = report["metrics"]
    assert metrics["memorySizeMB"] == 192
    assert 0 < metrics["maxMemoryUsedMB"] < 192
    assert metrics["billedDurationMs"] >= metrics["durationMs"] + metrics["initDurationMs"]
    assert seen.platform("platform.runtimeDone") == []
    assert len(seen.platform("platform.initStart")) == 1


def test_a_crash_says_how_the_process_ended() -> None:
    """A dead process leaves its last words, the exit status, and Runtime.ExitError in both log formats."""
    with running(spec_of("handlers.exits")) as rig:
        rig.request()
    text = rig.seen.lines
    assert "last words" in text
    assert any(line.endswith("Error: Runtime exited with error: exit status 3") for line in text)
    assert "Runtime.ExitError" in text
    assert "Status: error\tError Type: Runtime.ExitError" in text[-1]
    with running(spec_of("handlers.exits", log_format="JSON")) as rig:
        rig.request()
    (done,) = rig.seen.platform("platform.runtimeDone")
    assert (done["status"], done["errorType"]) == ("error", "Runtime.ExitError")


def test_a_timeout_says_so() -> None:
    """A timeout has Lambda's sentence in the text log and its status in the JSON record."""
    with running(spec_of("handlers.process", timeout_s=1)) as rig:
        rig.request(target="/?seconds=20")
    assert any(line.endswith("Task timed out after 1.00 seconds") for line in rig.seen.lines)
    assert "Status: timeout" in rig.seen.lines[-1]
    with running(spec_of("handlers.process", timeout_s=1, log_format="JSON")) as rig:
        rig.request(target="/?seconds=20")
    (report,) = rig.seen.platform("platform.report")
    assert report["status"] == "timeout"


def test_an_exception_is_logged_by_the_runtime_client() -> None:
    """An exception's type, text and stack are in the function's log, written by awslambdaric itself."""
    with running(spec_of("handlers.raises", log_format="JSON")) as rig:
        rig.request()
    (logged,) = (json.loads(line) for line in rig.seen.lines if "stackTrace" in line)
    assert (logged["level"], logged["errorType"]) == ("ERROR", "KeyError")
    assert "secret-detail" in logged["errorMessage"]


def test_application_lines_below_the_level_are_dropped() -> None:
    """With JSON format and level WARN only lines that say WARN or worse are kept; the text format drops nothing."""
    with running(spec_of("handlers.chatty", log_format="JSON", application_log_level="WARN")) as rig:
        rig.request()
    kept = [line for line in rig.seen.lines if not line.startswith('{"time"')]
    assert [json.loads(line)["message"] for line in kept] == ["loud"]
    with running(spec_of("handlers.chatty", log_format="Text", application_log_level="WARN")) as rig:
        rig.request()
    assert any('"quiet"' in line for line in rig.seen.lines)


def test_data_points_of_a_good_request() -> None:
    """One request is nine data points under FunctionName alone, zeros included."""
    with running(spec_of("handlers.echo")) as rig:
        rig.request()
    points = {point.name: point for point in rig.seen.points}
    assert len(rig.seen.points) == len(points) == 9
    counts = {name: point.value for name, point in points.items() if point.unit == "Count"}
    assert counts == {
        "Invocations": 1,
        "Errors": 0,
        "Throttles": 0,
        "ConcurrentExecutions": 1,
        "UrlRequestCount": 1,
        "Url4xxCount": 0,
        "Url5xxCount": 0,
    }
    assert {point.namespace for point in points.values()} == {"AWS/Lambda"}
    assert all(point.dimensions == {"FunctionName": "probe"} for point in points.values())
    assert points["Duration"].unit == points["UrlRequestLatency"].unit == "Milliseconds"
    # The URL's latency holds the cold start, the function's duration does not.
    assert points["UrlRequestLatency"].value > points["Duration"].value


def test_a_sampled_request_has_lambdas_two_segments() -> None:
    """Active tracing continues the caller's trace: service segment under the caller, function segment under it."""
    with running(spec_of("handlers.trace", tracing=True)) as rig:
        answer = rig.request(headers=[("X-Amzn-Trace-Id", f"Root={ROOT};Parent={CALLER};Sampled=1")])
    service, function = rig.seen.segments
    assert (service["origin"], function["origin"]) == ("AWS::Lambda", "AWS::Lambda::Function")
    assert {service["trace_id"], function["trace_id"]} == {ROOT}
    assert (service["parent_id"], function["parent_id"]) == (CALLER, service["id"])
    assert answer.json()["trace"].startswith(f"Root={ROOT};Parent={function['id']};Sampled=1;Lineage=")
    assert [phase["name"] for phase in function["subsegments"]] == ["Initialization", "Invocation"]
    assert service["start_time"] <= function["start_time"] <= function["end_time"]


@pytest.mark.parametrize(
    ("tracing", "inbound", "sampled"),
    [(True, "", "1"), (True, f"Root={ROOT};Sampled=0", "0"), (False, "", "0"), (True, "Root=nonsense;;=;Parent", "1")],
)
def test_sampling_follows_mode_and_caller(tracing: bool, inbound: str, sampled: str) -> None:
    """Active samples unless the caller said no, PassThrough does not, and nonsense begins a new trace."""
    headers = [("X-Amzn-Trace-Id", inbound)] if inbound else []
    with running(spec_of("handlers.trace", tracing=tracing)) as rig:
        header = rig.request(headers=headers).json()["trace"]
    assert re.fullmatch(
        rf"Root=1-[0-9a-f]{{8}}-[0-9a-f]{{24}};Parent=[0-9a-f]{{16}};Sampled={sampled};Lineage=[0-9a-f]{{8}}:1", header
    )
    assert len(rig.seen.segments) == (2 if sampled == "1" else 0)


def test_a_failed_request_is_a_fault_with_its_cause() -> None:
    """An exception marks both segments as faults, and the runtime client's cause is kept with ids."""
    with running(spec_of("handlers.raises", tracing=True)) as rig:
        rig.request()
    service, function = rig.seen.segments
    assert service["fault"] is function["fault"] is True
    (exception,) = function["cause"]["exceptions"]
    assert exception["type"] == "KeyError"
    assert re.fullmatch(r"[0-9a-f]{16}", exception["id"])


def test_a_throttled_request_is_one_segment() -> None:
    """A throttled request has the service's segment alone, marked as throttled."""
    with running(spec_of("handlers.echo", tracing=True, reserved_concurrency=0)) as rig:
        rig.request()
    (service,) = rig.seen.segments
    assert (service["throttle"], service["error"], service["http"]) == (True, True, {"response": {"status": 429}})
