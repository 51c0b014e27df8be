"""What a run of alarm tests found.

Never prints: `report` and the command line do.
"""

from dataclasses import dataclass
from pathlib import Path

from hookwatch.alarms.engine import ActionTaken, Transition
from hookwatch.alarms.evaluation import Datapoint
from hookwatch.alarms.testfile import Expectation


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation, judged.

    Attributes:
        expectation: What was wanted.
        ok: Whether it was so.
        state: The state found; empty when the alarm could not be judged.
        actions: Actions since the previous expectation of the same alarm, or since the start.
        why: Why the state is what it is, or why nothing could be judged.
        faults: What differs, in sentences; empty when ok.
        datapoints: The evaluation range of a metric alarm at that time, oldest first.
        history: Every change of state of the alarm up to that time.
    """

    expectation: Expectation
    ok: bool
    state: str
    actions: tuple[ActionTaken, ...]
    why: str
    faults: tuple[str, ...]
    datapoints: tuple[Datapoint, ...]
    history: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case, judged; `notes` are hints such as a series that no judged alarm reads."""

    name: str
    judged: tuple[Judged, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every expectation was met."""
        return all(item.ok for item in self.judged)


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file; with `faults` it could not be run and `cases` is empty."""

    path: Path
    template: Path | None
    cases: tuple[CaseResult, ...]
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file ran and every case passed."""
        return not self.faults and all(case.ok for case in self.cases)
