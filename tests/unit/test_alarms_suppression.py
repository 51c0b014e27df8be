"""AWS's six examples of action suppression, as scripts of what happens when."""

import pytest

from hookwatch.alarms.suppression import Suppression

# One time unit is a second; WaitPeriod 2, ExtensionPeriod 3, as the page has it. Each script: when the composite
# changes state, when the suppressor enters and leaves ALARM, and when actions are taken.
EXAMPLES = {
    "1 not suppressed after WaitPeriod": ({2}, set(), set(), [4]),
    "2 suppressed by the alarm before WaitPeriod expires": ({2}, {3}, set(), []),
    "3 state transition during WaitPeriod": ({2, 3}, set(), set(), [5]),
    "4 state transition while the suppressor is in ALARM": ({2}, {1}, set(), []),
    "5 not suppressed after ExtensionPeriod": ({2}, {3}, {6}, [9]),
    "6 state transition during ExtensionPeriod": ({2, 7}, {3}, {6}, [9]),
}


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_the_documented_examples(name):
    """Actions are taken when AWS's example says, and only then."""
    changes, enters, leaves, expected = EXAMPLES[name]
    now = Suppression(wait_s=2, extension_s=3)
    in_alarm, acted = False, []
    for at_s in range(15):
        in_alarm = (in_alarm or at_s in enters) and at_s not in leaves
        now = now.suppressor(at_s, in_alarm=in_alarm)
        if at_s in changes:
            now = now.changed(at_s)
        now, act = now.due(at_s)
        if act:
            acted.append(at_s)
    assert acted == expected


def test_nothing_is_taken_without_a_change():
    """An extension that expires without a pending change takes no action."""
    now = Suppression(2, 3).suppressor(0, in_alarm=True).suppressor(1, in_alarm=False)
    assert now.due(4)[1] is False


def test_without_periods_it_acts_at_once():
    """Periods of zero seconds wait for nothing."""
    assert Suppression(0, 0).changed(5).due(5)[1] is True


def test_it_says_why_it_waits():
    """A waiting composite says until when, a suppressed one says by what."""
    assert "until 7 s" in Suppression(2, 3).changed(5).spoken(5)
    assert "suppressed" in Suppression(2, 3).suppressor(0, in_alarm=True).changed(5).spoken(5)
    assert Suppression(2, 3).spoken(5) == ""
