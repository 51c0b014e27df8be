from __future__ import annotations

import pytest

from hookwatch.sender import sign_github, sign_twilio, with_body_hash
from hookwatch.sender.target import TargetError, read_target


def test_secret_outside_ascii_signs_as_utf8() -> None:
    """A secret with characters outside ASCII is a key of its UTF-8 bytes."""
    assert sign_github(b"x", "schlüssel ☃") != sign_github(b"x", "schlussel ?")


def test_body_hash_goes_last_into_the_query() -> None:
    """The hash of a JSON body is added to a query, or is the query, and stands before no fragment."""
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert with_body_hash("https://h/p", b"{}") == f"https://h/p?bodySHA256={digest}"
    assert with_body_hash("https://h/p?a=b#rc=3", b"{}") == f"https://h/p?a=b&bodySHA256={digest}"


def test_json_body_without_its_hash_is_not_signed() -> None:
    """Twilio never sends a JSON body whose URL does not carry its hash, and neither does the sender."""
    with pytest.raises(ValueError, match="bodySHA256"):
        sign_twilio("https://h/p", b"{}", "token")


def test_credentials_and_fragment_are_not_signed() -> None:
    """User, password and connection overrides are no part of what is signed; an @ further behind is."""
    plain = sign_twilio("https://h/p?a=b", [("x", "1")], "token")
    assert sign_twilio("https://u:p@h/p?a=b#rc=3&rp=5xx", [("x", "1")], "token") == plain
    assert sign_twilio("https://h?mail=u@h", [], "token") != sign_twilio("https://h", [], "token")


def test_order_and_repetition_do_not_change_a_signature() -> None:
    """Parameters are signed sorted and each pair once; a blank value counts through its name."""
    one = sign_twilio("https://h/", [("b", "2"), ("a", "1"), ("a", "1"), ("c", "")], "token")
    assert one == sign_twilio("https://h/", [("a", "1"), ("c", ""), ("b", "2")], "token")
    assert one != sign_twilio("https://h/", [("a", "1"), ("b", "2")], "token")


@pytest.mark.parametrize(
    ("text", "url", "is_loopback"),
    [
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001/", True),
        ("http://LOCALHOST/a/../b?x=%c3", "http://localhost/b?x=%C3", True),
        ("http://[::1]:8001?x=1", "http://[::1]:8001/?x=1", True),
        ("https://abc.lambda-url.eu-west-1.on.aws/#rc=3", "https://abc.lambda-url.eu-west-1.on.aws/", False),
        ("http://127.0.0.1.example.com/", "http://127.0.0.1.example.com/", False),
        ("http://app.localhost/", "http://app.localhost/", True),
    ],
)
def test_target_is_the_url_on_the_wire(text: str, url: str, is_loopback: bool) -> None:
    """A URL is read into the spelling that is requested, with a path and without fragment."""
    target = read_target(text)
    assert (target.url, target.is_loopback, target.headers) == (url, is_loopback, {})


def test_credentials_of_a_url_become_a_header() -> None:
    """User and password leave the URL and go into the Authorization header, and no repr shows them."""
    target = read_target("https://user:pass@h.example/x")
    assert (target.url, target.headers) == ("https://h.example/x", {"authorization": "Basic dXNlcjpwYXNz"})
    assert "Basic" not in repr(target)


@pytest.mark.parametrize(
    "text", ["", "h.example", "ftp://h/", "//h/", "http://", "http://[::1", "http:/x", "file:///etc"]
)
def test_what_is_no_url_is_refused(text: str) -> None:
    """Anything but an absolute http or https URL is refused with a sentence."""
    with pytest.raises(TargetError, match="URL"):
        read_target(text)
