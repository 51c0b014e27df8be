import pytest

from hookwatch.alarms.state import AlarmState, MissingData, Window, decide

MARKS = {"0": False, "X": True, "-": None}
KEEP = "keep"
OK, ALARM, NO_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

# AWS, "How alarm state is evaluated when data is missing": datapoints oldest first, how many must be filled, and the
# state for missing, ignore, breaching and notBreaching.
THREE_OF_THREE = [
    ("0 - X - X", 0, OK, OK, OK, OK),
    ("0 - - - -", 2, OK, OK, OK, OK),
    ("- - - - -", 3, NO_DATA, KEEP, ALARM, OK),
    ("0 X X - X", 0, ALARM, ALARM, ALARM, ALARM),
    ("- - X - -", 2, ALARM, KEEP, ALARM, OK),
    # The same page, "Avoiding premature transitions", and the table of its 2018 revision.
    ("- - - - X", 2, NO_DATA, KEEP, ALARM, OK),
    ("- - - X -", 2, NO_DATA, KEEP, ALARM, OK),
    ("- - - X 0", 1, OK, OK, OK, OK),
    ("- - X - 0", 1, OK, OK, OK, OK),
    ("X - - - -", 2, ALARM, KEEP, ALARM, OK),
]
TWO_OF_THREE = [
    ("0 - X - X", 0, ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", 0, ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", 1, OK, OK, ALARM, OK),
    ("- - - - 0", 2, OK, OK, ALARM, OK),
    ("- - - X -", 2, ALARM, KEEP, ALARM, OK),
    ("- - - - X", 2, NO_DATA, KEEP, ALARM, OK),
]
ROWS = [(3, *row) for row in THREE_OF_THREE] + [(2, *row) for row in TWO_OF_THREE]


@pytest.mark.parametrize("column", range(4), ids=[str(treatment) for treatment in MissingData])
@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} of 3: {row[1]}" for row in ROWS])
@pytest.mark.parametrize("previous", list(AlarmState))
def test_every_cell_of_the_documented_tables(row, column, previous):
    """Each row of AWS's two tables gives the documented state under each treatment, whatever the state was."""
    needed, marks, to_fill, *states = row
    treatment = list(MissingData)[column]
    by_name = dict(zip(("missing", "ignore", "breaching", "notBreaching"), states, strict=True))
    wanted = by_name[str(treatment)]
    found = decide([MARKS[mark] for mark in marks.split()], Window(3, needed), treatment, previous)
    assert found.state == (previous if wanted == KEEP else wanted)
    assert found.filled == to_fill


def test_the_second_silent_evaluation_goes_to_alarm():
    """One more silent period pushes the last good datapoint out of the range, and breaching then fires."""
    window = Window(3, 3)
    first = decide([False, None, None, None, None], window, MissingData.BREACHING, AlarmState.OK)
    second = decide([None] * 5, window, MissingData.BREACHING, first.state)
    assert (first.state, second.state) == (AlarmState.OK, AlarmState.ALARM)


def test_a_single_period_alarm_needs_three_silent_periods():
    """A one-day, one-period dead man's switch fires on the third silent day, as measured in the facts."""
    window = Window(1, 1)
    states = [
        decide([*[False] * (window.range_periods - k), *[None] * k], window, MissingData.BREACHING, AlarmState.OK).state
        for k in (1, 2, 3)
    ]
    assert states == [AlarmState.OK, AlarmState.OK, AlarmState.ALARM]


def test_only_the_newest_datapoints_count_when_none_is_missing():
    """Datapoints further back than EvaluationPeriods are not looked at when there is no gap."""
    assert decide([True, True, False, False, False], Window(3, 1), MissingData.MISSING, OK).state is AlarmState.OK
