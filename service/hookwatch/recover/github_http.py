"""One request to GitHub's API. Never raises for what network or GitHub do, never sends a token where others can read.

Paced by the limits, tried again where that is safe, and answered by a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from hookwatch import __version__
from hookwatch.recover.github_errors import UNAVAILABLE, UNREACHABLE, Heard, message_of, refusal
from hookwatch.recover.github_limits import server_time_s
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.github_auth import Auth
    from hookwatch.recover.github_limits import Limits

# The newest version that both clients we read know (githubkit 0.16.1, read 2026-11-22: older ones go on working).
API_VERSION = "2022-11-28"

CONNECT_LIMIT_S = 5.0
READ_LIMIT_S = 30.0
ATTEMPTS = 3
FAILING = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """A success.

    Attributes:
        headers: names in lower case.
        body: the body.
    """

    headers: Mapping[str, str]
    body: bytes


class Api(Protocol):
    """Something that answers requests to GitHub's API."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        what: str,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
    ) -> Answer | Problem:
        """Make one request."""


class Http:
    """GitHub's API at one address, as one somebody."""

    def __init__(self, url: str, auth: Auth, limits: Limits, clock: Callable[[], float]) -> None:
        """Make it; `github_connect.api_url` checks addresses.

        Args:
            url: the API's address without a slash at its end.
            auth: who we are.
            limits: when the next request may go.
            clock: this machine's clock, seconds since the epoch.
        """
        self.url = url
        self._auth = auth
        self._limits = limits
        self._clock = clock
        self._offset_s = 0.0
        self.requests = 0
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_LIMIT_S, read=READ_LIMIT_S),
            # A connection that failed can be made again; a POST without an answer may have been carried out. Limits are
            # ours to keep, so urllib3 must not sleep on Retry-After by itself.
            retries=urllib3.Retry(
                total=ATTEMPTS,
                redirect=ATTEMPTS,
                allowed_methods=frozenset({"GET"}),
                status_forcelist=FAILING,
                backoff_factor=0.2,
                respect_retry_after_header=False,
                raise_on_status=False,
            ),
        )

    @property
    def waited_s(self) -> float:
        """How long the limits were waited for, in seconds."""
        return self._limits.waited_s

    def now_s(self) -> float:
        """GitHub's clock as the last answer told it, seconds since the epoch: deliveries are stamped by it."""
        return self._clock() + self._offset_s

    def ask(
        self,
        method: str,
        path: str,
        *,
        what: str,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
    ) -> Answer | Problem:
        """Make one request, waiting for the limits before it and after a refusal by them.

        Args:
            method: GET, POST or PATCH.
            path: the path, beginning with a slash.
            what: what is asked for, for the sentence that says why it failed.
            query: parameters of the query.
            body: JSON.
        """
        url = f"{self.url}{path}{'?' + urlencode(query) if query else ''}"
        while True:
            problem = self._limits.before(method)
            if problem is not None:
                return problem
            heard = self._send(method, url, body, what)
            if isinstance(heard, Problem):
                return heard
            theirs_s = server_time_s(heard.headers)
            if theirs_s is not None:
                self._offset_s = theirs_s - self._clock()
            wait_s = self._limits.refused(heard.status, heard.headers, message_of(heard.body))
            if wait_s is not None:
                problem = self._limits.wait(wait_s)
                if problem is not None:
                    return problem
                continue
            refused = refusal(heard, what=what, is_app=self._auth.is_app, now_s=self._clock())
            return refused or Answer(heard.headers, heard.body)

    def _send(self, method: str, url: str, body: bytes | None, what: str) -> Heard | Problem:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": self._auth.header(self._clock()),
            "User-Agent": f"hookwatch/{__version__}",
            "X-GitHub-Api-Version": API_VERSION,
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.requests += 1
        try:
            response = self._pool.request(method, url, headers=headers, body=body)
        except HTTPError as error:
            return _unreachable(self.url, error, what, sent=method != "GET")
        return Heard(response.status, {name.lower(): text for name, text in response.headers.items()}, response.data)


def _unreachable(url: str, error: HTTPError, what: str, *, sent: bool) -> Problem:
    reason = error.reason if isinstance(error, MaxRetryError) else error
    match reason:
        case NameResolutionError():
            why = "its name is not found"
        case NewConnectionError():
            why = "it refuses the connection"
        case SSLError():
            why = "its certificate cannot be verified"
        case _:
            why = f"no answer ({type(reason).__name__})"
    connected = not isinstance(reason, NameResolutionError | NewConnectionError | SSLError)
    return Problem(
        f"GitHub's API at {url} does not answer the request for {what}: {why}",
        found=True,
        # A change without an answer may have been made all the same.
        code=UNAVAILABLE if sent and connected else UNREACHABLE,
    )
