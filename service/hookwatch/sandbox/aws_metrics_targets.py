"""Whether the target of a rule is there.

Never invokes anything. A kind of target that the emulator cannot be asked about counts as being there. Blocking: call
it in a thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.sandbox.deploy_clients import Clients

FRESH_S = 1.0
"""How long an answer is believed, in real seconds."""

ARN_PARTS = 6
_GONE = ("NotFound", "NonExistent", "NoSuch", "DoesNotExist", "NonExistentQueue")


class TargetCheck:
    """Asks the emulator about one ARN at a time, and remembers the answer for a second."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._made: dict[str, Any] = {}
        self._known: dict[str, tuple[float, bool]] = {}

    def exists(self, arn: str) -> bool:
        """Tell whether a target can be invoked."""
        asked_s, answer = self._known.get(arn, (float("-inf"), True))
        if time.monotonic() - asked_s > FRESH_S:
            answer = self._ask(arn)
            self._known[arn] = (time.monotonic(), answer)
        return answer

    def _ask(self, arn: str) -> bool:
        parts = arn.split(":", ARN_PARTS - 1)
        if len(parts) < ARN_PARTS:
            return False
        look = self._look(parts[2], parts[5], arn)
        if look is None:
            return True
        try:
            look()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            return not any(word in code for word in _GONE)
        except BotoCoreError:
            return True
        return True

    def _look(self, service: str, resource: str, arn: str) -> Callable[[], Any] | None:
        match service, resource.partition("/")[0]:
            case "sqs", _:
                return lambda: self._client("sqs").get_queue_url(QueueName=resource)
            case "lambda", _:
                return lambda: self._client("lambda").get_function_configuration(FunctionName=arn)
            case "sns", _:
                return lambda: self._client("sns").get_topic_attributes(TopicArn=arn)
            case "events", "event-bus":
                return lambda: self._client("events").describe_event_bus(Name=resource.partition("/")[2])
            case "states", _:
                return lambda: self._client("stepfunctions").describe_state_machine(stateMachineArn=arn)
            case _:
                return None

    def _client(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._clients(service)
        return self._made[service]
