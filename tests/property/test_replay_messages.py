"""Whatever lies in the parking queue: each message is published, kept or given up, and none stops another."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.ingest import payload
from hookwatch.ingest.model import Envelope
from hookwatch.ingest.parked import encode
from hookwatch.recover.replay_event import marked
from replay_rig import DETAIL, NOW_MS, Rig, parked, refusal
from support import Bus
from vectors.hostile import RAW_TEXT

QUIET = settings(max_examples=250, deadline=None)
TEXT = st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
FIELDS = st.sampled_from([*json.loads(encode(parked())), "stored", "more"])


@st.composite
def bent(draw: st.DrawFn) -> str:
    """A parked message with some fields replaced or taken away."""
    message = json.loads(encode(parked()))
    for name in draw(st.lists(FIELDS, max_size=3)):
        if draw(st.booleans()):
            message.pop(name, None)
        else:
            message[name] = draw(JSON | st.fixed_dictionaries({"bucket": TEXT, "key": TEXT, "bytes": st.integers()}))
    return json.dumps(message)


BODIES = RAW_TEXT | JSON.map(json.dumps) | bent()
ANSWERS = st.sampled_from(
    [[None], ["InternalFailure"], ["MalformedDetail"], refusal("AccessDeniedException"), RuntimeError("a bug"), []]
)


@QUIET
@given(st.lists(BODIES, max_size=10), st.lists(ANSWERS, max_size=20), st.booleans())
def test_every_message_has_exactly_one_end(bodies: list[str], answers: list[Exception | list[str | None]], dlq: bool):
    """Published, in the dead-letter queue, or kept by the parking queue: one of the three, and one line says which."""
    rig = Rig(Bus(*answers))
    rig.sqs.send_error = None if dlq else refusal("AccessDenied")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        kept = rig(*bodies)
    written = [json.loads(line) for line in out.getvalue().splitlines()]
    ends = {line["message_id"]: line["outcome"] for line in written}
    assert len(written) == len(ends) == len(bodies)
    assert (
        {name for name, outcome in ends.items() if outcome == "failed"}
        == set(kept)
        == {receipt.replace("r-", "m-") for receipt in rig.sqs.delays}
    )
    dead = {sent["MessageAttributes"]["original_message_id"]["StringValue"] for sent in rig.sqs.dead}
    assert {name for name, outcome in ends.items() if outcome == "refused"} == dead
    assert sum(outcome == "replayed" for outcome in ends.values()) <= len(rig.bus.published)


@QUIET
@given(st.dictionaries(TEXT.filter(lambda name: name != "hookwatch"), JSON, max_size=5), st.booleans(), JSON)
def test_only_the_mark_is_added(fields: dict[str, object], pretty: bool, kind: object):
    """Behind our key stands the same text as before, and without the mark the whole event is what it was."""
    text = json.dumps(fields, indent=1 if pretty else None, ensure_ascii=pretty).encode("utf-8", "replace").decode()
    top = payload.fields(text)
    assert top is not None
    detail = payload.with_key(text, top, {"delivery_id": "d", "kind": kind})
    new = marked(Envelope("github.com", "push", detail, (), "k", 1), "hookwatch", NOW_MS).detail
    assert new.endswith(text[text.index("{") + 1 :])
    again = json.loads(new)
    assert again["hookwatch"].pop("replayed_at") == NOW_MS
    assert again == json.loads(detail)


@QUIET
@given(st.text(max_size=200))
def test_any_detail_survives_the_mark(detail: str):
    """A text that is no object of ours is passed on as it is."""
    assert marked(Envelope("s", "t", detail, (), "k", 1), "hookwatch", NOW_MS).detail == detail


def test_a_replay_of_a_replay_has_one_mark():
    """A message that comes back after a success is marked once, with the later moment."""
    once = marked(parked().envelope, "hookwatch", 1)
    twice = marked(replace(once), "hookwatch", NOW_MS)
    assert twice.detail.count("replayed_at") == 1
    assert json.loads(twice.detail)["hookwatch"]["replayed_at"] == NOW_MS
    assert len(twice.detail) > len(DETAIL)
