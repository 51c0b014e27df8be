"""The outage story with Twilio: the function is down, webhooks are lost, and each of them comes onto the bus once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from typer.testing import CliRunner

from hookwatch.cli.overrides import app as overrides
from hookwatch.cli.redeliver import app
from hookwatch.sandbox.twilio_api_webhooks import TwilioWebhooks
from hookwatch.sandbox.twilio_fake import ACCOUNT_SID
from sandbox.cloud_rig import TWILIO_TOKEN, eventually
from twilio_rig import FakeTwilio, run_fake_twilio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

OVERRIDES = "#ct=2000&rt=9000&tt=15000&rc=3&rp=5xx,ct,rt"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """A Twilio whose account signs with the stack's token; the journal goes to a folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield from run_fake_twilio(auth_token=TWILIO_TOKEN)


@pytest.fixture
def twilio(fake: FakeTwilio) -> Iterator[TwilioWebhooks]:
    """What sends the account's webhooks."""
    webhooks = TwilioWebhooks(fake.store)
    yield webhooks
    webhooks.close()


def inbound(fake: FakeTwilio) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A new inbound message: its SID, and the parameters of its webhook."""
    message = fake.store.add_message(direction="inbound", body="hello", messaging_service_sid=None)
    sid = message["sid"]
    more = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": fake.store.account_sid}
    form = more | {"From": message["from"], "To": message["to"], "Body": "hello", "SmsStatus": "received", "ToCity": ""}
    return sid, tuple(form.items())


def redeliver(fake: FakeTwilio, cloud: Cloud, *arguments: str) -> tuple[int, Any]:
    proxy = cloud.get("/api/health")["fault_proxy_url"]
    command = ["twilio", "--stack", "hookwatch", "--endpoint-url", proxy, "--region", "us-east-1", "--json", *arguments]
    done = CliRunner().invoke(app, command, env=fake.environment())
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def events_of(cloud: Cloud, delivery_id: str) -> list[Any]:
    events = cloud.get("/api/events?limit=1000")["events"]
    return [each for each in events if f"hookwatch:twilio:delivery/{delivery_id}" in each.get("resources", [])]


def test_every_lost_webhook_comes_onto_the_bus_once(fake: FakeTwilio, twilio: TwilioWebhooks, cloud: Cloud):
    """Throttled, crashed and refused webhooks become alerts; after the outage each is brought back, and none twice."""
    url = f"{cloud.sandbox.twilio_url}{OVERRIDES}"
    before, form = inbound(fake)
    assert twilio.send(url, form, before).status == 200
    cloud.fault(operation="Invoke", fault="throttle", function="twilio")
    throttled = [inbound(fake) for _ in range(3)]
    assert [twilio.send(url, form, sid).status for sid, form in throttled] == [429] * 3
    cloud.clear()
    cloud.fault(operation="Invoke", fault="crash", function="twilio")
    crashed = inbound(fake)
    # The fallback is the same function: two alerts for one event.
    assert twilio.send(url, crashed[1], crashed[0], fallback_url=url).status == 502
    cloud.clear()
    # Our log is what tells that this one arrived by itself in the end, in spite of its alert.
    late_sid, late = inbound(fake)
    cloud.fault(operation="Invoke", fault="throttle", function="twilio")
    twilio.send(url, late, late_sid)
    cloud.clear()
    eventually(lambda: twilio.send(url, late, late_sid).status == 200)
    lost = [sid for sid, _ in (*throttled, crashed)]
    assert len(fake.store.alerts) >= 6

    eventually(lambda: cloud.delivery(before) is not None and cloud.delivery(late_sid) is not None)
    code, document = redeliver(fake, cloud)
    assert (code, document["record"], document["wanted"]) == (1, "asked", 4)
    assert {each["delivery_id"]: each["verdict"] for each in document["items"]} == {
        **dict.fromkeys(lost, "retry"),
        late_sid: "arrived",
    }
    assert [events_of(cloud, sid) for sid in lost] == [[]] * 4

    code, document = redeliver(fake, cloud, "--yes")
    assert (code, document["recovered"], document["confirmed"], document["missing"]) == (0, 4, 4, 0)
    for sid in lost:
        event = cloud.event(sid)
        assert event["detail"]["Body"] == "hello"
        assert event["detail"]["ToCity"] == ""
        assert event["detail"]["hookwatch"]["kind"] == "message.inbound"
    code, document = redeliver(fake, cloud, "--yes")
    assert (code, document["wanted"]) == (0, 0)
    assert [len(events_of(cloud, sid)) for sid in (*lost, late_sid, before)] == [1] * 6


def test_publishing_needs_no_function(fake: FakeTwilio, twilio: TwilioWebhooks, cloud: Cloud):
    """While the function is down for good, --publish puts the same event onto the bus, marked as re-injected."""
    cloud.fault(operation="Invoke", fault="throttle", function="twilio")
    sid, form = inbound(fake)
    assert twilio.send(f"{cloud.sandbox.twilio_url}{OVERRIDES}", form, sid).status == 429
    code, document = redeliver(fake, cloud, "--publish", "--yes")
    assert (code, document["recovered"], document["confirmed"]) == (0, 1, None)
    event = cloud.event(sid)
    assert (event["source"], event["detail-type"]) == ("twilio.com", "twilio-webhook-lambda")
    assert event["detail"]["Body"] == "hello"
    assert event["detail"]["hookwatch"]["reinjected"] is True
    assert event["detail"]["hookwatch"]["delivery_id"] == sid
    code, document = redeliver(fake, cloud, "--publish", "--yes")
    assert (code, document["wanted"], len(events_of(cloud, sid))) == (0, 0, 1)


def test_webhooks_without_variables_come_back_as_their_last_status(
    fake: FakeTwilio, twilio: TwilioWebhooks, cloud: Cloud
):
    """An alert that lacks its parameters is brought back from the message, verified and published like any other."""
    message = fake.store.add_message(status="delivered", messaging_service_sid=None)
    fake.store.add_alert(
        request_url=cloud.sandbox.twilio_url, resource_sid=message["sid"], alert_text="httpResponse=429"
    )
    code, document = redeliver(fake, cloud, "--yes")
    assert (code, document["recovered"]) == (0, 1)
    event = cloud.event(f"{message['sid']}:delivered")
    assert event["detail"]["MessageStatus"] == "delivered"
    assert event["detail"]["hookwatch"]["kind"] == "message.status"


def test_the_sandboxs_own_twilio_is_enough_for_a_rehearsal(tmp_path: Path, cloud: Cloud):
    """As docs/sandbox.md says it: a fault, webhooks that fail, and the commands that bring them back."""
    base = f"{cloud.sandbox.api_url}fake/twilio"
    environ = {"TWILIO_API_URL": base, "TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": TWILIO_TOKEN}
    environ |= {"XDG_STATE_HOME": str(tmp_path), "AWS_ENDPOINT_URL": cloud.get("/api/health")["fault_proxy_url"]}
    environ |= {"AWS_DEFAULT_REGION": "us-east-1"}
    headers = urllib3.make_headers(basic_auth=f"{ACCOUNT_SID}:{TWILIO_TOKEN}")
    assert urllib3.request("POST", f"{base}/send", body="Event=message.inbound").status == 401
    cloud.fault(operation="Invoke", fault="throttle", function="twilio")
    sent = [
        urllib3.request("POST", f"{base}/send", body=f"Event={event}", headers=headers).json()
        for event in ("message.inbound", "call.status")
    ]
    assert [each["status"] for each in sent] == [429, 429]
    cloud.clear()
    done = CliRunner().invoke(app, ["twilio", "--yes", "--json"], env=environ)
    assert done.exit_code == 0, (done.stdout, done.stderr)
    assert json.loads(done.stdout)["recovered"] == 2
    assert cloud.event(sent[0]["sid"])["detail"]["hookwatch"]["kind"] == "message.inbound"
    done = CliRunner().invoke(overrides, ["plan", "--json"], env=environ)
    planned = json.loads(done.stdout)
    assert (done.exit_code, [each["kind"] for each in planned["changes"]]) == (1, ["number", "number", "service"])
    assert {each["before"] for each in planned["changes"]} == {cloud.sandbox.twilio_url}
