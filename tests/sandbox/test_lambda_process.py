"""How the sandbox's worker processes live and die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.lambda_rig import FUNCTIONS, gone, running, spec_of

pytestmark = pytest.mark.sandbox

SERVICE = FUNCTIONS.parents[2] / "service"


def test_a_warm_process_serves_again() -> None:
    """Requests one after the other share a process, whose state lives on; only the first had an init phase."""
    with running(spec_of("handlers.process", log_format="JSON")) as rig:
        served = [rig.request().json() for _ in range(3)]
    assert len({one["pid"] for one in served}) == 1
    assert [one["served"] for one in served] == [1, 2, 3]
    inits = ["initDurationMs" in record["metrics"] for record in rig.seen.platform("platform.report")]
    assert inits == [True, False, False]


def test_an_exception_leaves_the_process_warm() -> None:
    """A handler that raises keeps its process; only death and timeout cost one."""
    with running(spec_of("handlers.raises", log_format="JSON")) as rig:
        assert [rig.request().status for _ in range(3)] == [502, 502, 502]
    assert len(rig.seen.platform("platform.initStart")) == 1


def test_executions_at_once_have_a_process_each() -> None:
    """Three slow requests at once run in three processes at the same time."""
    with running(spec_of("handlers.process", timeout_s=10)) as rig:
        answers = [answer.json() for answer in rig.at_once(3, "/?seconds=2")]
        assert len({answer["pid"] for answer in answers}) == 3
        begun = [answer["began"] for answer in answers]
        assert max(begun) - min(begun) < 2
        assert max(rig.seen.values("ConcurrentExecutions")) == 3


def test_a_cold_burst_does_not_stall_the_warm() -> None:
    """While other processes still start, requests are served by the one that is warm."""
    spec = spec_of("slow_start.handler", environment={"IMPORT_SECONDS": "4"}, timeout_s=10)
    with running(spec) as rig:
        warm = rig.request().json()["pid"]
        begun_s = time.monotonic()
        answers = rig.at_once(4, "/?seconds=0.05")
        assert time.monotonic() - begun_s < 3.5
        assert {answer.json()["pid"] for answer in answers} == {warm}


def test_the_environment_is_lambdas_and_the_functions_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function sees what Lambda sets and what it declares, and nothing of the developer's own environment."""
    monkeypatch.setenv("AWS_PROFILE", "the-developers-own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-developers-own")
    declared = {"HOOKWATCH_PROVIDER": "github", "AWS_REGION": "cannot-be-declared", "AWS_ACCESS_KEY_ID": "test"}
    with running(spec_of("handlers.surroundings", environment=declared, memory_mb=192, timeout_s=7)) as rig:
        seen = rig.request().json()
    environment = seen["environment"]
    assert not [value for value in environment.values() if "the-developers-own" in value]
    assert "HOME" not in environment
    assert environment["HOOKWATCH_PROVIDER"] == "github"
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["_HANDLER"] == "handlers.surroundings"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "probe"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "192"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["LAMBDA_TASK_ROOT"] == seen["cwd"] == str(FUNCTIONS)
    assert environment["TZ"] == ":UTC"
    assert seen["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:probe"
    assert 5000 < seen["left_ms"] <= 7000
    assert seen["executable"] == sys.executable


def test_stopping_leaves_no_process() -> None:
    """After stop every worker is gone, those in the middle of an execution included, whose caller gets an answer."""
    with ThreadPoolExecutor(1) as pool:
        with running(spec_of("handlers.process", timeout_s=60)) as rig:
            idle, busy = (answer.json()["pid"] for answer in rig.at_once(2, "/?seconds=0.5"))
            hanging = pool.submit(rig.request, target="/?seconds=50")
            time.sleep(0.3)
        assert hanging.result(10).status == 502
    assert idle != busy
    assert gone(idle)
    assert gone(busy)


def test_a_worker_that_dies_idle_is_replaced() -> None:
    """A warm process that is killed while nobody calls costs no request."""
    with running(spec_of("handlers.process")) as rig:
        first = rig.request().json()["pid"]
        os.kill(first, signal.SIGKILL)
        assert gone(first)
        time.sleep(0.2)
        answer = rig.request()
    assert answer.status == 200
    assert answer.json()["pid"] != first


HOST = """
import asyncio, sys
from pathlib import Path
from hookwatch.sandbox.lambda_model import FunctionSpec
from hookwatch.sandbox.worker import Worker

class Silent:
    def log_line(self, function, line): pass
    def metric(self, point): pass
    def segment(self, document): pass

async def main():
    spec = FunctionSpec(name="probe", handler="handlers.process", source_root=Path(sys.argv[1]))
    worker = Worker(spec, Silent(), "stream", tie=sys.argv[2])
    assert await worker.start() is None
    print(worker._process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


# The kernel's parent-death signal exists on Linux only.
@pytest.mark.parametrize("tie", ["signal", "pipe"] if sys.platform == "linux" else ["pipe"])
def test_workers_die_with_a_killed_sandbox(tie: str) -> None:
    """A sandbox that is killed with SIGKILL leaves no worker, whether the kernel or a guardian sees to it."""
    command = [sys.executable, "-c", HOST, str(FUNCTIONS), tie]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(SERVICE)}) as host:
        assert host.stdout is not None
        worker = int(host.stdout.readline())
        family = [worker, *_group(worker)]
        assert not gone(worker, within_s=0.1)
        host.kill()
    assert [pid for pid in family if not gone(pid)] == []


def _group(leader: int) -> list[int]:
    """Return the processes of a process group, as /proc tells."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == leader:
                members.append(int(entry.name))
    return members


def test_an_interpreter_that_is_not_there_is_an_init_failure() -> None:
    """A function whose interpreter cannot be started answers 502 and says why in its log."""
    with running(spec_of("handlers.echo", python="/nowhere/python")) as rig:
        assert rig.request().status == 502
    assert any("cannot start /nowhere/python" in line for line in rig.seen.lines)


def test_a_source_root_that_is_not_there_is_refused_at_start(tmp_path: Path) -> None:
    """A function without its folder does not start at all."""
    with (
        pytest.raises(NotADirectoryError, match="function probe"),
        running(spec_of("handlers.echo", source_root=tmp_path / "gone")),
    ):
        pass
