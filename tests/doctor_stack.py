"""A healthy stack as AWS describes it, and a URL that answers as a function does: the doctor's patient."""

from __future__ import annotations

import copy
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookwatch.ingest.model import HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "it-is-a-secret-to-the-tests"
ACCOUNT = "123456789012"
REGION = "us-east-1"


def arn(service: str, name: str) -> str:
    """An ARN in the tests' account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def permission(action: str, test: str, key: str, value: str) -> dict[str, Any]:
    """A statement as SAM makes it for a public URL."""
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "f", "Condition": {test: {key: value}}}


BOTH_PERMISSIONS = [
    permission("lambda:InvokeFunctionUrl", "StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
    permission("lambda:InvokeFunction", "Bool", "lambda:InvokedViaFunctionUrl", "true"),
]


def healthy(url: str) -> dict[str, Any]:
    """Answers by operation, of which a test changes one. An exception is raised, a list is answered in turn."""
    outputs = {
        "GitHubFunctionName": "hookwatch-github",
        "GitHubFunctionUrl": url,
        "GitHubSecretArn": arn("secretsmanager", "secret:github-AbCdEf"),
        "AlarmTopicArn": arn("sns", "hookwatch-alarms"),
        "ParkingQueueUrl": "https://sqs/hookwatch-parked",
        "ParkingDlqUrl": "https://sqs/hookwatch-parked-dlq",
        "ReplayFunction": "hookwatch-replay",
    }
    return {
        "describe_stacks": {
            "Stacks": [
                {
                    "StackStatus": "UPDATE_COMPLETE",
                    "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
                }
            ]
        },
        "get_function_configuration": {
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Runtime": "python3.13",
            "MemorySize": 256,
        },
        "get_function_concurrency": {"ReservedConcurrentExecutions": 10},
        "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 980}},
        "get_function_url_config": {"AuthType": "NONE", "FunctionUrl": url},
        "get_policy": {"Policy": json.dumps({"Statement": BOTH_PERMISSIONS})},
        "describe_secret": {"Name": "github", "VersionIdsToStages": {"v1": ["AWSCURRENT"], "v0": ["AWSPREVIOUS"]}},
        "get_secret_value": {"SecretString": SECRET},
        "get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}},
        "list_event_source_mappings": {"EventSourceMappings": [{"UUID": "u-1", "State": "Enabled"}]},
        "list_subscriptions_by_topic": {"Subscriptions": [{"SubscriptionArn": arn("sns", "hookwatch-alarms:1")}]},
        "describe_alarms": {
            "MetricAlarms": [metric_alarm("hookwatch-url-5xx", "OK")],
            "CompositeAlarms": [composite_alarm("hookwatch-github-customer-impact", "OK")],
        },
        "get_caller_identity": {"Account": ACCOUNT},
        "describe_budgets": {"Budgets": [{"BudgetName": "hookwatch-monthly"}]},
    }


def metric_alarm(name: str, state: str, **more: Any) -> dict[str, Any]:
    """One alarm, a day old."""
    return {
        "AlarmName": name,
        "StateValue": state,
        "TreatMissingData": "notBreaching",
        "StateTransitionedTimestamp": datetime.now(UTC) - timedelta(days=1),
        "AlarmActions": [],
        "ActionsEnabled": True,
        **more,
    }


def composite_alarm(name: str, state: str, **more: Any) -> dict[str, Any]:
    """One composite, a day old."""
    return metric_alarm(name, state, **{"AlarmActions": [arn("sns", "hookwatch-alarms")], **more})


class Answers:
    """Clients of all services at once, answering by operation; notes what was asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = copy.deepcopy(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, service: str) -> Any:
        return _Client(self)


class _Client:
    def __init__(self, account: Answers) -> None:
        self._account = account

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            self._account.asked.append((operation, parameters))
            answer = self._account.answers[operation]
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def refusal(code: str) -> ClientError:
    """What botocore raises for an AWS error code."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


class Door(ThreadingHTTPServer):
    """A URL that answers: 401 to whom it does not know, what it was told to a heartbeat."""

    unsigned = 401
    ping: tuple[int, bytes] = (200, b'{"outcome":"accepted"}')
    clock_off_s = 0.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Answer(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = HEARTBEAT.encode() in body and "X-Hub-Signature-256" in self.headers
        status, answer = self.server.ping if signed else (self.server.unsigned, b"{}")
        self.send_response_only(status)
        self.send_header("Date", format_datetime(datetime.now(UTC) - timedelta(seconds=self.server.clock_off_s)))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def door() -> Iterator[Door]:
    """A door for as long as the block lasts."""
    with Door(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
