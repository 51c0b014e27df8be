"""An outage as GitHub remembers it: 7,000 deliveries of an organization's hook, of which 270 are wanted back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted

if TYPE_CHECKING:
    from hookwatch.sandbox.github_api_world import FakeGitHub

TOTAL, WANTED = 7_000, 270
FILTERS = ("--since", "12h", "--event", "workflow_job", "--action", "queued")
HOUR_S = 3600.0
OTHERS = (("push", None), ("check_run", "created"), ("workflow_job", "completed"), ("issues", "opened"))

REFUSED = {code: Posted(f"Invalid HTTP Response: {code}", code) for code in (400, 401, 413, 429, 500, 502, 503)}
SILENT = (Posted("timed out", 0), Posted("failed to connect to host", 0))
DOWN = (REFUSED[503], REFUSED[502], REFUSED[429], *SILENT)


@dataclass
class Outage:
    """What a redelivery has to know.

    Attributes:
        wanted: GUID -> id of the newest attempt of what must be redelivered, and nothing else must be.
        failed: how many deliveries failed in all, wanted or not.
    """

    wanted: dict[str, int] = field(default_factory=dict)
    failed: int = 0


def fill(world: FakeGitHub, hook: FakeHook) -> Outage:
    """Fill a fake GitHub's record, oldest first."""
    outage = Outage()
    attempts = 0

    def record(guid: str, posted: Posted, at: int, name: str = "workflow_job", action: str | None = "queued") -> int:
        nonlocal attempts
        attempts += 1
        age_s = 11.5 * HOUR_S - at * (11 * HOUR_S / TOTAL)
        again = guid in seen
        seen.add(guid)
        return world.record(hook, Event(guid, name, action), posted, age_s=age_s, redelivery=again).id

    seen: set[str] = set()
    # What the filters or the plan must leave out, each for another reason.
    for number in range(20):
        record(f"redelivered-{number}", REFUSED[503], attempts)
        record(f"redelivered-{number}", Posted(), attempts)
        for _ in range(4):
            record(f"capped-{number}", REFUSED[500], attempts)
        record(f"malformed-{number}", REFUSED[400], attempts)
        record(f"large-{number}", REFUSED[413], attempts)
    outage.failed += 60
    for number in range(WANTED):
        guid = f"wanted-{number}"
        outage.wanted[guid] = record(guid, DOWN[number % len(DOWN)], attempts)
        if number % 9 == 0:
            outage.wanted[guid] = record(guid, REFUSED[503], attempts)
    outage.failed += WANTED
    for number in range(TOTAL - attempts):
        name, action = OTHERS[number % len(OTHERS)]
        posted = Posted() if number % 3 == 0 else DOWN[number % len(DOWN)]
        outage.failed += number % 3 != 0
        record(f"other-{number}", posted, attempts, name, action)
    assert attempts == TOTAL
    return outage
