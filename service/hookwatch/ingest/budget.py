"""How the time to answer is divided. Nothing but numbers, and how to add them up.

GitHub hangs up after 10 s and Lambda ends the function after 9, so an answer takes less than 8 in every combination of
slow parts (`publish.ANSWER_WITHIN_S`). What can be bounded is one attempt of a call: the time to connect to an address
and the longest silence. One that took longer all the same is not begun again with less time left than it took. Each
step begins only if there is time for one attempt of it and of whatever must come after it:

    secret      up to 4.0   two calls of 2.0; the only step that nothing can do without
    table       up to 0.6   only with Deduplicate, and only if parking could still follow
    bucket      up to 1.8   only for what the bus or SQS cannot hold, and only if the queue could still follow
    bus         up to 3.0   an attempt; begun only if parking could still follow, tried again while that holds
    queue       up to 1.2   the last resort
    table       up to 0.6   afterwards, if there is time; without it a redelivery is published twice, not lost

Even the slowest secret, table, bucket and queue together leave 0.4 s: 4.0 + 0.6 + 1.8 + 1.2 = 7.6. The bus is then not
asked at all, and the event is parked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.ingest import payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.ingest.model import Envelope

QUEUE_CONNECT_S, QUEUE_READ_S = 0.4, 0.8
BUCKET_CONNECT_S, BUCKET_READ_S = 0.5, 1.3
TABLE_CONNECT_S, TABLE_READ_S = 0.25, 0.35

# What one attempt takes at most.
QUEUE_S = QUEUE_CONNECT_S + QUEUE_READ_S
BUCKET_S = BUCKET_CONNECT_S + BUCKET_READ_S
TABLE_S = TABLE_CONNECT_S + TABLE_READ_S

# The largest message that SQS takes, attributes and all; ours have none.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (read 2026-11-27)
MAX_MESSAGE_BYTES = 1_048_576
# More than all fields of a parked message but its detail.
MESSAGE_HEAD_BYTES = 8_192


def parking_s(envelopes: Sequence[Envelope], *, has_bucket: bool) -> float:
    """How long parking these takes at most, the first attempt of it."""
    return QUEUE_S + (BUCKET_S if has_bucket and any(needs_bucket(envelope) for envelope in envelopes) else 0.0)


def needs_bucket(envelope: Envelope) -> bool:
    """Whether SQS can hold this event only by reference."""
    size = envelope.detail_bytes
    if size is None:
        size = payload.utf8_length((envelope.detail,))
    # The two characters that JSON has and SQS refuses. Looking costs nothing in a text without any of their kind.
    return size + MESSAGE_HEAD_BYTES > MAX_MESSAGE_BYTES or "\ufffe" in envelope.detail or "\uffff" in envelope.detail
