"""Hypothesis strategies for what strangers and odd senders may send. Knows nothing of what is right."""

from __future__ import annotations

from hypothesis import strategies as st

# Signed or not, a body may be any of these and none may be more than a refusal.
NASTY_BODIES = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"{",
    b'"text"',
    b"\xff\xfe",
    b'{"ref":"\xff"}',
    b'\xef\xbb\xbf{"ref":"x"}',
    b'{"ref":NaN}',
    b'{"ref":Infinity,"zen":-Infinity}',
    b'{"ref":nan}',
    b'{"ref":1e999999}',
    b'{"ref":' + b"9" * 5000 + b"}",
    b'{"ref":-0.' + b"0" * 5000 + b"1}",
    b'{"ref":01}',
    b'{"ref":1,"ref":2,"hookwatch":{"provider":"forged"},"hookwatch":1}',
    b'{"hookwatch":1}',
    b'{"hook\\u0077atch":{"provider":"forged"},"ref":1}',
    b'{"ref":"\\ud800"}',
    b'{"\\ud800":1,"ref":"\\udc00\\ud800"}',
    b'{"ref":"\\x41"}',
    b'{"ref":"a\nb"}',
    b'{"ref":"\x00"}',
    b'{"ref":1}trailing',
    b'{"ref":1}{"ref":2}',
    b'{"ref":1,}',
    b"{'ref':1}",
    b'{"ref":' * 1100 + b"1" + b"}" * 1100,
    b'{"ref":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"ref":' + b"[" * 100_000,
    b"[" * 100_000,
    b'{"ref":"' + b"[" * 5000 + b'"}',
    b'{"ref":"\\"' + b"[" * 5000 + b'\\\\"}',
    b'[{"specversion":"1.0","id":"\\ud800"}]',
    b'[{"specversion":"1.0","id":7},{"specversion":"1.0","id":"EZ1"}]',
    b"[1,2]",
    b"payload=%7B%22ref%22%3A1%7D",
    b"payload=%7B%22ref%22%3A%22%FF%22%7D",
    b"payload={}&payload={}",
    b"payload",
    b"=&=&=",
    b"&" * 2000,
    b"a=1&" * 2000,
    b"hookwatch=forged&Body=hello&MessageSid=SM1",
    b"Sid=NO1&PayloadType=application/json&Payload=" + b"%5B" * 1500,
    b"Sid=NO1&PayloadType=application/json&Payload=NaN",
    b"Sid=NO1&PayloadType=application/json&Payload=%22%5Cud800%22",
    b"Sid=NO1&PayloadType=application/json&Payload=%7B%22hookwatch%22%3A1%7D",
    b"CallSid=%00%F0%9F%93%9E&CallStatus=%0A",
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)

BODIES = st.sampled_from(NASTY_BODIES) | st.binary(max_size=200)

MEDIA_TYPES = st.sampled_from(
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        ";;;",
    ]
) | st.text(max_size=30)

METHODS = st.sampled_from(["POST", "GET", "PUT", "HEAD", "OPTIONS", "post", "", "PÖST"])

# What Lambda hands over of a path or query: any text, odd percent-encoding included.
RAW_TEXT = st.text(max_size=40) | st.sampled_from(
    ["%", "%zz", "a=%ff", "a=1;b=2", "a=\udcff", "bodySHA256=", "?", "//"]
)

HEADER_NAMES = st.sampled_from(
    [
        "x-github-event",
        "x-github-delivery",
        "x-github-hook-id",
        "x-github-enterprise-host",
        "x-github-hook-installation-target-type",
        "i-twilio-idempotency-token",
        "x-twilio-webhooks-signature-settings",
        "user-agent",
        "x-forwarded-proto",
    ]
) | st.text(max_size=12)
HEADERS = st.dictionaries(
    HEADER_NAMES,
    st.text(max_size=40) | st.sampled_from(["push", "ping", "a" * 5000, "é", "\x00", "key=,algorithm="]),
    max_size=5,
)
