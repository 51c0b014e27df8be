"""How each service spells an error: its own name for a code, its HTTP status, its name in the older protocol.

Never decides whether a call fails. Sources: the common errors of each API reference, botocore's service models
(1.43.106), https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and, for the codes that SQS keeps from
its query protocol, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html; read
2026-11-27.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import UnknownServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.faults_operation import Call

_THROTTLES = {"s3": "SlowDown", "sqs": "RequestThrottled"}
_FAILURES = {"s3": "InternalError", "dynamodb": "InternalServerError", "secretsmanager": "InternalServiceError"}

_S3_NAMES = {
    "AccessDeniedException": "AccessDenied",
    "InternalFailure": "InternalError",
    "InternalServerError": "InternalError",
    "ThrottlingException": "SlowDown",
}
_SQS_LEGACY = {
    **{
        name: f"AWS.SimpleQueueService.{name}"
        for name in (
            *("BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidBatchEntryId"),
            *("MessageNotInflight", "PurgeQueueInProgress", "QueueDeletedRecently", "TooManyEntriesInBatchRequest"),
            "UnsupportedOperation",
        )
    },
    "AccessDeniedException": "AccessDenied",
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "ThrottlingException": "RequestThrottled",
}

_SERVER_ERRORS = {
    "InternalFailure": 500,
    "InternalError": 500,
    "InternalException": 500,
    "InternalServerError": 500,
    "InternalServiceError": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "SlowDown": 503,
}
_FORBIDDEN = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "AllAccessDisabled", "ExpiredToken", "InvalidAccessKeyId"),
        *("InvalidObjectState", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException"),
    }
)
_REST_STATUS = {
    "ConditionalRequestConflict": 409,
    "OperationAborted": 409,
    "PreconditionFailed": 412,
    "ResourceNotFoundException": 404,
    "ThrottlingException": 429,
    "TooManyRequestsException": 429,
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """One error of one service.

    Attributes:
        code: As it stands in the answer's document.
        status: HTTP status.
        legacy: What clients of a service that had a query protocol report instead; None where there is none.
    """

    code: str
    status: int
    legacy: str | None = None


def throttle_code(call: Call) -> str:
    """Return the code with which a service throttles."""
    return _THROTTLES.get(call.service, "Throttling" if call.protocol == "query" else "ThrottlingException")


def failure_code(call: Call) -> str:
    """Return the code with which a service fails by its own fault."""
    return _FAILURES.get(call.service, "InternalFailure")


def spelled(call: Call, code: str) -> Spelling:
    """Return an error, asked for by any service's name for it, as the called service spells it."""
    if call.protocol == "rest-xml":
        code = _S3_NAMES.get(code, code)
    status = _status(call, code)
    if call.service == "sqs" and call.protocol == "json":
        return Spelling(code, status, _SQS_LEGACY.get(code, code))
    return Spelling(code, status)


def _status(call: Call, code: str) -> int:
    if code in _SERVER_ERRORS:
        return _SERVER_ERRORS[code]
    if call.protocol in ("json", "cbor"):
        return 403 if call.service == "sqs" and code in _FORBIDDEN else 400
    if code in _FORBIDDEN:
        return 403
    if call.protocol == "query":
        return 400
    return _modelled(call.service).get(code) or _REST_STATUS.get(code, 400)


@lru_cache(maxsize=32)
def _modelled(service: str) -> Mapping[str, int]:
    """Return the statuses that a REST service's model names."""
    try:
        model: Any = botocore.session.Session().get_service_model(service)
    except (UnknownServiceError, ValueError):
        return {}
    found = ((shape.name, (shape.metadata.get("error") or {}).get("httpStatusCode")) for shape in model.error_shapes)
    return {name: int(status) for name, status in found if status}
