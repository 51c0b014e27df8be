"""The account, as the brakes see it: every call ends in an answer or in a `Problem`, never in an exception.

Never decides what to call. Makes its clients lazily, one for each service.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from hookwatch.recover.problem import NOT_SIGNED_IN, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.loop_stop import Plan

# Somebody waits in an outage: a dead endpoint has to be told apart from a slow one within half a minute.
CONNECT_LIMIT_S = 5
READ_LIMIT_S = 10
ATTEMPTS = 3

# An update of a function takes seconds, in a VPC up to a minute (Lambda API reference, UpdateFunctionConfiguration,
# read 2026-11-22).
SETTLE_LIMIT_S = 90
SETTLE_POLL_S = 0.5

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_BAD_KEY = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
    }
)
# Somebody else changed it between our reading and our writing, or is changing it now.
_CHANGED = frozenset({"PreconditionFailedException", "ResourceConflictException", "ConcurrentModificationException"})


class Account:
    """One account in one Region."""

    def __init__(self, make_client: Callable[[str], Any], sleep: Callable[[float], None] = time.sleep) -> None:
        """Make it.

        Args:
            make_client: makes the client of a service.
            sleep: waits so many seconds.
        """
        self._make_client = make_client
        self._sleep = sleep
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client itself, for parts that judge AWS's answers on their own; everybody else asks."""
        return self._clients.get(service) or self._clients.setdefault(service, self._make_client(service))

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        """Make one call."""
        try:
            answer: dict[str, Any] = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            return _refused(service, operation, error)
        except NoRegionError:
            return Problem("which Region? Give --region, or set AWS_REGION", code=NOT_SIGNED_IN)
        except NoCredentialsError:
            return Problem("no AWS credentials: sign in, or set AWS_PROFILE", code=NOT_SIGNED_IN)
        except EndpointConnectionError as error:
            return Problem(f"AWS does not answer at {error.kwargs.get('endpoint_url')}")
        except (BotoCoreError, ProfileNotFound, ValueError) as error:
            return Problem(f"{service} could not be asked to {_words(operation)}: {error}")
        return answer

    def pause(self, seconds: float) -> None:
        """Wait between two looks at something that takes its time."""
        self._sleep(seconds)

    def carry_out(self, plan: Plan) -> Problem | None:
        """Make a plan's calls in order; if AWS refuses one, take back what the others did.

        A call without an answer may have been made all the same: then the record stays, so that it can be undone.
        """
        for number, call in enumerate(plan.calls):
            problem = self._make(call.service, call.operation, call.parameters, call.settles)
            if problem is not None:
                for back in plan.on_failure if number and problem.code else ():
                    self._make(back.service, back.operation, back.parameters, back.settles)
                return problem if problem.code or problem.found else _unknown(problem)
        return None

    def _make(self, service: str, operation: str, parameters: Mapping[str, Any], settles: str) -> Problem | None:
        answer = self.ask(service, operation, **parameters)
        if isinstance(answer, Problem):
            return answer
        return self._settle(settles) if settles else None

    def _settle(self, function: str) -> Problem | None:
        waited_s = 0.0
        while True:
            state = self.ask("lambda", "get_function_configuration", FunctionName=function)
            if isinstance(state, Problem):
                return state
            match state.get("LastUpdateStatus"):
                case "InProgress" if waited_s < SETTLE_LIMIT_S:
                    self._sleep(SETTLE_POLL_S)
                    waited_s += SETTLE_POLL_S
                case "InProgress":
                    return Problem(
                        f"{function}: the update was accepted and is not over after {SETTLE_LIMIT_S} s", found=True
                    )
                case "Failed":
                    reason = state.get("LastUpdateStatusReason", "no reason given")
                    return Problem(f"{function}: Lambda could not apply the update: {reason}", found=True)
                case _:
                    return None


def account(region: str | None, endpoint_url: str | None) -> Account:
    """The account that the caller's credentials belong to.

    Args:
        region: its Region; what the caller's environment or profile says if None.
        endpoint_url: another endpoint for all services.
    """
    config = Config(
        connect_timeout=CONNECT_LIMIT_S,
        read_timeout=READ_LIMIT_S,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )

    def make_client(service: str) -> Any:
        make: Any = boto3.client  # its overloads name every service; we are given one as text
        # AWS's own tool reads AWS_REGION, boto3 does not.
        here = region or os.environ.get("AWS_REGION") or None
        return make(service, region_name=here, endpoint_url=endpoint_url, config=config)

    return Account(make_client)


def _unknown(problem: Problem) -> Problem:
    return Problem(f"{problem.message}. Whether it was done is not known: see `hookwatch loop status`", found=True)


def _refused(service: str, operation: str, error: ClientError) -> Problem:
    code = error.response.get("Error", {}).get("Code", "")
    said = error.response.get("Error", {}).get("Message", str(error))
    if code in _DENIED:
        return Problem(f"not allowed to {_words(operation)}: {said}", code=code)
    if code in _BAD_KEY:
        return Problem(f"AWS does not take these credentials ({code}): sign in again", code=code)
    if code in _CHANGED:
        return Problem(
            f"it was changed by somebody else, or is being changed right now; run this again. AWS: {said}",
            found=True,
            code=code,
        )
    return Problem(f"{service} refuses to {_words(operation)} ({code}): {said}", code=code)


def _words(operation: str) -> str:
    return operation.replace("_", " ")
