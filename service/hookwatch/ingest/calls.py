"""A call to AWS that ends in time. Never raises for what AWS answers, never begins what it could not finish."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.ingest.publish_errors import SERVER_ERROR, THROTTLED, TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.ingest.secrets import Deadline

# Safekeeping is the last resort before the provider hears no, so what may pass is tried again while there is time.
MAX_ATTEMPTS = 3
FIRST_BACKOFF_S = 0.05

# What SQS, S3 and DynamoDB call a throttle, beside EventBridge's words for it. The first and the third are a 400.
_PASSING = (
    THROTTLED
    | TRANSIENT
    | {"ProvisionedThroughputExceededException", "SlowDown", "RequestThrottled", "RequestTimeout", "InternalError"}
)


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that did not succeed.

    Attributes:
        code: the code that AWS gave, the kind of a connection's end, or `out_of_time`.
        answer: AWS's error answer, where there was one.
    """

    code: str
    answer: Any = None


def attempt(  # noqa: PLR0913 - the call, its bounds and its clock; each is told by the caller
    client: Callable[[], Any],
    call: Callable[[Any], Any],
    deadline: Deadline,
    budget_s: float,
    sleep: Callable[[float], None],
    *,
    attempts: int = MAX_ATTEMPTS,
) -> Any | Failed:
    """The answer of a call, tried again while that may help and there is time.

    Args:
        client: makes or gives the client; made first, because that costs time, too.
        call: the call.
        deadline: when it must have ended.
        budget_s: how long one attempt takes at most, seconds. One that took longer has another address of the endpoint
            to thank for it, and so will the next: it is begun only if there is time for that, too.
        sleep: how to wait, in seconds.
        attempts: how often it is tried at most.
    """
    failed = Failed("out_of_time")
    backoff_s, longest_s = FIRST_BACKOFF_S, budget_s
    for number in range(attempts):
        began_s = deadline.clock()
        try:
            made = client()
            if number:
                # At most half of what is to spare: a pause that fits exactly would end with the last moment.
                sleep(max(0.0, min(random.uniform(0, backoff_s), (deadline.left_s() - longest_s) / 2)))  # noqa: S311 - spreads load, protects nothing
                backoff_s *= 2
            if deadline.left_s() < longest_s:
                break
            began_s = deadline.clock()
            return call(made)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            failed = Failed(code, error.response)
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code not in _PASSING and status < SERVER_ERROR:
                break
        except BotoCoreError as error:
            # Timeouts and cut connections. The call may have arrived: at least once, not exactly once.
            failed = Failed(type(error).__name__)
        longest_s = max(longest_s, deadline.clock() - began_s)
    return failed
