"""AWS as the sweeper asks it: every call ends in an answer or in a `Problem`. No boto3, which the artefact lacks."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.ingest import clients
from hookwatch.recover.problem import Problem

CONNECT_LIMIT_S, READ_LIMIT_S = 2.0, 5.0
ATTEMPTS = 3


class FunctionAws:
    """The account that the function runs in."""

    def __init__(self) -> None:
        """No client yet."""
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of a service."""
        made = self._clients.get(service)
        if made is None:
            made = clients.client(service, connect_s=CONNECT_LIMIT_S, read_s=READ_LIMIT_S, attempts=ATTEMPTS)
            self._clients[service] = made
        return made

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        """Make one call."""
        try:
            answer: dict[str, Any] = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            return Problem(f"{service} refuses to {operation.replace('_', ' ')}: {code}", code=code)
        except BotoCoreError as error:
            return Problem(f"{service} does not answer: {type(error).__name__}", found=True, code=type(error).__name__)
        return answer
