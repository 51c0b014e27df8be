"""`hookwatch doctor`, Twilio's side: URLs that lead here, what they ask to be tried again, what failed lately."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.doctor.place import Place
from hookwatch.doctor.twilio_checks import twilio_side
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.overrides import build
from hookwatch.recover.overrides_presets import NORMAL
from loop_account import FakeAws, Function
from twilio_rig import FakeTwilio, run_fake_twilio

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "https://id.lambda-url.eu-west-1.on.aws/"
GOOD = build(HERE, NORMAL)


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    """An account without anything."""
    yield from run_fake_twilio()


def found(account: Any, outputs: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Check, verdict and sentence of each finding."""
    aws = FakeAws()
    aws.functions["s-twilio"] = Function()
    aws.outputs["s"] = {"TwilioFunctionUrl": HERE, "TwilioFunctionName": "s-twilio"} if outputs is None else outputs
    place = Place(Account(aws), "s", aws.outputs["s"], "UPDATE_COMPLETE")
    return [(each.check, each.verdict, each.sentence) for each in twilio_side(account)(place)]


def test_an_account_as_it_should_be_is_ok(fake: FakeTwilio):
    """URLs with overrides that fit, and no alert: two lines, both ok; other people's URLs do not matter."""
    fake.store.add_number("+15005550006", sms_url=GOOD, voice_url="https://other.example.com/")
    fake.store.add_alert(request_url="https://other.example.com/")
    assert [verdict for _, verdict, _ in found(fake.account())] == ["ok", "ok"]
    assert fake.changes() == []


def test_what_is_wrong_is_told_by_url(fake: FakeTwilio):
    """No overrides warn, refused ones fail, a voice URL warns of what it does."""
    number = fake.store.add_number("+15005550006", sms_url=HERE, voice_url=GOOD)
    service = fake.store.add_service("s", inbound_request_url=f"{HERE}#rp=503", status_callback=GOOD)
    lines = found(fake.account())
    assert [(check, verdict) for check, verdict, _ in lines] == [
        (f"twilio number {number['sid']} sms_url", "warn"),
        (f"twilio number {number['sid']} voice_url", "warn"),
        (f"twilio service {service['sid']} inbound_request_url", "fail"),
        ("twilio side", "ok"),
        ("twilio alerts", "ok"),
    ]
    assert "O019" in lines[0][2]
    assert "11243" in lines[2][2]


def test_nothing_that_leads_here_warns(fake: FakeTwilio):
    """A stack that nobody calls is working and useless."""
    fake.store.add_number("+15005550006", sms_url="https://other.example.com/")
    assert found(fake.account())[0][1] == "warn"


def test_what_failed_in_the_last_day_is_counted(fake: FakeTwilio):
    """Alerts about webhooks to this stack are counted by code; older ones and others are not."""
    fake.store.add_number("+15005550006", sms_url=GOOD)
    for code in ("11200", "11200", "11205", "30003"):
        fake.store.add_alert(request_url=GOOD, error_code=code)
    fake.store.add_alert(request_url=GOOD, date_created=datetime.now(UTC) - timedelta(hours=30))
    check, verdict, sentence = found(fake.account())[-1]
    assert (check, verdict) == ("twilio alerts", "warn")
    assert sentence.endswith("2 with 11200, 1 with 11205")


def test_what_cannot_be_seen_is_skipped(fake: FakeTwilio):
    """No credentials, wrong ones, or none at all in the stack: said, and never taken for well or ill."""
    assert [verdict for _, verdict, _ in found(None)] == ["skip"]
    assert [verdict for _, verdict, _ in found(Problem("no"))] == ["skip"]
    assert [verdict for _, verdict, _ in found(fake.account("wrong"))] == ["skip", "skip"]
    assert found(fake.account(), {"GitHubFunctionName": "f"}) == []
