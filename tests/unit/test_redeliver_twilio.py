"""`hookwatch redeliver twilio` against the fake Twilio and a function that verifies: what is sent, and how often."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from hookwatch.cli.redeliver import app
from hookwatch.cli.twilio_ways import Ways
from hookwatch.recover import twilio_alert
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.twilio_history import History
from hookwatch.recover.twilio_journal import journal_path, open_journal, read_memory
from hookwatch.recover.twilio_record import MAX_PATTERN, LogRecord
from hookwatch.recover.twilio_send import BRAKE_EVERY
from hookwatch.sandbox.filter_pattern import BadPattern, read_pattern
from twilio_function import FakeFunction
from twilio_rig import FakeTwilio, run_fake_twilio, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK = "hookwatch"
GROUP = "/aws/lambda/s-twilio"


class Aws:
    """The clients of a stack with a Twilio function: outputs, settings, the token, a log, an alarm."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.lines: list[dict[str, str]] = []
        self.patterns: list[str] = []
        self.firing = False
        self.fires_after: int | None = None
        self.alarm_looks = 0
        self.variables: dict[str, str] = {}
        self.published: list[dict[str, Any]] = []
        self.parked: list[str] = []
        self.refuse = ""
        self.interrupts = False

    def __call__(self, _: str) -> Any:
        return self

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - AWS's own names
        outputs = {"TwilioFunctionUrl": self.url, "TwilioFunctionName": "s-twilio"} if StackName == STACK else {}
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]}]}

    def get_function_configuration(self, **_: Any) -> Any:
        variables = {"HOOKWATCH_PROVIDER": "twilio", "HOOKWATCH_SECRET_ARN": "arn:s", "HOOKWATCH_EVENT_BUS": "bus"}
        return {"Environment": {"Variables": variables | self.variables}}

    def get_secret_value(self, **_: Any) -> Any:
        return {"SecretString": self.token}

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - AWS's own names
        if self.refuse:
            return {"Entries": [{"ErrorCode": self.refuse} for _ in Entries]}
        self.published += Entries
        if self.interrupts:
            raise KeyboardInterrupt
        return {"Entries": [{"EventId": "e"} for _ in Entries]}

    def send_message(self, MessageBody: str, **_: Any) -> Any:  # noqa: N803 - AWS's own names
        self.parked.append(MessageBody)
        return {}

    def describe_alarms(self, **_: Any) -> Any:
        self.alarm_looks += 1
        late = self.fires_after is not None and self.alarm_looks > self.fires_after
        state = "ALARM" if self.firing or late else "OK"
        return {"CompositeAlarms": [{"AlarmName": "hookwatch-loop-or-spend", "StateValue": state}], "MetricAlarms": []}

    def filter_log_events(self, logGroupName: str, filterPattern: str, nextToken: str = "", **_: Any) -> Any:  # noqa: N803 - AWS's own names
        assert logGroupName == GROUP
        self.patterns.append(filterPattern)
        if not nextToken:
            return {"events": [], "nextToken": "1"}
        matches = read_pattern(filterPattern)
        assert not isinstance(matches, BadPattern), matches.sentence
        return {"events": [{"message": line} for line in map(json.dumps, self.lines) if matches(line)]}


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """A fake Twilio; the journal goes to a folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield from run_fake_twilio()


@pytest.fixture
def function(fake: FakeTwilio) -> FakeFunction:
    """The function; it verifies with the account's token."""
    return FakeFunction(fake.store.auth_token)


@pytest.fixture
def aws(fake: FakeTwilio, function: FakeFunction) -> Iterator[Aws]:
    """The stack."""
    for url in serve(function.app):
        yield Aws(url, fake.store.auth_token)


def fail(fake: FakeTwilio, url: str, number: int, *, status: int = 503, **more: Any) -> str:
    """One inbound message whose webhook failed; answers with its delivery id."""
    sid = f"SM{number:032x}"
    form = {"MessageSid": sid, "From": "+15005550001", "To": "+15005550006", "Body": f"text {number}"}
    given: dict[str, Any] = {
        "date_created": datetime.now(UTC) - timedelta(minutes=60 - number),
        "alert_text": f"Msg&ErrorCode=11200&httpResponse={status}",
        "request_url": f"{url}#rc=3&rp=5xx",
        "request_variables": urlencode(form),
        "resource_sid": sid,
    }
    fake.store.add_alert(**given | more)
    return sid


def run(fake: FakeTwilio, aws: Aws, *arguments: str, **environ: str) -> tuple[int, str, str]:
    ways = Ways(lambda *_: Account(aws), fake.account, fake.slept_s.append)
    done = CliRunner().invoke(app, ["twilio", *arguments], obj=ways, env=environ)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def run_json(fake: FakeTwilio, aws: Aws, *arguments: str) -> tuple[int, Any]:
    code, out, error = run(fake, aws, *arguments, "--json")
    assert out, error
    return code, json.loads(out)


def test_a_plan_sends_nothing(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """Without --yes people see how many, of what, why; nothing is sent and nothing personal is shown."""
    for number in range(3):
        fail(fake, aws.url, number)
    fail(fake, aws.url, 3, status=401)
    code, out, error = run(fake, aws)
    assert (code, function.received) == (1, [])
    text = " ".join(out.split())
    assert "3 message.inbound retry our side failed" in text
    assert "1 message.inbound fix first the signature did not verify" in text
    assert "Nothing was sent. Add --yes to bring 3 back." in text
    assert "+1500" not in out + error
    assert "text 1" not in out + error
    assert run(fake, aws, "--yes", "--dry-run")[0] == 1
    assert function.received == []


def test_lost_webhooks_arrive_once(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """Each lost event is sent once with the parameters that it had, oldest first; a second run does nothing."""
    ids = [fail(fake, aws.url, number) for number in range(4)]
    fail(fake, aws.url, 2, date_created=datetime.now(UTC) - timedelta(minutes=1))
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], document["missing"]) == (0, 4, 0)
    assert [each["MessageSid"] for each in function.received] == ids
    assert function.received[1]["Body"] == "text 1"
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["wanted"], len(function.received)) == (0, 0, 4)
    assert {each["verdict"] for each in document["items"]} == {"done before"}


def test_our_own_log_spares_what_has_arrived(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """A later try that arrived is not sent again; one that only failed again is to be."""
    ids = [fail(fake, aws.url, number) for number in range(3)]
    aws.lines = [
        {"message": "delivery", "delivery_id": ids[0], "outcome": "accepted"},
        {"message": "delivery", "delivery_id": ids[1], "outcome": "publish_failed"},
    ]
    code, document = run_json(fake, aws)
    assert [each["verdict"] for each in document["items"]] == ["arrived", "retry", "retry"]
    assert [each["may_be_duplicate"] for each in document["items"]] == [None, None, None]
    aws.lines += [{"message": "delivery", "delivery_id": each, "outcome": "parked"} for each in ids[1:]]
    memory = len(aws.patterns)
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], len(aws.patterns) > memory) == (0, 0, True)
    assert function.received == []


def test_an_empty_log_proves_nothing(fake: FakeTwilio, aws: Aws):
    """A log without any delivery is no record: what may have arrived after all is then marked."""
    fail(fake, aws.url, 1, status=502)
    _, document = run_json(fake, aws)
    assert "knows no delivery of that time at all" in document["record"]
    assert document["items"][0]["may_be_duplicate"] is True
    _, out, _ = run(fake, aws)
    assert "may make duplicates" in out
    assert "fallback URL" in out


def test_only_webhooks_to_this_function_count(fake: FakeTwilio, aws: Aws):
    """Alerts about other URLs, other codes and calls of the API are left out before they are read one by one."""
    fail(fake, "https://other.example.com/", 1)
    fail(fake, aws.url, 2, error_code="30003")
    fail(fake, aws.url, 3, error_code="")
    code, document = run_json(fake, aws)
    assert (code, document["alerts"], document["elsewhere"], document["items"]) == (0, 2, 1, [])
    assert not any("/Alerts/" in path for _, path in fake.store.requests)
    assert "nothing was lost" in run(fake, aws)[1]


def test_filters_leave_out_what_was_not_asked_for(fake: FakeTwilio, aws: Aws):
    """Code, resource, time and number bound the plan."""
    ids = [fail(fake, aws.url, number) for number in range(4)]
    fail(fake, aws.url, 4, error_code="11205")
    assert len(run_json(fake, aws, "--error", "11205")[1]["items"]) == 1
    assert [each["resource"] for each in run_json(fake, aws, "--resource", ids[2])[1]["items"]] == [ids[2]]
    assert len(run_json(fake, aws, "--since", "3500s")[1]["items"]) == 3
    assert len(run_json(fake, aws, "--until", "3500s")[1]["items"]) == 2
    assert run_json(fake, aws, "--max", "2")[1]["wanted"] == 2


def test_alerts_that_were_not_listed_are_missing(
    fake: FakeTwilio, aws: Aws, function: FakeFunction, monkeypatch: pytest.MonkeyPatch
):
    """Where Twilio lists no more, the end is 1 although all that it listed is back, and what to do is said."""
    monkeypatch.setattr(twilio_alert, "MAX_LISTED", 3)
    for number in range(5):
        # One of those that are listed is no webhook at all, and counts for the list all the same.
        fail(fake, aws.url, number, error_code="" if number == 4 else "11200")
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["cut"], document["recovered"], document["missing"]) == (1, True, 2, 0)
    code, out, _ = run(fake, aws)
    assert code == 1
    assert "with an earlier --until" in " ".join(out.split())
    code, document = run_json(fake, aws, "--yes", "--until", "3500s")
    assert (code, document["cut"], document["recovered"]) == (0, False, 2)


def test_max_goes_on_with_the_next(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """Capped runs take the oldest first and together bring back all."""
    ids = [fail(fake, aws.url, number) for number in range(5)]
    codes = [run(fake, aws, "--yes", "--max", "2")[0] for _ in range(3)]
    assert codes == [1, 1, 0]
    assert [each["MessageSid"] for each in function.received] == ids


def test_fix_first_waits_for_the_word(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """What was refused for its signature is sent only when the operator says that the token is right again."""
    fail(fake, aws.url, 1, status=401, response_body='{"outcome":"bad_signature","request_id":"r"}')
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["items"][0]["verdict"], function.received) == (1, "fix first", [])
    code, document = run_json(fake, aws, "--yes", "--fixed")
    assert (code, document["recovered"]) == (0, 1)


def test_a_token_that_is_still_wrong_stops_the_run(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """Three refusals in a row end it; the rest is left, said so, and tried by the next run."""
    for number in range(6):
        fail(fake, aws.url, number)
    aws.token = "another"
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], document["missing"]) == (1, 0, 6)
    assert [each["answer"] for each in document["items"]][:4] == ["401 bad_signature"] * 3 + [
        "stopped: 3 in a row ended with 401 bad_signature"
    ]
    aws.token = fake.store.auth_token
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"]) == (0, 6)


def test_throttles_and_failures_are_waited_for(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """429 and 503 are tried again after longer and longer waits; what was ended in the middle is not."""
    fail(fake, aws.url, 1)
    function.answers.extend([429, 503, 200])
    assert run_json(fake, aws, "--yes")[1]["recovered"] == 1
    assert fake.slept_s[:2] == [1.0, 2.0]
    fail(fake, aws.url, 2)
    function.answers.append(502)
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["items"][1]["answer"]) == (1, "502")
    assert run_json(fake, aws, "--yes")[1]["items"][1]["verdict"] == "unknown"
    assert run_json(fake, aws, "--yes", "--again")[1]["recovered"] == 1
    assert len(function.received) == 2


def test_a_redirect_is_no_success(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """Only 2xx means durable: what was answered with 3xx is still missing, and the next run sends it again."""
    fail(fake, aws.url, 1)
    function.answers.append(302)
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], document["items"][0]["answer"]) == (1, 0, "302 redirect")
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], len(function.received)) == (0, 1, 1)


def test_what_is_refused_for_itself_keeps_nothing_else_back(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """Refusals of single webhooks do not stop the run; three tries of each are enough until somebody allows more."""
    ids = [fail(fake, aws.url, number) for number in range(5)]
    function.answers.extend([400, 413, 400])
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], document["missing"]) == (1, 2, 3)
    assert [each["MessageSid"] for each in function.received] == ids[3:]
    for _ in range(2):
        function.answers.extend([400, 413, 400])
        assert run_json(fake, aws, "--yes")[1]["missing"] == 3
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["wanted"], document["missing"]) == (1, 0, 3)
    assert [each["verdict"] for each in document["items"] if each["delivery_id"] in ids[:3]] == ["tried enough"] * 3
    code, document = run_json(fake, aws, "--yes", "--max-attempts", "4")
    assert (code, document["recovered"]) == (0, 3)


def test_a_crash_may_have_come_after_the_event(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """What crashed the function is sent once a run, keeps nothing else back, and is unknown where no log can tell."""
    ids = [fail(fake, aws.url, number) for number in range(5)]
    function.answers.extend([500, 500, 500])
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], len(function.answers)) == (1, 2, 0)
    _, document = run_json(fake, aws)
    assert [each["verdict"] for each in document["items"] if each["delivery_id"] in ids[:3]] == ["unknown"] * 3
    aws.lines = [{"message": "delivery", "delivery_id": each, "outcome": "crashed"} for each in ids[:3]]
    assert run_json(fake, aws, "--yes")[1]["recovered"] == 3


def test_what_failed_before_waits_for_the_others(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """A run that is stopped since nothing works is no try of any, and the next begins with what it did not reach."""
    ids = [fail(fake, aws.url, number) for number in range(5)]
    function.answers.extend([503] * 12)
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], len(function.answers)) == (1, 0, 0)
    assert run_json(fake, aws, "--yes", "--max", "2")[1]["recovered"] == 2
    assert [each["MessageSid"] for each in function.received] == ids[3:]
    for _ in range(3):
        function.answers.extend([503] * 12)
        assert run_json(fake, aws, "--yes")[1]["recovered"] == 0
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"]) == (0, 3)


def test_publish_goes_the_way_of_every_delivery(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """--publish makes the event that the function would have made, at the time of the failure, and marks it."""
    sid = fail(fake, aws.url, 1, status=401)
    assert run_json(fake, aws, "--yes")[1]["items"][0]["verdict"] == "fix first"
    code, document = run_json(fake, aws, "--yes", "--publish")
    assert (code, document["recovered"], function.received) == (0, 1, [])
    (entry,) = aws.published
    detail = json.loads(entry["Detail"])
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        "twilio.com",
        "twilio-webhook-lambda",
        "bus",
    )
    assert (detail["MessageSid"], detail["Body"], detail["hookwatch"]["reinjected"]) == (sid, "text 1", True)
    assert entry["Time"] == detail["hookwatch"]["received_at"] // 1000
    assert abs(entry["Time"] - time.time() + 59 * 60) < 60
    assert run_json(fake, aws, "--yes", "--publish")[1]["items"][0]["verdict"] == "done before"


def test_publish_keeps_what_the_stack_keeps_off_the_bus(fake: FakeTwilio, aws: Aws):
    """The quick start's format is not marked, own actors stay off the bus, and a refusal of the bus is told."""
    fail(fake, aws.url, 1)
    aws.variables = {"HOOKWATCH_EVENT_FORMAT": "quickstart"}
    assert run_json(fake, aws, "--yes", "--publish")[1]["recovered"] == 1
    assert "hookwatch" not in json.loads(aws.published[0]["Detail"])
    fail(fake, aws.url, 2)
    aws.variables = {"HOOKWATCH_OWN_ACTORS": "+15005550001", "HOOKWATCH_OWN_ACTOR_ACTION": "drop"}
    code, document = run_json(fake, aws, "--yes", "--publish")
    assert (code, "OwnActorAction=drop" in document["items"][1]["answer"]) == (1, True)
    aws.variables, aws.refuse = {}, "AccessDeniedException"
    code, document = run_json(fake, aws, "--yes", "--publish")
    assert (code, document["items"][1]["answer"]) == (1, "entry_refused (AccessDeniedException)")
    assert run(fake, aws, "--yes", "--publish", "--url", aws.url, TWILIO_AUTH_TOKEN="t")[0] == 2


def test_own_actors_keep_nothing_else_off_the_bus(fake: FakeTwilio, aws: Aws):
    """What the stack drops is no reason to stop: what comes after it is published."""
    for number in range(4):
        fail(fake, aws.url, number)
    last = fail(fake, aws.url, 4, request_variables=urlencode({"MessageSid": f"SM{4:032x}", "Body": "x", "From": "+1"}))
    aws.variables = {"HOOKWATCH_OWN_ACTORS": "+15005550001", "HOOKWATCH_OWN_ACTOR_ACTION": "drop"}
    code, document = run_json(fake, aws, "--yes", "--publish")
    assert (code, document["recovered"], document["missing"]) == (1, 1, 4)
    assert [json.loads(each["Detail"])["MessageSid"] for each in aws.published] == [last]


def test_what_was_published_without_an_answer_is_not_published_again(
    fake: FakeTwilio, aws: Aws, function: FakeFunction
):
    """Stopped after PutEvents: the function's log can be read and cannot know it, so only --again brings it back."""
    sid = fail(fake, aws.url, 1)
    aws.lines = [{"message": "delivery", "delivery_id": "another", "outcome": "accepted"}]
    aws.interrupts = True
    assert run_json(fake, aws, "--yes", "--publish")[1]["interrupted"] is True
    assert [json.loads(each["Detail"])["MessageSid"] for each in aws.published] == [sid]
    aws.interrupts = False
    for way in (["--publish"], []):
        code, document = run_json(fake, aws, "--yes", *way)
        assert (code, document["items"][0]["verdict"]) == (1, "unknown")
    assert (len(aws.published), function.received) == (1, [])
    assert run_json(fake, aws, "--yes", "--publish", "--again")[1]["recovered"] == 1
    assert len(aws.published) == 2


def test_publish_parks_what_the_bus_does_not_take(fake: FakeTwilio, aws: Aws):
    """A bus that fails costs nothing where the stack has a parking queue: the event waits there, marked."""
    sid = fail(fake, aws.url, 1)
    aws.variables = {"HOOKWATCH_PARKING_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/q"}
    aws.refuse = "AccessDeniedException"
    code, document = run_json(fake, aws, "--yes", "--publish")
    assert (code, document["recovered"], document["items"][0]["answer"]) == (0, 1, "parked")
    (message,) = map(json.loads, aws.parked)
    assert (message["delivery_id"], message["error_code"]) == (sid, "AccessDeniedException")
    assert message["detail"]["hookwatch"]["reinjected"] is True


def test_missing_parameters_come_from_the_message_or_call_itself(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """An alert without variables is put together from its resource, and is said to be."""
    inbound = fake.store.add_message(
        direction="inbound", body="hello", messaging_service_sid=None, **{"from": "+15005550001"}
    )
    outbound = fake.store.add_message(status="undelivered", error_code=30003)
    call = fake.store.add_call(parent_call_sid=None, end_time="Fri, 27 Nov 2026 17:18:38 +0000")
    for number, each in enumerate((inbound, outbound, call)):
        fail(fake, aws.url, number, request_variables="", resource_sid=each["sid"])
    code, document = run_json(fake, aws, "--yes")
    assert (code, [each["rebuilt"] for each in document["items"]]) == (0, [True] * 3)
    assert [each["delivery_id"] for each in document["items"]] == [
        inbound["sid"],
        f"{outbound['sid']}:undelivered",
        f"{call['sid']}:completed",
    ]
    one, two, three = function.received
    assert (one["Body"], one["SmsStatus"], one["From"]) == ("hello", "received", "+15005550001")
    assert (two["MessageStatus"], two["ErrorCode"]) == ("undelivered", "30003")
    assert (three["CallStatus"], three["CallDuration"], three["Timestamp"]) == (
        "completed",
        "7",
        "Fri, 27 Nov 2026 17:18:38 +0000",
    )


def test_a_rebuilt_status_of_a_call_that_arrived_is_not_sent(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """The log's id ends with a sequence number, which a call does not tell; ids that only begin alike do not count."""
    arrived, other = fake.store.add_call(), fake.store.add_call()
    for number, each in enumerate((arrived, other)):
        fail(fake, aws.url, number, request_variables="", resource_sid=each["sid"])
    ids = [f"{arrived['sid']}:completed:3", f"{other['sid']}:completedish", f"{other['sid']}:initiated:0"]
    aws.lines = [{"message": "delivery", "delivery_id": each, "outcome": "accepted"} for each in ids]
    aws.lines.append({"message": "delivery", "delivery_id": f"{other['sid']}:completed:2", "outcome": "publish_failed"})
    code, document = run_json(fake, aws, "--yes")
    assert [each["verdict"] for each in document["items"]] == ["arrived", "retry"]
    assert document["items"][0]["why"] == "our own log says that this status of the call arrived"
    assert (code, [each["CallSid"] for each in function.received]) == (0, [other["sid"]])


def test_what_is_gone_is_said_to_be_gone(fake: FakeTwilio, aws: Aws):
    """A deleted message, an alert without any resource and an alert that expired meanwhile cannot be brought back."""
    fail(fake, aws.url, 1, request_variables="")
    fail(fake, aws.url, 2, request_variables="", resource_sid="")
    fail(fake, aws.url, 3)

    newest = list(fake.store.alerts)[-1]

    def expire(_: str, path: str) -> None:
        if path == f"/v1/Alerts/{newest}":
            fake.store.alerts.pop(newest, None)

    fake.store.before = expire
    code, document = run_json(fake, aws, "--yes")
    assert code == 0
    assert [each["verdict"] for each in document["items"]] == ["never"] * 3
    assert [each["why"] for each in document["items"]] == [
        "the alert has no parameters, and the resource is gone",
        "the alert has no parameters and names no message or call",
        "Twilio no longer has this alert",
    ]


def test_a_firing_loop_alarm_stops_it(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """While a loop runs nothing is sent, unless somebody says so."""
    fail(fake, aws.url, 1)
    aws.firing = True
    code, out, error = run(fake, aws, "--yes")
    assert (code, out, function.received) == (1, "", [])
    assert "hookwatch-loop-or-spend is firing" in " ".join(error.split())
    code, document = run_json(fake, aws, "--yes", "--ignore-loop-alarm", "it is the redelivery of yesterday")
    assert (code, document["loop_alarm_ignored"]) == (0, "it is the redelivery of yesterday")


def test_a_loop_alarm_that_begins_to_fire_stops_the_rest(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """It is looked at again every 25 webhooks; the others are left, said so, and brought back later."""
    for number in range(BRAKE_EVERY + 5):
        fail(fake, aws.url, number)
    aws.fires_after = 2
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], document["missing"]) == (1, BRAKE_EVERY, 5)
    assert document["items"][-1]["answer"].startswith("stopped: the alarm hookwatch-loop-or-spend is firing, and every")
    aws.fires_after = None
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], len(function.received)) == (0, 5, BRAKE_EVERY + 5)


def test_a_loop_alarm_that_fires_while_alerts_are_read_stops_it(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """What fired only after the first look keeps even the first webhook back."""
    fail(fake, aws.url, 1)
    aws.fires_after = 1
    code, document = run_json(fake, aws, "--yes")
    assert (code, document["recovered"], function.received) == (1, 0, [])


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_sends_nothing_twice(fake: FakeTwilio, tmp_path: Path, deadly: int):
    """Ctrl-C or a kill in the middle: a second run sends what was not sent, and asks before what is not known."""
    function = FakeFunction(fake.store.auth_token)
    for url in serve(function.app):
        ids = [fail(fake, url, number) for number in range(20)]
        program = "import sys; from hookwatch.cli import main; sys.exit(main())"
        command = [sys.executable, "-c", program, "redeliver", "twilio", "--url", url, "--yes", "--json"]
        service = Path(__file__).parents[2] / "service"
        environ = {**os.environ, **fake.environment(), "PYTHONPATH": str(service), "XDG_STATE_HOME": str(tmp_path)}
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while len(function.received) < 3:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(deadly)
        out, error = process.communicate(timeout=60)
        assert "Traceback" not in error
        if deadly == signal.SIGINT:
            assert json.loads(out)["interrupted"] is True
        first = len(function.received)
        assert first < len(ids)
        done = subprocess.run(
            [*command, "--again"], env=environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        sent = [each["MessageSid"] for each in function.received]
        # What was under way comes last, and was sent before or was not.
        assert sorted(set(sent)) == ids
        # Only the one that was under way may have been sent without being known to have arrived.
        assert len(sent) <= len(ids) + 1


def test_two_runs_at_once_exclude_each_other(fake: FakeTwilio, aws: Aws, function: FakeFunction, tmp_path: Path):
    """Whoever comes second is told to wait, and sends nothing."""
    fail(fake, aws.url, 1)
    path = journal_path({"XDG_STATE_HOME": str(tmp_path)}, fake.store.account_sid)
    with open_journal(path, datetime.now(UTC)) as journal:
        assert not isinstance(journal, Problem)
        code, _, error = run(fake, aws, "--yes")
    assert (code, function.received) == (1, [])
    assert "another run" in error


def test_the_journal_survives_what_can_happen_to_a_file(tmp_path: Path):
    """Torn and foreign lines are left out, old ones are dropped, and only ids are in it."""
    now = datetime(2026, 11, 27, 18, tzinfo=UTC)
    path = tmp_path / "j.jsonl"
    path.write_text(
        '{"id":"SM1","what":"sent","at":"2026-11-27T17:00:00Z"}\nnot json\n'
        '{"id":"SM2","what":"sent","at":"2026-10-01T17:00:00Z"}\n{"id":"SM3","what":"asked","at":"2026-11-27T17:00:00Z"}\n'
        '{"id":"SM4","what":"se'
    )
    assert read_memory(path, now) == {"SM1": History(("sent",)), "SM3": History(("asked",))}
    with open_journal(path, now) as journal:
        assert not isinstance(journal, Problem)
        journal.write("SM3", "sent")
        assert journal.memory["SM3"].done
    assert read_memory(path, now) == {"SM1": History(("sent",)), "SM3": History(("asked", "sent"))}
    assert path.stat().st_mode & 0o777 == 0o600
    with open_journal(tmp_path / "j.jsonl" / "x" / "y.jsonl", now) as journal:
        assert isinstance(journal, Problem)
        assert "XDG_STATE_HOME" in journal.message


def test_the_log_is_asked_in_patterns_that_fit(fake: FakeTwilio, aws: Aws):
    """Many ids become several patterns, none longer than CloudWatch Logs takes, and each id is in one."""
    aws.lines = [
        {"message": "delivery", "delivery_id": f"SM{number:032x}:delivered", "outcome": "accepted"}
        for number in range(50)
    ]
    now = datetime.now(UTC)
    ids = {each["delivery_id"] for each in aws.lines}
    assert LogRecord(Account(aws), GROUP).arrived(ids, now, now) == ids
    asked = [pattern for pattern in aws.patterns if "delivery_id" in pattern]
    assert max(map(len, asked)) <= MAX_PATTERN
    assert all(sum(each in pattern for pattern in set(asked)) == 1 for each in ids)


def test_the_documented_url_needs_no_aws(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """--url and the account's own token are enough; without the token it says what to set."""
    fail(fake, aws.url, 1)
    code, _, error = run(fake, aws, "--url", aws.url, "--yes", TWILIO_AUTH_TOKEN="")
    assert code == 2
    assert "TWILIO_AUTH_TOKEN" in error
    assert run(fake, aws, "--url", aws.url, "--yes", TWILIO_AUTH_TOKEN=fake.store.auth_token)[0] == 0
    assert len(function.received) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "soon"], "neither a span"),
        (["--since", "1h", "--until", "2h"], "--since is not before --until"),
        (["--since", "40d"], "30 days only"),
        (["--error", "30003"], "--error 30003 is no failed webhook"),
        (["--stack", "nope"], "the stack nope has no Twilio function"),
        (["--url", "x"], "not an absolute http or https URL"),
    ],
)
def test_misuse_ends_with_2_and_sends_nothing(
    fake: FakeTwilio, aws: Aws, function: FakeFunction, arguments: list[str], said: str
):
    """A wrong command is one sentence on stderr."""
    fail(fake, aws.url, 1)
    code, out, error = run(fake, aws, "--yes", *arguments)
    assert (code, out, function.received) == (2, "", [])
    assert said in " ".join(error.split())


def test_wrong_credentials_end_with_2(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """20003 while reading alerts is misuse; nothing is sent."""
    ways = Ways(lambda *_: Account(aws), lambda: fake.account("wrong"))
    done = CliRunner().invoke(app, ["twilio", "--yes"], obj=ways)
    assert (done.exit_code, done.stdout, function.received) == (2, "", [])
    assert "20003" in done.stderr


def test_a_rate_limit_while_reading_is_waited_for(fake: FakeTwilio, aws: Aws, function: FakeFunction):
    """429 for an alert slows the reading down and loses none."""
    for number in range(3):
        fail(fake, aws.url, number)
    fake.store.refusals.extend([0, 0, 429, 429])
    assert run_json(fake, aws, "--yes")[1]["recovered"] == 3
    assert fake.slept_s[:2] == [1.0, 2.0]
