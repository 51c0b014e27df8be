"""The fake GitHub's state: hooks and their deliveries, newest kept last. Sends for real; never listens itself.

A redelivery is a new record with the guid of the first; one event has one guid at every hook that hears of it; after
three days a delivery is gone. "Redelivering webhooks" and "Viewing webhook deliveries" (GitHub documentation, read
2026-11-22).
"""

from __future__ import annotations

import threading
import time
import uuid
from bisect import bisect_left
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING

from hookwatch.sandbox.github_api_auth import Guests
from hookwatch.sandbox.github_api_limits import FakeLimits
from hookwatch.sandbox.github_api_model import Event, FakeHook, Grant, Posted, Record, request_headers
from hookwatch.sandbox.github_api_post import body_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RETENTION_S = 3 * 86_400.0
SENDERS = 8


class FakeGitHub:
    """Everything that one fake GitHub knows.

    Attributes:
        hooks: by id.
        repositories: full name -> id.
        guests: who is let in.
        limits: who asks too much.
        retention_s: how long a delivery is kept.
        sending: redeliveries wait until it is set: GitHub's may take minutes.
        attempts: (hook id, delivery id) of every redelivery that was asked for, in order.
        page_of: the most a page holds, whatever was asked for: less than asked is a short page with a next one.
        repeats: how many deliveries of the page before come again at the head of a page.
        on_page: called after each page of deliveries: something may happen on GitHub while somebody turns pages.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        deliver: Callable[[FakeHook, dict[str, str], bytes], Posted] = post,
    ) -> None:
        """Make an empty one.

        Args:
            clock: seconds since the epoch.
            deliver: how a hook's URL is asked; the default really asks it.
        """
        self.clock = clock
        self.hooks: dict[int, FakeHook] = {}
        self.repositories: dict[str, int] = {}
        self.guests = Guests(clock)
        self.limits = FakeLimits(clock)
        self.retention_s = RETENTION_S
        self.sending = threading.Event()
        self.sending.set()
        self.attempts: list[tuple[int, int]] = []
        self.page_of = 100
        self.repeats = 0
        self.on_page: Callable[[], None] = lambda: None
        self._deliver = deliver
        self._records: dict[int, list[Record]] = {}
        self._next_id = 1_000_000
        self._lock = threading.Lock()
        self._under_way: set[Future[Record]] = set()
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="fake-github")

    def close(self) -> None:
        """Send nothing more; what is under way ends."""
        self.sending.set()
        self._senders.shutdown(cancel_futures=True)

    def settle(self) -> None:
        """Wait until everything that was asked for has been sent and recorded."""
        wait(tuple(self._under_way))

    def add_hook(self, hook: FakeHook) -> FakeHook:
        """Add a hook; its repository comes to exist with it."""
        self.hooks[hook.id] = hook
        self._records.setdefault(hook.id, [])
        if hook.kind == "repository":
            self.repositories.setdefault(hook.owner, hook.target_id)
        return hook

    def add_token(self, token: str, *owners: str, may_write: bool = True, may_read: bool = True) -> None:
        """Let a token see the hooks of some repositories and organizations."""
        self.guests.tokens[token] = Grant(frozenset(owners), may_write, may_read)

    def record(
        self, hook: FakeHook, event: Event, posted: Posted, *, age_s: float = 0.0, redelivery: bool = False
    ) -> Record:
        """Keep a delivery without sending anything; older ones must be recorded first."""
        headers = request_headers(hook, event, body_of(hook, event.payload))
        return self._keep(hook, Record(0, event, self.clock() - age_s, posted, redelivery, hook.url, headers))

    def emit(self, hooks: Iterable[FakeHook], event: Event) -> list[Record]:
        """Something happened: deliver it to each of these hooks that is active and subscribed, now."""
        heard = [each for each in hooks if each.active and ("*" in each.events or event.name in each.events)]
        return [self._send(hook, event, redelivery=False) for hook in heard]

    def ping(self, hook: FakeHook) -> None:
        """Send a ping in the background."""
        payload = f'{{"zen":"Keep it logically awesome.","hook_id":{hook.id},"hook":{{"type":"Repository"}}}}'
        event = Event(str(uuid.uuid4()), "ping", None, payload.encode(), hook.target_id)
        self._later(hook, event, redelivery=False)

    def attempt(self, hook: FakeHook, record: Record) -> Future[Record]:
        """Deliver again, in the background, signed with the secret that the hook has by then."""
        self.attempts.append((hook.id, record.id))
        return self._later(hook, record.event, redelivery=True)

    def kept(self, hook: FakeHook) -> list[Record]:
        """All deliveries that have not expired, oldest first."""
        oldest_s = self.clock() - self.retention_s
        with self._lock:
            return [each for each in self._records[hook.id] if each.delivered_at_s >= oldest_s]

    def find(self, hook: FakeHook, delivery_id: int) -> Record | None:
        """One delivery, if it is there still."""
        with self._lock:
            records = self._records[hook.id]
            at = bisect_left(records, delivery_id, key=lambda each: each.id)
        found = records[at] if at < len(records) and records[at].id == delivery_id else None
        return found if found and found.delivered_at_s >= self.clock() - self.retention_s else None

    def page(self, hook: FakeHook, size: int, before: int | None, wanted: Callable[[Record], bool]) -> list[Record]:
        """The newest deliveries that are older than the one with this id.

        Args:
            hook: whose.
            size: how many at most.
            before: an id; None for the very newest.
            wanted: the server's own filter.
        """
        records = self.kept(hook)
        end = len(records)
        if before is not None:
            end = bisect_left(records, before, key=lambda each: each.id)
            end = min(len(records), end + self.repeats)
        chosen: list[Record] = []
        while end > 0 and len(chosen) < min(size, self.page_of) + (self.repeats if before is not None else 0):
            end -= 1
            if wanted(records[end]):
                chosen.append(records[end])
        return chosen

    def _later(self, hook: FakeHook, event: Event, *, redelivery: bool) -> Future[Record]:
        def work() -> Record:
            self.sending.wait()
            return self._send(hook, event, redelivery=redelivery)

        sent = self._senders.submit(work)
        self._under_way.add(sent)
        sent.add_done_callback(self._under_way.discard)
        return sent

    def _send(self, hook: FakeHook, event: Event, *, redelivery: bool) -> Record:
        body = body_of(hook, event.payload)
        headers = request_headers(hook, event, body)
        posted = self._deliver(hook, headers, body)
        return self._keep(hook, Record(0, event, self.clock(), posted, redelivery, hook.url, headers))

    def _keep(self, hook: FakeHook, record: Record) -> Record:
        with self._lock:
            self._next_id += 1
            record = replace(record, id=self._next_id)
            self._records[hook.id].append(record)
        return record
