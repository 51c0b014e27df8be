"""The benchmark compares like with like, and judges numbers rightly."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench import bench_handler, deliveries, measures, trees
from bench.aws_stub import AwsStub
from bench.report import Measure, Unit, as_document
from bench.runs import Stand, Worker
from bench.trees import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

# Both from where the tests find them: what the benchmark builds is the build's own test.
_SITE = Path(next(path for path in sys.path if path.endswith("site-packages")))


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stand, dict[str, Worker]]]:
    """Both handlers running against the stub."""
    scratch = tmp_path_factory.mktemp("bench")
    for name, source in (
        ("ours", trees.REPOSITORY / "service" / "hookwatch"),
        ("plain", Path(trees.__file__).with_name("plain_handler.py")),
    ):
        folder = scratch / name
        folder.mkdir()
        (folder / source.name).symlink_to(source)
        for package in _SITE.iterdir():
            if package.name not in ("hookwatch", "__pycache__") and package.suffix != ".pth":
                (folder / package.name).symlink_to(package)
    with ExitStack() as stack:
        stub = stack.enter_context(AwsStub())
        plain = Tree("plain", scratch / "plain", "plain_handler")
        ours = Tree("ours", scratch / "ours", "hookwatch.ingest.handler")
        stand = Stand(Path(sys.executable), stub, scratch, plain, ours)
        running = {tree.name: stack.enter_context(Worker(stand, tree)) for tree in stand.pair}
        for worker in running.values():
            worker.load()
        yield stand, running


@pytest.mark.parametrize(("forge", "kind"), [("signed", 2), ("unsigned", 4), ("wrong", 4)])
def test_both_handlers_answer_alike(workers: tuple[Stand, dict[str, Worker]], forge: str, kind: int) -> None:
    """Both accept what is signed and refuse what is not, or the comparison would mean nothing."""
    stand, running = workers
    event = measures.event_file(stand, "1 KB", deliveries.Forge(forge))

    statuses = {name: worker.call(event, sampled=True)["answer"]["statusCode"] for name, worker in running.items()}

    assert {name: status // 100 for name, status in statuses.items()} == {"ours": kind, "plain": kind}


def test_both_handlers_publish_the_same_payload(workers: tuple[Stand, dict[str, Worker]]) -> None:
    """Both put the payload onto the bus under the same source and detail type; ours adds its own key in front."""
    stand, running = workers
    event = measures.event_file(stand, "1 KB")
    entries: dict[str, dict[str, Any]] = {}
    for name, worker in running.items():
        worker.call(event, sampled=False)
        entries[name] = stand.stub.published()["Entries"][0]

    assert entries["plain"]["Detail"] == deliveries.body(1000)
    assert entries["ours"]["Detail"].endswith("," + deliveries.body(1000)[1:])
    assert [entries["ours"][key] for key in ("Source", "DetailType", "EventBusName")] == [
        entries["plain"][key] for key in ("Source", "DetailType", "EventBusName")
    ]


def test_what_a_call_takes_is_measured(workers: tuple[Stand, dict[str, Worker]]) -> None:
    """A delivery of a megabyte takes more CPU than one of a kilobyte, and memory is counted in bytes."""
    stand, running = workers
    small = running["plain"].call(measures.event_file(stand, "1 KB"), 3, sampled=False)
    large = running["plain"].call(measures.event_file(stand, "1 MB"), 3, sampled=False)

    assert 0 < small["cpu_us"] < large["cpu_us"]
    assert large["peak_bytes"] > 20_000_000


@pytest.mark.parametrize("size_bytes", deliveries.SIZES_BYTES.values())
def test_bodies_have_exactly_their_size(size_bytes: int) -> None:
    """A body is as many bytes long as the measure that it stands for says."""
    assert len(deliveries.body(size_bytes).encode()) == size_bytes


@pytest.mark.parametrize(
    ("ours", "target", "verdict"),
    [
        ([40.0, 50.0, 60.0], 0.5, "met"),
        ([40.0, 60.0, 60.0], 0.5, "missed by 20%"),
        ([50.1, 50.1, 50.1], 0.5, "missed by less than 1%"),
        ([50.0, 50.0, 50.0], None, ""),
    ],
)
def test_verdict_is_by_the_middle_ratio(ours: list[float], target: float | None, verdict: str) -> None:
    """A target is met or missed by the median of the rounds' ratios, and a miss says by how much."""
    assert Measure("x", Unit.MICROSECONDS, [100.0, 100.0, 100.0], ours, target).verdict == verdict


def test_limit_is_about_our_own_value() -> None:
    """A limit that is no ratio is judged by our value, even where the plain handler logs nothing."""
    measure = Measure("log", Unit.BYTES, [0.0], [1100.0], limit=1000)

    assert measure.verdict == "missed by 10%"
    assert as_document([measure])[0]["ratio"] is None


def test_what_could_not_be_measured_says_why() -> None:
    """A measure without numbers has a note where the verdict would be, and no numbers in JSON."""
    measure = Measure("import", Unit.INSTRUCTIONS, [], [], 0.72, note="not counted: no valgrind here")

    assert measure.verdict == "not counted: no valgrind here"
    assert as_document([measure])[0]["ours"] is None


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_wrong_interpreter_is_misuse(python: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A Python that is none ends the benchmark with status 2 and one sentence."""
    assert bench_handler.main(["--python", python]) == 2
    assert capsys.readouterr().err.startswith(f"bench: {python}")


def test_lock_gives_only_what_the_plain_handler_needs() -> None:
    """The plain handler is installed with the lock's own versions and hashes, and a missing pin is an error."""
    lock = (
        "six==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via x\nrich==2.0 \\\n    --hash=sha256:cc\n"
    )

    assert trees._lock_of(lock, ("six",)) == "six==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    with pytest.raises(trees.BenchError, match="boto3"):
        trees._lock_of(lock, ("six", "boto3"))
