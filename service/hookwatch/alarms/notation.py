"""The `values:` notation of alarm test files.

Never interprets a value: the result is, for each step, the samples that arrive in it. The shorthand is promtool's
(`a+bxn` is n further steps, so n+1 entries); several samples in one step are ours: `[5,7,90]` and `5*40`.
Source of the shorthand:
https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/, read 2026-11-22.
"""

import math
import re
from typing import Any

from hookwatch.alarms.statistics import Samples

MAX_STEPS = 1_000_000
"""Ours: entries in one series; two years of minutes, and a guard against a mistyped repeat."""

MAX_SAMPLES_A_STEP = 1_000_000_000
"""Ours: repeats in `5*40`; they are counted, not stored."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(r"\[[^\]]*\]\S*|\S+")
_PLAIN = re.compile(_NUMBER)
_MANY = re.compile(rf"({_NUMBER})\*(\d+)(?:x(\d+))?")
_REPEATED = re.compile(rf"({_NUMBER})x(\d+)")
_GROWING = re.compile(rf"({_NUMBER})([+-](?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)x(\d+)")
_MISSING = re.compile(r"_(?:x(\d+))?")
_BRACKETS = re.compile(r"\[([^\]]*)\](?:x(\d+))?")


def parse_values(values: Any) -> list[Samples] | str:
    """Read `values`: a text, or a list whose items are numbers, texts, lists of samples or null.

    Returns:
        One entry per step (empty: nothing arrived), or the sentence that says what is wrong.
    """
    entries: list[Samples] = []
    items = values if isinstance(values, list) else [values]
    for item in items:
        part = _item(item, within_list=isinstance(values, list))
        if isinstance(part, str):
            return part
        if not all(math.isfinite(value) for samples in part for value, _ in samples):
            return f"{item!r} holds a number that is not finite"
        entries.extend(part)
        if len(entries) > MAX_STEPS:
            return f"more than {MAX_STEPS:,} steps"
    return entries


def _item(item: Any, *, within_list: bool) -> list[Samples] | str:
    match item:
        case bool():
            return f"{item} is no number"
        case int() | float():
            return [[(float(item), 1)]]
        case None if within_list:
            return [[]]
        case list():
            samples = _samples(item)
            return samples if isinstance(samples, str) else [samples]
        case str():
            return _text(item)
        case _:
            return f"{item!r} is no value; write numbers such as 0x10 1 _ [5,7,90] 5*40"


def _samples(items: list[Any]) -> Samples | str:
    samples: Samples = []
    for item in items:
        text = str(item).strip() if isinstance(item, str | int | float) and not isinstance(item, bool) else ""
        found = _MANY.fullmatch(text)
        if _PLAIN.fullmatch(text):
            samples.append((float(text), 1))
        elif found and found.group(3) is None and int(found.group(2)) <= MAX_SAMPLES_A_STEP:
            samples.append((float(found.group(1)), int(found.group(2))))
        else:
            return f"{item!r} in a list of samples is no number"
    return [sample for sample in samples if sample[1] > 0]


def _text(text: str) -> list[Samples] | str:
    entries: list[Samples] = []
    for position, found in enumerate(_TOKEN.finditer(_joined_brackets(text)), 1):
        part = _token(found.group())
        if isinstance(part, str):
            return f"value {position}, {found.group()!r}: {part}"
        entries.extend(part)
        if len(entries) > MAX_STEPS:
            return f"more than {MAX_STEPS:,} steps"
    return entries


def _joined_brackets(text: str) -> str:
    """Drop blanks inside brackets, and glue a repeat to its bracket, so that a token is one word."""
    return re.sub(r"\[[^\]]*\]", lambda found: re.sub(r"\s+", "", found.group()), text)


def _token(token: str) -> list[Samples] | str:
    if found := _MISSING.fullmatch(token):
        return _repeat([[]], 1 if found.group(1) is None else int(found.group(1)))
    if found := _BRACKETS.fullmatch(token):
        samples = _samples([part for part in found.group(1).split(",") if part])
        return samples if isinstance(samples, str) else _repeat([samples], int(found.group(2) or 0) + 1)
    if found := _MANY.fullmatch(token):
        count = int(found.group(2))
        if count > MAX_SAMPLES_A_STEP:
            return f"more than {MAX_SAMPLES_A_STEP:,} samples in one step"
        return _repeat([[(float(found.group(1)), count)] if count else []], int(found.group(3) or 0) + 1)
    if found := _REPEATED.fullmatch(token):
        return _repeat([[(float(found.group(1)), 1)]], int(found.group(2)) + 1)
    if found := _GROWING.fullmatch(token):
        first, step, steps = float(found.group(1)), float(found.group(2)), int(found.group(3))
        return [[(first + step * i, 1)] for i in range(steps + 1)] if steps < MAX_STEPS else f"over {MAX_STEPS:,} steps"
    if _PLAIN.fullmatch(token):
        return [[(float(token), 1)]]
    return "not understood; write 3, 0x10, 1+2x5, 9-1x3, _, _x4, [5,7,90] or 5*40"


def _repeat(entry: list[Samples], times: int) -> list[Samples] | str:
    return entry * times if times <= MAX_STEPS else f"over {MAX_STEPS:,} steps"
