"""A bot that comments on whatever it is told about: with a rule that tells it of comments, it makes a real loop.

Never runs on after its bounds, whatever the loop does, and never speaks to anything but the sandbox. It stands for both
halves that a loop through a provider has: the consumer that comments, and GitHub, which reports the comment by webhook
and does not send again what was not taken.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.cloud_model import ACCOUNT, REGION
from hookwatch.sender import Example, github_request, load_example

if TYPE_CHECKING:
    from types import TracebackType

    from hookwatch.sandbox.deploy_clients import Clients

RULE = "echo-bot"
QUEUE = "hookwatch-echo-bot"
PATTERN = json.dumps({"source": ["github.com"], "detail-type": ["issue_comment"]})
"""The naive rule of such bots: every comment, its own included."""

POST_LIMIT_S = 10.0
"""GitHub hangs up after 10 s (https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks,
read 2026-11-22)."""
THREADS = 8
BATCH = 10
WAIT_S = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """How the bot behaves.

    Attributes:
        actor: its login.
        answers: comments for each event; above 1 the loop grows until something bounds it.
        pause_s: how long it thinks about each event.
        max_deliveries: webhooks in all, the first one included.
        max_s: how long it lives.
        bus: the bus that its rule is on.
    """

    actor: str = "acme-bot[bot]"
    answers: int = 2
    pause_s: float = 0.1
    max_deliveries: int = 300
    max_s: float = 60.0
    bus: str = "default"


@dataclass(slots=True)
class Heard:
    """How its webhooks were answered.

    Attributes:
        statuses: HTTP status -> how many; 0 stands for no answer.
        last_s: `time.monotonic()` of the last one.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    last_s: float = 0.0

    @property
    def deliveries(self) -> int:
        """All of them."""
        return self.statuses.total()


class EchoBot:
    """The bot, from entering the block to leaving it."""

    def __init__(self, clients: Clients, url: str, secret: str, echo: Echo | None = None) -> None:
        """Make a bot.

        Args:
            clients: clients of the emulator.
            url: GitHub's Function URL.
            secret: the webhook secret.
            echo: how it behaves.
        """
        self.echo = echo or Echo()
        self.heard = Heard()
        self._clients, self._url, self._secret = clients, url, secret
        self._http = urllib3.PoolManager(retries=False, timeout=POST_LIMIT_S, maxsize=THREADS)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._left = self.echo.max_deliveries
        self._reader = threading.Thread(target=self._read, name="echo-bot", daemon=True)
        self._queue_url = ""

    def __enter__(self) -> Self:
        """Make queue and rule, and begin to listen."""
        self._queue_url = self._clients("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
        events, target = self._clients("events"), {"Id": "bot", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"}
        events.put_rule(Name=RULE, EventBusName=self.echo.bus, EventPattern=PATTERN)
        events.put_targets(Rule=RULE, EventBusName=self.echo.bus, Targets=[target])
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Fall silent, and take queue and rule away."""
        self._over.set()
        self._reader.join()
        self._http.clear()
        events = self._clients("events")
        events.remove_targets(Rule=RULE, EventBusName=self.echo.bus, Ids=["bot"])
        events.delete_rule(Name=RULE, EventBusName=self.echo.bus)
        self._clients("sqs").delete_queue(QueueUrl=self._queue_url)

    @property
    def exhausted(self) -> bool:
        """Whether its bound on deliveries, and nothing else, ended the loop."""
        return self._left == 0

    def comment(self, login: str) -> int:
        """Comment as somebody; returns the status that the webhook was answered with, 0 for no answer."""
        with self._lock:
            if not self._left or self._over.is_set():
                return 0
            self._left -= 1
        request = github_request(self._url, _comment_by(login), self._secret)
        try:
            status: int = self._http.request("POST", request.url, body=request.body, headers=request.headers).status
        except urllib3.exceptions.HTTPError:
            status = 0
        with self._lock:
            self.heard.statuses[status] += 1
            self.heard.last_s = time.monotonic()
        return status

    def _read(self) -> None:
        sqs, end_s = self._clients("sqs"), time.monotonic() + self.echo.max_s
        with ThreadPoolExecutor(THREADS) as threads:
            while not self._over.is_set() and time.monotonic() < end_s:
                try:
                    events = self._receive(sqs)
                except (BotoCoreError, ClientError):
                    self._over.wait(WAIT_S)  # the emulator ends before the bot does
                    continue
                if events and not self._over.wait(self.echo.pause_s):
                    for _ in range(events * self.echo.answers):
                        threads.submit(self.comment, self.echo.actor)

    def _receive(self, sqs: Any) -> int:
        answer = sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_S)
        messages = answer.get("Messages", [])
        if messages:
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
        return len(messages)


def _comment_by(login: str) -> Example:
    """Octokit's example of a comment, made by somebody else."""
    example = load_example("github", "issue_comment")
    assert isinstance(example.content, bytes)
    payload = json.loads(example.content)
    user = {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}
    payload["sender"] |= user
    payload["comment"]["user"] |= user
    return Example("github", example.event, json.dumps(payload).encode())
