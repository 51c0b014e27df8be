"""How fast deliveries go through the sandbox, and where the CPU time goes: sandbox, emulator, functions, sender.

Usage: python tests/bench/bench_sandbox.py [--count 1000] [--concurrency 8] [--bytes 0] [--profile FILE]

`--bytes` makes every payload at least so large. `--profile` writes a cProfile of the sandbox's own event loop. Wall
time depends on what else the machine does; CPU seconds hardly do.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "service"), str(ROOT / "tests")]

from hookwatch.sandbox.cloud import Sandbox  # noqa: E402 - found by the path above
from hookwatch.sandbox.cloud_model import SandboxConfig  # noqa: E402 - the same
from hookwatch.sender import Example, github_request, load_example  # noqa: E402 - the same
from hookwatch.sender.load import Load  # noqa: E402 - the same

SECRET = "a-throwaway-secret"
DRAIN_LIMIT_S = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


def send(url: str, count: int, concurrency: int, size: int) -> None:
    """Send signed pushes and print how they were answered; runs as a process of its own."""
    example = load_example("github", "push")
    content = json.loads(example.content if isinstance(example.content, bytes) else json.dumps(example.content))
    if size:
        content["filler"] = "x" * size
    padded = Example(example.provider, example.event, json.dumps(content).encode())
    load = Load(lambda: github_request(url, padded, SECRET), count=count, concurrency=concurrency, patience_s=30)
    started = time.perf_counter()
    replies = list(load.replies())
    answered: dict[str, int] = {}
    for reply in replies:
        answered[str(reply.status)] = answered.get(str(reply.status), 0) + 1
    latencies = sorted(reply.latency_ms for reply in replies)
    seconds = time.perf_counter() - started
    shown = {
        "seconds": seconds,
        "answered": answered,
        "p50": latencies[count // 2],
        "p99": latencies[count * 99 // 100],
    }
    print(json.dumps({**shown, "slowest": latencies[-1], "cpu_s": time.process_time()}))


def cpu_s(pids: list[int]) -> float:
    """Return the CPU seconds of processes, children that ended included."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def processes() -> tuple[list[int], list[int]]:
    """Return the processes of the emulator and of the functions, below this one."""
    emulator, functions = [], []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                session = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if b"awslambdaric" in line and session == os.getpid():
                functions.append(int(entry.name))
            elif b"ministack" in line and b"keeper" not in line:
                emulator.append(int(entry.name))
    return emulator, functions


async def bench(count: int, concurrency: int, size: int, profile: str | None) -> None:
    """Run it and print the table."""
    template = ROOT / "template.yaml"
    config = SandboxConfig(template=template, github_secret=SECRET, twilio_token="0" * 32)
    async with Sandbox(config) as sandbox:
        command = [sys.executable, __file__, "--send", str(sandbox.github_url)]
        options = ["--count", str(count), "--concurrency", str(concurrency), "--bytes", str(size)]
        await run([*command, "--count", "40", "--concurrency", str(concurrency)])  # warm
        emulator, _ = processes()
        emulator = [pid for pid in emulator if owned(pid)]
        before, own = cpu_s(emulator), time.process_time()
        functions_before = cpu_s(processes()[1])
        seen = sandbox.events.seen
        profiler = cProfile.Profile()
        if profile:
            profiler.enable()
        started = time.perf_counter()
        sent = await run([*command, *options])
        while sandbox.events.seen < seen + count and time.perf_counter() - started < DRAIN_LIMIT_S:  # noqa: ASYNC110 - a count
            await asyncio.sleep(0.02)
        drained = time.perf_counter() - started
        if profile:
            profiler.disable()
            profiler.dump_stats(profile)
        rows = {
            "deliveries answered": sent["answered"],
            "deliveries/s": round(count / sent["seconds"], 1),
            "ms p50, p99, slowest": [round(sent[name]) for name in ("p50", "p99", "slowest")],
            "events seen": sandbox.events.seen - seen,
            "until all were seen, s": round(drained, 1),
            "CPU ms per delivery, sandbox": per(time.process_time() - own, count),
            "CPU ms per delivery, emulator": per(cpu_s(emulator) - before, count),
            "CPU ms per delivery, functions": per(cpu_s(processes()[1]) - functions_before, count),
            "CPU ms per delivery, sender": per(sent["cpu_s"], count),
        }
    for name, value in rows.items():
        print(f"{name:34} {value}")


def owned(pid: int) -> bool:
    """Tell whether a process is below this one: keeper, then emulator."""
    for _ in range(6):
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            return False
        if pid == os.getpid():
            return True
    return False


def per(seconds: float, count: int) -> float:
    """Return milliseconds for each delivery."""
    return round(seconds * 1000 / count, 2)


async def run(command: list[str]) -> Any:
    """Run the sender to its end."""
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    return json.loads(output)


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--bytes", type=int, default=0)
    parser.add_argument("--profile")
    parser.add_argument("--send", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.send:
        send(given.send, given.count, given.concurrency, given.bytes)
        return
    asyncio.run(bench(given.count, given.concurrency, given.bytes, given.profile))


if __name__ == "__main__":
    main()
