from __future__ import annotations

import pytest

from iam_policy import Call, allowed, holds, matches, read_policy, read_statement

QUEUE = "arn:aws:sqs:us-east-1:123456789012:parked"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Park", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE},
        {
            "Sid": "Publish",
            "Effect": "Allow",
            "Action": ["events:PutEvents"],
            "Resource": "arn:aws:events:*:*:event-bus/default",
            "Condition": {"ForAllValues:StringEquals": {"events:source": ["github.com", "twilio.com"]}},
        },
    ],
}


@pytest.mark.parametrize(
    ("call", "passes"),
    [
        (Call("sqs:SendMessage", QUEUE), True),
        (Call("SQS:sendmessage", QUEUE), True),
        (Call("sqs:SendMessage", f"{QUEUE}-dlq"), False),
        (Call("sqs:DeleteMessage", QUEUE), False),
        (Call("events:PutEvents", "arn:aws:events:r:1:event-bus/default", {"events:source": ("github.com",)}), True),
        (Call("events:PutEvents", "arn:aws:events:r:1:event-bus/default", {"events:source": ("evil.com",)}), False),
        (Call("events:PutEvents", "arn:aws:events:r:1:event-bus/default"), True),
        (Call("events:PutEvents", "arn:aws:events:r:1:event-bus/other", {"events:source": ("github.com",)}), False),
    ],
)
def test_a_call_passes_where_action_resource_and_conditions_fit(call: Call, passes: bool):
    """Actions ignore case, resources do not; a condition on all values holds for a call that has none."""
    assert allowed(read_policy(POLICY), call) is passes


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", ["a", "b"], ("b",), True),
        ("StringEquals", ["a"], (), False),
        ("StringLike", ["github:*"], ("github:1",), True),
        ("ForAllValues:StringLike", ["github:*"], ("github:1", "twilio:1"), False),
        ("ForAnyValue:StringLike", ["github:*"], ("github:1", "twilio:1"), True),
        ("ForAnyValue:StringEquals", ["a"], (), False),
        ("Bool", ["false"], ("False",), True),
    ],
)
def test_conditions_hold_as_iam_documents_them(
    operator: str, wanted: list[str], given: tuple[str, ...], expected: bool
):
    """Several wanted values are alternatives; a missing key fails but for ForAllValues."""
    assert holds(operator, wanted, given) is expected


@pytest.mark.parametrize("operator", ["NumericEquals", "ForAllValues:IpAddress", "SomeValues:StringEquals"])
def test_an_unknown_condition_is_an_error(operator: str):
    """What the evaluator does not know it does not guess."""
    with pytest.raises(ValueError, match="does not know"):
        holds(operator, ["x"], ("x",))


@pytest.mark.parametrize(
    "change", [{"Effect": "Deny"}, {"NotAction": "sqs:*"}, {"Principal": "*"}], ids=["deny", "not-action", "principal"]
)
def test_an_unknown_element_is_an_error(change: dict[str, str]):
    """A statement that this evaluator would misread is refused."""
    with pytest.raises(ValueError, match="evaluator"):
        read_statement({**POLICY["Statement"][0], **change})


def test_wildcards_are_those_of_iam():
    """`*` fits anything, slashes too, `?` one character, and nothing else is special."""
    assert matches("arn:aws:s3:::b/claims/*/github/*", "arn:aws:s3:::b/claims/2026-11-27/github/a-1.json")
    assert not matches("arn:aws:s3:::b/claims/*/github/*", "arn:aws:s3:::b/claims/2026-11-27/twilio/a-1.json")
    assert matches("a?c", "abc")
    assert not matches("a.c", "abc")
