"""Sends parcels from many threads and writes every answer down. Never judges."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import urllib3

from chaos.ledger import Answer, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chaos.parcels import Parcel

PATIENCE_S = 60.0
"""Longer than either provider waits: a slow answer is to be measured, not cut off."""

REQUEST_ID = "x-amzn-requestid"

ONE_EACH = {"connection": "close"}
"""A connection for each request: a kept one that the server closes for idleness, just as the next request is on it,
looks like a delivery that was refused."""


class Senders:
    """So many threads that send at once."""

    def __init__(self, ledger: Ledger, threads: int) -> None:
        self._ledger = ledger
        self._threads = threads
        self._pool = urllib3.PoolManager(maxsize=threads, block=True, retries=False, timeout=PATIENCE_S)

    def send(self, parcels: Iterator[Parcel], count: int, phase: str, progress: Callable[[], None]) -> None:
        """Send the next `count` parcels and wait for their answers."""
        lock, left = threading.Lock(), [count]

        def take() -> Parcel | None:
            with lock:
                if not left[0]:
                    return None
                left[0] -= 1
                return next(parcels)

        def work() -> None:
            while (parcel := take()) is not None:
                self._ledger.answered(self._post(parcel, phase))
                progress()

        threads = [threading.Thread(target=work) for _ in range(self._threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Hang up."""
        self._pool.clear()

    def _post(self, parcel: Parcel, phase: str) -> Answer:
        request, begun_s = parcel.request, time.perf_counter()
        status, request_id, why = None, None, ""
        try:
            answer = self._pool.request("POST", request.url, body=request.body, headers={**request.headers, **ONE_EACH})
            status, request_id = answer.status, answer.headers.get(REQUEST_ID)
        except urllib3.exceptions.HTTPError as error:
            # No answer is an answer too: the provider keeps its copy.
            why = repr(error)
        return Answer(parcel, phase, status, request_id, (time.perf_counter() - begun_s) * 1000, why)
