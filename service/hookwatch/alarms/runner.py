"""Runs alarm test files.

Never touches AWS and never waits: time is a number. Judging follows the file format's rule: entry i of a series is
stamped `i * step_s`, and `at_s` is judged once every period that has ended by then was evaluated, one evaluation a
period. Every alarm begins in INSUFFICIENT_DATA at 0 s.
"""

from pathlib import Path
from typing import Any

from hookwatch.alarms.actions import action_faults, spoken_actions
from hookwatch.alarms.definition import AlarmDefinition, CompositeDefinition, Unjudgeable
from hookwatch.alarms.engine import Engine
from hookwatch.alarms.hints import unread_series
from hookwatch.alarms.insight import with_rule_name
from hookwatch.alarms.order import alarm_name, named_by
from hookwatch.alarms.reading import Catalogue, read_alarms
from hookwatch.alarms.results import CaseResult, FileResult, Judged
from hookwatch.alarms.samples import SampleStore
from hookwatch.alarms.testfile import Case, Expectation, TestFile, read_test_file
from hookwatch.cfn import Stack, Template, TemplateError, load, resolve
from hookwatch.cfn.resolver import DEFAULT_ACCOUNT, DEFAULT_REGION, DEFAULT_STACK_NAME

MAX_EVALUATIONS = 5_000_000
"""Ours: evaluations in one case; a guard against an at_s in the far future."""


def run_file(path: Path, working_directory: Path | None = None) -> FileResult:
    """Run one test file; `working_directory` is where `template` is looked up second."""
    found = read_test_file(path, working_directory or Path.cwd())
    if not isinstance(found, TestFile):
        return FileResult(path, None, (), found)
    try:
        template = load(found.template)
        stacks = {key: _stack(found, template, dict(key)) for key in {_key(case.parameters) for case in found.cases}}
    except TemplateError as error:
        return FileResult(path, found.template, (), (str(error),))
    cases = tuple(run_case(case, stacks[_key(case.parameters)]) for case in found.cases)
    return FileResult(path, found.template, cases)


def _key(parameters: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, ",".join(map(str, v)) if isinstance(v, list) else str(v)) for name, v in parameters.items())


def _stack(file: TestFile, template: Template, parameters: dict[str, Any]) -> Stack:
    return resolve(
        template,
        {**file.parameters, **parameters},
        region=file.place.get("region", DEFAULT_REGION),
        account=file.place.get("account", DEFAULT_ACCOUNT),
        stack_name=file.place.get("stack_name", DEFAULT_STACK_NAME),
    )


def run_case(case: Case, stack: Stack) -> CaseResult:
    """Run one case against a resolved stack."""
    catalogue = read_alarms(stack)
    needed = _needed(case, catalogue)
    store = SampleStore()
    for item in case.series:
        entries = ((position * case.step_s, samples) for position, samples in enumerate(item.entries))
        store.add(with_rule_name(item.metric, stack), entries, item.unit)
    engine = Engine(needed.values(), store)
    judged: list[Judged] = []
    seen: dict[str, int] = {}
    for expectation in case.expect:
        fault = _unjudgeable(expectation, catalogue, engine) or _too_long(expectation, needed)
        if fault:
            judged.append(Judged(expectation, False, "", (), fault, (fault,), (), ()))
            continue
        engine.step(expectation.at_s)
        judged.append(_judge(expectation, catalogue, engine, stack, seen))
    return CaseResult(case.name, tuple(judged), (*unread_series(store.metrics, needed), *_notes(engine, stack)))


def _needed(case: Case, catalogue: Catalogue) -> dict[str, AlarmDefinition | CompositeDefinition | Unjudgeable]:
    """Return the expected alarms and everything below them; the others need no evaluation."""
    by_name = {alarm.name: alarm for alarm in catalogue.alarms.values()}
    open_alarms = [alarm for alarm in (catalogue.find(item.alarm) for item in case.expect) if alarm is not None]
    found: dict[str, AlarmDefinition | CompositeDefinition | Unjudgeable] = {}
    while open_alarms:
        alarm = open_alarms.pop(0)
        if alarm.id in found:
            continue
        found[alarm.id] = alarm
        if isinstance(alarm, CompositeDefinition):
            names = [alarm_name(name) for name in named_by(alarm)]
            open_alarms += [by_name[name] for name in names if name in by_name]
    return found


def _unjudgeable(expectation: Expectation, catalogue: Catalogue, engine: Engine) -> str:
    alarm = catalogue.find(expectation.alarm)
    if alarm is None:
        known = ", ".join(catalogue.alarms) or "none"
        return f"the template has no alarm {expectation.alarm} with these parameters (it has {known})"
    if isinstance(alarm, Unjudgeable):
        return f"{alarm.id} cannot be judged: {alarm.why}"
    if alarm.id not in engine.left_out:
        return ""
    below = [item for item in catalogue.alarms.values() if isinstance(item, Unjudgeable)]
    children = {alarm_name(name) for name in named_by(alarm)} if isinstance(alarm, CompositeDefinition) else set()
    why = [f"{item.id}: {item.why}" for item in below if item.name in children]
    return f"{alarm.id} cannot be judged: {engine.left_out[alarm.id]}" + (f" ({'; '.join(why)})" if why else "")


def _too_long(expectation: Expectation, needed: dict[str, Any]) -> str:
    periods = [alarm.period_s for alarm in needed.values() if isinstance(alarm, AlarmDefinition)]
    evaluations = sum(expectation.at_s // period_s for period_s in periods)
    if evaluations <= MAX_EVALUATIONS:
        return ""
    return f"at_s {expectation.at_s} needs {evaluations:,} evaluations, more than {MAX_EVALUATIONS:,}"


def _judge(
    expectation: Expectation, catalogue: Catalogue, engine: Engine, stack: Stack, seen: dict[str, int]
) -> Judged:
    alarm = catalogue.find(expectation.alarm)
    alarm_id = alarm.id if alarm is not None else expectation.alarm
    state = engine.state(alarm_id)
    taken = tuple(item for item in engine.actions[seen.get(alarm_id, 0) :] if item.alarm == alarm_id)
    seen[alarm_id] = len(engine.actions)
    history = tuple(item for item in engine.transitions if item.alarm == alarm_id)
    evaluation = engine.evaluation(alarm_id)
    faults: list[str] = []
    if state is not expectation.state:
        faults.append(f"{alarm_id} is {state} at {expectation.at_s} s, expected {expectation.state}")
    if expectation.actions is not None:
        faults += action_faults(expectation.actions, taken, stack)
    reasons = [evaluation.reason if evaluation is not None else history[-1].reason if history else ""]
    reasons.append(engine.suppressed(alarm_id))
    if faults and taken:
        reasons.append(f"it acted: {spoken_actions(taken)}")
    why = "; ".join(reason for reason in reasons if reason) or "it has not been evaluated yet"
    datapoints = evaluation.datapoints if evaluation is not None else ()
    return Judged(expectation, not faults, state, taken, why, tuple(faults), datapoints, history)


def _notes(engine: Engine, stack: Stack) -> list[str]:
    notes = [f"{alarm} is not simulated and stays in INSUFFICIENT_DATA" for alarm in engine.not_simulated]
    return [*notes, *stack.notes]
