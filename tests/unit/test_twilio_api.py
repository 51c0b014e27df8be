"""The fake Twilio, asked by twilio-python itself; and what becomes of its errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import urllib3
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from twilio.rest import Client

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.twilio_client import TwilioAccount, credentials, twilio_account
from hookwatch.recover.twilio_http import TwilioHttp, redirected
from twilio_rig import FakeTwilio, run_fake_twilio, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "AC" + "0" * 32


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    """A fake Twilio of its own for each test."""
    yield from run_fake_twilio()


def test_numbers_services_and_applications_are_listed_over_pages(fake: FakeTwilio):
    """twilio-python follows both ways of paging to the last resource, in order."""
    numbers = [fake.store.add_number(f"+1500555{number:04}")["sid"] for number in range(7)]
    services = [fake.store.add_service(f"s{number}")["sid"] for number in range(5)]
    applications = [fake.store.add_application(f"a{number}")["sid"] for number in range(3)]
    account = fake.account()
    listed = account.ask("list", lambda client: [each.sid for each in client.incoming_phone_numbers.list(page_size=3)])
    assert listed == numbers
    listed = account.ask("list", lambda client: [each.sid for each in client.messaging.v1.services.list(page_size=2)])
    assert listed == services
    listed = account.ask("list", lambda client: [each.sid for each in client.applications.list(page_size=1)])
    assert listed == applications


def test_a_change_is_kept(fake: FakeTwilio):
    """What twilio-python updates is there when it is fetched, and nothing else changed."""
    number = fake.store.add_number("+15005550006", sms_url="https://a/", voice_url="https://b/")
    account = fake.account()
    account.ask("change", lambda client: client.incoming_phone_numbers(number["sid"]).update(sms_url="https://a/#rc=3"))
    found = account.ask("fetch", lambda client: client.incoming_phone_numbers(number["sid"]).fetch())
    assert not isinstance(found, Problem)
    assert (found.sms_url, found.voice_url, found.phone_number) == ("https://a/#rc=3", "https://b/", "+15005550006")


def test_alerts_are_newest_first_and_filtered_and_lists_lack_the_variables(fake: FakeTwilio):
    """Dates filter; request variables and bodies are there only when a single alert is fetched."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    sids = [
        fake.store.add_alert(date_created=now - timedelta(hours=hours), request_variables="A=1", response_body="no")[
            "sid"
        ]
        for hours in range(6)
    ]
    account = fake.account()
    found = account.ask(
        "list",
        lambda client: client.monitor.v1.alerts.list(
            start_date=now - timedelta(hours=4), end_date=now - timedelta(hours=1), page_size=2
        ),
    )
    assert not isinstance(found, Problem)
    assert [each.sid for each in found] == sids[1:5]
    assert {each.request_variables for each in found} == {None}
    one = account.ask("fetch", lambda client: client.monitor.v1.alerts(sids[0]).fetch())
    assert not isinstance(one, Problem)
    assert (one.request_variables, one.response_body, one.date_created) == ("A=1", "no", now)


def test_an_alert_that_comes_between_two_pages_shifts_nothing(fake: FakeTwilio):
    """A page token names where the last page ended, so that nothing is listed twice or left out."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    sids = [fake.store.add_alert(date_created=now - timedelta(hours=hours))["sid"] for hours in range(4)]

    def arrives(_: str, path: str) -> None:
        if path == "/v1/Alerts" and len(fake.store.requests) == 2:
            fake.store.add_alert(date_created=now + timedelta(hours=1))

    fake.store.before = arrives
    listed = fake.account().ask(
        "list", lambda client: [each.sid for each in client.monitor.v1.alerts.list(page_size=2)]
    )
    assert listed == sids


@pytest.mark.parametrize(("method", "path"), [("GET", "/nope"), ("DELETE", "/v1/Alerts/NO1"), ("POST", "/v1/Alerts")])
def test_what_is_not_there_is_an_error_as_twilio_words_it(fake: FakeTwilio, method: str, path: str):
    """An unknown path or method answers with a code, and never with a page of ours."""
    headers = urllib3.make_headers(basic_auth=f"{fake.store.account_sid}:{fake.store.auth_token}")
    answer = urllib3.request(method, fake.url.rstrip("/") + path, headers=headers)
    assert answer.status in (404, 405)
    assert answer.json()["code"] in (20404, 20004)


@pytest.mark.parametrize("signs_in", [{"password": "wrong"}, {"username": "SK" + "0" * 32}])
def test_wrong_credentials_are_one_sentence(fake: FakeTwilio, signs_in: dict[str, str]):
    """20003 becomes a sentence about what to check, without the credential; lists and fetches alike."""
    account = fake.account(**signs_in)
    for call in (
        lambda client: client.applications.list(),
        lambda client: client.applications("AP1").fetch(),
        lambda client: client.monitor.v1.alerts.list(),
    ):
        problem = account.ask("list applications", call)
        assert isinstance(problem, Problem)
        assert "20003" in problem.message
        assert "wrong" not in problem.message


def test_an_api_key_signs_in(fake: FakeTwilio):
    """A key of the account and its secret are as good as the auth token."""
    fake.store.api_keys["SK" + "1" * 32] = "s3cret"
    assert fake.account("s3cret", "SK" + "1" * 32).ask("list", lambda client: client.applications.list()) == []


def test_a_rate_limit_is_waited_for(fake: FakeTwilio):
    """429 is tried again after longer and longer waits, and given up with a sentence."""
    fake.store.refusals.extend([429, 429])
    assert fake.account().ask("list applications", lambda client: client.applications.list()) == []
    assert fake.slept_s == [1.0, 2.0]
    fake.store.refusals.extend([429] * 6)
    problem = fake.account().ask("list applications", lambda client: client.applications.list())
    assert isinstance(problem, Problem)
    assert "20429" in problem.message
    assert not fake.store.refusals


@pytest.mark.parametrize(
    ("status", "said"), [(403, "not allowed to list"), (404, "20404"), (500, "Twilio refuses to list")]
)
def test_other_errors_are_sentences_and_not_tried_again(fake: FakeTwilio, status: int, said: str):
    """What waiting does not mend ends at once."""
    fake.store.refusals.append(status)
    problem = fake.account().ask("list applications", lambda client: client.applications.list())
    assert isinstance(problem, Problem)
    assert said in problem.message
    assert len(fake.store.requests) == 1


def test_no_connection_is_a_sentence():
    """Where nobody listens, the command says so and shows no credential."""
    environ = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t0ken", "TWILIO_API_URL": "http://127.0.0.1:9/"}
    account = twilio_account(environ)
    assert isinstance(account, TwilioAccount)
    problem = account.ask("list applications", lambda client: client.applications.list())
    assert isinstance(problem, Problem)
    assert "cannot be reached" in problem.message
    assert "t0ken" not in repr(problem)


def test_an_answer_that_is_not_twilios_is_a_sentence():
    """Something else at the address, such as a page for people, does not end in a traceback."""
    page = Starlette(routes=[Route("/{path:path}", lambda _: Response("<html>", media_type="text/html"))])
    for url in serve(page):
        client = Client(ACCOUNT, "t0ken", http_client=TwilioHttp(url))
        problem = TwilioAccount(ACCOUNT, client).ask("list applications", lambda client: client.applications.list())
        assert isinstance(problem, Problem)
        assert "is not Twilio's API" in problem.message


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "32 hexadecimal digits"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_KEY": "SK" + "0" * 32}, "TWILIO_API_SECRET"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_SECRET": "s3cr et"}, "TWILIO_API_KEY"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_URL": "http://example.com/"}, "https, or http on this machine"),
    ],
)
def test_missing_credentials_say_what_to_set(environ: dict[str, str], said: str):
    """The variable is named, no value is shown, and nothing is asked of anybody."""
    problem = credentials(environ)
    assert isinstance(problem, Problem)
    assert said in problem.message
    assert "s3cr" not in problem.message


def test_a_key_is_preferred_and_no_secret_is_shown():
    """With both given the narrower credential is used; printing the value shows neither."""
    environ = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t0ken"}
    environ |= {"TWILIO_API_KEY": "SK" + "0" * 32, "TWILIO_API_SECRET": "s3cret"}
    found = credentials(environ)
    assert not isinstance(found, Problem)
    assert (found.username, found.password) == ("SK" + "0" * 32, "s3cret")
    assert "s3cret" not in repr(found)


def test_only_twilios_hosts_are_sent_elsewhere():
    """A rehearsal address gets every host under twilio.com, path and query as they are, and nothing else."""
    base = "http://127.0.0.1:8000/fake/twilio/"
    assert redirected("https://monitor.twilio.com/v1/Alerts?Page=1", base) == f"{base}v1/Alerts?Page=1"
    assert redirected("https://api.dublin.ie1.twilio.com/2010-04-01/x.json", base) == f"{base}2010-04-01/x.json"
    assert redirected("https://nottwilio.com/x", base) == "https://nottwilio.com/x"
    assert redirected("https://api.twilio.com/x", "") == "https://api.twilio.com/x"
