"""What EventBridge's errors mean for an entry: try again, keep for later, or never. Makes no call and raises nothing.

Error codes: PutEventsResultEntry and "Common errors" of the PutEvents API reference, and measured (2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.ingest.model import Refusal
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

THROTTLED = frozenset(
    {"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded"}
)
TRANSIENT = frozenset(
    {"InternalFailure", "InternalException", "InternalServerError", "ServiceUnavailable", "RequestTimeout"}
)
# What is wrong with an entry itself: EventBridge will say the same tomorrow, so nobody keeps it. Refusals of the caller
# or of the bus (AccessDenied, NotAuthorizedForSource, ResourceNotFound) are not among them: the operator mends those.
NEVER_TAKEN = frozenset({"MalformedDetail", "InvalidArgument", "SerializationException", "ValidationException"})
SERVER_ERROR = 500


def is_final(refusal: Refusal) -> bool:
    """Whether the same entry will never be taken, whatever the operator does."""
    return refusal.outcome in (Outcome.TOO_LARGE, Outcome.MALFORMED) or refusal.error_code in NEVER_TAKEN


def judge_code(code: str) -> tuple[bool, Refusal]:
    """Whether a failed entry is worth another attempt at once, and what it is called."""
    if code in THROTTLED:
        return True, Refusal(Outcome.PUBLISH_THROTTLED, "throttled", code)
    if code in TRANSIENT:
        return True, Refusal(Outcome.PUBLISH_FAILED, "bus_failing", code)
    return False, Refusal(Outcome.PUBLISH_FAILED, "entry_refused", code)


def judge_error(error: ClientError) -> tuple[bool, Refusal]:
    """The same for a call that failed as a whole."""
    details = error.response.get("Error", {})
    code = details.get("Code", "Unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    again, refusal = judge_code(code)
    if again or status < SERVER_ERROR:
        if code == "ValidationException" and "size" in details.get("Message", "").lower():
            return False, Refusal(Outcome.TOO_LARGE, "refused_by_bus", code)
        return again, refusal if again else Refusal(Outcome.PUBLISH_FAILED, "call_refused", code)
    return True, Refusal(Outcome.PUBLISH_FAILED, "bus_failing", code)
