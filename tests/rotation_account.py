"""A secret, the functions that verify with it and the hook that signs, in memory: strict where AWS is, and watchful.

After every call that changes anything, whatever anybody may be signing with must be accepted: that is the one promise
of a rotation, and it is checked here, at each single call, and not by the tests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.rotation_accept import Pace
from hookwatch.recover.rotation_hook import Recorded, Sent
from hookwatch.recover.rotation_probe import Answered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from hookwatch.recover.loop_stop import Problem
    from hookwatch.recover.rotation import Key

OLD = "the old secret of the hook"
URL = "https://abc.lambda-url.us-east-1.on.aws/"
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hooks-AbCdEf"
VERIFY = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")
OUTPUTS = {
    **{f"GitHub{name}": value for name, value in (("SecretArn", ARN), ("FunctionUrl", URL), ("LogGroupName", "/log"))},
    **{f"Twilio{name}": value for name, value in (("SecretArn", ARN), ("FunctionUrl", URL), ("LogGroupName", "/log"))},
}


class Killed(BaseException):
    """The process ended here."""


@dataclass(repr=False)
class World:
    """Everything outside of the rotation.

    Attributes:
        labels: version id -> its labels; a version without any is as good as gone.
        values: version id -> its text.
        signing: every key that a delivery under way may be signed with.
        changes: the calls that changed something, in order.
        kill_at: the process ends right after this call, counted from 1; 0 for never.
        kill_before: end before it, not after it.
        refuse: operation -> the error code that it is refused with.
        metrics: metric -> its sum, whatever the span.
        lines: GUID -> the label that the function logged.
        after: call -> what somebody else does right after it.
    """

    labels: dict[str, set[str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    created: dict[str, datetime] = field(default_factory=dict)
    changed: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    now: datetime = datetime(2026, 6, 1, tzinfo=UTC)
    signing: set[str] = field(default_factory=set)
    changes: list[str] = field(default_factory=list)
    calls: int = 0
    kill_at: int = 0
    kill_before: bool = False
    refuse: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=lambda: dict(OUTPUTS))

    def __post_init__(self) -> None:
        self.put("11111111-2222-3333-4444-555555555555", OLD, {"AWSCURRENT"})
        self.signing = {OLD}

    def put(self, version_id: str, text: str, labels: set[str]) -> None:
        self.values[version_id], self.labels[version_id] = text, labels
        self.created[version_id] = self.now

    def accepted(self) -> set[str]:
        """What functions verify with, once they have read the labels as they are."""
        return {self.values[each] for each, labels in self.labels.items() if labels & set(VERIFY)}

    def labelled(self) -> dict[str, set[str]]:
        """Value -> its labels."""
        return {self.values[each]: labels for each, labels in self.labels.items() if labels}

    def account(self) -> Account:
        return Account(lambda _: Client(self), self.sleep)

    def pace(self) -> Pace:
        return Pace(clock=self.seconds, sleep=self.sleep, now=lambda: self.now)

    def seconds(self) -> float:
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def change(self, name: str, effect: Callable[[], None]) -> None:
        """Make one change to the world, unless the process is killed first, and see whether the promise still holds."""
        self.calls += 1
        self.sleep(1)
        if self.calls == self.kill_at and self.kill_before:
            raise Killed
        effect()
        self.changes.append(name)
        assert self.signing <= self.accepted(), f"after {name} a delivery would be refused: {self.changes}"
        if self.calls == self.kill_at:
            raise Killed
        self.after.pop(name, lambda: None)()

    def probe(self, key: Key) -> Answered:
        return Answered(200 if key.text in self.accepted() else 401)


class Client:
    """One call after the other, by name."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> dict[str, Any]:
            if operation in self._world.refuse:
                raise refusal(self._world.refuse[operation])
            answer: dict[str, Any] = globals()[f"_{operation}"](self._world, **parameters)
            return answer

        return call


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


def _describe_stacks(world: World, StackName: str) -> Any:  # noqa: N803 - AWS's own names
    if StackName != "hookwatch":
        raise refusal("ValidationError")
    return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in world.outputs.items()]}]}


def _describe_secret(world: World, SecretId: str) -> Any:  # noqa: N803 - AWS's own names
    if SecretId != ARN:
        raise refusal("ResourceNotFoundException")
    return {"ARN": ARN, "CreatedDate": world.changed, "LastChangedDate": world.changed}


def _list_secret_version_ids(world: World, SecretId: str, MaxResults: int, NextToken: str = "0") -> Any:  # noqa: N803 - AWS's own names
    assert SecretId == ARN
    assert MaxResults >= 1
    found = [each for each, labels in world.labels.items() if labels]
    at = int(NextToken)
    page = [
        {"VersionId": each, "VersionStages": sorted(world.labels[each]), "CreatedDate": world.created[each]}
        for each in found[at : at + 1]
    ]
    # One a page, so that whoever reads only the first sees it.
    return {"Versions": page, **({"NextToken": str(at + 1)} if at + 1 < len(found) else {})}


def _get_secret_value(world: World, SecretId: str, VersionId: str) -> Any:  # noqa: N803 - AWS's own names
    assert SecretId == ARN
    return {"SecretString": world.values[VersionId]}


def _put_secret_value(
    world: World,
    SecretId: str,  # noqa: N803 - AWS's own names
    ClientRequestToken: str,  # noqa: N803 - AWS's own names
    SecretString: str,  # noqa: N803 - AWS's own names
    VersionStages: list[str],  # noqa: N803 - AWS's own names
) -> Any:
    assert SecretId == ARN
    assert 32 <= len(ClientRequestToken) <= 64
    assert VersionStages == ["AWSPENDING"]

    def effect() -> None:
        for labels in world.labels.values():
            labels -= set(VersionStages)
        world.put(ClientRequestToken, SecretString, set(VersionStages))
        world.changed = world.now

    world.change("put_secret_value", effect)
    return {"VersionId": ClientRequestToken}


def _update_secret_version_stage(
    world: World,
    SecretId: str,  # noqa: N803 - AWS's own names
    VersionStage: str,  # noqa: N803 - AWS's own names
    MoveToVersionId: str = "",  # noqa: N803 - AWS's own names
    RemoveFromVersionId: str = "",  # noqa: N803 - AWS's own names
) -> Any:
    assert SecretId == ARN
    holder = next((each for each, labels in world.labels.items() if VersionStage in labels), "")
    if holder not in (MoveToVersionId, RemoveFromVersionId):
        raise refusal("InvalidParameterException")

    def effect() -> None:
        if holder:
            world.labels[holder].discard(VersionStage)
        if MoveToVersionId:
            world.labels[MoveToVersionId].add(VersionStage)
        if VersionStage == "AWSCURRENT" and holder != MoveToVersionId:
            for labels in world.labels.values():
                labels.discard("AWSPREVIOUS")
            world.labels[holder].add("AWSPREVIOUS")
        world.changed = world.now

    to = "to" if MoveToVersionId else "off"
    world.change(f"{VersionStage} {to}", effect)
    return {}


def _get_metric_data(world: World, MetricDataQueries: Any, StartTime: datetime, EndTime: datetime) -> Any:  # noqa: N803 - AWS's own names
    assert StartTime < EndTime
    results = []
    for query in MetricDataQueries:
        metric = query["MetricStat"]["Metric"]
        assert metric["Namespace"] == "Hookwatch"
        assert {each["Name"] for each in metric["Dimensions"]} == {"service", "provider"}
        value = world.metrics.get(metric["MetricName"])
        results.append({"Id": query["Id"], "Values": [] if value is None else [value]})
    return {"MetricDataResults": results}


def _filter_log_events(world: World, logGroupName: str, filterPattern: str, startTime: int) -> Any:  # noqa: N803 - AWS's own names
    assert logGroupName == "/log"
    assert startTime < world.now.timestamp() * 1000
    lines = [json.dumps({"delivery_id": guid, "key_stage": stage}) for guid, stage in world.lines.items()]
    return {
        "events": [
            {"message": "START"},
            *({"message": line} for line in lines if json.loads(line)["delivery_id"] in filterPattern),
        ]
    }


@dataclass
class FakeHook:
    """A hook that signs with what it was told, and keeps a record.

    Attributes:
        secret: what it signs with.
        unreadable: whether the payload is shown in another spelling than it was sent.
        stale: so many deliveries are still signed with the former secret.
        pings: whether it has an endpoint for pings; an App's hook has none and gets deliveries by itself.
    """

    world: World = field(repr=False)
    secret: str = field(default=OLD, repr=False)
    problem: Problem | None = None
    unreadable: bool = False
    stale: int = 0
    pings: bool = True
    status: int = 200
    target: str = "hook 7 of acme/shop"
    records: list[tuple[Sent, Recorded]] = field(default_factory=list)
    former: str = field(default=OLD, repr=False)

    def check(self, url: str) -> Problem | None:
        assert url == URL
        return self.problem

    def tell(self, key: Key) -> Problem | None:
        def effect() -> None:
            if self.secret != key.text:
                self.former, self.secret = self.secret, key.text
            # Deliveries that were signed before may still be under way.
            self.world.signing = {self.former, self.secret}

        self.world.change("tell", effect)
        return None

    def ping(self) -> bool | Problem:
        if not self.pings:
            return False
        self.world.change("ping", lambda: self.deliver("ping"))
        return True

    def deliver(self, event: str) -> None:
        """Send and record one delivery."""
        number = len(self.records) + 1
        guid, body = f"guid-{number}", f'{{"number":{number}}}'.encode()
        secret = self.former if self.stale > 0 else self.secret
        self.stale -= 1
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        status = self.status if secret in self.world.accepted() else 401
        labels = next(labels for text, labels in self.world.labelled().items() if text == secret)
        self.world.lines[guid] = next(label for label in VERIFY if label in labels)
        bodies = (b"in another spelling",) if self.unreadable else (b"no", body)
        self.records.insert(0, (Sent(number, guid, event), Recorded(guid, status, signature, bodies)))

    def sent(self, known: Collection[int]) -> Sequence[Sent] | Problem:
        return [sent for sent, _ in self.records][: None if known else 1]

    def recorded(self, delivery_id: int) -> Recorded | Problem:
        return next(recorded for sent, recorded in self.records if sent.delivery_id == delivery_id)
