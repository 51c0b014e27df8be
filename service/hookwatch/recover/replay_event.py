"""A parked event as it goes onto the bus again: the same one, with the moment of its replay in our own key. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hookwatch.ingest import payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.config import EventFormat
    from hookwatch.ingest.model import Envelope

REPLAYED_AT = "replayed_at"
CLAIM_CHECK = "claim_check"


def marked(envelope: Envelope, event_format: EventFormat, now_ms: int) -> Envelope:
    """The envelope with `hookwatch.replayed_at`; unchanged where the event does not have our key."""
    return with_mark(envelope, event_format, {REPLAYED_AT: now_ms})


def with_mark(envelope: Envelope, event_format: EventFormat, mark: Mapping[str, object]) -> Envelope:
    """The envelope with more in our own key; unchanged where the event does not have it.

    Only our own key is written anew. The payload behind it stays the text that it was, byte for byte.
    """
    top = payload.fields(envelope.detail)
    ours = payload.fields(bytes(top[payload.OUR_KEY])) if top and payload.OUR_KEY in top else None
    if top is None or ours is None or (event_format != "hookwatch" and CLAIM_CHECK not in ours):
        return envelope
    new = {**ours, **mark}
    # Our key stands in front, unless somebody edited the message by hand.
    old_head = f'{{"{payload.OUR_KEY}":{str(bytes(top[payload.OUR_KEY]), "utf-8")}'
    if envelope.detail.startswith(old_head):
        detail = f'{{"{payload.OUR_KEY}":{payload.encode(new)}{envelope.detail[len(old_head) :]}'
    else:
        detail = payload.with_key(envelope.detail, top, new)
    return replace(envelope, detail=detail, detail_bytes=None)
