"""Why a delivery failed, and whether delivering it again can help. Pure: reads a status, asks nobody.

Our own answers decide (hookwatch.outcomes, ROWS and SIGNALS); what GitHub itself writes where nobody answered is text
such as `timed out` (its deliveries page, read 2026-11-22), with a `status_code` that is documented nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.cure import Cure

if TYPE_CHECKING:
    from hookwatch.recover.github_model import Delivery


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a delivery failed.

    Attributes:
        name: one word, also for --status.
        cure: what brings it back.
        sentence: what it means and what to do.
        reinject: whether publishing the payload from here can help where a redelivery cannot.
    """

    name: str
    cure: Cure
    sentence: str
    reinject: bool = True


_SERVER_ERROR = Cause("server_error", Cure.RETRY, "our side failed; a redelivery is a new chance")
_THROTTLED = Cause("throttled", Cure.RETRY, "no free concurrency: the function never ran")
_TIMED_OUT = Cause("timed_out", Cure.RETRY, "no answer within ten seconds")
_NOT_CONNECTED = Cause("not_connected", Cure.RETRY, "GitHub could not connect to the hook's URL")
_CERTIFICATE = Cause("certificate", Cure.FIX, "the certificate of the hook's URL does not verify: renew it first")
_UNAUTHORIZED = Cause(
    "unauthorized",
    Cure.FIX,
    "the signature did not verify: hook and stack have different secrets (runbooks/secret-out-of-sync.md)",
)
_FORBIDDEN = Cause(
    "forbidden",
    Cure.FIX,
    "Lambda refused it: the Function URL lacks one of its two permissions; deploy the stack again",
)
_NOT_FOUND = Cause("not_found", Cure.FIX, "nothing answers at the hook's URL: set it to the stack's GitHubFunctionUrl")
_REDIRECTED = Cause("redirected", Cure.FIX, "the hook's URL redirects, which GitHub does not follow: set the final URL")
_MALFORMED = Cause(
    "malformed",
    Cure.NEVER,
    "verified, and yet no webhook that we know: the same bytes are refused again",
    reinject=False,
)
_TOO_LARGE = Cause("too_large", Cure.NEVER, "over the 6 MB that Lambda takes, or over the bus's limit: --reinject can")
_REFUSED = Cause("refused", Cure.FIX, "refused with a status that none of ours is: something else answers at that URL")
_UNKNOWN = Cause("unknown", Cure.RETRY, "failed for a reason that GitHub does not tell")

CAUSES = {
    cause.name: cause
    for cause in (
        _SERVER_ERROR,
        _THROTTLED,
        _TIMED_OUT,
        _NOT_CONNECTED,
        _CERTIFICATE,
        _UNAUTHORIZED,
        _FORBIDDEN,
        _NOT_FOUND,
        _REDIRECTED,
        _MALFORMED,
        _TOO_LARGE,
        _REFUSED,
        _UNKNOWN,
    )
}

LAMBDA_LIMIT_BYTES = 6_000_000
"""A request body: "Lambda quotas" say 6 MB (read 2026-11-22), and not which MB; the decimal one is right either way."""

_BY_STATUS = {
    400: _MALFORMED,
    401: _UNAUTHORIZED,
    403: _FORBIDDEN,
    404: _NOT_FOUND,
    408: _TIMED_OUT,
    410: _NOT_FOUND,
    413: _TOO_LARGE,
    425: _THROTTLED,
    429: _THROTTLED,
}
# Texts of GitHub's for deliveries that nobody answered; the order matters: a TLS error is a failure to connect too.
_BY_TEXT = (
    (re.compile(r"certificate|ssl|tls", re.IGNORECASE), _CERTIFICATE),
    (re.compile(r"timed? ?out|timeout", re.IGNORECASE), _TIMED_OUT),
    (re.compile(r"connect|resolve|dns|host|network|unreachable", re.IGNORECASE), _NOT_CONNECTED),
)
_REDIRECT, _CLIENT_ERROR, _SERVER = range(300, 400), range(400, 500), range(500, 600)


def cause_of(delivery: Delivery, payload_bytes: int | None = None) -> Cause:
    """Why a delivery failed; what GitHub writes about a connection says more than the number beside it.

    Args:
        delivery: a delivery that failed.
        payload_bytes: how large its body is, where that is known.
    """
    if payload_bytes is not None and payload_bytes > LAMBDA_LIMIT_BYTES:
        return _TOO_LARGE
    for text, cause in _BY_TEXT:
        if text.search(delivery.status):
            return cause
    code = delivery.status_code
    if code in _BY_STATUS:
        return _BY_STATUS[code]
    if code in _SERVER:
        return _SERVER_ERROR
    if code in _REDIRECT:
        return _REDIRECTED
    return _REFUSED if code in _CLIENT_ERROR else _UNKNOWN


def matches(delivery: Delivery, cause: Cause, statuses: frozenset[str]) -> bool:
    """Whether a failed delivery is one of those that were asked for: `503`, `5xx` or `timed_out`."""
    code = str(delivery.status_code)
    return bool(statuses & {code, f"{code[:1]}xx", cause.name})
