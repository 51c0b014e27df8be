"""`hookwatch parked`: what is shown, what is changed, what is never lost, and how each command ends."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.parked import app
from hookwatch.ingest.parked import encode
from hookwatch.recover.loop_stop_aws import Account
from parked_account import BUS_ARN, FakeAws
from replay_rig import BUCKET, DETAIL, DLQ, KEY, QUEUE, Rig, in_bucket, parked, refusal

if TYPE_CHECKING:
    from hookwatch.ingest.parked import Parked


@pytest.fixture
def aws() -> FakeAws:
    """The account that the commands see."""
    return FakeAws()


def run(aws: FakeAws, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), obj=lambda *_: Account(aws))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def run_json(aws: FakeAws, *arguments: str) -> tuple[int, Any]:
    code, out, error = run(aws, *arguments, "--json")
    assert error == ""
    return code, json.loads(out)


def fill(aws: FakeAws, url: str, count: int, **more: Any) -> list[str]:
    return [aws.put(url, replace(parked(number), **more)).message_id for number in range(1, count + 1)]


def bucket_event(aws: FakeAws) -> Parked:
    rig = Rig()
    event = in_bucket(rig)
    aws.s3.objects.update(rig.s3.objects)
    return event


# --- list ---


def test_empty_queues_are_nothing(aws: FakeAws) -> None:
    """With nothing in either queue the command ends with 0."""
    code, document = run_json(aws, "list")
    assert code == 0
    assert [(queue["name"], queue["visible"]) for queue in document["queues"]] == [("parked", 0), ("parked-dlq", 0)]
    assert [queue["oldest_age_s"] for queue in document["queues"]] == [None, None]


def test_list_says_how_much_how_old_and_what(aws: FakeAws) -> None:
    """Depth, age and groups of both queues; the age is SQS's own where CloudWatch has it."""
    fill(aws, QUEUE, 3)
    fill(aws, QUEUE, 2, provider="twilio", reason="unreachable")
    aws.put(DLQ, "hello", reason="damaged_not_json")
    aws.put(DLQ, parked(9))
    aws.ages["parked"] = 7_300.0
    code, document = run_json(aws, "list")
    live, dead = document["queues"]
    assert code == 1
    assert (live["visible"], live["looked_at"], live["oldest_age_s"]) == (5, 5, 7300)
    assert live["groups"] == [
        {"provider": "github", "detail_type": "push", "reason": "throttled", "messages": 3},
        {"provider": "twilio", "detail_type": "push", "reason": "unreachable", "messages": 2},
    ]
    assert dead["groups"] == [
        {"provider": "?", "detail_type": "?", "reason": "damaged_not_json", "messages": 1},
        {"provider": "github", "detail_type": "push", "reason": "too_many_receives", "messages": 1},
    ]
    assert dead["oldest_age_s"] > 0
    text = run(aws, "list")[1]
    for part in ("parked", "2 h", "throttled", "damaged_not_json"):
        assert part in text


def test_looking_changes_nothing_but_the_receive_count(aws: FakeAws) -> None:
    """What was looked at can be received again at once; --sample 0 looks at nothing."""
    fill(aws, QUEUE, 25)
    run(aws, "list", "--sample", "0")
    assert {message.receives for message in aws.queues[QUEUE]} == {0}
    run(aws, "list", "--sample", "12")
    assert sum(message.receives for message in aws.queues[QUEUE]) == 12
    assert len(aws.visible(QUEUE)) == 25
    assert aws.changes == []


# --- show ---


def test_show_finds_by_either_id_and_keeps_the_payload_back(aws: FakeAws) -> None:
    """A delivery id, a message id, and in the dead-letter queue the former id; the payload only when asked for."""
    (message_id,) = fill(aws, QUEUE, 1)
    aws.put(DLQ, parked(2), reason="object_missing: x", original_message_id="former")
    for identity in ("d-1", message_id):
        code, document = run_json(aws, "show", identity)
        assert (code, document["delivery_id"], document["queue"]) == (0, "d-1", "parked")
        assert "payload" not in document
        assert "refs/heads" not in json.dumps(document)
    code, document = run_json(aws, "show", "former", "--payload")
    assert (document["reason"], document["original_message_id"]) == ("object_missing: x", "former")
    assert document["payload"] == DETAIL
    code, out, _ = run(aws, "show", "d-1", "--payload")
    assert code == 0
    assert DETAIL in out
    assert len(aws.visible(QUEUE)) == 1


def test_show_reads_a_payload_out_of_the_bucket(aws: FakeAws) -> None:
    """What lies in the bucket is shown from there, and what is lost is named."""
    aws.put(QUEUE, bucket_event(aws))
    assert run_json(aws, "show", "d-1", "--payload")[1]["payload"] == DETAIL
    aws.s3.objects.clear()
    code, out, error = run(aws, "show", "d-1", "--payload")
    assert (code, out) == (1, "")
    assert f"s3://{BUCKET}/{KEY}: object_missing" in error


def test_show_of_a_damaged_message_shows_what_is_there(aws: FakeAws) -> None:
    """A message that is no event of ours has a reason and its text."""
    message = aws.put(DLQ, "hello")
    document = run_json(aws, "show", message.message_id, "--payload")[1]
    assert (document["reason"], document["payload"]) == ("damaged_not_json", "hello")


def test_show_of_nothing_ends_with_1(aws: FakeAws) -> None:
    """What is not there, or waits invisibly, is said to be so."""
    fill(aws, QUEUE, 1)
    code, out, error = run(aws, "show", "nope")
    assert (code, out) == (1, "")
    assert "nope is not among the messages that can be received now" in error
    assert len(aws.visible(QUEUE)) == 1


# --- replay ---


def test_a_dry_run_replays_nothing(aws: FakeAws) -> None:
    """Without --yes it says how many would go where, and touches nothing, not even a receive count."""
    fill(aws, QUEUE, 3)
    code, out, _ = run(aws, "replay")
    assert code == 0
    assert f"3 of 3 messages would be published to {BUS_ARN}" in out
    assert "Nothing was changed. Add --yes to do it." in out
    assert run_json(aws, "replay", "--max", "2")[1]["would_replay"] == 2
    assert (aws.changes, {message.receives for message in aws.queues[QUEUE]}) == ([], {0})


def test_replay_empties_the_queue(aws: FakeAws) -> None:
    """All is published with the mark and gone from the queue."""
    fill(aws, QUEUE, 23)
    aws.put(QUEUE, bucket_event(aws))
    code, document = run_json(aws, "replay", "--yes")
    assert (code, document["replayed"], document["failed"], document["refused"]) == (0, 24, 0, 0)
    assert document["left"] == {"visible": 0, "in_flight": 0}
    assert aws.queues == {QUEUE: [], DLQ: []}
    assert {entry["EventBusName"] for entry in aws.bus.published} == {BUS_ARN}
    assert all("replayed_at" in entry["Detail"] for entry in aws.bus.published)


def test_replay_stops_at_max(aws: FakeAws) -> None:
    """Ten first: the rest stays as it was."""
    fill(aws, QUEUE, 25)
    code, document = run_json(aws, "replay", "--yes", "--max", "13")
    assert (code, document["replayed"]) == (0, 13)
    assert len(aws.visible(QUEUE)) == 12


def test_replay_stops_when_too_many_fail_in_a_row(aws: FakeAws) -> None:
    """A dead bus is noticed after three, what failed waits, and what was not tried is given back."""
    fill(aws, QUEUE, 8)
    aws.bus.answers = [refusal("AccessDeniedException")] * 8
    code, document = run_json(aws, "replay", "--yes")
    assert (code, document["failed"], document["stopped"]) == (1, 3, True)
    assert document["reasons"] == {"call_refused: AccessDeniedException": 3}
    assert document["left"] == {"visible": 5, "in_flight": 3}
    fresh = FakeAws()
    fill(fresh, QUEUE, 8)
    fresh.bus.answers = [refusal("AccessDeniedException"), [None], refusal("AccessDeniedException")]
    code, out, _ = run(fresh, "replay", "--yes")
    assert code == 1
    assert "replayed 6, failed 2, given up 0" in out
    assert "2 wait after a failure" in out


def test_replay_gives_up_what_never_can_be_replayed(aws: FakeAws) -> None:
    """Damaged messages go to the dead-letter queue with their reason, as the function does it."""
    aws.put(QUEUE, "hello")
    fill(aws, QUEUE, 1)
    code, document = run_json(aws, "replay", "--yes")
    assert (code, document["replayed"], document["refused"]) == (1, 1, 1)
    (dead,) = aws.queues[DLQ]
    assert (dead.body, dead.attributes["reason"]) == ("hello", "damaged_not_json")
    assert aws.queues[QUEUE] == []


def test_replay_loses_nothing_when_the_dead_letter_queue_refuses(aws: FakeAws) -> None:
    """What cannot be given up stays, can be received again, and the sentence says why."""
    aws.put(QUEUE, "hello")
    aws.refuse["send_message"] = "AccessDenied"
    code, out, error = run(aws, "replay", "--yes", "--json")
    assert code == 2
    assert "the dead-letter queue does not take what is given up (AccessDenied)" in error
    assert json.loads(out)["problem"]
    assert len(aws.visible(QUEUE)) == 1


def test_an_interrupted_replay_gives_everything_back(aws: FakeAws) -> None:
    """After Ctrl-C nothing is lost: what was published may be so again, everything else can be received at once."""
    fill(aws, QUEUE, 10)
    aws.interrupt = "put_events"
    assert CliRunner().invoke(app, ["replay", "--yes"], obj=lambda *_: Account(aws)).exit_code != 0
    assert len(aws.visible(QUEUE)) == 10


def test_nothing_to_replay_is_said(aws: FakeAws) -> None:
    """An empty queue is fine; one in which everything waits is not."""
    assert run(aws, "replay", "--yes")[0] == 0
    for message_id in fill(aws, QUEUE, 2):
        next(each for each in aws.queues[QUEUE] if each.message_id == message_id).visible_at_s = 5_000.0
    code, out, _ = run(aws, "replay", "--yes")
    assert code == 1
    assert "replayed 0" in out
    assert "2 wait after a failure" in out


def test_a_count_that_is_wrong_keeps_nothing_from_being_replayed(aws: FakeAws) -> None:
    """SQS's count is approximate: --yes replays what can be received, whatever was counted."""
    aws.counts_nothing = True
    code, document = run_json(aws, "replay", "--yes")
    assert (code, document["dry_run"], document["replayed"]) == (0, False, 0)
    fill(aws, QUEUE, 12)
    assert run_json(aws, "replay")[1]["would_replay"] == 0
    code, document = run_json(aws, "replay", "--yes")
    assert (code, document["replayed"], aws.queues[QUEUE]) == (0, 12, [])


# --- move-back ---


@pytest.fixture
def dead(aws: FakeAws) -> FakeAws:
    """A dead-letter queue with one of each kind."""
    aws.put(DLQ, parked(1))
    aws.put(DLQ, parked(2), reason="object_missing: NoSuchKey: s3://b/k")
    aws.put(DLQ, "hello", reason="damaged_not_json")
    aws.put(DLQ, "[]")
    return aws


@pytest.mark.parametrize(
    ("arguments", "moved"),
    [
        ([], {"d-1", "d-2"}),
        (["--reason", "too_many_receives"], {"d-1"}),
        (["--reason", "object_missing"], {"d-2"}),
        (["--reason", "damaged", "--damaged"], {"hello", "[]"}),
        (["--reason", "damaged"], set()),
        (["--damaged"], {"d-1", "d-2", "hello", "[]"}),
        (["--max", "1"], {"d-1"}),
    ],
)
def test_what_is_meant_goes_back(dead: FakeAws, arguments: list[str], moved: set[str]) -> None:
    """By reason, by number, and damaged ones only when named; the rest can be received as before."""
    before = len(dead.queues[DLQ])
    planned = run_json(dead, "move-back", *arguments)[1]
    assert (planned["would_move"], dead.changes) == (len(moved), [])
    code, document = run_json(dead, "move-back", *arguments, "--yes")
    assert (code, document["moved"], document["in_both_queues"]) == (0, len(moved), 0)
    names = {encode(parked(1)): "d-1", encode(parked(2)): "d-2"}
    assert {names.get(body, body) for body in dead.bodies(QUEUE)} == moved
    assert all(message.attributes == {} for message in dead.queues[QUEUE])
    assert len(dead.visible(DLQ)) == len(dead.queues[DLQ]) == before - len(moved)


def test_every_reason_that_is_told_can_be_asked_for(dead: FakeAws) -> None:
    """A plan and a list call each kind by the word that --reason takes."""
    told = [group["reason"] for group in run_json(dead, "move-back", "--damaged")[1]["what"]]
    assert "too_many_receives" in told
    listed = run_json(dead, "list")[1]["queues"][1]["groups"]
    assert sorted(told) == sorted(group["reason"] for group in listed)
    for reason in told:
        assert run_json(dead, "move-back", "--damaged", "--reason", reason, "--yes")[1]["moved"] > 0
    assert dead.queues[DLQ] == []


def test_a_dry_run_says_what_would_be_moved(dead: FakeAws) -> None:
    """People see the kinds and how to go on."""
    out = run(dead, "move-back")[1]
    assert "of 4 messages in parked-dlq 4 were looked at; 2 of these would be moved" in out
    assert "object_missing" in out
    assert "Nothing was changed. Add --yes to do it." in out


def test_many_are_moved_past_those_that_stay(aws: FakeAws) -> None:
    """Those that stay are not met twice, however many they are."""
    for number in range(60):
        aws.put(DLQ, "hello" if number % 2 else parked(number))
    assert run_json(aws, "move-back", "--yes")[1] == {
        "dry_run": False,
        "moved": 30,
        "left": 30,
        "in_both_queues": 0,
        "problem": None,
    }
    assert len(aws.visible(DLQ)) == 30


def test_an_interrupted_move_loses_nothing(dead: FakeAws) -> None:
    """Stopped between sending and deleting, a message is in both queues and never in none."""
    dead.interrupt = "send_message"
    assert CliRunner().invoke(app, ["move-back", "--yes"], obj=lambda *_: Account(dead)).exit_code != 0
    assert len(dead.queues[QUEUE]) == 1
    assert len(dead.visible(DLQ)) == 4


def test_a_queue_that_refuses_stops_the_move(dead: FakeAws) -> None:
    """Nothing is deleted that was not sent."""
    dead.refuse["send_message"] = "AccessDenied"
    code, _, error = run(dead, "move-back", "--yes")
    assert code == 2
    assert "not allowed to send message" in error
    assert len(dead.visible(DLQ)) == 4


def test_what_cannot_be_deleted_is_counted(dead: FakeAws) -> None:
    """A message in both queues is said to be there; it may be published twice."""
    dead.refuse["delete_message"] = "AccessDenied"
    code, out, _ = run(dead, "move-back", "--yes")
    assert code == 1
    assert "2 are in both queues now" in out


# --- all of them ---

COMMANDS = [["list"], ["show", "x"], ["replay", "--yes"], ["move-back", "--yes"]]


OBSTACLES: list[tuple[dict[str, str], str]] = [
    ({"stack": "--stack nope"}, "there is no stack nope in this account and Region"),
    ({"outputs": "ParkingQueueUrl"}, "the stack hookwatch has no output ParkingQueueUrl"),
    ({"refuse": "describe_stacks"}, "not allowed to describe stacks"),
    ({"refuse": "receive_message"}, "not allowed to receive message"),
    ({"refuse": "get_queue_attributes"}, "not allowed to get queue attributes"),
    ({"gone": "yes"}, "there is no queue parked"),
]


@pytest.mark.parametrize(
    ("command", "change", "said"),
    [
        (command, change, said)
        for command in COMMANDS
        for change, said in OBSTACLES
        # `show` does not ask how many there are.
        if (command[0], change.get("refuse")) != ("show", "get_queue_attributes")
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    aws: FakeAws, command: list[str], change: dict[str, str], said: str
) -> None:
    """No such stack, no parking in it, no permission, no queue: exit code 2, one sentence, nothing changed."""
    fill(aws, QUEUE, 1)
    fill(aws, DLQ, 1)
    if "refuse" in change:
        aws.refuse[change["refuse"]] = "AccessDenied"
    if "outputs" in change:
        del aws.outputs["hookwatch"][change["outputs"]]
    if "gone" in change:
        aws.queues.clear()
    code, _, error = run(aws, *command, *change.get("stack", "").split())
    assert code == 2
    assert said in " ".join(error.split())
    assert "Traceback" not in error
    assert aws.changes == []
