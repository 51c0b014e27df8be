from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from hookwatch.ingest.providers.github import GitHub
from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.outcomes import Outcome
from hookwatch.sender import Forgery, OutgoingRequest, github_request, load_example, twilio_request
from hookwatch.sender.examples import example_names
from vectors.deliveries import Receiver, function_url_event

SECRET = "s3cret"
URL = "https://abcdef.lambda-url.eu-west-1.on.aws/?tenant=a%20b"

EXPECTED = {
    Forgery.NONE: Outcome.ACCEPTED,
    Forgery.UNSIGNED: Outcome.UNSIGNED,
    Forgery.WRONG_SECRET: Outcome.BAD_SIGNATURE,
    Forgery.TAMPERED: Outcome.BAD_SIGNATURE,
}


def received(provider: GitHub | Twilio, request: OutgoingRequest) -> tuple[Outcome, Receiver]:
    url = urlsplit(request.url)
    event = function_url_event(
        headers=request.headers, body=request.body, host=url.netloc, path=url.path, query=url.query
    )
    receiver = Receiver(provider, SECRET.encode())
    return receiver.receive(event).outcome, receiver


@pytest.mark.parametrize("forgery", list(Forgery))
@pytest.mark.parametrize("name", example_names("github"))
def test_github_request_ends_as_it_should(name: str, forgery: Forgery) -> None:
    """A good request is accepted, and each way to forge it is refused as what it is."""
    request = github_request(URL, load_example("github", name), SECRET, forgery)
    assert received(GitHub(), request)[0] is EXPECTED[forgery]


@pytest.mark.parametrize("forgery", list(Forgery))
@pytest.mark.parametrize("name", example_names("twilio"))
def test_twilio_request_ends_as_it_should(name: str, forgery: Forgery) -> None:
    """A good webhook of every kind is accepted, and each way to forge it is refused as what it is."""
    request = twilio_request(URL, load_example("twilio", name), SECRET, forgery)
    assert received(Twilio(None, None), request)[0] is EXPECTED[forgery]


def test_github_headers_are_githubs() -> None:
    """A delivery has the headers that GitHub sends, and a GUID of its own each time."""
    first, second = (github_request(URL, load_example("github", "push"), SECRET) for _ in range(2))
    assert set(first.headers) == {
        "Accept",
        "Content-Type",
        "User-Agent",
        "X-GitHub-Delivery",
        "X-GitHub-Event",
        "X-GitHub-Hook-ID",
        "X-GitHub-Hook-Installation-Target-ID",
        "X-GitHub-Hook-Installation-Target-Type",
        "X-Hub-Signature",
        "X-Hub-Signature-256",
    }
    assert re.fullmatch(r"GitHub-Hookshot/[0-9a-f]{7}", first.headers["User-Agent"])
    assert first.headers["X-GitHub-Delivery"] == first.delivery_id != second.delivery_id


def test_unsigned_has_no_signature_header_at_all() -> None:
    """An unsigned request carries nothing that could be taken for a signature."""
    for request in (
        github_request(URL, load_example("github", "push"), SECRET, Forgery.UNSIGNED),
        twilio_request(URL, load_example("twilio", "call.status"), SECRET, Forgery.UNSIGNED),
    ):
        assert not [name for name in request.headers if "signature" in name.lower()]


def test_every_twilio_delivery_is_another_message() -> None:
    """Each delivery of an example gets ids of its own, so that none is a duplicate; ids that were equal stay equal."""
    example = load_example("twilio", "message.inbound")
    first, second = (dict(parse_qsl(twilio_request(URL, example, SECRET).body.decode())) for _ in range(2))
    assert first["MessageSid"] == first["SmsSid"] == first["SmsMessageSid"] != second["MessageSid"]
    assert re.fullmatch(r"SM[0-9a-f]{32}", first["MessageSid"])
    assert {name for name in first if first[name] != second[name]} == {"MessageSid", "SmsSid", "SmsMessageSid"}


def test_every_event_of_a_stream_is_another_event() -> None:
    """Each CloudEvent of an example gets an id of its own."""
    example = load_example("twilio", "event-stream")
    events = [event for _ in range(2) for event in json.loads(twilio_request(URL, example, SECRET).body)]
    assert len({event["id"] for event in events}) == len(events)


def test_json_travels_with_its_hash() -> None:
    """An Event Streams request has the hash of its body at the end of the URL, and its overrides stay at home."""
    request = twilio_request(URL + "#rc=3", load_example("twilio", "event-stream"), SECRET)
    assert re.search(r"/\?tenant=a%20b&bodySHA256=[0-9a-f]{64}$", request.url)


def test_form_is_no_github_payload() -> None:
    """A Twilio example cannot be sent as GitHub's by mistake."""
    with pytest.raises(TypeError, match="JSON"):
        github_request(URL, load_example("twilio", "message.inbound"), SECRET)
