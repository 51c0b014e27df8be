"""What `hookwatch patterns test` was asked about: options and files become pairs of rule and event.

Judges nothing. Every mistake of the user ends here, with exit code 2 and a sentence on stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from hookwatch.cfn import TemplateError, load, resolve
from hookwatch.patterns.expectations import load_expectations
from hookwatch.patterns.judgement import Subject
from hookwatch.patterns.rules import find_rules
from hookwatch.patterns.samples import ExpectationsError, read_text

MISUSE = 2

Pair = tuple[Subject, str, str | None, bool | None]
"""What is judged, what the event is called, the event, and what is expected of them."""


def subjects(pattern: str | None, template: Path | None, names: list[str], parameters: list[str]) -> list[Subject]:
    """Find the rules that are asked about: a pattern, or the named rules of a template, or all of them."""
    if (pattern is None) == (template is None):
        misuse("name either a --pattern, a --template, or files of expectations")
    if pattern is not None:
        if names:
            misuse("--rule needs --template")
        text, place = _text(pattern, "--pattern")
        return [Subject(place or "pattern", (text,), place=place)]
    found = _rules(template or Path(), _parameters(parameters))
    return [_named(name, found, str(template)) for name in names] if names else [subject for subject, _ in found]


_Rules = list[tuple[Subject, tuple[str, ...]]]
"""Subjects of a template with the names that they answer to."""


def _rules(template: Path, parameters: dict[str, str]) -> _Rules:
    try:
        rules = find_rules(resolve(load(template), parameters))
    except TemplateError as error:
        misuse(str(error))
    if not rules:
        misuse(f"{template}: has no rule with an event pattern")
    return [(Subject.of(rule, str(template)), (rule.name, *rule.aliases)) for rule in rules]


def _named(name: str, rules: _Rules, template: str) -> Subject:
    found = [subject for subject, names in rules if name in names]
    if len(found) == 1:
        return found[0]
    known = ", ".join(subject.name for subject, _ in rules)
    count = "several rules are" if found else "no rule is"
    return misuse(f"{template}: {count} called {name!r}; there are {known}")


def expected_pairs(path: Path, template: Path | None, parameters: list[str]) -> list[Pair]:
    """Read a file of expectations; `template` overrides the one that it names."""
    try:
        file = load_expectations(path)
    except ExpectationsError as error:
        misuse(str(error))
    source = template or file.template
    given = {key: str(value) for key, value in file.parameters.items()} | _parameters(parameters)
    known = _rules(source, given) if source is not None and any(one.rule for one in file.rules) else []
    pairs: list[Pair] = []
    for number, rule in enumerate(file.rules):
        if rule.rule is None:
            subject = Subject(f"rules[{number}]", (rule.pattern or "",), place=rule.place)
        elif source is None:
            misuse(f"{path}: names the rule {rule.rule!r} and no `template`; add one, or give --template")
        else:
            subject = _named(rule.rule, known, str(source))
        pairs += [(subject, sample.name, sample.event, sample.must_match) for sample in rule.samples]
    return pairs


def events(pattern: str | None, given: list[str]) -> list[tuple[str, str | None]]:
    """Read the events; without any, one that is None: only the patterns' validity is asked."""
    if [pattern, *given].count("-") > 1:
        misuse("stdin can be read once: give - for one of --pattern and --event only")
    if not given:
        return [("", None)]
    found: list[tuple[str, str | None]] = []
    for number, value in enumerate(given, 1):
        text, place = _text(value, "--event")
        found.append((place or f"event {number}", text))
    return found


def _text(value: str, option: str) -> tuple[str, str | None]:
    """Read what an option names: the text, and its file if it has one."""
    if value == "-":
        return sys.stdin.read(), None
    if value.lstrip()[:1] in ("{", "[", '"'):
        return value, None
    try:
        return read_text(Path(value)), value
    except ExpectationsError as error:
        misuse(f"{option}: {error}. Give a file, JSON that starts with {{, or - for stdin")


def _parameters(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or not name:
            misuse(f"--parameter {item!r}: write NAME=VALUE")
        found[name] = value
    return found


def complain(message: str) -> None:
    """Say something on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"hookwatch patterns test: {message}", markup=False)


def misuse(message: str) -> NoReturn:
    """Say what is wrong and stop with exit code 2."""
    complain(message)
    raise typer.Exit(MISUSE)
