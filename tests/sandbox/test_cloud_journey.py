from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hookwatch.sender import Example, github_request, load_example
from sandbox.cloud_rig import GITHUB_SECRET, eventually

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox


def test_a_signed_github_delivery_is_seen_as_event_line_metric_and_trace(cloud: Cloud) -> None:
    """One push is on the bus, in the log, in the metrics and in a trace, all joined by their ids."""
    reply, delivery_id = cloud.github()
    assert (reply.status, reply.json["outcome"]) == (200, "accepted")
    event, line = cloud.event(delivery_id), cloud.delivery(delivery_id)
    assert (event["source"], event["detail-type"]) == ("github.com", "push")
    assert event["detail"]["ref"] == "refs/heads/master"
    assert line["outcome"] == "accepted"
    assert line["event_id"] == event["id"]
    points = cloud.get("/api/metrics?namespace=Hookwatch&name=Accepted")["metrics"]
    assert {"provider": "github", "service": "hookwatch"} in [point["dimensions"] for point in points]
    trace = eventually(
        lambda: next(
            (
                trace
                for trace in cloud.get("/api/traces")["traces"]
                if trace["id"] == line["xray_trace_id"] and "delivery_id" in trace["annotations"]
            ),
            None,
        )
    )
    assert trace["annotations"]["delivery_id"] == delivery_id
    assert trace["segments"][0]["origin"] == "AWS::Lambda"


def test_a_signed_twilio_message_is_on_the_bus_and_answered_with_twiml(cloud: Cloud) -> None:
    """A message becomes a twilio-webhook-lambda event, and Twilio hears an empty TwiML document."""
    reply, _ = cloud.twilio()
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/xml")
    newest = eventually(
        lambda: next((e for e in cloud.get("/api/events?limit=5")["events"] if e["source"] == "twilio.com"), None)
    )
    assert newest["detail-type"] == "twilio-webhook-lambda"
    assert newest["detail"]["From"].startswith("+1500555")


def test_health_names_addresses_functions_and_what_was_left_out(cloud: Cloud) -> None:
    """The health answer says where everything is and how the template configured each function."""
    health = cloud.get("/api/health")
    assert health["status"] == "ok"
    assert health["github_url"] == health["functions"]["github"]["url"] == cloud.sandbox.github_url
    assert health["functions"]["twilio"]["timeout_s"] < 10
    assert health["functions"]["twilio"]["reserved_concurrency"] == 10
    assert isinstance(health["stripped"], list)
    assert all(item.keys() == {"logical_id", "type", "reason"} for item in health["stripped"])
    assert "secret" not in str(health["functions"]).lower()


def test_lambda_and_eventbridge_metrics_carry_the_dimensions_that_aws_gives_them(cloud: Cloud) -> None:
    """AWS/Lambda points name the function; PutEvents points have no dimensions at all."""
    cloud.github()
    points = cloud.get("/api/metrics")["metrics"]
    invocations = [p for p in points if (p["namespace"], p["name"]) == ("AWS/Lambda", "Invocations")]
    calls = [p for p in points if (p["namespace"], p["name"]) == ("AWS/Events", "PutEventsApproximateCallCount")]
    assert {"FunctionName": "hookwatch-github"} in [p["dimensions"] for p in invocations]
    assert calls
    assert all(p["dimensions"] == {} for p in calls)
    assert calls[0].keys() == {"namespace", "name", "dimensions", "unit", "value", "time"}


def test_totals_count_what_the_points_say(cloud: Cloud) -> None:
    """The totals of a metric are the sum over its points."""
    cloud.github()
    name = "UrlRequestCount"
    points = cloud.get(f"/api/metrics?namespace=AWS/Lambda&name={name}&limit=10000")["metrics"]
    totals = [t for t in cloud.get("/api/metrics/totals")["totals"] if t["name"] == name]
    assert sum(t["sum"] for t in totals) == sum(p["value"] for p in points)


@pytest.mark.parametrize("limit", ["0", "-1", "x", "10001", "1.5", ""])
def test_a_limit_that_is_no_sensible_number_is_refused(cloud: Cloud, limit: str) -> None:
    """A bad limit gets 400 and a sentence, as JSON."""
    reply = cloud.call("GET", f"/api/events?limit={limit}")
    assert reply.status == 400
    assert "limit" in reply.json["error"]


def test_a_limit_limits_and_the_newest_comes_first(cloud: Cloud) -> None:
    """Two deliveries, limit 1: the second is shown."""
    cloud.github()
    _, second = cloud.github("ping")
    cloud.delivery(second)
    assert [d["delivery_id"] for d in cloud.get("/api/deliveries?limit=1")["deliveries"]] == [second]


def test_an_unknown_path_and_a_wrong_method_are_answered_as_json(cloud: Cloud) -> None:
    """404 and 405 are JSON with an error sentence."""
    for method, path, status in (
        ("GET", "/api/nothing", 404),
        ("POST", "/api/events", 405),
        ("PUT", "/api/faults", 405),
    ):
        reply = cloud.call(method, path)
        assert reply.status == status
        assert reply.json["error"]


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:80"}, {"Origin": "https://evil.example"}]
)
def test_a_strangers_web_page_can_neither_read_nor_place_faults(cloud: Cloud, headers: dict[str, str]) -> None:
    """A foreign host name or origin is refused for reading and for writing."""
    for method, path in (("GET", "/api/deliveries"), ("POST", "/api/faults")):
        reply = cloud.call(method, path, {"operation": "*", "fault": "cut"}, headers)
        assert reply.status == 403
    assert cloud.get("/api/faults")["faults"] == []


def test_no_answer_of_the_api_holds_a_secret(cloud: Cloud) -> None:
    """Secrets of the stack are nowhere in what the API shows, log lines included."""
    cloud.github()
    cloud.twilio()
    for path in ("health", "events", "deliveries", "metrics", "traces", "logs?limit=5000", "faults"):
        body = cloud.call("GET", f"/api/{path}").body
        assert cloud.sandbox.config.github_secret.encode() not in body, path
        assert cloud.sandbox.config.twilio_token.encode() not in body, path


@pytest.mark.parametrize("depth", [100, 300, 900, 990])
def test_a_deeply_nested_payload_does_not_break_the_api(cloud: Cloud, depth: int) -> None:
    """However deep a signed payload is, its outcome is shown, and so is the next delivery."""
    base = load_example("github", "push").content
    assert isinstance(base, bytes)
    body = base.rstrip()[:-1] + b',"deep":' + b"[" * depth + b"]" * depth + b"}"
    request = github_request(cloud.sandbox.github_url or "", Example("github", "push", body), GITHUB_SECRET)
    answer = cloud.http.request("POST", request.url, body=request.body, headers=request.headers)
    line = cloud.delivery(request.delivery_id)
    print(depth, answer.status, line["outcome"], line.get("reason"))
    assert (answer.status == 200) is (line["outcome"] == "accepted")
    if line["outcome"] == "accepted":
        assert cloud.event(request.delivery_id)["detail"]["ref"]
    reply, delivery_id = cloud.github()
    assert reply.status == 200
    assert cloud.event(delivery_id)["detail-type"] == "push"


def test_an_event_with_lone_surrogates_and_control_characters_is_shown(cloud: Cloud) -> None:
    """What no UTF-8 can say comes back as the escape that it was."""
    text = "\ud800 \x00 \u2028 <script>"
    cloud.through_proxy()("events").put_events(
        Entries=[{"Source": "odd", "DetailType": "odd", "Detail": json.dumps({"text": text})}]
    )
    event = eventually(
        lambda: next((e for e in cloud.get("/api/events?limit=5")["events"] if e["source"] == "odd"), None)
    )
    assert event["detail"]["text"] == text
