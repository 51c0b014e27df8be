"""Why a webhook of Twilio's failed, and whether sending it again can help. Pure: reads codes, asks nobody.

Twilio says a code and the HTTP status that it saw; our own answers decide what a status means (hookwatch.outcomes).
https://www.twilio.com/docs/api/errors (the codes' own pages, read 2026-11-22)
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hookwatch.outcomes import Outcome
from hookwatch.recover.cure import Cure

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a webhook failed.

    Attributes:
        name: one word.
        cure: what brings it back.
        sentence: what it means and what to do.
        unsure: whether the function may have taken it all the same.
        publish: whether publishing it from here can help where sending it again cannot.
    """

    name: str
    cure: Cure
    sentence: str
    unsure: bool = False
    publish: bool = True


_SERVER_ERROR = Cause("server_error", Cure.RETRY, "our side failed; sending it again is a new chance")
_THROTTLED = Cause("throttled", Cure.RETRY, "no free concurrency: the function never ran")
_NOT_CONNECTED = Cause("not_connected", Cure.RETRY, "Twilio could not connect to the URL")
_TIMED_OUT = Cause("timed_out", Cure.RETRY, "Twilio gave up waiting; the function may have gone on", unsure=True)
_BROKEN_OFF = Cause("broken_off", Cure.RETRY, "the answer was no whole answer; the event may be there", unsure=True)
_UNKNOWN = Cause("unknown", Cure.RETRY, "failed for a reason that Twilio does not tell", unsure=True)
_UNAUTHORIZED = Cause(
    "unauthorized",
    Cure.FIX,
    "the signature did not verify: account and stack have different tokens (runbooks/secret-out-of-sync.md)",
)
_FORBIDDEN = Cause(
    "forbidden",
    Cure.FIX,
    "Lambda refused it: the Function URL lacks one of its two permissions; deploy the stack again",
)
_WRONG_URL = Cause("wrong_url", Cure.FIX, "the URL cannot be asked: mend it at Twilio, it will fail again otherwise")
_TLS = Cause("certificate", Cure.FIX, "the certificate does not verify: renew it first")
_OVERRIDES = Cause("overrides", Cure.FIX, "the URL's overrides are refused: see hookwatch overrides lint")
_REFUSED = Cause("refused", Cure.FIX, "refused with a status that none of ours is: something else answers at that URL")
_MALFORMED = Cause(
    "malformed",
    Cure.NEVER,
    "verified, and yet no webhook that we know: the same bytes are refused again",
    publish=False,
)
_TOO_LARGE = Cause("too_large", Cure.FIX, "over the bus's limit: deploy the stack with its claim-check bucket")
_ANSWERED = Cause(
    "answered",
    Cure.NEVER,
    "answered with success, only not as Twilio likes it: the event is there",
    publish=False,
)

BY_CODE: Mapping[int, Cause | None] = MappingProxyType(
    {
        11100: _WRONG_URL,
        11200: None,
        11201: _NOT_CONNECTED,
        11202: _NOT_CONNECTED,
        11203: _TIMED_OUT,
        11205: _TIMED_OUT,
        11206: _BROKEN_OFF,
        11210: _WRONG_URL,
        11215: _WRONG_URL,
        11220: _TLS,
        11235: _TLS,
        11236: _TLS,
        11237: _TLS,
        11240: _OVERRIDES,
        11241: _OVERRIDES,
        11242: _OVERRIDES,
        11243: _OVERRIDES,
        11251: _BROKEN_OFF,
        11321: _WRONG_URL,
        11750: _ANSWERED,
        11770: _BROKEN_OFF,
        12100: _ANSWERED,
        12200: _ANSWERED,
        12300: _ANSWERED,
        12400: _UNKNOWN,
        15003: None,
        16011: None,
        57012: _UNAUTHORIZED,
    }
)
"""Twilio's codes of failed webhooks -> the cause; None where the HTTP status decides."""

# 502 is what Lambda answers for a killed function, and what Twilio writes where nobody answered at all.
_BY_STATUS: Mapping[int, Cause] = MappingProxyType(
    {
        400: _MALFORMED,
        401: _UNAUTHORIZED,
        403: _FORBIDDEN,
        404: _WRONG_URL,
        405: _WRONG_URL,
        410: _WRONG_URL,
        408: _TIMED_OUT,
        413: _TOO_LARGE,
        429: _THROTTLED,
        502: Cause("no_answer", Cure.RETRY, "the function was ended, or nobody answered", unsure=True),
        504: _TIMED_OUT,
    }
)
# A crash may have come after the event was on the bus; every other failure of ours is told before anything is there.
_BY_OUTCOME: Mapping[str, Cause] = MappingProxyType(
    {
        Outcome.MALFORMED.value: _MALFORMED,
        Outcome.UNSIGNED.value: _UNAUTHORIZED,
        Outcome.BAD_SIGNATURE.value: _UNAUTHORIZED,
        Outcome.TOO_LARGE.value: _TOO_LARGE,
        Outcome.SECRET_UNAVAILABLE.value: _SERVER_ERROR,
        Outcome.PUBLISH_THROTTLED.value: _SERVER_ERROR,
        Outcome.PUBLISH_FAILED.value: _SERVER_ERROR,
        Outcome.CRASHED.value: Cause("crashed", Cure.RETRY, "the function crashed; is the bug mended?", unsure=True),
    }
)
_SUCCESS, _REDIRECT, _CLIENT_ERROR, _SERVER = range(200, 300), range(300, 400), range(400, 500), range(500, 600)


def cause_of(code: int, status: int | None, outcome: str = "") -> Cause:
    """Why a webhook failed; what our own answer says counts more than what Twilio makes of it.

    Args:
        code: Twilio's error code.
        status: the HTTP status that Twilio saw; None where it does not say.
        outcome: the outcome that our answer named; empty where it named none.
    """
    if outcome in _BY_OUTCOME:
        return _BY_OUTCOME[outcome]
    known = BY_CODE.get(code)
    if known is not None:
        return known
    if status is None:
        return _UNKNOWN
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status in _SERVER:
        return _SERVER_ERROR
    if status in _SUCCESS:
        return _ANSWERED
    if status in _REDIRECT:
        return _WRONG_URL
    return _REFUSED if status in _CLIENT_ERROR else _UNKNOWN
