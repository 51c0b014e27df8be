"""Sends lost webhooks to the function again, signed as Twilio signs. Never faster than its pace, never one twice.

The signature is made with the token that the function verifies with. What it answers with 2xx is durable: that is what
2xx means here (DESIGN.md, tenet 4).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import urllib3

from hookwatch.outcomes import Outcome
from hookwatch.recover.twilio_history import ASKED, FAILED, RELEASED, SENT
from hookwatch.sender.examples import Example
from hookwatch.sender.load import CONNECT_S, PATIENCE_S, post
from hookwatch.sender.request import twilio_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookwatch.recover.problem import Problem
    from hookwatch.recover.twilio_lost import Lost
    from hookwatch.recover.twilio_plan import Item

EVERY_S = 0.1
"""Between two webhooks: the default of ten copies of the function takes a hundred a second, and others send too."""
ATTEMPTS = 4
FIRST_BACKOFF_S = 1.0
ENOUGH = 3
"""So many in a row that fail alike mean that the rest would too, unless what fails is each of them by itself."""
BRAKE_EVERY = 25
"""Webhooks between two looks at the loop alarm, as for GitHub: a few seconds, and its shortest period is a minute."""
THROTTLED, SERVER_ERROR = 429, 500
SUCCESS, REDIRECT = range(200, 300), range(300, 400)
OF_THIS_ONE = frozenset({400, 413})
"""Statuses that we answer to what is in a webhook; every other is one of the token, the URL or our side."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one webhook that was sent or published.

    Attributes:
        ok: whether it is durable.
        says: what was answered.
        sure: whether it is known that nothing arrived, where it is not ok.
        alone: whether that is because of what is in this webhook, and says nothing of the others.
    """

    ok: bool
    says: str
    sure: bool = True
    alone: bool = False

    @property
    def word(self) -> str:
        """What the journal says of it; empty where nothing is known."""
        if self.ok:
            return SENT
        if not self.sure:
            return ""
        return FAILED if self.alone else RELEASED


class Way(Protocol):
    """How a lost webhook is brought back.

    Attributes:
        word: what the journal says before.
    """

    word: str

    def bring(self, lost: Lost) -> Answer:
        """Bring one back."""


class Journal(Protocol):
    """Where a run writes what it does."""

    def write(self, delivery_id: str, what: str) -> None:
        """Write one line."""


@dataclass(frozen=True, slots=True)
class Brought:
    """How one ended: the item, the answer, and whether it was left because the run stopped."""

    item: Item
    answer: Answer | None
    why: str = ""


class Sender:
    """Posts webhooks."""

    word = ASKED

    def __init__(self, token: str, sleep: Callable[[float], None] = time.sleep) -> None:
        """Make it.

        Args:
            token: the auth token that the function verifies with.
            sleep: waits so many seconds.
        """
        self._token = token
        self._sleep = sleep
        patience_s = PATIENCE_S["twilio"]
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=CONNECT_S, total=patience_s))

    def bring(self, lost: Lost) -> Answer:
        """Send one, again while the function has no free copy or its side fails."""
        backoff_s = FIRST_BACKOFF_S
        for _ in range(ATTEMPTS - 1):
            answer, again = self._once(lost)
            if not again:
                return answer
            self._sleep(backoff_s)
            backoff_s *= 2
        return self._once(lost)[0]

    def _once(self, lost: Lost) -> tuple[Answer, bool]:
        request = twilio_request(lost.url, Example("twilio", lost.kind, lost.form), self._token)
        reply = post(self._pool, request)
        if reply.status is None:
            refused = "refused" in (reply.error or "") or "not found" in (reply.error or "")
            return Answer(False, reply.error or "no answer", sure=refused), refused
        if reply.status in SUCCESS:
            return Answer(True, str(reply.status)), False
        # Whoever answers with a redirect took nothing, and is not followed: the signature is over this URL.
        what = "redirect" if reply.status in REDIRECT else reply.outcome or ""
        says = f"{reply.status} {what}".strip()
        # Lambda's 502 is a function that was ended at its timeout: what it did until then is not known. A crash may
        # have come after the event was on the bus.
        crashed = reply.outcome == Outcome.CRASHED.value
        sure = not crashed and (reply.outcome is not None or reply.status < SERVER_ERROR)
        answer = Answer(False, says, sure, alone=crashed or reply.status in OF_THIS_ONE)
        return answer, sure and (reply.status == THROTTLED or reply.status >= SERVER_ERROR)


def run(
    items: Sequence[Item],
    way: Way,
    journal: Journal,
    brake: Callable[[], Problem | None],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Brought]:
    """Bring back one after the other; yields how each ended.

    Args:
        items: what, in this order.
        way: how.
        journal: where it is written down before and after.
        brake: says why to stop; asked before the first and then every `BRAKE_EVERY`.
        sleep: waits so many seconds.
    """
    stopped = ""
    alike: list[str] = []
    for number, item in enumerate(items):
        if not stopped and number % BRAKE_EVERY == 0 and (problem := brake()) is not None:
            stopped = f"stopped: {problem.message}"
        if stopped:
            yield Brought(item, None, stopped)
            continue
        if number:
            sleep(EVERY_S)
        journal.write(item.lost.delivery_id, way.word)
        answer = way.bring(item.lost)
        if answer.word:
            journal.write(item.lost.delivery_id, answer.word)
        alike = [] if answer.ok or answer.alone else [*(each for each in alike if each == answer.says), answer.says]
        if len(alike) >= ENOUGH:
            stopped = f"stopped: {ENOUGH} in a row ended with {answer.says}"
        yield Brought(item, answer)
