"""Turns what the sandbox sees into entries of the ledger: events on the bus, and the functions' outcome lines.

Redeems claim checks as a consumer does, by `hookwatch.claims`, so that what is hashed is what a consumer would get.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chaos.ledger import Ledger, Line, Seen
from chaos.parcels import MARK, OURS, content_hash
from hookwatch import claims

if TYPE_CHECKING:
    from collections.abc import Mapping

DELIVERY = "delivery"
"""The message of a delivery's one line; other lines, such as those of the replay, are not outcomes of a delivery."""


class Witness:
    """Writes into a ledger."""

    def __init__(self, ledger: Ledger, s3: Any) -> None:
        """Write into this ledger; `s3` is a client that no fault strikes."""
        self._ledger = ledger
        self._s3 = s3

    def event(self, envelope: Mapping[str, Any]) -> None:
        """Take one event as a rule's target received it."""
        detail = envelope.get("detail")
        if not isinstance(detail, dict):
            self._ledger.cannot_read(f"an event without a detail: {str(envelope)[:200]}")
            return
        ours = detail.get(OURS) or {}
        claimed = "claim_check" in ours
        if claimed:
            try:
                detail = claims.resolve(envelope, self._s3)
            except claims.ClaimError as error:
                self._ledger.cannot_read(str(error))
                return
        mark = detail.get(MARK)
        if not isinstance(mark, str):
            self._ledger.cannot_read(f"an event that nobody sent: {envelope.get('resources')}")
            return
        self._ledger.on_the_bus(mark, Seen(content_hash(detail), "replayed_at" in ours, claimed))

    def line(self, text: str) -> None:
        """Take one line of a function's log."""
        if '"outcome"' not in text or not text.startswith("{"):
            return
        document = json.loads(text)
        if document.get("message") == DELIVERY:
            line = Line(document["outcome"], float(document.get("total_ms", 0.0)))
            self._ledger.said(document["function_request_id"], line)
