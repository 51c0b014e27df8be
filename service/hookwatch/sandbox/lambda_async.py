"""An asynchronous invocation: nobody waits for it, and Lambda tries again when it fails.

Never reports to anybody: destinations and dead-letter queues of functions are not there. Waits and limits:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html, read 2026-11-27.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_model import FunctionStoppedError

if TYPE_CHECKING:
    from hookwatch.sandbox.clock import Clock
    from hookwatch.sandbox.lambda_function import LambdaFunction

RETRIES = 2
FAILED_WAIT_S = (60.0, 120.0)
THROTTLED_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
MAX_AGE_S = 6 * 3_600.0
"""In sandbox seconds, as the waits are."""


async def invoke_async(function: LambdaFunction, payload: bytes, clock: Clock, *, retries: int = RETRIES) -> None:
    """Invoke until it succeeds or Lambda would give up; every attempt has the same request id."""
    request_id = str(uuid.uuid4())
    given_up_s = clock.now_s() + MAX_AGE_S
    failures, throttles = 0, 0
    while True:
        try:
            invocation = await function.invoke_payload(payload, request_id=request_id)
        except FunctionStoppedError:
            return
        if invocation.kind == "ok":
            return
        if invocation.kind == "throttled":
            wait_s = min(THROTTLED_WAIT_S * 2**throttles, LONGEST_WAIT_S)
            throttles += 1
        elif failures < retries:
            wait_s = FAILED_WAIT_S[min(failures, 1)]
            failures += 1
        else:
            return
        if clock.now_s() + wait_s > given_up_s:
            return
        await asyncio.sleep(wait_s / clock.speed)
