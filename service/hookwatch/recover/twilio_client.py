"""One Twilio account, as the commands see it: every call ends in an answer or in a `Problem`, never in an exception.

Never decides what to call, and never shows a credential. twilio-python is the client; what it raises is judged here.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.twilio_http import VARIABLE, TwilioHttp, wrong_base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

# https://www.twilio.com/docs/api/errors/20429 (read 2026-11-22): exponential back-off is asked for; no limit is named.
TOO_MANY_REQUESTS = "429"
ATTEMPTS = 6
FIRST_BACKOFF_S = 1.0

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_KEY = re.compile(r"SK[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs in.

    Attributes:
        account_sid: whose account.
        username: the account's SID or an API key's.
        password: the auth token or the key's secret.
        base_url: where calls go instead of to Twilio; empty: to Twilio.
    """

    account_sid: str
    username: str
    password: str = field(repr=False)
    base_url: str = ""


class TwilioAccount:
    """One account."""

    def __init__(self, account_sid: str, client: Any, sleep: Callable[[float], None] = time.sleep) -> None:
        """Make it.

        Args:
            account_sid: whose account.
            client: twilio-python's client.
            sleep: waits so many seconds.
        """
        self.account_sid = account_sid
        self._client = client
        self._sleep = sleep

    def ask(self, what: str, call: Callable[[Any], T]) -> T | Problem:
        """Make one call, again while Twilio says that it is too much at once.

        Args:
            what: what it is, as the end of "not allowed to ...".
            call: makes it with twilio-python's client.
        """
        backoff_s = FIRST_BACKOFF_S
        for attempt in range(ATTEMPTS):
            try:
                return call(self._client)
            except (TwilioException, OSError, ValueError) as error:
                problem = _judged(what, error)
                if problem.code != TOO_MANY_REQUESTS or attempt == ATTEMPTS - 1:
                    return problem
            self._sleep(backoff_s)
            backoff_s *= 2
        raise AssertionError("the last attempt returns")


def credentials(environ: Mapping[str, str]) -> Credentials | Problem:
    """The credentials of an environment."""
    account = environ.get("TWILIO_ACCOUNT_SID", "").strip()
    if not _ACCOUNT.fullmatch(account):
        return Problem("which Twilio account? Set TWILIO_ACCOUNT_SID: AC and 32 hexadecimal digits")
    base_url = environ.get(VARIABLE, "").strip()
    refused = wrong_base(base_url) if base_url else None
    if refused is not None:
        return Problem(refused)
    key, secret = environ.get("TWILIO_API_KEY", "").strip(), environ.get("TWILIO_API_SECRET", "").strip()
    token = environ.get("TWILIO_AUTH_TOKEN", "").strip()
    if key or secret:
        if not (_KEY.fullmatch(key) and secret):
            return Problem("set TWILIO_API_KEY (SK and 32 hexadecimal digits) and TWILIO_API_SECRET, or neither")
        return Credentials(account, key, secret, base_url)
    if not token:
        return Problem("no Twilio credentials: set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_AUTH_TOKEN")
    return Credentials(account, account, token, base_url)


def twilio_account(environ: Mapping[str, str] | None = None) -> TwilioAccount | Problem:
    """The account that an environment gives access to; no call is made."""
    environ = os.environ if environ is None else environ
    found = credentials(environ)
    if isinstance(found, Problem):
        return found
    client = Client(found.username, found.password, found.account_sid, http_client=TwilioHttp(found.base_url))
    return TwilioAccount(found.account_sid, client)


def _judged(what: str, error: Exception) -> Problem:
    """An exception as a sentence. Its own text is not passed on where it could hold a URL with parameters."""
    if isinstance(error, OSError):
        # All that `requests` raises: no name, no connection, no TLS, no answer.
        why = "does not answer in time" if "Timeout" in type(error).__name__ else "cannot be reached"
        return Problem(f"Twilio {why} ({type(error).__name__}): was to {what}", code="unreachable")
    if isinstance(error, ValueError):
        return Problem(f"what answered is not Twilio's API: was to {what}", code="unreachable")
    status, code, said = _status(error)
    match status:
        case 401:
            return Problem(
                "Twilio does not take these credentials (20003): is the key one of the account TWILIO_ACCOUNT_SID, and "
                "was the auth token not rotated?",
                code="401",
            )
        case 403:
            return Problem(f"not allowed to {what}: a restricted API key needs this permission (20403)", code="403")
        case 404:
            return Problem(f"Twilio knows nothing here: was to {what} (20404)", found=True, code="404")
        case 429:
            return Problem(
                f"Twilio says too many requests (20429): run this again in some minutes, was to {what}", code="429"
            )
        case _:
            return Problem(f"Twilio refuses to {what} ({status}, error {code}): {said}", code=str(status))


def _status(error: Exception) -> tuple[int, int | None, str]:
    """HTTP status, Twilio's code and its text. A page that fails comes as an exception around the bare response."""
    if isinstance(error, TwilioRestException):
        return error.status, error.code, str(error.msg)
    status = getattr(error, "status", None)
    if status is None and len(error.args) > 1:
        status = getattr(error.args[1], "status_code", None)
    return status or 0, getattr(error, "code", None), str(getattr(error, "title", None) or error.args[:1] or "")
