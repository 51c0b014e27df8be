"""The judge of the chaos harness finds each broken promise, and none where all were kept."""

from __future__ import annotations

from random import Random

import pytest

from chaos.ledger import Answer, Ledger, Line, Seen, judge
from chaos.parcels import Keys, Kind, Parcel, Urls, content_hash, parcels
from chaos.phases import PHASES, shares
from hookwatch.sender import OutgoingRequest

REQUEST = OutgoingRequest("http://127.0.0.1/", {}, b"", "guid")
GENUINE = Parcel("push", REQUEST, {"m": "hash"})
FORGED = Parcel("forged", REQUEST, {"m": "hash"})
ARRIVED = Seen("hash", replayed=False, claim_checked=False)
QUICK = Line("accepted", 5.0)
CALM = frozenset({"calm"})


def books(
    parcel: Parcel = GENUINE,
    status: int | None = 200,
    *,
    seen: tuple[Seen, ...] = (ARRIVED,),
    lines: tuple[Line, ...] = (QUICK,),
) -> Ledger:
    """One delivery in the books."""
    ledger = Ledger()
    ledger.answered(Answer(parcel, "calm", status, "r", 9.0))
    for each in seen:
        ledger.on_the_bus("m", each)
    for line in lines:
        ledger.said("r", line)
    return ledger


def broken(ledger: Ledger) -> set[str]:
    """Return which promises are broken."""
    return {name for name, found in judge(ledger, CALM).faults.items() if found}


def test_a_delivery_that_arrived_is_no_fault():
    """Taken, on the bus as sent, one line: all promises kept, even if it is there twice."""
    assert broken(books()) == set()
    assert broken(books(seen=(ARRIVED, Seen("hash", replayed=True, claim_checked=False)))) == set()


def test_a_delivery_that_was_taken_and_is_nowhere_is_lost():
    """2xx and no event is the fault that all this is for."""
    assert broken(books(seen=())) == {"lost"}


def test_one_of_several_events_missing_is_lost():
    """A delivery of many events is on the bus when all of them are."""
    parcel = Parcel("stream", REQUEST, {"m": "hash", "n": "other"})
    assert broken(books(parcel)) == {"lost"}


def test_another_content_is_lost_and_altered():
    """An event with the mark and another content is not what was sent."""
    changed = Seen("changed", replayed=False, claim_checked=False)
    assert broken(books(seen=(changed,))) == {"lost", "altered"}
    assert broken(books(seen=(ARRIVED, changed))) == {"altered"}


@pytest.mark.parametrize("kind", ["forged", "unsigned", "malformed"])
def test_a_stranger_is_not_believed(kind: Kind):
    """Neither a 2xx nor an event may come of what the provider did not send."""
    parcel = Parcel(kind, REQUEST, {"m": "hash"})
    refused = (Line("bad_signature", 1.0),)
    assert broken(books(parcel, 401, seen=(), lines=refused)) == set()
    assert "believed though not from the provider" in broken(books(parcel, 401, lines=refused))
    assert "believed though not from the provider" in broken(books(parcel, 200, seen=()))


@pytest.mark.parametrize("lines", [(), (QUICK, QUICK)])
def test_every_answer_has_one_line(lines: tuple[Line, ...]):
    """No line and two lines are both wrong, unless the process was killed before it could write."""
    assert broken(books(lines=lines)) == {"not exactly one outcome line"}


def test_a_killed_function_owes_no_line_but_never_two():
    """What Lambda answered itself may have no line; it was no 2xx."""
    assert broken(books(FORGED, 502, seen=(), lines=())) == set()
    assert broken(books(FORGED, 502, seen=(), lines=(QUICK, QUICK))) == {"not exactly one outcome line"}


def test_answer_and_line_agree():
    """A 503 whose line says accepted is a contradiction, as is a 200 whose line says failed."""
    assert "answer and outcome line differ" in broken(books(status=503))
    assert "answer and outcome line differ" in broken(books(lines=(Line("publish_failed", 5.0),)))


def test_a_refusal_is_broken_only_where_a_phase_promises():
    """With safekeeping at work everything genuine is taken; elsewhere a refusal is honest."""
    ledger = books(status=503, seen=(), lines=(Line("publish_failed", 5.0),))
    assert broken(ledger) == {"refused although only the bus was ill"}
    assert judge(ledger, frozenset()).ok


def test_no_answer_is_a_refusal_and_says_why():
    """A connection that broke is told by its error, or nobody could tell the sandbox's fault from the function's."""
    ledger = Ledger()
    ledger.answered(Answer(GENUINE, "calm", None, None, 9.0, "ProtocolError('gone')"))
    verdict = judge(ledger, CALM)
    assert verdict.broken == ("guid push [calm] ProtocolError('gone')",)
    assert verdict.refused == {"no answer": 1}


def test_a_key_that_could_not_be_read_breaks_no_promise():
    """Safekeeping stands in for the bus, and not for Secrets Manager: what nobody could verify is honestly refused."""
    assert broken(books(status=503, seen=(), lines=(Line("secret_unavailable", 5.0),))) == set()


def test_slow_is_what_the_function_says():
    """The budget is the function's, not the wait for a free copy."""
    assert broken(books(lines=(Line("accepted", 8_001.0),))) == {"over the budget of 8 s"}


def test_the_same_dice_make_the_same_parcels():
    """A seed repeats kinds and contents; ids of requests are new, as a provider's are."""
    urls, keys = Urls("http://127.0.0.1:1/", "http://127.0.0.1:2/"), Keys("a", "b")
    first, second = (list(parcels(200, Random(3), urls, keys)) for _ in range(2))  # noqa: S311 - dice for a test
    assert [(each.kind, each.contents) for each in first] == [(each.kind, each.contents) for each in second]
    assert len(first) == 200
    assert {each.kind for each in first} >= {"push", "event", "form", "stream", "forged", "unsigned", "malformed"}
    assert any(each.repeat for each in first)


def test_our_own_key_is_not_content():
    """What hookwatch adds to an event does not change its hash; anything else does."""
    assert content_hash({"a": 1, "hookwatch": {"x": 1}}) == content_hash({"a": 1})
    assert content_hash({"a": 2}) != content_hash({"a": 1})


@pytest.mark.parametrize("count", [100, 999, 5_000, 50_000])
def test_every_phase_gets_its_share(count: int):
    """All deliveries are dealt out, and every fault meets some."""
    dealt = shares(count)
    assert sum(number for _, number in dealt) == count
    assert [phase for phase, _ in dealt] == list(PHASES)
    assert all(number for _, number in dealt)
