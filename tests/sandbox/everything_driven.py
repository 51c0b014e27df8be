"""Everything that can happen to webhooks here, brought about once: samples of both providers, attacks, faults, loops.

Never asserts what comes of it; `test_everything_seen` looks at what is measured afterwards.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import urllib3

from github_rig import REPO, TOKEN
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.lambda_lineage import MAX_RUNS, continued
from hookwatch.sender import Example, Forgery, OutgoingRequest, github_request, load_example, twilio_request
from hookwatch.sender.examples import example_names
from sandbox.cloud_rig import GITHUB_SECRET, TWILIO_TOKEN, Cloud, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

BUS, RULE = "saas", "orders"
OWN_LOGIN, OWN_NUMBER = "our-bot[bot]", "+15005550006"
MAX_ENTRY_BYTES = 100_000
LOOP_LIMIT = 3
PATIENCE_S = 40.0
"""For one step; it is a second or two, and a busy machine gets more."""

ARN = "arn:aws:{}:us-east-1:123456789012:{}".format
PARAMETERS = {
    "EventBusName": BUS,
    "RuleNames": RULE,
    "MonitoringLevel": "full",
    "Heartbeat": "on",
    "SilenceHours": "1",
    "OwnActors": f"{OWN_LOGIN},{OWN_NUMBER}",
    "OwnActorAction": "drop",
    "LoopLimit": str(LOOP_LIMIT),
    "MaxEntryBytes": str(MAX_ENTRY_BYTES),
    "Deduplicate": "on",
    "ArchiveRetentionDays": "7",
    "Sweeper": "on",
    "SweeperRepository": REPO.name,
    "SweeperHookId": "5",
    "SweeperTokenSecretArn": ARN("secretsmanager", "secret:sweeper-AbCdEf"),
}
KEEPING = {"HOOKWATCH_PARKING_QUEUE_URL", "HOOKWATCH_CLAIM_BUCKET"}
PROVIDERS = ("github", "twilio")
PUSH = json.loads(load_example("github", "push").content)  # type: ignore[arg-type] # bytes: GitHub's are JSON
SMS = (("MessageSid", "SM" + "a" * 32), ("From", "+15017122661"), ("To", "+15558675310"))


class Driver:
    """A sandbox with a rule on its bus, and what can be done to it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.secrets = {"github": GITHUB_SECRET, "twilio": TWILIO_TOKEN}
        self.urls = {"github": cloud.sandbox.github_url or "", "twilio": cloud.sandbox.twilio_url or ""}
        health = cloud.get("/api/health")
        self.aws = Clients(health["aws_endpoint_url"])
        self.outputs: dict[str, str] = health["outputs"]
        self.sent: list[OutgoingRequest] = []

    def everything(self) -> None:
        """Do all of it; what needs its own fault goes one after the other."""
        self.sweeper()
        self.listeners()
        self.no_secret()
        self.samples()
        self.attacks()
        self.loops()
        self.safekeeping()
        self.too_large()
        self.function_faults()
        self.bus_faults()
        self.rule_faults()
        self.without_safekeeping()
        self.lines()

    def listeners(self) -> None:
        """A rule with a target and a dead-letter queue, and two subscribers of the topic, of which one is gone."""
        sqs, topic = self.aws("sqs"), ARN("sns", "hookwatch-alarms")
        for name in ("orders", "dead", "told"):
            sqs.create_queue(QueueName=name)
        self.aws("events").put_rule(Name=RULE, EventBusName=BUS, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
        self.target(ARN("sqs", "orders"))
        for name in ("told", "gone"):
            self.aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", name))

    def target(self, arn: str, dlq: str = "dead") -> None:
        """Give the rule its one target."""
        target = {
            "Id": "1",
            "Arn": arn,
            "RetryPolicy": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 3600},
            "DeadLetterConfig": {"Arn": ARN("sqs", dlq)},
        }
        self.aws("events").put_targets(Rule=RULE, EventBusName=BUS, Targets=[target])

    def request(
        self, provider: str, example: Example | None = None, secret: str | None = None, **options: Any
    ) -> OutgoingRequest:
        """Return a webhook of a provider; its default example, well signed, if nothing else is said."""
        sign = github_request if provider == "github" else twilio_request
        event = "push" if provider == "github" else "message.inbound"
        key = self.secrets[provider] if secret is None else secret
        return sign(self.urls[provider], example or load_example(provider, event), key, **options)  # type: ignore[arg-type] # one of both names

    def send(self, request: OutgoingRequest) -> int:
        """Post a request; returns the status, 0 when there was no answer."""
        self.sent.append(request)
        with urllib3.PoolManager(retries=False, timeout=20) as http, contextlib.suppress(urllib3.exceptions.HTTPError):
            return int(http.request("POST", request.url, body=request.body, headers=request.headers).status)
        return 0

    def both(self, **options: Any) -> None:
        """Send the default webhook of each provider, at once."""
        together(*(lambda each=each: self.send(self.request(each, **options)) for each in PROVIDERS))  # type: ignore[misc] # the default binds

    def accepted(self, provider: str, secret: str | None = None) -> None:
        """Send until one is accepted: caches of keys have waits of their own."""
        eventually(lambda: self.send(self.request(provider, secret=secret)) == 200, PATIENCE_S)

    @contextlib.contextmanager
    def fault(self, **fault: object) -> Any:
        """Hold a fault for a block."""
        placed = self.cloud.fault(**fault)
        try:
            yield
        finally:
            self.cloud.call("DELETE", f"/api/faults/{placed['id']}")

    def no_secret(self) -> None:
        """Deliveries before any key is known, while Secrets Manager refuses."""
        with self.fault(operation="GetSecretValue", fault="error", code="AccessDeniedException"):
            self.both()
        for provider in PROVIDERS:
            self.accepted(provider)

    def samples(self) -> None:
        """Every example of both providers, and one of each sent twice."""
        for provider in PROVIDERS:
            for name in example_names(provider):
                self.send(self.request(provider, load_example(provider, name)))
            self.send(self.sent[-1])

    def attacks(self) -> None:
        """Forged, unsigned, tampered; and signed, but no event."""
        for forgery in (Forgery.WRONG_SECRET, Forgery.UNSIGNED, Forgery.TAMPERED):
            self.both(forgery=forgery)
        self.send(self.request("github", Example("github", "push", b"[]")))
        self.send(self.request("twilio", Example("twilio", "other", b"{")))

    def loops(self) -> None:
        """What our own actors caused, the same subject too often, and a function that called itself too often."""
        own = json.dumps(PUSH | {"sender": PUSH["sender"] | {"login": OWN_LOGIN}}).encode()
        self.send(self.request("github", Example("github", "push", own)))
        self.send(
            self.request("twilio", Example("twilio", "message.inbound", (*SMS[:1], ("From", OWN_NUMBER), *SMS[2:])))
        )
        for _ in range(LOOP_LIMIT + 2):
            self.both()
        for provider in PROVIDERS:
            lineage = ""
            for _ in range(MAX_RUNS):
                lineage, _ = continued(lineage, ARN("lambda", f"function:hookwatch-{provider}"))
            self.send(self.request(provider, more={"X-Amzn-Trace-Id": f"Root=1-67891233-{'a' * 24};Lineage={lineage}"}))

    def too_large(self) -> None:
        """More than the bus takes: into the bucket, and while the bucket refuses."""
        self.large()
        with self.fault(operation="PutObject", fault="error", code="AccessDenied"):
            self.large()

    def large(self) -> None:
        """Send more than the bus takes."""
        filler = "x" * MAX_ENTRY_BYTES
        push = Example("github", "push", json.dumps(PUSH | {"filler": filler}).encode())
        message = Example("twilio", "message.inbound", (*SMS, ("Body", filler)), fresh=True)
        together(lambda: self.send(self.request("github", push)), lambda: self.send(self.request("twilio", message)))

    def safekeeping(self) -> None:
        """Events are parked, fail to be replayed, are replayed; damaged messages; a table that does not answer."""
        for provider in PROVIDERS:
            damaged = json.dumps({"hookwatch": "parked/0", "provider": provider})
            self.aws("sqs").send_message(QueueUrl=self.outputs["ParkingQueueUrl"], MessageBody=damaged)
        with self.fault(operation="PutEvents", fault="error", code="AccessDeniedException"):
            self.both()
            self.counted("ReplayFailed")
        with (
            self.fault(operation="Invoke", fault="throttle", function=self.outputs["ReplayFunction"]),
            self.fault(operation="PutEvents", fault="error", code="AccessDeniedException"),
        ):
            self.both()
        self.counted("Replayed")
        with contextlib.ExitStack() as table:
            for operation in ("GetItem", "PutItem", "UpdateItem"):
                table.enter_context(self.fault(operation=operation, fault="error"))
            self.both()

    def counted(self, name: str) -> None:
        """Wait until a metric of ours was counted for both providers."""

        def seen() -> bool:
            totals = self.cloud.get("/api/metrics/totals")["totals"]
            return {each["dimensions"].get("provider") for each in totals if each["name"] == name} >= set(PROVIDERS)

        eventually(seen, PATIENCE_S)

    def function_faults(self) -> None:
        """A killed function, no free concurrency, and an error of our own."""
        with self.fault(operation="Invoke", fault="crash"):
            self.both()
        with self.fault(operation="Invoke", fault="throttle"):
            self.both()
        with self.fault(operation="PutEvents", fault="garble"):
            self.both()

    def bus_faults(self) -> None:
        """A bus that refuses, one that throttles for longer than a provider waits, and no queue to park in."""
        with self.fault(operation="SendMessage", fault="error", code="AccessDeniedException"):
            with self.fault(operation="PutEvents", fault="error", code="AccessDeniedException"):
                self.both()
            with self.fault(operation="PutEvents", fault="throttle"):
                self.both()

    def rule_faults(self) -> None:
        """A target that fails, a throttled rule, queues that are gone, a rule that sends its events to its own bus."""
        events = self.cloud.sandbox.events
        with self.fault(operation="RuleTarget", fault="throttle"):
            self.accepted("github")
            time.sleep(0.3)
        with self.fault(operation="RuleTarget", fault="error"):
            self.accepted("github")
            time.sleep(0.5)
        for target, dlq in ((ARN("sqs", "gone"), "gone"), (ARN("events", f"event-bus/{BUS}"), "dead")):
            self.target(target, dlq)
            time.sleep(1.2)  # a list of rules is believed for a second
            seen = events.seen
            self.accepted("github")
            eventually(lambda seen=seen: events.seen > seen, PATIENCE_S)
        self.target(ARN("sqs", "orders"))

    def without_safekeeping(self) -> None:
        """Functions that were given neither queue nor bucket: the bus throttles, and an event is too large."""
        whole = {provider: self.variables(provider) for provider in PROVIDERS}
        for provider, variables in whole.items():
            self.set_variables(provider, {name: text for name, text in variables.items() if name not in KEEPING})
        self.large()
        with self.fault(operation="PutEvents", fault="throttle"):
            self.both()
        olds = self.rotated()
        for provider, variables in whole.items():
            self.set_variables(provider, variables)
        # Copies of a function that are changed are new ones, and read every key.
        for provider, old in olds.items():
            for key in (self.secrets[provider], old, f"pending-{provider}"):
                self.accepted(provider, key)

    def variables(self, name: str) -> dict[str, str]:
        """Return the environment that a function is deployed with."""
        found = self.aws("lambda").get_function_configuration(FunctionName=f"hookwatch-{name}")
        return dict(found["Environment"]["Variables"])

    def set_variables(self, name: str, variables: dict[str, str]) -> None:
        """Give a function another environment, and wait until it runs with it."""
        before = self.variables(name)
        self.aws("lambda").update_function_configuration(
            FunctionName=f"hookwatch-{name}", Environment={"Variables": variables}
        )
        function = self.cloud.sandbox.functions.find(f"hookwatch-{name}")
        assert function is not None
        changed = {key for key in before.keys() | variables.keys() if before.get(key) != variables.get(key)}
        eventually(lambda: all(function.spec.environment.get(key) == variables.get(key) for key in changed), PATIENCE_S)

    def sweeper(self) -> None:
        """Give the sweeper its token: only now is its secret's ARN known. It runs by its schedule."""
        arn = self.aws("secretsmanager").create_secret(Name="sweeper", SecretString=TOKEN)["ARN"]
        self.set_variables("sweeper", self.variables("sweeper") | {"HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": arn})

    def rotated(self) -> dict[str, str]:
        """Rotate both secrets half way, so that current, previous and pending sign; returns the previous ones."""
        manager = self.aws("secretsmanager")
        listed = {each["Name"]: each["ARN"] for each in manager.list_secrets()["SecretList"]}
        olds = dict(self.secrets)
        for provider in PROVIDERS:
            (arn,) = (arn for name, arn in listed.items() if provider in name.lower())
            self.secrets[provider] = f"new-{provider}"
            manager.put_secret_value(SecretId=arn, SecretString=self.secrets[provider])
            manager.put_secret_value(SecretId=arn, SecretString=f"pending-{provider}", VersionStages=["AWSPENDING"])
        return olds

    def lines(self) -> None:
        """Lines in the functions' log groups that look like metrics and are none."""
        logs = self.cloud.through_proxy()("logs")
        now_ms = int(time.time() * 1000)
        directive = {"Namespace": "", "Dimensions": [], "Metrics": []}
        documents: list[dict[str, Any]] = [
            {"_aws": "no metadata"},
            {"_aws": {"Timestamp": now_ms, "CloudWatchMetrics": [directive]}},
        ]
        for provider in PROVIDERS:
            group = f"/aws/lambda/hookwatch-{provider}"
            logs.create_log_stream(logGroupName=group, logStreamName="by-hand")
            logs.put_log_events(
                logGroupName=group,
                logStreamName="by-hand",
                logEvents=[{"timestamp": now_ms, "message": json.dumps(each)} for each in documents],
            )


def together(*work: Callable[[], object]) -> None:
    """Do several things at once, and wait for all of them."""
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
