import pytest

from hookwatch.alarms.rule import RuleFault, children, holds
from hookwatch.alarms.rule_parser import parse_rule
from hookwatch.alarms.state import AlarmState

STATES = {"a": AlarmState.ALARM, "b": AlarmState.OK, "c": AlarmState.INSUFFICIENT_DATA, "with space": AlarmState.ALARM}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALARM(a)", True),
        ('ALARM("a")', True),
        ('ALARM("with space")', True),
        ("ALARM(with space)", True),
        ("OK(b)", True),
        ("INSUFFICIENT_DATA(c)", True),
        ("ALARM(b)", False),
        ("NOT ALARM(b)", True),
        ("NOT NOT ALARM(a)", True),
        ("ALARM(a) AND OK(b)", True),
        ("ALARM(a) AND NOT OK(b)", False),
        ("ALARM(b) OR ALARM(a) AND ALARM(c)", False),
        ("(ALARM(b) OR ALARM(a)) AND OK(b)", True),
        ("ALARM(a)\n  OR\tALARM(b)", True),
        ("TRUE", True),
        ("FALSE OR TRUE", True),
        ("AT_LEAST(1, ALARM, (a, b, c))", True),
        ("AT_LEAST(2, ALARM, (a, b, c))", False),
        ('AT_LEAST(2, NOT OK, ("a", b, c))', True),
        ("AT_LEAST(50%, ALARM, (a, b))", True),
        ("AT_LEAST(51%, ALARM, (a, b))", False),
        ("AT_LEAST(60%, NOT OK, (a, b, c))", True),
    ],
)
def test_rules_are_judged(text, expected):
    """Each form of rule is true exactly when CloudWatch says so."""
    rule = parse_rule(text)
    assert not isinstance(rule, RuleFault), rule
    assert holds(rule, STATES.__getitem__) is expected


def test_children_are_named_as_written():
    """Names and ARNs come out as the rule writes them."""
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:x"
    rule = parse_rule(f"ALARM({arn}) OR AT_LEAST(1, OK, (p, q)) AND NOT (ALARM(p))")
    assert not isinstance(rule, RuleFault)
    assert list(children(rule)) == [arn, "p", "q", "p"]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("ALARM", 6),
        ("ALARM(a", 8),
        ("ALARM()", 7),
        ("ALARM(a) ALARM(b)", 10),
        ("ALARM(a) ANDALSO OK(b)", 10),
        ("WARN(a)", 1),
        ("ALARM(a) AND", 13),
        ("(ALARM(a)", 10),
        ("ALARM(a) # x", 10),
        ("AT_LEAST(ALARM, (a))", 10),
        ("AT_LEAST(3, ALARM, (a, b))", 10),
        ("AT_LEAST(0, ALARM, (a, b))", 10),
        ("AT_LEAST(101%, ALARM, (a))", 10),
        ("AT_LEAST(1, BROKEN, (a))", 13),
        ("NOT " * 200 + "TRUE", 400),
        ("ALARM(a)" + " OR ALARM(a)" * 1000, 10_241),
        (" OR ".join(f"OK(a{i})" for i in range(101)), 1),
        (" OR ".join(["TRUE"] * 501), 1),
    ],
)
def test_a_broken_rule_points_at_the_character(text, column):
    """A rule that CloudWatch would refuse is a fault with its column."""
    found = parse_rule(text)
    assert isinstance(found, RuleFault)
    assert found.column == column
