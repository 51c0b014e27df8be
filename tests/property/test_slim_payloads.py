"""Whatever a payload holds, its slim copy is small, is JSON, and holds no value that the payload has not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.ingest.slim import SLIM_BYTES, slim
from hookwatch.ingest.stored import Stored

WHERE = Stored("b", "k", 1, "0" * 64)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
LONG = st.builds(lambda text, times: text * times, TEXT, st.sampled_from([1, 200, 5_000]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | LONG,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=6),
    max_leaves=30,
)


def part_of(slim_value: Any, value: Any) -> bool:
    """Whether a value is what is left of another one: fields may be missing, nothing else may differ."""
    if isinstance(slim_value, dict) and isinstance(value, dict):
        return all(name in value and part_of(each, value[name]) for name, each in slim_value.items())
    return bool(slim_value == value)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TEXT, JSON, max_size=6), st.sampled_from([400, 3_000, SLIM_BYTES]))
def test_a_slim_payload_is_a_part_of_the_payload(payload: dict[str, Any], max_bytes: int):
    """It is never larger than allowed, and never says anything that the payload does not say."""
    payload.pop("hookwatch", None)
    text = slim(json.dumps(payload, ensure_ascii=False), {}, WHERE, max_bytes)
    assert len(text.encode()) <= max_bytes
    document = json.loads(text)
    ours = document.pop("hookwatch")
    assert part_of(document, payload)
    assert document == payload or ours["omitted"]
