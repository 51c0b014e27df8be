"""Payloads from GitHub's API onto the bus: proven first, then the same as the function would have published."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_rig import REPO, SECRET, Rig, rig
from hookwatch.recover.github_cause import CAUSES
from hookwatch.recover.github_errors import INVALID
from hookwatch.recover.github_model import Delivery, DeliveryDetail, Sent
from hookwatch.recover.github_plan import Item, Verdict
from hookwatch.recover.github_run import UNPUBLISHED
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.reinject_proof import proven_body
from hookwatch.recover.reinject_stack import reinjector
from hookwatch.sandbox.github_api_model import Event, Posted
from hookwatch.sender.signing import sign_github
from loop_account import REGION, FakeAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.recover.reinject import Reinjector

BUS = REGION.format("events", "event-bus/hooks")
SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "github").glob("*.json"))
PAYLOAD = (
    b'{"action":"opened","issue":{"number":7,"id":12345678901234567890,"body":"caf\xc3\xa9 <b> & \\u2028 1.0"},'
    b'"repository":{"full_name":"o/r"},"sender":{"login":"bot"}}'
)


def detail(payload: bytes, body: bytes, media_type: str = "application/json", secret: str = SECRET) -> DeliveryDetail:
    headers = {"Content-Type": media_type, **sign_github(body, secret)}
    return DeliveryDetail(
        id=1,
        guid="g",
        delivered_at=datetime(2026, 11, 27, tzinfo=UTC),
        redelivery=False,
        status="x",
        status_code=413,
        event="issues",
        request=Sent(headers, msgspec.Raw(payload)),
    )


KEYS = (b"old", SECRET.encode())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_proven_however_the_api_spells_it(sample: Path) -> None:
    """Pretty, ASCII only, or as it is: the body that was signed is found again, byte for byte."""
    body = sample.read_bytes().strip()
    value = json.loads(body)
    for told in (body, json.dumps(value, indent=2).encode(), json.dumps(value, ensure_ascii=False).encode()):
        assert proven_body(detail(told, body), KEYS) == body


@pytest.mark.parametrize(
    "sent",
    [
        PAYLOAD,
        PAYLOAD.replace(b"\xc3\xa9", b"\\u00e9"),
        PAYLOAD.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026"),
        PAYLOAD.replace(b"\\u2028", "\u2028".encode()),
    ],
)
def test_escapes_are_tried_and_numbers_are_not_touched(sent: bytes) -> None:
    """Whichever characters GitHub had escaped, the signature finds the spelling; digits stay digits."""
    found = proven_body(detail(PAYLOAD, sent), KEYS)
    assert found == sent
    assert b"12345678901234567890" in (found or b"")


def test_a_form_is_proven_over_its_encoded_body() -> None:
    """A hook with content type form signs the form and not the JSON in it."""
    body = urlencode({"payload": PAYLOAD.decode()}).encode()
    assert proven_body(detail(PAYLOAD, body, "application/x-www-form-urlencoded"), KEYS) == body


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD.replace(b'"number":7', b'"number":8'),
        PAYLOAD.replace(b'"number":7', b'"number":7.0'),
        PAYLOAD.replace(b'"action":"opened",', b""),
        b"null",
    ],
)
def test_a_changed_payload_is_never_proven(payload: bytes) -> None:
    """A value, a number's spelling, an order: none of them is ever varied."""
    assert proven_body(detail(payload, PAYLOAD), KEYS) is None


def test_nothing_is_proven_without_a_signature_or_the_right_key() -> None:
    """No header, an odd header, or another hook's secret prove nothing."""
    made = detail(PAYLOAD, PAYLOAD)
    for headers in ({}, {"X-Hub-Signature-256": "sha1=00"}, {"X-Hub-Signature-256": "sha256=é"}):
        sent = Sent({"content-type": "application/json", **headers}, made.request.payload)
        assert proven_body(msgspec.structs.replace(made, request=sent), KEYS) is None
    assert proven_body(detail(PAYLOAD, PAYLOAD, secret="another"), KEYS) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4), st.booleans(), st.sampled_from([None, 1, 4]))
def test_any_object_is_proven_from_any_spelling_of_it(
    value: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    """Whatever the payload holds, what json wrote compactly is found from what json wrote otherwise."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    told = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    assert proven_body(detail(told, body), KEYS) == body


class Bench:
    def __init__(self, github: Rig) -> None:
        self.github = github
        self.aws = FakeAws()
        self.aws.outputs["hooks"] = {"EventBusArn": BUS, "GitHubSecretArn": "arn:secret"}
        self.aws.parameters["hooks"] = {"EventFormat": "hookwatch", "MaxEntryBytes": "1000000"}
        self.aws.secret = {"AWSCURRENT": "rotated", "AWSPREVIOUS": SECRET}

    def make(self, *, unproven: bool = False) -> Reinjector:
        account = Account(self.aws, self.aws.slept_s.append)
        made = reinjector(self.github.client(), REPO, account, "hooks", unproven=unproven)
        assert not isinstance(made, Problem), made
        return made

    def item(self, payload: bytes, name: str = "issues") -> Item:
        hook = self.github.world.hooks[5]
        record = self.github.world.record(hook, Event("g-1", name, "opened", payload), Posted("too large", 413))
        delivery = Delivery(
            id=record.id,
            guid="g-1",
            delivered_at=datetime.fromtimestamp(self.github.time(), UTC),
            redelivery=False,
            status="x",
            status_code=413,
            event=name,
        )
        return Item(
            hook_id=5,
            delivery=delivery,
            verdict=Verdict.REINJECT,
            cause=CAUSES["too_large"],
            redeliveries=0,
            first_at=delivery.delivered_at,
            hours_left=1,
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A fake GitHub with a delivery that failed, and a stack whose secret was rotated since."""
    with rig() as github:
        yield Bench(github)


def test_what_is_published_is_what_the_function_would_have_published(bench: Bench) -> None:
    """Same source, detail-type, resources and ids, the payload digit for digit, and our mark in our own key."""
    assert bench.make()(bench.item(PAYLOAD)) is None
    (entry,) = bench.aws.entries
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("github.com", "issues", BUS)
    assert entry["Resources"] == ["hookwatch:github:delivery/g-1"]
    assert entry["Detail"].endswith(PAYLOAD.decode()[1:])
    ours = json.loads(entry["Detail"])["hookwatch"]
    assert (ours["reinjected"], ours["delivery_id"], ours["hook_id"], ours["own_actor"]) == (True, "g-1", "5", False)


def test_the_quick_starts_format_is_kept(bench: Bench) -> None:
    """Where the stack adds nothing to events, re-injection adds nothing either."""
    bench.aws.parameters["hooks"]["EventFormat"] = "quickstart"
    assert bench.make()(bench.item(PAYLOAD)) is None
    assert bench.aws.entries[0]["Detail"] == PAYLOAD.decode()


def test_what_cannot_be_proven_is_refused_unless_it_is_asked_for(bench: Bench) -> None:
    """A secret that the stack never had: the delivery stays out, and --unproven says what it does."""
    bench.aws.secret = {"AWSCURRENT": "another"}
    item = bench.item(PAYLOAD)
    problem = bench.make()(item)
    assert problem is not None
    assert (problem.code, bench.aws.entries) == ("unproven", [])
    assert "publish it anyway with --unproven" in problem.message
    assert SECRET not in repr(bench.make())
    assert bench.make(unproven=True)(item) is None
    assert len(bench.aws.entries) == 1


def test_a_bus_that_takes_nothing_is_told_from_a_delivery_that_it_never_takes(bench: Bench) -> None:
    """The first may be the same for all that follow, the second is only this one's."""
    bench.aws.refuse["put_events"] = "AccessDeniedException"
    assert (problem := bench.make()(bench.item(PAYLOAD))) is not None
    assert (problem.code, "AccessDeniedException" in problem.message) == (UNPUBLISHED, True)
    assert (problem := bench.make()(bench.item(b"[1]"))) is not None
    assert problem.code == INVALID


def test_own_actors_are_kept_off_the_bus_where_the_stack_does(bench: Bench) -> None:
    """Re-injection is no way round the loop guard."""
    bench.aws.parameters["hooks"] |= {"OwnActors": "Bot, other", "OwnActorAction": "drop"}
    problem = bench.make()(bench.item(PAYLOAD))
    assert problem is not None
    assert "OwnActorAction=drop" in problem.message
    bench.aws.parameters["hooks"]["OwnActorAction"] = "tag"
    assert bench.make()(bench.item(PAYLOAD)) is None
    assert json.loads(bench.aws.entries[0]["Detail"])["hookwatch"]["own_actor"] is True


@pytest.mark.parametrize(
    ("payload", "name", "said"),
    [
        (b"[1]", "issues", "not_a_json_object"),
        (b'{"a":1}', "push", "event_does_not_fit_payload"),
        (PAYLOAD.replace(b'"o/r"', b'"' + b"x" * 1_000_000 + b'"'), "issues", "entry_over_limit"),
    ],
)
def test_what_the_function_would_refuse_is_refused(bench: Bench, payload: bytes, name: str, said: str) -> None:
    """The same checks, the same reasons."""
    problem = bench.make()(bench.item(payload, name))
    assert problem is not None
    assert said in problem.message
    assert bench.aws.entries == []


def test_what_the_bus_cannot_take_is_checked_in(bench: Bench) -> None:
    """The whole event goes into the stack's bucket, and a slim one with our mark says where."""
    bench.aws.outputs["hooks"]["ClaimBucketName"] = "payloads"
    large = PAYLOAD.replace(b'"body":"', b'"body":"' + b"x" * 1_200_000)
    assert bench.make()(bench.item(large)) is None
    (entry,) = bench.aws.entries
    detail = json.loads(entry["Detail"])
    check = detail["hookwatch"]["claim_check"]
    assert (check["bucket"], detail["hookwatch"]["reinjected"], detail["action"]) == ("payloads", True, "opened")
    whole = bench.aws.objects["payloads", check["key"]]
    assert len(whole) == check["bytes"]
    assert whole.endswith(large[1:])
    bench.aws.refuse["put_object"] = "AccessDenied"
    problem = bench.make()(bench.item(large))
    assert problem is not None
    assert "could not be checked in: AccessDenied" in problem.message


def test_a_bus_that_refuses_is_told(bench: Bench) -> None:
    """AWS's own code stands in the sentence."""
    bench.aws.refuse["put_events"] = "AccessDeniedException"
    problem = bench.make()(bench.item(PAYLOAD))
    assert problem is not None
    assert "call_refused (AccessDeniedException)" in problem.message


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda aws: aws.outputs.clear(), "there is no stack hooks"),
        (lambda aws: aws.outputs["hooks"].pop("EventBusArn"), "has no output EventBusArn"),
        (lambda aws: aws.outputs["hooks"].pop("GitHubSecretArn"), "nothing can be proven"),
        (lambda aws: aws.secret.clear(), "ResourceNotFoundException"),
    ],
)
def test_a_stack_that_lacks_something_is_told(bench: Bench, prepare: Any, said: str) -> None:
    """Each missing piece has a sentence, before anything is fetched."""
    prepare(bench.aws)
    account = Account(bench.aws, bench.aws.slept_s.append)
    problem = reinjector(bench.github.client(), REPO, account, "hooks", unproven=False)
    assert isinstance(problem, Problem)
    assert said in problem.message
