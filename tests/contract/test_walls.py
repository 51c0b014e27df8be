"""Who may know whom, and what the Lambda function must not load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "service" / "hookwatch"

# Part -> the parts of hookwatch that it may import. Modules at the top level of the package are parts by themselves.
ALLOWED: dict[str, set[str]] = {
    "outcomes": set(),
    "config": set(),
    "emf": set(),
    "telemetry": {"outcomes", "ingest", "emf"},
    "ingest": {"outcomes", "config", "telemetry"},
    "cfn": set(),
    "patterns": {"cfn"},
    "alarms": {"cfn"},
    "costs": set(),
    "sender": {"ingest"},
    # Consumers copy or vendor it: it knows nobody.
    "claims": set(),
    "recover": {"outcomes", "config", "ingest", "telemetry", "emf", "sender"},
    "doctor": {"ingest", "recover"},
    # The sandbox counts what the rules on a bus match, with the matcher of `patterns`.
    "sandbox": {"alarms", "cfn", "patterns", "sender", "outcomes", "config"},
    "cli": {
        "outcomes",
        "config",
        "ingest",
        "cfn",
        "patterns",
        "alarms",
        "costs",
        "recover",
        "sender",
        "sandbox",
        "doctor",
    },
}
# AWS clients are made and called in these modules of `ingest` and nowhere else.
AWS = {"bucket.py", "calls.py", "clients.py", "dedupe_table.py", "publish.py", "publish_errors.py", "secrets.py"}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, dotted and absolute."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_part_knows_only_what_it_may(path: Path):
    """The walls that DESIGN.md draws hold for every module."""
    known = {name.split(".")[1] for name in imports(path) if name.startswith("hookwatch.")} - {"__version__"}
    assert known - {part(path)} <= ALLOWED[part(path)]


@pytest.mark.parametrize(
    "path", [path for path in FILES if part(path) == "ingest"], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_aws_is_called_from_few_places(path: Path):
    """A provider, the pipeline and the model cannot reach AWS, because they cannot import it."""
    touches = {name.split(".")[0] for name in imports(path)} & {"boto3", "botocore", "aws_secretsmanager_caching"}
    assert not touches or path.name in AWS


def test_matching_is_pure_standard_library():
    """The pattern matcher can be vendored anywhere: it imports nothing but Python."""
    program = (
        "import sys; before = set(sys.modules); import hookwatch.patterns; "
        "print([m for m in sys.modules if m not in before"
        " and m.split('.')[0] not in (*sys.stdlib_module_names, 'hookwatch')])"
    )
    assert _run(program) == "[]"


def test_the_lambda_function_loads_no_more_than_it_needs():
    """Importing the handler loads neither boto3, the Tracer, the other provider, nor what only people run."""
    program = (
        "import sys, hookwatch.ingest.handler; "
        "print([m for m in sys.modules if m.startswith(('hookwatch.cli', 'hookwatch.sandbox', 'hookwatch.patterns', "
        "'hookwatch.alarms', 'hookwatch.costs', 'hookwatch.cfn', 'hookwatch.sender', 'hookwatch.recover', 'boto3', "
        "'aws_xray_sdk', 'typer', 'hookwatch.ingest.providers.twilio'))])"
    )
    environment = {
        "HOOKWATCH_PROVIDER": "github",
        "HOOKWATCH_SECRET_ARN": "arn:s",
        "HOOKWATCH_EVENT_BUS": "default",
        "LAMBDA_TASK_ROOT": str(PACKAGE.parent),
        "AWS_LAMBDA_FUNCTION_NAME": "f",
    }
    assert _run(program, **environment) == "[]"


@pytest.mark.parametrize("module", ["replay", "sweeper"])
def test_functions_of_recover_load_no_more_than_they_need(module: str):
    """What is brought back by itself is brought back without boto3 and without what only people run."""
    program = (
        f"import sys, hookwatch.recover.{module}; "
        "print([m for m in sys.modules if m.startswith(('hookwatch.cli', 'hookwatch.sandbox', 'hookwatch.patterns', "
        "'hookwatch.alarms', 'hookwatch.costs', 'hookwatch.cfn', 'hookwatch.recover.loop', 'hookwatch.recover.parked', "
        "'boto3', 'typer', 'rich', 'aws_xray_sdk'))])"
    )
    environment = {
        "HOOKWATCH_EVENT_BUS": "default",
        "HOOKWATCH_CLAIM_BUCKET": "bucket",
        "HOOKWATCH_PARKING_QUEUE_URL": "http://127.0.0.1:9/queue",
        "HOOKWATCH_PARKING_DLQ_URL": "http://127.0.0.1:9/dlq",
        "HOOKWATCH_SWEEPER_ORGANIZATION": "octo-org",
        "HOOKWATCH_SWEEPER_HOOK_ID": "0",
        "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": "arn:s",
        "HOOKWATCH_SWEEPER_MAX_PER_RUN": "1",
        "HOOKWATCH_SWEEPER_RETENTION_HOURS": "72",
        "HOOKWATCH_STACK": "hooks",
        "AWS_REGION": "us-east-1",
    }
    assert _run(program, **environment) == "[]"


@pytest.mark.parametrize(("table", "loaded"), [("", False), ("hooks-seen", True)])
def test_deduplication_is_loaded_only_where_it_is_wanted(table: str, loaded: bool):
    """Without a table no function pays for Powertools' idempotency; with one it still loads no boto3 and no Tracer."""
    program = (
        "import sys, hookwatch.ingest.handler; name = 'aws_lambda_powertools.utilities.idempotency.persistence.base'; "
        "unwanted = ('boto3', 's3transfer', 'aws_xray_sdk'); "
        "print(name in sys.modules, [m for m in sys.modules if m.split('.')[0] in unwanted])"
    )
    environment = {
        "HOOKWATCH_PROVIDER": "github",
        "HOOKWATCH_SECRET_ARN": "arn:s",
        "HOOKWATCH_EVENT_BUS": "default",
        "HOOKWATCH_DEDUPE_TABLE": table,
        "LAMBDA_TASK_ROOT": str(PACKAGE.parent),
        "AWS_LAMBDA_FUNCTION_NAME": "f",
    }
    assert _run(program, **environment) == f"{loaded} []"


def test_safekeeping_is_loaded_only_when_something_has_to_be_kept():
    """Parking and claim check cost a healthy function nothing at its start, and no client is made for them."""
    program = (
        "import sys, hookwatch.ingest.handler; "
        "kept = ('kept', 'safekeeping', 'parking', 'parked', 'bucket', 'slim', 'claim_check'); "
        "print([m for m in sys.modules if m.removeprefix('hookwatch.ingest.') in kept])"
    )
    environment = {
        "HOOKWATCH_PROVIDER": "github",
        "HOOKWATCH_SECRET_ARN": "arn:s",
        "HOOKWATCH_EVENT_BUS": "default",
        "HOOKWATCH_PARKING_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/hooks-parked",
        "HOOKWATCH_CLAIM_BUCKET": "hooks-claims",
        "LAMBDA_TASK_ROOT": str(PACKAGE.parent),
        "AWS_LAMBDA_FUNCTION_NAME": "f",
    }
    assert _run(program, **environment) == "[]"


def test_a_wrong_environment_stops_the_function():
    """The function refuses to start and says every reason."""
    done = subprocess.run(
        [sys.executable, "-c", "import hookwatch.ingest.handler"],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), "HOOKWATCH_SECRET_ARN": "s3cr et"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "HOOKWATCH_PROVIDER" in done.stderr
    assert "HOOKWATCH_EVENT_BUS" in done.stderr
    assert "s3cr" not in done.stderr


def _run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
