"""The books of a chaos run: what was sent, what was answered, what is on the bus, and what that makes lost.

Pure: it counts what it is told, knows no sandbox and decides by the promises of README's "2xx means durable" alone.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos.parcels import Parcel

# The answer's budget, from DESIGN.md: GitHub hangs up at ten seconds, and what is slower than this has no reserve left.
ANSWER_WITHIN_MS = 8_000.0
SUCCESS = range(200, 300)
BY_LAMBDA = (429, 502)
"""What the sandbox answers itself, as Lambda does: no concurrency left; killed, timed out or never started."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request.

    Attributes:
        parcel: what was sent.
        phase: the phase in which it was sent.
        status: the HTTP status, None if there was no answer.
        request_id: Lambda's name for it, None if there was no answer.
        latency_ms: from sending to having the whole answer.
        why: the error in place of an answer.
    """

    parcel: Parcel
    phase: str
    status: int | None
    request_id: str | None
    latency_ms: float
    why: str = ""

    @property
    def taken(self) -> bool:
        """Whether the provider was told that it may forget the delivery."""
        return self.status in SUCCESS


@dataclass(frozen=True, slots=True)
class Seen:
    """One event on the bus: the hash of its content, and which way it came."""

    content: str
    replayed: bool
    claim_checked: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The one line of a delivery, as far as it is counted here."""

    outcome: str
    total_ms: float


@dataclass(slots=True)
class Ledger:
    """Everything that was seen; filled from several threads."""

    answers: list[Answer] = field(default_factory=list)
    events: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    unreadable: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, answer: Answer) -> None:
        """Note an answer."""
        with self._lock:
            self.answers.append(answer)

    def on_the_bus(self, mark: str, seen: Seen) -> None:
        """Note an event."""
        with self._lock:
            self.events[mark].append(seen)

    def said(self, request_id: str, line: Line) -> None:
        """Note an outcome line."""
        with self._lock:
            self.lines[request_id].append(line)

    def cannot_read(self, why: str) -> None:
        """Note an event on the bus that could not be turned back into what was sent."""
        with self._lock:
            self.unreadable.append(why)

    def settled(self) -> tuple[int, int]:
        """How much has been seen on the bus and in the log; a run is over when this stays the same."""
        with self._lock:
            return sum(map(len, self.events.values())), sum(map(len, self.lines.values()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the books say. Each list names deliveries, so that a failure can be looked up in the log.

    Attributes:
        lost: answered 2xx, and at least one of its events is not on the bus as it was sent.
        altered: an event with its mark is on the bus, and its content is another.
        believed: not from the provider, and yet answered 2xx or on the bus.
        unaccounted: answered by the function, and not exactly one outcome line for it.
        contradicted: answered 2xx by a function whose line says otherwise, or the other way round.
        broken: refused in a phase that promises to take everything genuine, for another reason than a missing key.
        slow: its outcome line says that it took longer than the budget.
        unreadable: claim checks that could not be redeemed, and events that nobody sent.
        numbers: the table: what is counted -> how many.
        refused: outcome, or Lambda's own answer -> how many.
        slowest_ms: the slowest answer by its outcome line.
        slowest_http_ms: the slowest answer as its sender saw it, waiting for a free copy included.
    """

    lost: tuple[str, ...]
    altered: tuple[str, ...]
    believed: tuple[str, ...]
    unaccounted: tuple[str, ...]
    contradicted: tuple[str, ...]
    broken: tuple[str, ...]
    slow: tuple[str, ...]
    unreadable: tuple[str, ...]
    numbers: Mapping[str, int]
    refused: Mapping[str, int]
    slowest_ms: float
    slowest_http_ms: float

    @property
    def faults(self) -> Mapping[str, tuple[str, ...]]:
        """What must be empty."""
        return {
            "lost": self.lost,
            "altered": self.altered,
            "believed though not from the provider": self.believed,
            "not exactly one outcome line": self.unaccounted,
            "answer and outcome line differ": self.contradicted,
            "refused although only the bus was ill": self.broken,
            "over the budget of 8 s": self.slow,
            "claim checks not redeemable": self.unreadable,
        }

    @property
    def ok(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.faults.values())


def judge(ledger: Ledger, promising: frozenset[str]) -> Verdict:
    """Settle the books.

    Args:
        ledger: everything that was seen.
        promising: the phases in which everything genuine must be answered 2xx, because safekeeping worked.
    """
    answers, lines, events = ledger.answers, ledger.lines, ledger.events
    outcome = {answer.request_id: _outcome(answer, lines) for answer in answers if answer.request_id}
    taken = [answer for answer in answers if answer.taken and answer.parcel.genuine]
    return Verdict(
        lost=tuple(_name(answer) for answer in taken if not _arrived(answer.parcel, events)),
        altered=tuple(
            f"{mark} ({_name(answer)})"
            for answer in answers
            for mark, content in answer.parcel.contents.items()
            if any(seen.content != content for seen in events.get(mark, ()))
        ),
        believed=tuple(
            _name(answer)
            for answer in answers
            if not answer.parcel.genuine and (answer.taken or any(mark in events for mark in answer.parcel.contents))
        ),
        unaccounted=tuple(_name(answer) for answer in answers if not _accounted(answer, lines)),
        contradicted=tuple(_name(answer) for answer in answers if _contradicts(answer, lines)),
        broken=tuple(
            _name(answer)
            for answer in answers
            if answer.phase in promising
            and answer.parcel.genuine
            and not answer.taken
            # Nothing can stand in for a key that could not be read in time: what cannot be verified is not kept.
            and outcome.get(answer.request_id) != "secret_unavailable"
        ),
        slow=tuple(
            _name(answer)
            for answer in answers
            for line in lines.get(answer.request_id or "", ())
            if line.total_ms > ANSWER_WITHIN_MS
        ),
        unreadable=tuple(ledger.unreadable),
        numbers=_numbers(answers, events, Counter(outcome.values())),
        refused=Counter(outcome.get(answer.request_id or "", "no answer") for answer in answers if not answer.taken),
        slowest_ms=max((line.total_ms for each in lines.values() for line in each), default=0.0),
        slowest_http_ms=max((answer.latency_ms for answer in answers), default=0.0),
    )


def _numbers(answers: list[Answer], events: Mapping[str, list[Seen]], outcomes: Mapping[str, int]) -> dict[str, int]:
    wanted = {mark for answer in answers if answer.taken and answer.parcel.genuine for mark in answer.parcel.contents}
    arrived = {mark for mark in wanted if events.get(mark)}
    return {
        "sent": len(answers),
        "answered 2xx": sum(answer.taken for answer in answers),
        "events that had to arrive": len(wanted),
        "of these on the bus": len(arrived),
        "parked": outcomes.get("parked", 0),
        "replayed onto the bus": sum(any(seen.replayed for seen in each) for each in events.values()),
        "claim-checked": sum(any(seen.claim_checked for seen in each) for each in events.values()),
        "answered as duplicate": outcomes.get("duplicate", 0),
        "events more than once on the bus": sum(len(each) > 1 for each in events.values()),
        "refused, and on the bus all the same": len(
            {mark for answer in answers if not answer.taken for mark in answer.parcel.contents if mark in events}
            - wanted
        ),
    }


def _arrived(parcel: Parcel, events: Mapping[str, list[Seen]]) -> bool:
    return all(
        any(seen.content == content for seen in events.get(mark, ())) for mark, content in parcel.contents.items()
    )


def _accounted(answer: Answer, lines: Mapping[str, list[Line]]) -> bool:
    """Whether a delivery has the one line that it must have; a killed process may have died before writing it."""
    if answer.request_id is None:
        return True
    count = len(lines.get(answer.request_id, ()))
    return count <= 1 if answer.status in BY_LAMBDA else count == 1


def _contradicts(answer: Answer, lines: Mapping[str, list[Line]]) -> bool:
    kept = {"accepted", "duplicate", "dropped", "parked", "claim_checked"}
    return answer.status not in (*BY_LAMBDA, None) and any(
        (line.outcome in kept) != answer.taken for line in lines.get(answer.request_id or "", ())
    )


def _outcome(answer: Answer, lines: Mapping[str, list[Line]]) -> str:
    if answer.status == 429:
        return "throttled (Lambda)"
    if answer.status == 502:
        return "killed (Lambda)"
    found = lines.get(answer.request_id or "", ())
    return found[0].outcome if found else "no line"


def _name(answer: Answer) -> str:
    came = answer.why if answer.status is None else answer.status
    return f"{answer.parcel.request.delivery_id} {answer.parcel.kind} [{answer.phase}] {came}"
