"""Sends many webhooks over kept connections and notes every answer. Never signs, never judges and never prints.

It asks only the URL that it is given: redirects are not followed and nothing is tried twice, because a provider's own
first try is what is being measured.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookwatch.sender.examples import ProviderName
    from hookwatch.sender.request import OutgoingRequest

# How long each provider waits for an answer, in seconds: whoever is slower has failed the delivery.
# https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries and
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (both read 2026-11-22).
PATIENCE_S: dict[ProviderName, float] = {"github": 10.0, "twilio": 15.0}

# The same overrides page: Twilio gives a connection 5 s; GitHub publishes no number of its own.
CONNECT_S = 5.0

# An answer longer than this is none of ours; what it says is not worth the memory.
_MAX_ANSWER_BYTES = 65_536

_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one request.

    Attributes:
        delivery_id: which request.
        status: the HTTP status, None if there was no answer.
        outcome: the outcome that the answer names, `twiml` for an empty TwiML document, None if it names none.
        error: why there was no answer, None if there was one.
        latency_ms: from sending to having the whole answer.
        answer: the answer's text, shortened.
    """

    delivery_id: str
    status: int | None
    outcome: str | None
    error: str | None
    latency_ms: float
    answer: str = ""


class Load:
    """A run of requests that can be watched and stopped."""

    def __init__(self, make: Callable[[], OutgoingRequest], *, count: int, concurrency: int, patience_s: float) -> None:
        """Make a run; nothing is sent before `replies` is iterated.

        Args:
            make: makes one request; called once for each, from several threads.
            count: how many requests.
            concurrency: how many at once.
            patience_s: how long an answer may take.
        """
        self._make = make
        self._count = count
        self._tickets = itertools.count()
        self._threads = min(count, concurrency)
        self._replies: SimpleQueue[Reply] = SimpleQueue()
        self._stopped = threading.Event()
        self._pool = urllib3.PoolManager(
            maxsize=self._threads,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=min(CONNECT_S, patience_s), total=patience_s),
        )

    def replies(self) -> Iterator[Reply]:
        """Send everything and yield each reply as it comes. Stops early after `stop`."""
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self._threads)]
        for worker in workers:
            worker.start()
        try:
            # Polled, because a wait without an end would not let Ctrl-C through.
            while any(worker.is_alive() for worker in workers):
                try:
                    yield self._replies.get(timeout=_POLL_S)
                except Empty:
                    continue
            yield from self._rest()
        finally:
            self.stop()
            self._pool.clear()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped.set()

    def _rest(self) -> Iterator[Reply]:
        while not self._replies.empty():
            yield self._replies.get()

    def _work(self) -> None:
        while not self._stopped.is_set() and next(self._tickets) < self._count:
            self._replies.put(post(self._pool, self._make()))


def post(pool: urllib3.PoolManager, request: OutgoingRequest) -> Reply:
    """Send one request; a failed connection is a reply too."""
    start = time.perf_counter()
    try:
        response = pool.request(
            "POST", request.url, body=request.body, headers=request.headers, redirect=False, preload_content=False
        )
        try:
            text = response.read(_MAX_ANSWER_BYTES, decode_content=True).decode("utf-8", "replace")
            response.drain_conn()
        finally:
            response.release_conn()
    except (HTTPError, OSError, ValueError) as error:
        return Reply(request.delivery_id, None, None, _why(error), _elapsed_ms(start))
    latency_ms = _elapsed_ms(start)
    return Reply(request.delivery_id, response.status, _outcome(text), None, latency_ms, text[:500])


def _elapsed_ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _outcome(text: str) -> str | None:
    if text.startswith("<?xml") and "<Response" in text:
        return "twiml"
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    outcome = answer.get("outcome") if isinstance(answer, dict) else None
    return outcome if isinstance(outcome, str) else None


def _why(error: Exception) -> str:
    match error:
        case NameResolutionError():
            return "host name not found"
        case NewConnectionError():
            return "connection refused or host unreachable"
        case ConnectTimeoutError():
            return "connecting timed out"
        case ReadTimeoutError():
            return "timed out"
        case SSLError():
            return "TLS failed"
        case _:
            return f"connection failed ({type(error).__name__})"
