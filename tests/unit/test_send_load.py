from __future__ import annotations

import socket

import pytest

from hookwatch.sender import Forgery, OutgoingRequest, github_request, load_example
from hookwatch.sender.load import Load, Reply
from hookwatch.sender.report import Tally, percentile
from vectors.listener import Listener, Seen, listening


def run(url: str, *, count: int = 1, concurrency: int = 1, patience_s: float = 5.0) -> list[Reply]:
    example = load_example("github", "ping")

    def make() -> OutgoingRequest:
        return github_request(url, example, "s")

    return list(Load(make, count=count, concurrency=concurrency, patience_s=patience_s).replies())


def test_every_delivery_is_answered_once() -> None:
    """As many requests arrive as were asked for, each with an id of its own, and every answer is reported."""
    with listening() as listener:
        replies = run(listener.url, count=40, concurrency=4)
    assert len(replies) == len(listener.seen) == 40
    assert {reply.delivery_id for reply in replies} == {seen.headers["x-github-delivery"] for seen in listener.seen}
    assert {(reply.status, reply.outcome, reply.error) for reply in replies} == {(200, "accepted", None)}
    assert all(0 < reply.latency_ms < 5000 for reply in replies)


def test_connections_are_kept() -> None:
    """Many requests share as many connections as run at once."""
    with listening() as listener:
        run(listener.url, count=30, concurrency=3)
    assert len({seen.connection for seen in listener.seen}) <= 3


def test_requests_run_at_once() -> None:
    """Eight slow requests, eight at once, are under way together: one after the other would need one connection."""
    with listening() as listener:
        listener.delay_s = 0.5
        run(listener.url, count=8, concurrency=8)
    assert len({seen.connection for seen in listener.seen}) >= 4


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (401, '{"outcome":"bad_signature","request_id":"x"}', "bad_signature"),
        (200, '<?xml version="1.0" encoding="UTF-8"?><Response/>', "twiml"),
        (502, "Internal Server Error", None),
        (200, "[" * 5000, None),
        (200, '{"outcome":5}', None),
        (302, "", None),
    ],
)
def test_answer_is_reported_as_it_is(status: int, text: str, outcome: str | None) -> None:
    """Status and outcome of any answer are reported; a redirect is an answer and is not followed."""
    with listening(lambda _: (status, text)) as listener:
        (reply,) = run(listener.url)
    assert (reply.status, reply.outcome, len(listener.seen)) == (status, outcome, 1)


def test_silence_is_a_reply_too() -> None:
    """A receiver that is slower than the provider would wait is reported as timed out, and not asked again."""
    with listening() as listener:
        listener.delay_s = 0.8
        (reply,) = run(listener.url, patience_s=0.2)
    assert (reply.status, reply.error, len(listener.seen)) == (None, "timed out", 1)


def test_cut_connection_is_a_reply_too() -> None:
    """A receiver that hangs up is reported, and not asked again."""
    with listening(lambda _: (0, "")) as listener:
        (reply,) = run(listener.url)
    assert reply.status is None
    assert reply.error is not None
    assert reply.error.startswith("connection failed")
    assert len(listener.seen) == 1


def test_nobody_there_is_a_reply_too() -> None:
    """A port that nobody listens on is reported as refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        (reply,) = run(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert (reply.status, reply.error) == (None, "connection refused or host unreachable")


def test_stopping_sends_nothing_more() -> None:
    """After a stop the requests under way come to their end and no further one is sent."""

    def answer(_: Seen) -> tuple[int, str]:
        return 200, "{}"

    with listening(answer) as listener:
        sent = stopped_after(listener, replies=5)
    assert 5 <= sent <= 5 + 2 * 3
    assert len(listener.seen) == sent


def stopped_after(listener: Listener, replies: int) -> int:
    example = load_example("github", "ping")
    load = Load(lambda: github_request(listener.url, example, "s"), count=10_000, concurrency=3, patience_s=5)
    counted = 0
    listener.delay_s = 0.01
    for _ in load.replies():
        counted += 1
        if counted == replies:
            load.stop()
    return counted


def test_percentiles_are_measured_values() -> None:
    """A percentile is the nearest rank: of ten values, p50 is the fifth and p99 the last."""
    ordered = [float(value) for value in range(1, 11)]
    assert [percentile(ordered, rank) for rank in (1, 50, 90, 99, 100)] == [1, 5, 9, 10, 10]
    assert percentile([7.0], 50) == 7.0


def test_tally_counts_and_judges() -> None:
    """Statuses, outcomes and errors are counted; a forged request is as expected when a 4xx refuses it, 429 is not."""
    tally = Tally(Forgery.TAMPERED)
    for number, status in enumerate((401, 401, 429, 200, None)):
        error = None if status else "timed out"
        tally.add(Reply(str(number), status, "bad_signature" if status == 401 else None, error, 10.0 * number))
    document = tally.document({"provider": "github"}, 6, 2.0)
    assert document["statuses"] == {"200": 1, "401": 2, "429": 1}
    assert document["outcomes"] == {"bad_signature": 2, "unnamed": 2}
    assert document["errors"] == {"timed out": 1}
    assert (document["as_expected"], document["ok"], document["interrupted"]) == (2, False, True)
    assert document["latency_ms"] == {"p50": 10.0, "p90": 30.0, "p99": 30.0, "max": 30.0}
    assert document["per_second"] == 2.5


def test_report_of_nothing_is_a_report() -> None:
    """Before the first reply there are no latencies, and nothing is divided by zero."""
    document = Tally(Forgery.NONE).document({}, 3, 0.0)
    assert (document["latency_ms"], document["first"], document["ok"]) == ({}, None, False)
