"""Our own record of what arrived: the lines that the function wrote about its deliveries. Reads only.

An empty log proves nothing (the log group may be another, or its lines expired), so it is told apart from a log that
knows other deliveries and not this one.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html (read 2026-11-27)
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hookwatch.ingest import payload
from hookwatch.outcomes import ROWS
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from hookwatch.recover.loop_stop_aws import Account

MAX_PATTERN = 1024
"""Characters of a filter pattern (the same page)."""
MAX_PAGES = 200
"""Pages of one question; a page may be empty and still not be the last."""
BEFORE = timedelta(minutes=5)
"""A provider's clock and ours differ, and an alert is written after what it tells of."""

DURABLE = frozenset(outcome.value for outcome, row in ROWS.items() if row.status < 300)  # noqa: PLR2004 - 2xx is durable

_ANY = '{ $.message = "delivery" }'


class LogRecord:
    """The log of one function."""

    def __init__(self, account: Account, log_group: str) -> None:
        """Make it.

        Args:
            account: where the log is.
            log_group: its name.
        """
        self._account = account
        self._log_group = log_group

    def arrived(
        self, ids: Iterable[str], since: datetime, until: datetime, numberless: frozenset[str] = frozenset()
    ) -> frozenset[str] | Problem:
        """Which of these deliveries the log knows as durable; a `Problem` where it cannot tell.

        Args:
            ids: delivery ids.
            since: when the first of them was sent.
            until: until when to look.
            numberless: those of them that a number may follow in the log, after a colon.
        """
        wanted = sorted(set(ids))
        if not wanted:
            return frozenset()
        anything = self._lines(_ANY, since, until, enough=1)
        if isinstance(anything, Problem):
            return anything
        if not anything:
            return Problem(f"the log group {self._log_group} knows no delivery of that time at all", found=True)
        found: set[str] = set()
        for pattern in _patterns([f"{each}*" if each in numberless else each for each in wanted]):
            lines = self._lines(pattern, since, until)
            if isinstance(lines, Problem):
                return lines
            found.update(_durable(lines))
        found.update([head for each in found if (head := each.rpartition(":")[0]) in numberless])
        return frozenset(found) & frozenset(wanted)

    def _lines(self, pattern: str, since: datetime, until: datetime, enough: int = 0) -> list[str] | Problem:
        """The lines that match; no more pages than needed for `enough` of them, if that is not 0."""
        lines: list[str] = []
        token: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            answer = self._account.ask(
                "logs",
                "filter_log_events",
                logGroupName=self._log_group,
                startTime=_ms(since - BEFORE),
                endTime=_ms(until) + 1,
                filterPattern=pattern,
                **token,
            )
            if isinstance(answer, Problem):
                return answer
            lines += [each["message"] for each in answer.get("events", [])]
            if "nextToken" not in answer or 0 < enough <= len(lines):
                return lines
            token = {"nextToken": answer["nextToken"]}
        return Problem(f"the log group {self._log_group} is too large to be searched here: ask for less with --since")


def _patterns(ids: Sequence[str]) -> Iterator[str]:
    """As few patterns as hold all ids. An id is checked where it is made: none can end a string, or holds a `*`."""
    head, tail = '{ $.message = "delivery" && (', ") }"
    terms: list[str] = []
    for each in ids:
        term = f'$.delivery_id = "{each}"'
        if terms and len(head) + len(" || ".join([*terms, term])) + len(tail) > MAX_PATTERN:
            yield f"{head}{' || '.join(terms)}{tail}"
            terms = []
        terms.append(term)
    yield f"{head}{' || '.join(terms)}{tail}"


def _durable(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        top = payload.fields(line) or {}
        delivery_id = payload.string(top.get("delivery_id"))
        if delivery_id and payload.string(top.get("outcome")) in DURABLE:
            yield delivery_id


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
