from __future__ import annotations

import filecmp
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from build_tools import REPOSITORY, TOOL, imports, sources, trim

# One worker builds: the others would only wait for the same wheels.
pytestmark = pytest.mark.build

SAM = REPOSITORY / ".venv-sam" / "bin" / "sam"
AARCH64 = 183
"""e_machine of an ELF file for arm64 (elf.h)."""


def run_tool(*arguments: object) -> str:
    """What tools/build_artefact.py prints."""
    command = [sys.executable, TOOL, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_sam(*arguments: object) -> str:
    """What the SAM command line prints, run as `make validate` runs it, without credentials."""
    assert SAM.exists(), f"{SAM} is missing: run make install"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "AWS_DEFAULT_REGION": "us-east-1",
        "SAM_CLI_TELEMETRY": "0",
        "PYTHON": sys.executable,
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }
    done = subprocess.run(
        [SAM, *map(str, arguments)], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def artefact(tmp_path_factory):
    """The Lambda artefact and its zip file."""
    folder = tmp_path_factory.mktemp("lambda") / "artefact"
    run_tool("--output", folder, "--zip", folder.with_name("artefact.zip"), "--no-imports")
    return folder


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """The same artefact for this machine, with its report."""
    folder = tmp_path_factory.mktemp("host") / "artefact"
    return folder, json.loads(run_tool("--host", "--output", folder, "--no-zip", "--json"))


def locked() -> dict[str, str]:
    """The name and version of every wheel in the lock of the functions."""
    text = (REPOSITORY / "requirements" / "lambda.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ]+)", text, re.MULTILINE))


def test_artefact_holds_lambda_code_and_nothing_else(artefact):
    """Neither what only people run, nor tests, nor boto3 is in the artefact."""
    assert (artefact / "hookwatch" / "ingest" / "handler.py").is_file()
    packages = {entry.name for entry in (artefact / "hookwatch").iterdir() if entry.is_dir()}
    assert not packages & sources.PEOPLE_ONLY
    replay = {entry.stem for entry in (artefact / "hookwatch" / "recover").glob("*.py")}
    assert {"replay", "sweeper"} <= replay
    assert not [name for name in replay if name.startswith(("loop_", "parked_", "archive_", "github_journal"))]
    top = {entry.name for entry in artefact.iterdir()}
    assert not top & {"boto3", "s3transfer", "tests", "bin", "ministack", "twilio", "typer", "rich"}
    assert not [entry for entry in artefact.rglob("*") if entry.name in {"tests", "py.typed"}]


def test_artefact_has_the_service_models_that_are_called(artefact):
    """Of botocore's service models those of the table are in, each in one version."""
    data = artefact / "botocore" / "data"
    assert {entry.name for entry in data.iterdir()} == trim.KEPT_SERVICES.keys() | trim.KEPT_DATA_FILES
    for service in trim.KEPT_SERVICES:
        (version,) = (data / service).iterdir()
        assert (version / "service-2.json.gz").is_file()
        assert (version / "endpoint-rule-set-1.json.gz").is_file()


def test_every_wheel_brings_its_licence(artefact):
    """What others wrote is shipped with its metadata and its licence, in exactly the locked version."""
    found = {}
    for info in artefact.glob("*.dist-info"):
        metadata = (info / "METADATA").read_text(encoding="utf-8")
        name = re.search(r"^Name: (.+)$", metadata, re.MULTILINE)
        version = re.search(r"^Version: (.+)$", metadata, re.MULTILINE)
        assert name, info
        assert version, info
        found[name[1].lower().replace("_", "-")] = version[1]
        assert [file for file in info.rglob("*") if re.match(r"LICEN[CS]E|COPYING", file.name)], info
    assert found == locked()
    assert (artefact / "hookwatch" / "LICENSE").is_file()


def test_libraries_are_for_lambdas_processor_and_python(artefact):
    """Every compiled extension is for arm64 and, unless it serves all, for Python 3.13."""
    libraries = list(artefact.rglob("*.so"))
    assert libraries
    for library in libraries:
        header = library.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert int.from_bytes(header[18:20], "little") == AARCH64
        assert "cpython-313" in library.name or "abi3" in library.name


def test_bytecode_is_for_lambdas_python_and_never_stale(artefact):
    """If there is bytecode, every module has it, for Python 3.13, and no time stamp can make it invalid."""
    compiled = list(artefact.rglob("*.pyc"))
    if not compiled:
        assert "no bytecode" in run_tool("--output", artefact, "--no-zip", "--no-imports")
        return
    assert len(compiled) == len(list(artefact.rglob("*.py")))
    for file in compiled:
        assert file.name.endswith(".cpython-313.pyc")
        assert file.read_bytes()[4:8] == b"\x01\x00\x00\x00"
        assert str(artefact).encode() not in file.read_bytes()


def test_same_sources_same_zip(artefact, tmp_path):
    """A second build in another folder gives the same bytes, so a deploy changes only what changed."""
    run_tool("--output", tmp_path / "again", "--zip", tmp_path / "again.zip", "--no-imports")
    assert (tmp_path / "again.zip").read_bytes() == artefact.with_name("artefact.zip").read_bytes()


def test_artefact_is_small(artefact):
    """The whole of it stays under 7 MiB zipped: everything that pip gives would be three times that."""
    assert artefact.with_name("artefact.zip").stat().st_size < 7 * 1024 * 1024


@pytest.mark.parametrize("function", imports.FUNCTIONS)
def test_functions_start_from_the_artefact_alone(host, function: str):
    """Each handler imports with nothing but the artefact, and loads neither boto3 nor what only people run."""
    _, report = host
    (found,) = [item for item in report["imports"] if item["function"] == function]
    assert found["modules"]["hookwatch"] > 5
    assert found["import_ms"] > 0
    assert not found["modules"].keys() & {"boto3", "s3transfer", "typer", "rich", "ministack", "twilio"}
    assert not {name.split(".")[1] for name in report["modules"] if "." in name} & sources.PEOPLE_ONLY


def test_deduplication_starts_from_the_artefact_alone(host):
    """With a table the function starts too: what Powertools would import of boto3 is not missed."""
    folder, _ = host
    script = "import sys; sys.path.insert(0, sys.argv[1]); import hookwatch.ingest.handler as h; print(h.handler)"
    environment = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "HOOKWATCH_PROVIDER": "github",
        "HOOKWATCH_SECRET_ARN": "none",
        "HOOKWATCH_EVENT_BUS": "default",
        "HOOKWATCH_DEDUPE_TABLE": "hooks-seen",
    }
    command = [sys.executable, "-S", "-B", "-c", script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "App object" in done.stdout, done.stderr


def test_every_kept_service_makes_a_client(host):
    """Botocore makes a client of each kept service from the artefact alone; of another one it cannot."""
    folder, _ = host
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import botocore.session, botocore.exceptions\n"
        "session = botocore.session.Session()\n"
        "session.set_credentials('a', 'b')\n"
        "make = lambda name: session.create_client(name, 'eu-west-1')\n"
        "print(*(make(name).meta.service_model.service_name for name in sys.argv[2:]))\n"
        "try: make('ec2')\n"
        "except botocore.exceptions.UnknownServiceError: print('no ec2')\n"
    )
    command = [sys.executable, "-S", "-B", "-c", script, str(folder), *trim.KEPT_SERVICES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [" ".join(trim.KEPT_SERVICES), "no ec2"], done.stderr


def test_report_says_size_and_imports(tmp_path):
    """A person who builds sees what the artefact weighs and what each function imports."""
    said = run_tool("--host", "--output", tmp_path / "host", "--zip", tmp_path / "host.zip")
    assert re.search(r"size: [\d.]+ MiB in \d+ files, [\d.]+ MiB zipped", said)
    for function in imports.FUNCTIONS:
        assert re.search(rf"{function}: \d+ ms, \d+ MiB, \d+ modules \(.*hookwatch \d+.*\)", said)


def test_wrong_output_is_a_sentence(tmp_path):
    """A mistake on the command line is answered in one sentence, without a traceback."""
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    command = [sys.executable, TOOL, "--output", tmp_path, "--no-zip", "--no-imports"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not empty and not an earlier artefact" in done.stderr
    assert "Traceback" not in done.stderr


def test_sam_accepts_the_template():
    """`sam validate --lint` has nothing to object to."""
    assert "is a valid SAM Template" in run_sam("validate", "--lint")


def test_sam_builds_the_same_artefact(artefact, tmp_path):
    """`sam build` gives both functions what `make build` makes, file by file."""
    run_sam("build", "--build-dir", tmp_path / "build", "--cache-dir", tmp_path / "cache")
    for function in ("GitHubFunction", "TwilioFunction", "ReplayFunction", "SweeperFunction"):
        built = tmp_path / "build" / function
        files = {file.relative_to(built) for file in built.rglob("*") if file.is_file()}
        assert files == {file.relative_to(artefact) for file in artefact.rglob("*") if file.is_file()}
        _, different, unreadable = filecmp.cmpfiles(artefact, built, map(str, files), shallow=False)
        assert (different, unreadable) == ([], [])
    assert Path(tmp_path / "build" / "template.yaml").is_file()
