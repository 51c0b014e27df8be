"""A parked event comes back from its message as it went in, and no other text is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.ingest.model import Envelope
from hookwatch.ingest.parked import Damaged, Parked, decode, encode, fits_into_sqs
from hookwatch.ingest.stored import Stored, stored
from vectors.hostile import RAW_TEXT

QUIET = settings(max_examples=250, deadline=None)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
MS = st.integers(0, 253_402_300_799_999)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
# Numbers that no float holds, escapes that need not be there, white space: all of it must stay.
ODD = '{"n": 12345678901234567890.10, "a": "\\u00e9\\/", "b" :\n[1e5 ,-0.0], "detail": {"stored": null}}'
DETAILS = st.dictionaries(TEXT, JSON, max_size=5).flatmap(
    lambda value: st.sampled_from([json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1), ODD])
)
STORED = st.builds(Stored, TEXT, TEXT, st.integers(0, 2**40), st.text("0123456789abcdef", min_size=64, max_size=64))


@st.composite
def parked(draw: st.DrawFn) -> Parked:
    """Any parked event."""
    where = draw(st.none() | STORED)
    detail = draw(DETAILS) if where is None else ""
    envelope = Envelope(
        draw(TEXT),
        draw(TEXT),
        detail,
        tuple(draw(st.lists(TEXT, max_size=3))),
        draw(TEXT),
        draw(MS),
        len(detail.encode()) if where is None else None,
    )
    maybe = st.none() | TEXT
    formats = st.sampled_from(["hookwatch", "quickstart"])
    texts = (draw(TEXT), draw(TEXT), draw(TEXT), draw(maybe))
    return Parked(envelope, *texts, draw(formats), draw(maybe), draw(MS), draw(MS), where)


@QUIET
@given(parked())
def test_what_is_parked_comes_back(event: Parked):
    """Every field survives, the detail byte for byte."""
    assert decode(encode(event)) == event


@QUIET
@given(parked())
def test_a_message_is_json_that_anybody_can_read(event: Parked):
    """An operator's own tools read a message: one JSON object that names its format."""
    document = json.loads(encode(event))
    assert document["hookwatch"] == "parked/1"
    assert ("detail" in document) != ("stored" in document)


@QUIET
@given(RAW_TEXT | TEXT | JSON.map(json.dumps))
def test_hostile_text_is_damaged(text: str):
    """Whatever else lies in the queue is a value, not an exception."""
    assert isinstance(decode(text), Damaged)


@QUIET
@given(parked(), st.data())
def test_a_changed_message_never_raises(event: Parked, data: st.DataObject):
    """A field that is missing or of another kind makes a message damaged, or leaves a parked event; nothing else."""
    document = json.loads(encode(event))
    name = data.draw(st.sampled_from(sorted(document)))
    if data.draw(st.booleans()):
        del document[name]
    else:
        document[name] = data.draw(JSON)
    assert isinstance(decode(json.dumps(document)), Parked | Damaged)


def event(detail: str = '{"a":1}') -> Parked:
    envelope = Envelope("github.com", "push", detail, ("r",), "k", 1_700_000_000_000, len(detail.encode()))
    return Parked(envelope, "github", "id", "throttled", "ThrottlingException", "hookwatch", None, 1, 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hookwatch": "parked/2"}, "version"),
        ({"hookwatch": "loop/1"}, "not_ours"),
        ({"hookwatch": 1}, "not_ours"),
        ({"time_ms": -1}, "shape"),
        ({"time_ms": 10**18}, "shape"),
        ({"event_format": "xml"}, "shape"),
        ({"detail": [1]}, "shape"),
        ({"detail": None}, "shape"),
        ({"stored": {"bucket": "b", "key": "k", "bytes": 1, "sha256": "0" * 64}}, "detail_or_stored"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], reason: str):
    """A damaged message says why, from a fixed vocabulary."""
    damaged = decode(json.dumps(json.loads(encode(event())) | change))
    assert isinstance(damaged, Damaged)
    assert damaged.reason == reason


def test_a_reference_that_cannot_be_checked_is_damaged():
    """Without a whole hash nobody could tell whether the object is the one that was stored."""
    where = Stored("b", "k", 1, "0" * 63)
    assert decode(encode(replace(event(""), stored=where))) == Damaged("shape", "github")


def test_neither_detail_nor_reference_is_damaged():
    """A message must hold its event or say where it is."""
    document = json.loads(encode(event()))
    del document["detail"]
    assert decode(json.dumps(document)) == Damaged("detail_or_stored", "github")


def test_white_space_around_the_detail_is_not_kept():
    """Blanks around an object are no part of it; blanks within stay."""
    back = decode(encode(event(' \n{ "a" : 1 }\t')))
    assert isinstance(back, Parked)
    assert back.envelope.detail == '{ "a" : 1 }'


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("x" * 1_048_576, True),
        ("x" * 1_048_577, False),
        ("é" * 524_289, False),
        ("\t\n\r ~\x7f\ud7ff\ue000\ufffd\U0001f600\U0010ffff", True),
        ("\x00", False),
        ("\x1f", False),
        ("\ufffe", False),
        ("\uffff", False),
    ],
)
def test_what_sqs_takes(text: str, fits: bool):
    """A message has at most 1,048,576 bytes, and none of the characters that SQS refuses."""
    assert fits_into_sqs(text) is fits


def test_an_object_is_found_by_day_provider_and_delivery():
    """The key says when (UTC), whose and which; the hash keeps two bodies under one id apart."""
    where = stored("b", "claims", provider="github", delivery_id="id", first_seen_ms=1_700_006_399_999, body=b"{}")
    assert where.key == "claims/2023-11-14/github/id-44136fa355b3678a.json"
    assert where.holds(b"{}")
    assert not where.holds(b"[]")
    later = stored("b", "parked", provider="github", delivery_id="id", first_seen_ms=1_700_006_400_000, body=b"{}")
    assert later.key == "parked/2023-11-15/github/id-44136fa355b3678a.json"
