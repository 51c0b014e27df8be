"""A delivery that is durable is not published twice, and one that is not can always be sent again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from hookwatch.ingest.model import HEARTBEAT
from hookwatch.ingest.providers.github import GitHub
from support import (
    URL,
    Bus,
    Clock,
    LoopPolicy,
    Objects,
    Queue,
    Stand,
    Table,
    github_event,
    lines,
    stand,
    twilio,
    twilio_event,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PUSH = {"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "commits": [], "repository": {"id": 1}}
LARGE = PUSH | {"commits": ["x" * 1_000_000]}
CUT = ReadTimeoutError(endpoint_url="https://dynamodb")
DOWN = [["ThrottlingException"]] * 99


def error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the parts that are read
        "AnyCall",
    )


def ended(stood: Stand, event: Mapping[str, Any], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The delivery's line."""
    capsys.readouterr()
    status = stood(event)["statusCode"]
    return {**lines(capsys)[-1], "status": status}


@pytest.mark.parametrize(
    ("payload", "bus", "outcome"),
    [(PUSH, (), "accepted"), (PUSH, DOWN, "parked"), (LARGE, (), "claim_checked")],
)
def test_what_is_durable_is_not_done_twice(payload: object, bus: Any, outcome: str, capsys: pytest.CaptureFixture[str]):
    """The second one like it is answered with success and touches neither bus, queue nor bucket."""
    table, queue, objects = Table(), Queue(), Objects()
    stood = stand(bus=Bus(*bus), queue=queue, objects=objects, table=table)
    assert ended(stood, github_event(payload), capsys)["outcome"] == outcome
    assert table.statuses == ["COMPLETED"]
    before = (len(stood.bus.calls), len(queue.calls), objects.calls)
    again = ended(stood, github_event(payload), capsys)
    assert (again["outcome"], again["status"], again["Duplicate"]) == ("duplicate", 200, 1)
    assert again["level"] == "INFO"
    assert (len(stood.bus.calls), len(queue.calls), objects.calls) == before


def test_what_failed_can_be_sent_again(capsys: pytest.CaptureFixture[str]):
    """A redelivery of a delivery that was refused always passes."""
    table = Table()
    stood = stand(bus=Bus(["AccessDeniedException"]), table=table)
    assert ended(stood, github_event(PUSH), capsys)["status"] == 503
    assert table.items == {}
    assert ended(stood, github_event(PUSH), capsys)["outcome"] == "accepted"


def test_a_key_names_its_provider_and_shows_nothing():
    """The role allows a provider's own entries by how their keys begin; the rest of a key is a hash."""
    table = Table()
    stand(table=table)(github_event(PUSH))
    (key,) = table.items
    provider, _, digest = key.partition("#")
    assert provider == "github"
    assert len(digest) == 64
    assert set(table.items[key]) == {"id", "status", "expiration", "in_progress_expiration"}


@pytest.mark.parametrize(
    "other",
    [
        github_event(PUSH, **{"x-github-delivery": "ffffffff-cc78-11e3-81ab-4c9367dc0958"}),
        github_event(PUSH, **{"x-github-hook-id": "12345"}),
        github_event(PUSH | {"after": "2" * 40}),
        github_event(PUSH, "custom_event"),
    ],
    ids=["another delivery", "another hook", "another body", "another event"],
)
def test_another_delivery_is_no_duplicate(other: dict[str, Any], capsys: pytest.CaptureFixture[str]):
    """Hook, delivery id, event and body all have to agree: an unsigned header alone makes no duplicate."""
    for first, second in ((github_event(PUSH), other), (other, github_event(PUSH))):
        stood = stand(table=Table())
        assert ended(stood, first, capsys)["outcome"] == "accepted"
        assert ended(stood, second, capsys)["outcome"] == "accepted"


def test_twilio_is_known_by_its_natural_keys(capsys: pytest.CaptureFixture[str]):
    """A message's status comes once; its next status is another delivery."""
    stood = stand(twilio(), table=Table())
    sent = [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("From", "+1"), ("To", "+2")]
    assert ended(stood, twilio_event(sent), capsys)["outcome"] == "accepted"
    assert ended(stood, twilio_event(sent), capsys)["outcome"] == "duplicate"
    delivered = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("From", "+1"), ("To", "+2")]
    assert ended(stood, twilio_event(delivered), capsys)["outcome"] == "accepted"


def test_what_twilio_signed_is_the_same_in_any_order(capsys: pytest.CaptureFixture[str]):
    """Twilio's signature sorts the parameters; a recorded request that comes in another order is a duplicate, too."""
    stood = stand(twilio(), table=Table())
    sent = [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("From", "+1"), ("To", "+2")]
    assert ended(stood, twilio_event(sent), capsys)["outcome"] == "accepted"
    assert ended(stood, twilio_event(sent[::-1]), capsys)["outcome"] == "duplicate"


def test_a_get_request_is_known_by_its_query(capsys: pytest.CaptureFixture[str]):
    """Without a body the query is what was signed."""
    stood = stand(twilio(), table=Table())
    queries = ("CallSid=CA1&CallStatus=ringing", "CallSid=CA1&CallStatus=ringing", "CallSid=CA1&CallStatus=busy")
    events = [twilio_event([], url=f"{URL}?{query}", method="GET") for query in queries]
    assert [ended(stood, event, capsys)["outcome"] for event in events] == ["accepted", "duplicate", "accepted"]


@pytest.mark.parametrize("failure", [CUT, error("ProvisionedThroughputExceededException"), error("AccessDenied")])
def test_a_failing_table_stops_nothing(failure: Exception, capsys: pytest.CaptureFixture[str]):
    """Every delivery is published as if there were no table, and the failure is counted; the table is asked once."""
    table = Table(*[failure] * 9)
    line = ended(stand(table=table), github_event(PUSH), capsys)
    assert (line["outcome"], line["status"], line["DedupeFailure"]) == ("accepted", 200, 1)
    assert line["dedupe_error"] in ("ReadTimeoutError", "ProvisionedThroughputExceededException", "AccessDenied")
    assert table.calls == ["PutItem"]


def test_a_table_that_fails_at_the_end_is_counted(capsys: pytest.CaptureFixture[str]):
    """The delivery is accepted; that it is not remembered is said."""
    table = Table(None, CUT)
    line = ended(stand(table=table), github_event(PUSH), capsys)
    assert (line["outcome"], line["DedupeFailure"]) == ("accepted", 1)
    assert table.calls == ["PutItem", "UpdateItem"]


def test_a_killed_function_blocks_nobody_for_long(capsys: pytest.CaptureFixture[str]):
    """An entry that a killed function left behind counts for no longer than the function could have run."""
    table = Table()
    stood = stand(table=table)
    began_ms = time.time() * 1000
    table.errors = [None, CUT]  # as if the function had died before the end
    ended(stood, github_event(PUSH), capsys)
    ((key, item),) = table.items.items()
    assert item["status"]["S"] == "INPROGRESS"
    assert 8_000 < int(item["in_progress_expiration"]["N"]) - began_ms < 11_000
    table.items[key]["in_progress_expiration"] = {"N": str(int(began_ms) - 1)}
    assert ended(stood, github_event(PUSH), capsys)["outcome"] == "accepted"
    assert table.statuses == ["COMPLETED"]


def test_an_entry_that_has_expired_is_no_duplicate(capsys: pytest.CaptureFixture[str]):
    """DynamoDB deletes late; what is too old counts no more even while it is still there."""
    table = Table()
    stood = stand(table=table)
    ended(stood, github_event(PUSH), capsys)
    (item,) = table.items.values()
    assert 3_500 < int(item["expiration"]["N"]) - time.time() <= 3_600
    item["expiration"] = {"N": str(int(time.time()) - 1)}
    assert ended(stood, github_event(PUSH), capsys)["outcome"] == "accepted"


class OtherCopy(Table):
    """A table that another copy of the function has an entry in; it ends after some looks."""

    def __init__(self, ends_as: str | None, after_calls: int = 4, *, tells_old: bool = True) -> None:
        super().__init__()
        self._ends_as, self._after, self.tells_old = ends_as, after_calls, tells_old

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        key = arguments["Item"]["id"]["S"]
        if not self.calls:
            self.items[key] = {**arguments["Item"], "status": {"S": "INPROGRESS"}}
        if len(self.calls) >= self._after and self._ends_as:
            if self._ends_as == "failed":
                self.items.pop(key, None)
            else:
                self.items[key]["status"] = {"S": "COMPLETED"}
            self._ends_as = None
        return super().put_item(**arguments)


def test_a_parked_delivery_whose_payload_is_lost_can_be_forgotten(capsys: pytest.CaptureFixture[str]):
    """As runbooks/dlq-drain.md has it: found by its provider and by when it was parked, deleted, and sent again."""
    table = Table()
    stood = stand(bus=Bus(*DOWN), queue=Queue(), table=table)
    parked_s = int(time.time())
    assert ended(stood, github_event(PUSH), capsys)["outcome"] == "parked"
    assert ended(stood, github_event(PUSH), capsys)["outcome"] == "duplicate"
    ends_s = parked_s + 3_600  # so long the table of `stand` remembers
    ((key, item),) = table.items.items()
    assert key.startswith("github#")
    assert ends_s - 1 <= int(item["expiration"]["N"]) <= ends_s + 10
    del table.items[key]
    stood.bus.answers.clear()
    assert ended(stood, github_event(PUSH), capsys)["outcome"] == "accepted"


@pytest.mark.parametrize("tells_old", [True, False])
def test_a_concurrent_duplicate_waits_for_the_first_one(tells_old: bool, capsys: pytest.CaptureFixture[str]):
    """If the first one ends well meanwhile, the second is a duplicate; nothing is published for it."""
    stood = stand(table=OtherCopy("done", tells_old=tells_old))
    line = ended(stood, github_event(PUSH), capsys)
    assert (line["outcome"], line["status"]) == ("duplicate", 200)
    assert not stood.bus.calls


@pytest.mark.parametrize("tells_old", [True, False])
def test_if_the_first_one_fails_the_second_is_done(tells_old: bool, capsys: pytest.CaptureFixture[str]):
    """A success is never borrowed from a delivery that had none."""
    table = OtherCopy("failed", tells_old=tells_old)
    line = ended(stand(table=table), github_event(PUSH), capsys)
    assert line["outcome"] == "accepted"
    assert table.statuses == ["COMPLETED"]


def test_if_the_first_one_does_not_end_the_second_is_done_too(capsys: pytest.CaptureFixture[str]):
    """Rather twice than never; and what the second made durable is remembered."""
    table, clock = OtherCopy(None), Clock()
    began_s = clock.now_s
    line = ended(stand(table=table, clock=clock), github_event(PUSH), capsys)
    assert line["outcome"] == "accepted"
    assert 1.0 < clock.now_s - began_s < 2.0
    assert table.statuses == ["COMPLETED"]


def test_a_second_one_that_fails_leaves_the_first_ones_entry_alone(capsys: pytest.CaptureFixture[str]):
    """What somebody else has in hand is theirs to forget."""
    table = OtherCopy(None)
    line = ended(stand(bus=Bus(["AccessDeniedException"]), table=table), github_event(PUSH), capsys)
    assert line["status"] == 503
    assert table.statuses == ["INPROGRESS"]


def test_what_a_second_one_made_durable_stays_known_though_the_first_one_fails(capsys: pytest.CaptureFixture[str]):
    """The first one forgets only an entry that is still in progress."""
    table = Table()

    class Overtaken(Bus):
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
            for item in table.items.values():
                item["status"] = {"S": "COMPLETED"}
            return super().put_events(Entries)

    line = ended(stand(bus=Overtaken(["AccessDeniedException"]), table=table), github_event(PUSH), capsys)
    assert (line["status"], "DedupeFailure" in line) == (503, False)
    assert table.statuses == ["COMPLETED"]


def test_heartbeats_and_dropped_ones_are_not_remembered(capsys: pytest.CaptureFixture[str]):
    """The canary must come through each time, and what is left out on purpose is nobody's duplicate."""
    table = Table()
    stood = stand(table=table)
    for _ in range(2):
        assert ended(stood, github_event({HEARTBEAT: True}, HEARTBEAT), capsys)["outcome"] == "accepted"
    policy = LoopPolicy(own_actors=frozenset({"bot"}), drop_own=True)
    dropping = stand(GitHub(policy), loops=policy, table=table)
    assert ended(dropping, github_event(PUSH | {"sender": {"login": "bot"}}), capsys)["outcome"] == "dropped"
    assert table.calls == []


def test_what_does_not_verify_never_reaches_the_table():
    """A stranger costs no write."""
    table = Table()
    assert stand(table=table)(github_event(PUSH, secret="wrong"))["statusCode"] == 401
    assert table.calls == []


def test_two_at_once_are_published_once(capsys: pytest.CaptureFixture[str]):
    """Of copies that get the same delivery at the same moment exactly one publishes it."""
    lock = threading.Lock()

    class Atomic(Table):
        def put_item(self, **arguments: Any) -> dict[str, Any]:
            with lock:
                return super().put_item(**arguments)

    table, buses = Atomic(), [Bus() for _ in range(4)]
    stands = [stand(bus=bus, table=table) for bus in buses]
    threads = [threading.Thread(target=each, args=(github_event(PUSH),)) for each in stands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = sorted(line["outcome"] for line in lines(capsys))
    published = sum(len(bus.calls) for bus in buses)
    # A copy whose clock ran through the wait before the first one ended publishes too: rather twice than never.
    assert published == outcomes.count("accepted") >= 1
    assert outcomes.count("duplicate") == 4 - published
    assert table.statuses == ["COMPLETED"]
