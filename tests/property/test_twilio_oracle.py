"""Held to twilio-python's RequestValidator. Where they may differ is listed in DIFFERENCES, each with a test."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.outcomes import Outcome
from hookwatch.sender import sign_twilio, with_body_hash
from hookwatch.sender.signing import body_hash
from vectors.deliveries import HOST, Receiver, function_url_event
from vectors.oracle import oracle, oracle_signature

TOKEN = "12345"
QUIET = settings(max_examples=250, deadline=None)
FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json; charset=utf-8"

DIFFERENCES = {
    "json_without_body_hash": "the oracle never looks at a body whose URL names no hash, if told that it is a form",
    "json_with_body_hash_as_form": "the oracle checks the hash only of a str body; given a dict, the body is unproven",
    "json_without_body_hash_as_text": "the oracle crashes with TypeError",
    "bytes_body": "the oracle crashes with IndexError",
    "no_signature": "the oracle crashes with TypeError",
    "form_with_foreign_body_hash": "the oracle ignores a bodySHA256 beside a form; we hold every body to it",
    "two_body_hashes": "the oracle takes the first; for us a URL that names two vouches for neither",
    "root_without_slash": "the oracle wants the caller to know whether the URL had its slash; we try both at the root",
    "path_ending_in_semicolon": "the oracle takes the URL apart and together again, and loses a last semicolon",
    "port_with_ipv6": "the oracle cuts an IPv6 literal at its first colon",
    "port_out_of_range": "the oracle crashes with ValueError",
}

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
PARAMS = st.lists(st.tuples(st.sampled_from(["From", "To", "B", "a", "_", "é", ""]) | TEXT, TEXT), max_size=7)
HOSTS = st.sampled_from([HOST, "hooks.example.com", "xn--bcher-kva.example", "192.0.2.7"])
PORTS = st.sampled_from(["", ":443", ":80", ":1234", ":65535", ":8443"])
# Characters that Lambda may hand over inside a path or query. Not among them: `#` and `?`, which end a part, and
# those that urlsplit removes and no HTTP request line can carry.
PART = st.text(
    st.sampled_from("abzABZ019-._~!$'()*+,;=:@/&%é☎𝄞 []{}|^`\"<>\\"),
    max_size=14,
) | st.sampled_from(["%2F", "%2f", "%zz", "a=1&a=1", "a=&b", "x=%E2%98%8E", "x=☎", "+=%20", ";;", "=="])
PATHS = PART.filter(lambda path: not path.endswith(";"))  # DIFFERENCES: path_ending_in_semicolon
SCHEMES = st.sampled_from(["https", "http"])


def ours(
    scheme: str, host: str, path: str, query: str, *, media_type: str, body: bytes, signature: str | None
) -> Outcome:
    headers = {"Content-Type": media_type, "X-Forwarded-Proto": scheme}
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    event = function_url_event(headers=headers, body=body, host=host, path=path, query=query)
    event["requestContext"]["domainName"] = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return receiver.receive(event).outcome


def passed(outcome: Outcome) -> bool:
    return outcome not in {Outcome.BAD_SIGNATURE, Outcome.UNSIGNED}


def variants(scheme: str, name: str, port: str, path: str, query: str) -> list[str]:
    """URLs that might have been signed for one request: with and without port, with and without slash, and others."""
    default = {"https": ":443", "http": ":80"}[scheme]
    tail = f"?{query}" if query else ""
    return [
        f"{scheme}://{name}{port}{path}{tail}",
        f"{scheme}://{name}{path}{tail}",
        f"{scheme}://{name}{default}{path}{tail}",
        f"{scheme}://{name}:4444{path}{tail}",
        f"{scheme}://{name}{port}{path}/{tail}",
        f"{scheme}://{name}{port}{path}{tail}&x",
        f"{scheme}://{name}{port}{path}",
        f"{'http' if scheme == 'https' else 'https'}://{name}{port}{path}{tail}",
        f"{scheme}://{name.upper()}{port}{path}{tail}",
        # At the root this is DIFFERENCES: root_without_slash, and something else is taken.
        f"{scheme}://{name}{port}{tail}" if path != "/" else f"{scheme}://{name}{port}/x{tail}",
    ]


@QUIET
@given(scheme=SCHEMES, name=HOSTS, port=PORTS, path=PATHS, query=PART, params=PARAMS, which=st.integers(0, 9))
@example(scheme="https", name=HOST, port="", path="a/", query="", params=[("a", ""), ("a", ""), ("B", "2")], which=0)
@example(scheme="https", name=HOST, port="", path="a/", query="", params=[("a", "")], which=9)
@example(scheme="https", name=HOST, port=":443", path="", query="x=%c3%28", params=[], which=1)
def test_same_answer_for_forms(
    *, scheme: str, name: str, port: str, path: str, query: str, params: list[tuple[str, str]], which: int
) -> None:
    """For any URL, port and parameters, a signature over any variant of the URL gets the oracle's own answer."""
    path = f"/{path}"
    signed = variants(scheme, name, port, path, query)[which]
    signature = oracle_signature(signed, params, TOKEN)
    outcome = ours(
        scheme, name + port, path, query, media_type=FORM, body=urlencode(params).encode(), signature=signature
    )
    requested = variants(scheme, name, port, path, query)[0]
    assert passed(outcome) == oracle(requested, params, signature, TOKEN), (signed, requested)


@QUIET
@given(name=HOSTS, port=PORTS, path=PATHS, params=PARAMS, others=PARAMS)
def test_same_answer_for_other_parameters(
    name: str, port: str, path: str, params: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    """A signature over other parameters gets the oracle's answer, the ambiguities of Twilio's own scheme included."""
    url = f"https://{name}{port}/{path}"
    signature = oracle_signature(url, others, TOKEN)
    outcome = ours(
        "https", name + port, f"/{path}", "", media_type=FORM, body=urlencode(params).encode(), signature=signature
    )
    assert passed(outcome) == oracle(url, params, signature, TOKEN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("ab", "c")], [("a", "bc")]),
        ([("From", "+1"), ("To", "2")], [("From", "+1To2")]),
        ([("a", "1"), ("a", "1")], [("a", "1")]),
        ([("a", "2"), ("a", "1")], [("a", "1"), ("a", "2")]),
    ],
)
def test_ambiguities_of_the_scheme_are_the_oracles_too(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    """Where Twilio's scheme cannot tell two sets of parameters apart, neither can the oracle nor we."""
    signature = oracle_signature(f"https://{HOST}/x", one, TOKEN)
    assert oracle(f"https://{HOST}/x", other, signature, TOKEN)
    body = urlencode(other).encode()
    assert ours("https", HOST, "/x", "", media_type=FORM, body=body, signature=signature) is Outcome.ACCEPTED


@QUIET
@given(
    path=PATHS,
    query=PART,
    payload=st.dictionaries(TEXT, TEXT, max_size=3),
    tamper=st.sampled_from(["", " ", "x"]),
    upper=st.booleans(),
    port=PORTS,
)
def test_same_answer_for_json(
    *, path: str, query: str, payload: dict[str, str], tamper: str, upper: bool, port: str
) -> None:
    """A JSON body, whole or changed after its hash was made, gets the oracle's answer; so does an upper-case hash."""
    text = json.dumps(payload)
    vouched = body_hash(text.encode())
    named, _, digest = vouched.partition("=")
    query = f"{query}&{named}={digest.upper() if upper else digest}" if query else vouched
    url = f"https://{HOST}{port}/{path}?{query}"
    signature = oracle_signature(url, [], TOKEN)
    body = text + tamper
    outcome = ours("https", HOST + port, f"/{path}", query, media_type=JSON, body=body.encode(), signature=signature)
    assert passed(outcome) == oracle(url, body, signature, TOKEN)


@QUIET
@given(query=PART, path=PATHS)
def test_same_answer_for_get(query: str, path: str) -> None:
    """A GET has its parameters in the URL and nothing behind it: the oracle's answer."""
    url = f"https://{HOST}/{path}" + (f"?{query}" if query else "")
    signature = oracle_signature(url, [], TOKEN)
    outcome = ours("https", HOST, f"/{path}", query, media_type="", body=b"", signature=signature)
    assert passed(outcome) is oracle(url, [], signature, TOKEN) is True


@QUIET
@given(user=st.from_regex(r"\A[a-z0-9._~%]{1,8}(:[a-z0-9._~%]{0,8})?\Z"), path=PATHS, fragment=PART, params=PARAMS)
def test_userinfo_and_fragment_are_never_signed(
    user: str, path: str, fragment: str, params: list[tuple[str, str]]
) -> None:
    """A URL configured with credentials and connection overrides is signed without both, and verified as it arrives."""
    configured = f"https://{user}@{HOST}/{path}#{fragment}"
    signature = sign_twilio(configured, params, TOKEN)["X-Twilio-Signature"]
    assert signature == oracle_signature(f"https://{HOST}/{path}", params, TOKEN)
    body = urlencode(params).encode()
    assert passed(ours("https", HOST, f"/{path}", "", media_type=FORM, body=body, signature=signature))


class TestDifferences:
    """One test for every row of DIFFERENCES, named after it."""

    def test_every_difference_has_its_test(self) -> None:
        """The list and the tests are the same names."""
        named = {name.removeprefix("test_difference_") for name in dir(self) if name.startswith("test_difference_")}
        assert named == set(DIFFERENCES)

    def test_difference_json_without_body_hash(self) -> None:
        """A JSON body that its URL does not vouch for passes with the oracle and is refused by us."""
        signature = oracle_signature(f"https://{HOST}/", [], TOKEN)
        assert oracle(f"https://{HOST}/", [], signature, TOKEN)
        assert (
            ours("https", HOST, "/", "", media_type=JSON, body=b'{"a":1}', signature=signature) is Outcome.BAD_SIGNATURE
        )

    def test_difference_json_with_body_hash_as_form(self) -> None:
        """A JSON body whose hash differs passes with an oracle that was given no text, and is refused by us."""
        query = body_hash(b"another body")
        signature = oracle_signature(f"https://{HOST}/?{query}", [], TOKEN)
        assert oracle(f"https://{HOST}/?{query}", [], signature, TOKEN)
        outcome = ours("https", HOST, "/", query, media_type=JSON, body=b'{"a":1}', signature=signature)
        assert outcome is Outcome.BAD_SIGNATURE

    def test_difference_json_without_body_hash_as_text(self) -> None:
        """A JSON text without a hash in the URL makes the oracle crash; for us it is a refusal."""
        with pytest.raises(TypeError):
            oracle(f"https://{HOST}/", '{"a":1}', "AAAA", TOKEN)
        signature = sign_twilio(f"https://{HOST}/", [], TOKEN)["X-Twilio-Signature"]
        assert (
            ours("https", HOST, "/", "", media_type=JSON, body=b'{"a":1}', signature=signature) is Outcome.BAD_SIGNATURE
        )

    def test_difference_bytes_body(self) -> None:
        """A body as bytes makes the oracle crash; bytes are all that we ever take."""
        body = b'{"a":1}'
        url = with_body_hash(f"https://{HOST}/", body)
        signature = sign_twilio(url, body, TOKEN)["X-Twilio-Signature"]
        with pytest.raises((IndexError, TypeError)):
            from_bytes(url, body, signature)
        outcome = ours("https", HOST, "/", body_hash(body), media_type=JSON, body=body, signature=signature)
        assert outcome is Outcome.ACCEPTED

    def test_difference_no_signature(self) -> None:
        """A missing signature makes the oracle crash; for us the request is unsigned."""
        with pytest.raises(TypeError):
            oracle(f"https://{HOST}/", [], None, TOKEN)  # type: ignore[arg-type] # what a missing header gives
        assert ours("https", HOST, "/", "", media_type=FORM, body=b"a=b", signature=None) is Outcome.UNSIGNED

    def test_difference_form_with_foreign_body_hash(self) -> None:
        """A form under a URL that names another body's hash passes with the oracle and is refused by us."""
        query = body_hash(b"another body")
        signature = oracle_signature(f"https://{HOST}/?{query}", [("a", "b")], TOKEN)
        assert oracle(f"https://{HOST}/?{query}", [("a", "b")], signature, TOKEN)
        outcome = ours("https", HOST, "/", query, media_type=FORM, body=b"a=b", signature=signature)
        assert outcome is Outcome.BAD_SIGNATURE

    def test_difference_two_body_hashes(self) -> None:
        """A URL that names two hashes, the first of them right, passes with the oracle and is refused by us."""
        body = b'{"a":1}'
        query = f"{body_hash(body)}&{body_hash(b'another body')}"
        signature = oracle_signature(f"https://{HOST}/?{query}", [], TOKEN)
        assert oracle(f"https://{HOST}/?{query}", body.decode(), signature, TOKEN)
        outcome = ours("https", HOST, "/", query, media_type=JSON, body=body, signature=signature)
        assert outcome is Outcome.BAD_SIGNATURE

    @pytest.mark.parametrize("query", ["", "a=1"])
    def test_difference_root_without_slash(self, query: str) -> None:
        """A Function URL configured without its last slash is verified by us, and not by the oracle."""
        tail = f"?{query}" if query else ""
        signature = oracle_signature(f"https://{HOST}{tail}", [("a", "b")], TOKEN)
        assert not oracle(f"https://{HOST}/{tail}", [("a", "b")], signature, TOKEN)
        assert ours("https", HOST, "/", query, media_type=FORM, body=b"a=b", signature=signature) is Outcome.ACCEPTED
        deeper = oracle_signature(f"https://{HOST}/x{tail}", [("a", "b")], TOKEN)
        outcome = ours("https", HOST, "/x/", query, media_type=FORM, body=b"a=b", signature=deeper)
        assert outcome is Outcome.BAD_SIGNATURE

    def test_difference_path_ending_in_semicolon(self) -> None:
        """A path that ends in a semicolon is verified by us, and not by the oracle."""
        signature = oracle_signature(f"https://{HOST}/x;", [("a", "b")], TOKEN)
        assert not oracle(f"https://{HOST}/x;", [("a", "b")], signature, TOKEN)
        assert ours("https", HOST, "/x;", "", media_type=FORM, body=b"a=b", signature=signature) is Outcome.ACCEPTED

    def test_difference_port_with_ipv6(self) -> None:
        """A URL with an IPv6 host that was signed without its port is verified by us, and not by the oracle."""
        signature = oracle_signature("https://[2001:db8::1]/x", [("a", "b")], TOKEN)
        assert not oracle("https://[2001:db8::1]:443/x", [("a", "b")], signature, TOKEN)
        outcome = ours("https", "[2001:db8::1]:443", "/x", "", media_type=FORM, body=b"a=b", signature=signature)
        assert outcome is Outcome.ACCEPTED

    def test_difference_port_out_of_range(self) -> None:
        """A port that cannot be makes the oracle crash; for us it is a URL that nobody signed."""
        with pytest.raises(ValueError, match=r"[Pp]ort"):
            oracle(f"https://{HOST}:99999/", [], "AAAA", TOKEN)
        signature = sign_twilio("https://elsewhere.example/", [], TOKEN)["X-Twilio-Signature"]
        outcome = ours("https", f"{HOST}:99999", "/", "", media_type=FORM, body=b"", signature=signature)
        assert outcome is Outcome.BAD_SIGNATURE


def from_bytes(url: str, body: bytes, signature: str) -> bool:
    """Ask the oracle with what a web framework calls the body: bytes."""
    return oracle(url, body, signature, TOKEN)  # type: ignore[arg-type] # the mistake that is being made
