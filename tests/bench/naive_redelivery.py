"""The loop of the script in GitHub's documentation, written anew from its description, to be compared with. Not ours.

"Automatically redelivering failed deliveries" (GitHub documentation, read 2026-11-22): list every delivery since the
last run, a hundred a page; group by GUID; leave out a group if any of its deliveries is `OK`; redeliver one of every
other. Nothing is filtered, nothing is classified, nothing is paced, and an error ends it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NEXT = re.compile(r'<([^>]+)>; rel="next"')


@dataclass
class Naive:
    """One run.

    Attributes:
        requests: how many were made.
        asked: redeliveries that were accepted.
        error: what ended it early.
    """

    requests: int = 0
    asked: int = 0
    error: str = ""


def redeliver_all(url: str, token: str, since: datetime) -> Naive:
    """Redeliver everything that failed since a moment.

    Args:
        url: the address of the hook's deliveries.
        token: a token that may.
        since: when it ran last.
    """
    run, pool = Naive(), urllib3.PoolManager(retries=False)
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}

    def ask(method: str, address: str) -> urllib3.BaseHTTPResponse:
        run.requests += 1
        answer = pool.request(method, address, headers=headers)
        if answer.status >= 300:
            raise OSError(f"{answer.status} after {run.asked} redeliveries")
        return answer

    try:
        for group in _groups(url, since, ask):
            if not any(delivery["status"] == "OK" for delivery in group):
                ask("POST", f"{url}/{group[0]['id']}/attempts")
                run.asked += 1
    except OSError as error:
        run.error = str(error)
    return run


def _groups(url: str, since: datetime, ask: Callable[[str, str], Any]) -> Iterable[list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    address: str | None = f"{url}?per_page=100"
    while address is not None:
        answer = ask("GET", address)
        page = json.loads(answer.data)
        for delivery in page:
            groups.setdefault(delivery["guid"], []).append(delivery)
        oldest = datetime.fromisoformat(page[-1]["delivered_at"])
        link = _NEXT.search(answer.headers.get("link", ""))
        address = link[1] if link and oldest >= since else None
    return groups.values()
