"""A rotation under traffic: a fake GitHub and a fake Twilio that sign and send without pause, and the real command.

Judges nothing; the drill does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import urllib3

from hookwatch.sandbox.cloud_model import REGION
from hookwatch.sandbox.deploy_clients import CREDENTIALS
from hookwatch.sandbox.github_api_model import Event, FakeHook
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from hookwatch.sandbox.twilio_api_webhooks import TwilioWebhooks
from hookwatch.sender import github_request, load_example
from hookwatch.sender.signing import sign_github
from sandbox.cloud_rig import GITHUB_SECRET, ROOT, TWILIO_TOKEN, Cloud
from twilio_rig import FakeTwilio, run_fake_twilio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookwatch.recover.rotation import Step

REPO, HOOK, TOKEN = "acme/shop", 7, "ghp_throwaway"
API_KEY, API_SECRET = "SK" + "0" * 32, "the secret of an API key"
START = "import sys; from hookwatch.cli import main; sys.exit(main())"
LATE_S = 3.0
"""So long after a change a late sender still signs with what was in force before."""


class Traffic:
    """What was sent and how it was answered.

    Attributes:
        answers: status -> how many; 0 for none.
        signed: secret -> how many deliveries were signed with it.
        known: every secret that was ever in force, newest last.
    """

    def __init__(self, in_force: Callable[[], str]) -> None:
        self.answers: Counter[int] = Counter()
        self.signed: Counter[str] = Counter()
        self.known: list[str] = []
        self._since: list[tuple[float, str]] = []
        self._in_force = in_force
        self._lock = threading.Lock()
        self.look()

    @property
    def sent(self) -> int:
        return self.answers.total()

    @property
    def refused(self) -> int:
        return sum(count for status, count in self.answers.items() if not 200 <= status < 300)

    def look(self) -> None:
        """Note since when a secret is in force."""
        with self._lock:
            secret = self._in_force()
            if not self._since or self._since[-1][1] != secret:
                self._since.append((time.monotonic(), secret))
                self.known.append(secret)

    def before(self, seconds: float) -> str:
        """What was in force so long ago."""
        with self._lock:
            then = time.monotonic() - seconds
            return next((secret for since, secret in reversed(self._since) if since <= then), self._since[0][1])

    def note(self, secret: str, status: int) -> None:
        """Count one delivery."""
        with self._lock:
            self.signed[secret] += 1
            self.answers[status] += 1


class Rig:
    """The sandbox between a fake GitHub and a fake Twilio."""

    def __init__(self, cloud: Cloud, github: FakeGitHub, api: str, twilio: FakeTwilio) -> None:
        self.cloud, self.github, self.twilio = cloud, github, twilio
        self.hook = github.add_hook(FakeHook(HOOK, "repository", REPO, cloud.sandbox.github_url or "", GITHUB_SECRET))
        github.add_token(TOKEN, REPO)
        twilio.store.auth_token = TWILIO_TOKEN
        twilio.store.api_keys = {API_KEY: API_SECRET}
        self.aws = cloud.through_proxy()
        self.environment = {
            **os.environ,
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "PYTHONPATH": str(ROOT / "service"),
            "COLUMNS": "200",
            "GITHUB_API_URL": api,
            "GITHUB_TOKEN": TOKEN,
            **twilio.environment(TWILIO_API_KEY=API_KEY, TWILIO_API_SECRET=API_SECRET),
        }

    def labels(self, provider: str) -> dict[str, set[str]]:
        """Value -> its labels, for every value that has one."""
        output = {"github": "GitHubSecretArn", "twilio": "TwilioSecretArn"}[provider]
        arn = self.cloud.get("/api/health")["outputs"][output]
        client = self.aws("secretsmanager")
        found: dict[str, list[str]] = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
        return {
            client.get_secret_value(SecretId=arn, VersionId=version)["SecretString"]: set(labels)
            for version, labels in found.items()
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `hookwatch secret` to its end."""
        return subprocess.run(
            [sys.executable, "-c", START, "secret", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def kill_at(self, step: Step, *arguments: str) -> bool:
        """Run it and kill it when it says that a step begins; False if it came to its end before."""
        process = subprocess.Popen(
            [sys.executable, "-c", START, "secret", *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                if line.startswith(f"{step.value}:"):
                    process.send_signal(signal.SIGKILL)
                    break
        return process.wait() == -signal.SIGKILL

    def send_github(self, traffic: Traffic) -> None:
        """Have something happen on GitHub; the hook signs with what it has at that moment."""
        example = load_example("github", "push").content
        assert isinstance(example, bytes)
        event = Event(str(uuid.uuid4()), "push", None, example)
        (record,) = self.github.emit((self.hook,), event)
        traffic.look()
        signature = record.request_headers["X-Hub-Signature-256"]
        secret = next(each for each in traffic.known if sign_github(example, each)["X-Hub-Signature-256"] == signature)
        traffic.note(secret, record.posted.status_code)

    def send_late(self, http: urllib3.PoolManager, traffic: Traffic) -> None:
        """The same from a part of GitHub that hears of a change some seconds later."""
        secret = traffic.before(LATE_S)
        request = github_request(self.hook.url, load_example("github", "push"), secret)
        answer = http.request("POST", request.url, body=request.body, headers=request.headers)
        traffic.note(secret, answer.status)

    def send_twilio(self, webhooks: TwilioWebhooks, traffic: Traffic) -> None:
        """Have Twilio send a message's webhook, signed with the account's primary token."""
        token, sid = self.twilio.store.auth_token, "SM" + uuid.uuid4().hex
        form = (("MessageSid", sid), ("From", "+15005550001"), ("To", "+15005550006"), ("Body", "hello"))
        reply = webhooks.send(self.cloud.sandbox.twilio_url or "", form, sid)
        traffic.note(token, reply.status or 0)

    @contextlib.contextmanager
    def github_traffic(self, at_least: int, every_s: float) -> Iterator[Traffic]:
        """Send from three prompt senders and a late one until the block ends and enough was sent."""
        traffic = Traffic(lambda: self.hook.secret)
        with urllib3.PoolManager(retries=False, timeout=20) as http, contextlib.ExitStack() as senders:
            for send in (*[partial(self.send_github, traffic)] * 3, partial(self.send_late, http, traffic)):
                senders.enter_context(sending(send, traffic, every_s))
            yield traffic
            while traffic.sent < at_least:
                time.sleep(0.1)

    @contextlib.contextmanager
    def twilio_traffic(self, every_s: float) -> Iterator[Traffic]:
        """Send from one sender until the block ends."""
        traffic, webhooks = Traffic(lambda: self.twilio.store.auth_token), TwilioWebhooks(self.twilio.store)
        with contextlib.closing(webhooks), sending(partial(self.send_twilio, webhooks, traffic), traffic, every_s):
            yield traffic


@contextlib.contextmanager
def sending(send: Callable[[], None], traffic: Traffic, every_s: float) -> Iterator[None]:
    """Send again and again in a thread."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            traffic.look()
            send()
            over.wait(every_s)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def rotation_rig(cloud: Cloud) -> Iterator[Rig]:
    """The fakes around a sandbox."""
    github, twilios = FakeGitHub(), run_fake_twilio()
    with serving(github) as api:
        yield Rig(cloud, github, api, next(twilios))
    twilios.close()  # type: ignore[attr-defined] # a generator
