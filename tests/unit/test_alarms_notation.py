import pytest

from hookwatch.alarms.notation import parse_values


def flat(values: object) -> list[object]:
    """Return entries with single samples as plain numbers, gaps as None."""
    entries = parse_values(values)
    assert isinstance(entries, list), entries
    return [None if not entry else entry[0][0] if entry == [(entry[0][0], 1)] else entry for entry in entries]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("3", [3]),
        ("0x10", [0] * 11),
        ("0x2 1 0x1", [0, 0, 0, 1, 0, 0]),
        ("1+2x3", [1, 3, 5, 7]),
        ("9-1x2", [9, 8, 7]),
        ("-2+1x2", [-2, -1, 0]),
        ("1.5x1 1e3", [1.5, 1.5, 1000]),
        ("_ 1 _x3", [None, 1, None, None, None]),
        ("_x0 1", [1]),
        ("[5,7,90]", [[(5, 1), (7, 1), (90, 1)]]),
        ("[5, 7] 1", [[(5, 1), (7, 1)], 1]),
        ("[1,2]x1", [[(1, 1), (2, 1)], [(1, 1), (2, 1)]]),
        ("5*40", [[(5, 40)]]),
        ("5*40x1", [[(5, 40)], [(5, 40)]]),
        ("[5*40, 9]", [[(5, 40), (9, 1)]]),
        ("", []),
        (7, [7]),
        ([1, "0x1", None, [5, 7], "_"], [1, 0, 0, None, [(5, 1), (7, 1)], None]),
    ],
)
def test_notation(values, expected):
    """Each form of the notation gives the entries that the help text promises."""
    assert flat(values) == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("1 two 3", "value 2, 'two'"),
        ("1x", "not understood"),
        ("[1,x]", "'x' in a list"),
        ("0x99999999", "over 1,000,000 steps"),
        ("1+1x99999999", "over 1,000,000 steps"),
        ("0x600000 0x600000", "more than 1,000,000 steps"),
        ("1e999", "not finite"),
        ("1*9999999999", "more than"),
        (True, "no number"),
        ({"a": 1}, "no value"),
        ([[1, None]], "no number"),
    ],
)
def test_what_cannot_be_read_says_which_value(values, message):
    """A fault names the value and what is wrong with it."""
    found = parse_values(values)
    assert isinstance(found, str)
    assert message in found
