"""Alarm test files: what they say, checked.

Never runs anything. A file that cannot be a test (a mistyped key, values that cannot be read, a case that expects
nothing) is refused whole, with every fault: a test that silently tests less is worse than none.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookwatch.alarms.insight import insight_metric
from hookwatch.alarms.metrics import Metric, metric
from hookwatch.alarms.notation import parse_values
from hookwatch.alarms.state import AlarmState
from hookwatch.alarms.statistics import Samples
from hookwatch.cfn import TemplateError
from hookwatch.cfn.reader import read_data

DEFAULT_STEP_S = 60

_FILE_KEYS = frozenset({"template", "parameters", "region", "account", "stack_name", "cases"})
_CASE_KEYS = frozenset({"name", "step_s", "series", "expect", "parameters"})
_SERIES_KEYS = frozenset({"namespace", "metric", "dimensions", "values", "unit", "insight_rule"})
_EXPECT_KEYS = frozenset({"at_s", "alarm", "state", "actions"})


@dataclass(frozen=True, slots=True)
class SeriesInput:
    """One input series: entry i arrives at `i * step_s`; an empty entry is missing."""

    metric: Metric
    entries: list[Samples]
    unit: str | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an alarm must be at a time; `actions` None judges no actions."""

    at_s: int
    alarm: str
    state: AlarmState
    actions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `parameters` are laid over those of the file."""

    name: str
    step_s: int
    series: tuple[SeriesInput, ...]
    expect: tuple[Expectation, ...]
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TestFile:
    """One test file; `template` is found already."""

    __test__ = False  # pytest would take it for a test class

    path: Path
    template: Path
    parameters: dict[str, Any]
    place: dict[str, str]
    cases: tuple[Case, ...]


def read_test_file(path: Path, working_directory: Path) -> TestFile | tuple[str, ...]:
    """Read a YAML or JSON test file; texts are the faults that make it unusable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = read_data(text, path)
    except TemplateError as error:
        return (str(error),)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return (f"{path}: cannot be read: {reason}",)
    faults: list[str] = []
    found = _file(tree, path, working_directory, faults)
    return tuple(f"{path}: {fault}" for fault in faults) if faults or found is None else found


def _file(tree: dict[str, Any], path: Path, working_directory: Path, faults: list[str]) -> TestFile | None:
    _unknown_keys(tree, _FILE_KEYS, "the file", faults)
    template = _template(tree.get("template"), path, working_directory, faults)
    parameters = _mapping(tree, "parameters", "the file", faults)
    entries = tree.get("cases")
    if not isinstance(entries, list) or not entries:
        faults.append("`cases` must be a list with at least one case")
        return None
    cases = [_case(entry, position, faults) for position, entry in enumerate(entries, 1)]
    place = {key: str(tree[key]) for key in ("region", "account", "stack_name") if tree.get(key) is not None}
    if template is None:
        return None
    return TestFile(path, template, parameters, place, tuple(case for case in cases if case is not None))


def _template(value: Any, path: Path, working_directory: Path, faults: list[str]) -> Path | None:
    if not isinstance(value, str) or not value:
        faults.append("`template` must name a CloudFormation or SAM template")
        return None
    places = [path.parent / value, working_directory / value]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        faults.append(f"the template {value} is neither beside the test file nor in {working_directory}")
    return found


def _case(entry: Any, position: int, faults: list[str]) -> Case | None:
    where = f"case {position}"
    if not isinstance(entry, dict):
        faults.append(f"{where} must be a mapping")
        return None
    name = str(entry.get("name") or where)
    where = f"case {name!r}"
    _unknown_keys(entry, _CASE_KEYS, where, faults)
    step_s = entry.get("step_s", DEFAULT_STEP_S)
    if not isinstance(step_s, int) or isinstance(step_s, bool) or step_s < 1:
        faults.append(f"{where}: step_s {step_s!r} must be a whole number of seconds")
        step_s = DEFAULT_STEP_S
    series = _list(entry, "series", where, faults)
    expect = _list(entry, "expect", where, faults)
    if not expect:
        faults.append(f"{where} expects nothing; give it `expect`")
    inputs = [_series(item, f"{where}, series {number}", faults) for number, item in enumerate(series, 1)]
    wanted = [_expectation(item, f"{where}, expect {number}", faults) for number, item in enumerate(expect, 1)]
    return Case(
        name,
        step_s,
        tuple(item for item in inputs if item is not None),
        tuple(sorted((item for item in wanted if item is not None), key=lambda item: item.at_s)),
        _mapping(entry, "parameters", where, faults),
    )


def _series(entry: Any, where: str, faults: list[str]) -> SeriesInput | None:
    if not isinstance(entry, dict):
        faults.append(f"{where} must be a mapping")
        return None
    _unknown_keys(entry, _SERIES_KEYS, where, faults)
    dimensions = {key: str(value) for key, value in _mapping(entry, "dimensions", where, faults).items()}
    needed = ["metric"] if "insight_rule" in entry else ["namespace", "metric"]
    missing = [key for key in needed if not isinstance(entry.get(key), str)]
    if missing or "values" not in entry:
        faults.append(f"{where} needs {', '.join([*missing, *([] if 'values' in entry else ['values'])])}")
        return None
    entries = parse_values(entry["values"])
    if isinstance(entries, str):
        faults.append(f"{where}, values: {entries}")
        return None
    unit = entry.get("unit")
    if "insight_rule" in entry:
        key = insight_metric(str(entry["insight_rule"]), entry["metric"])
    else:
        key = metric(entry["namespace"], entry["metric"], dimensions)
    return SeriesInput(key, entries, str(unit) if unit is not None else None)


def _expectation(entry: Any, where: str, faults: list[str]) -> Expectation | None:
    if not isinstance(entry, dict):
        faults.append(f"{where} must be a mapping")
        return None
    _unknown_keys(entry, _EXPECT_KEYS, where, faults)
    before = len(faults)
    at_s, alarm, state = entry.get("at_s"), entry.get("alarm"), entry.get("state")
    if not isinstance(at_s, int | float) or isinstance(at_s, bool) or at_s < 0:
        faults.append(f"{where}: at_s {at_s!r} must be a number of seconds")
    if not isinstance(alarm, str) or not alarm:
        faults.append(f"{where}: alarm must be the logical id of an alarm")
    if state not in tuple(AlarmState):
        faults.append(f"{where}: state {state!r} is none of {', '.join(AlarmState)}")
    actions = entry.get("actions")
    if isinstance(actions, str):
        actions = [actions]
    if actions is not None and not (isinstance(actions, list) and all(isinstance(item, str) for item in actions)):
        faults.append(f"{where}: actions must be a list of topics")
    if len(faults) > before or not isinstance(at_s, int | float):
        return None
    listed = None if actions is None else tuple(actions)
    return Expectation(int(at_s), str(alarm), AlarmState(str(state)), listed)


def _unknown_keys(entry: dict[str, Any], known: frozenset[str], where: str, faults: list[str]) -> None:
    unknown = [key for key in entry if key not in known]
    if unknown:
        faults.append(f"{where} has unknown keys: {', '.join(unknown)} (known are {', '.join(sorted(known))})")


def _mapping(entry: dict[str, Any], key: str, where: str, faults: list[str]) -> dict[str, Any]:
    value = entry.get(key)
    if value is not None and not isinstance(value, dict):
        faults.append(f"{where}: `{key}` must be a mapping")
    return value if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], key: str, where: str, faults: list[str]) -> list[Any]:
    value = entry.get(key)
    if value is not None and not isinstance(value, list):
        faults.append(f"{where}: `{key}` must be a list")
    return value if isinstance(value, list) else []
