"""What is measured and how often. Never lets one handler have the machine to itself for long.

Every measure alternates between the two handlers, so that whatever else the machine does meets both; ratios are taken
round by round.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from shutil import which
from typing import TYPE_CHECKING, Any

from bench import deliveries
from bench.deliveries import SIZES_BYTES, Forge
from bench.report import Measure, Unit
from bench.runs import Stand, Worker, instructions
from bench.trees import BenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# The targets: ours divided by plain.
IMPORT_TARGET = 0.72
FIRST_TARGET = 0.85
WARM_TARGETS = {"10 KB": 1.0, "1 MB": 0.6}
MEMORY_TARGET = 0.9
UNSIGNED_TARGETS = {"1 KB": 0.5, "1 MB": 0.02}
# And its limits on the bytes that one delivery may log, all lines together.
ACCEPTED_LOG_BYTES = 1000
REJECTED_LOG_BYTES = 700

# Calls in one block: a tenth of a second or so, in which what the first of them finds cold is lost.
_WARM_CALLS = {"1 KB": 100, "10 KB": 100, "100 KB": 40, "1 MB": 10}
_REJECTED_CALLS = {"1 KB": 1500, "10 KB": 800, "1 MB": 30}
_MEMORY_CALLS = 20
_WARM_UP_CALLS = 20


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rounds each kind of measure gets; zero leaves it out."""

    instructions: int
    fresh: int
    warm: int
    memory: int


FULL = Effort(instructions=1, fresh=15, warm=11, memory=3)
QUICK = Effort(instructions=0, fresh=3, warm=3, memory=1)


def measure_all(stand: Stand, effort: Effort, progress: Callable[[str], None]) -> Iterator[Measure]:
    """Take every measure."""
    progress("counting the instructions of an import")
    yield _import_instructions(stand, effort)
    progress("importing and calling once, in fresh processes")
    yield from _first_calls(stand, effort.fresh, sampled=True)
    yield from _first_calls(stand, effort.fresh // 2 + 1, sampled=False)
    progress("answering delivery after delivery")
    yield from _warm(stand, effort)
    progress("refusing delivery after delivery")
    yield from _rejected(stand, effort)
    progress("holding memory")
    yield from _memory(stand, effort)
    progress("reading what was logged")
    yield from _log_bytes(stand)


def event_file(stand: Stand, size: str, forge: Forge = Forge.SIGNED) -> Path:
    """The event of this size as a file, written once."""
    file = stand.scratch / f"{size.replace(' ', '')}-{forge}.json"
    if not file.exists():
        document = deliveries.url_event(deliveries.body(SIZES_BYTES[size]), forge)
        file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return file


def _import_instructions(stand: Stand, effort: Effort) -> Measure:
    name = "import, instructions"
    nothing: tuple[float, ...] = ()
    if not effort.instructions:
        return Measure(name, Unit.INSTRUCTIONS, nothing, nothing, IMPORT_TARGET, note="left out by --quick")
    if which("valgrind") is None:
        return Measure(name, Unit.INSTRUCTIONS, nothing, nothing, IMPORT_TARGET, note="not counted: no valgrind here")
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda tree: instructions(stand, tree), (*stand.pair, None)))
    if None in counts:
        return Measure(name, Unit.INSTRUCTIONS, nothing, nothing, IMPORT_TARGET, note="not counted: valgrind failed")
    plain, ours, base = (count or 0 for count in counts)
    return Measure(name, Unit.INSTRUCTIONS, [plain - base], [ours - base], IMPORT_TARGET)


def _first_calls(stand: Stand, rounds: int, *, sampled: bool) -> Iterator[Measure]:
    event = event_file(stand, "10 KB")
    imports: dict[str, list[float]] = {"plain": [], "ours": []}
    calls: dict[str, list[float]] = {"plain": [], "ours": []}
    for number in range(rounds + 1):
        for tree in _in_turn(stand, number):
            with Worker(stand, tree) as worker:
                imported, called = worker.load()["cpu_us"], _accepted(worker.call(event, sampled=sampled))
            if number:  # the first round fills the system's file cache
                imports[tree.name].append(imported)
                calls[tree.name].append(called)
    sums = {name: [sum(both) for both in zip(imports[name], calls[name], strict=True)] for name in imports}
    if sampled:
        yield Measure("import, CPU", Unit.MICROSECONDS, imports["plain"], imports["ours"])
        yield Measure("first call, CPU, traced", Unit.MICROSECONDS, calls["plain"], calls["ours"])
    state = "traced" if sampled else "not traced"
    target = FIRST_TARGET if sampled else None
    yield Measure(f"import + first call, CPU, {state}", Unit.MICROSECONDS, sums["plain"], sums["ours"], target)


def _warm(stand: Stand, effort: Effort) -> Iterator[Measure]:
    with ExitStack() as stack:
        workers = _ready(stand, stack)
        for sampled in (True, False):
            for size, times in _WARM_CALLS.items():
                taken = _alternate(workers, event_file(stand, size), times, effort.warm, sampled=sampled)
                name = f"accepted {size}, CPU, {'traced' if sampled else 'not traced'}"
                yield Measure(name, Unit.MICROSECONDS, *taken, WARM_TARGETS.get(size))


def _rejected(stand: Stand, effort: Effort) -> Iterator[Measure]:
    with ExitStack() as stack:
        workers = _ready(stand, stack)
        for forge, title in ((Forge.UNSIGNED, "unsigned"), (Forge.WRONG, "wrongly signed")):
            targets = UNSIGNED_TARGETS if forge is Forge.UNSIGNED else {}
            for sampled in (False, True):
                for size, times in _REJECTED_CALLS.items():
                    taken = _alternate(workers, event_file(stand, size, forge), times, effort.warm, sampled=sampled)
                    name = f"{title} {size}, CPU, {'traced' if sampled else 'not traced'}"
                    yield Measure(name, Unit.MICROSECONDS, *taken, targets.get(size))


def _memory(stand: Stand, effort: Effort) -> Iterator[Measure]:
    for size in ("10 KB", "1 MB"):
        peaks: dict[str, list[float]] = {"plain": [], "ours": []}
        for number in range(effort.memory):
            for tree in _in_turn(stand, number):
                with Worker(stand, tree) as worker:
                    worker.load()
                    peak = worker.call(event_file(stand, size), _MEMORY_CALLS, sampled=True)["peak_bytes"]
                if peak is not None:
                    peaks[tree.name].append(peak)
        note = "" if peaks["ours"] else "not measured: no /proc here"
        yield Measure(f"peak memory at {size}", Unit.MEMORY, peaks["plain"], peaks["ours"], MEMORY_TARGET, note=note)


def _log_bytes(stand: Stand) -> Iterator[Measure]:
    for forge, title, limit in (
        (Forge.SIGNED, "accepted", ACCEPTED_LOG_BYTES),
        (Forge.UNSIGNED, "unsigned", REJECTED_LOG_BYTES),
        (Forge.WRONG, "wrongly signed", REJECTED_LOG_BYTES),
    ):
        lengths = {}
        for tree in stand.pair:
            with Worker(stand, tree) as worker:
                worker.load()
                worker.call(event_file(stand, "10 KB"), sampled=True)
                before = len(worker.log().encode())
                worker.call(event_file(stand, "10 KB", forge), sampled=True)
                lengths[tree.name] = len(worker.log().encode()) - before
        yield Measure(f"log of {title}", Unit.BYTES, [lengths["plain"]], [lengths["ours"]], limit=limit)


def _ready(stand: Stand, stack: ExitStack) -> tuple[Worker, Worker]:
    """Both handlers, past everything that happens only once."""
    plain, ours = (stack.enter_context(Worker(stand, tree)) for tree in stand.pair)
    for worker in (plain, ours):
        worker.load()
        for sampled in (True, False):
            _accepted(worker.call(event_file(stand, "10 KB"), _WARM_UP_CALLS, sampled=sampled))
    return plain, ours


def _alternate(
    workers: tuple[Worker, Worker], event: Path, times: int, rounds: int, *, sampled: bool
) -> tuple[list[float], list[float]]:
    """CPU microseconds of one call, block by block, plain and ours in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for at in (0, 1) if number % 2 else (1, 0):
            cpu_us = workers[at].call(event, times if number else 2, sampled=sampled)["cpu_us"]
            if number:
                taken[at].append(cpu_us)
    return taken


def _in_turn(stand: Stand, number: int) -> tuple[Any, ...]:
    return stand.pair if number % 2 else stand.pair[::-1]


def _accepted(reply: dict[str, Any]) -> float:
    """The CPU of calls that went well.

    Raises:
        BenchError: If the handler did not accept the delivery: then nothing that it took means anything.
    """
    if not 200 <= reply["answer"]["statusCode"] < 300:
        raise BenchError(f"a handler refused a good delivery: {reply['answer']}")
    cpu_us: float = reply["cpu_us"]
    return cpu_us
