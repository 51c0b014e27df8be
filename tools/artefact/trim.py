"""What of the installed wheels no function uses, and is therefore left out.

Never touches a file's content and never a licence: a wheel's METADATA, LICENSE and NOTICE stay, as their terms ask
and as `importlib.metadata` needs.
"""

import shutil
from pathlib import Path

from artefact.errors import BuildError

KEPT_SERVICES = {
    "dynamodb": "which deliveries came before",
    "events": "publishing",
    "s3": "claim check",
    "secretsmanager": "the webhook secrets",
    "sqs": "parking",
}
"""The only service models of botocore's 400 that stay, and for what. A client of another service needs a row here."""

KEPT_DATA_FILES = frozenset({"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"})
"""What botocore reads beside the service models; without one of them no client can be made."""

_UNUSED_SUFFIXES = frozenset({".pyi", ".pyx", ".pxd", ".c", ".h", ".exe"})
_UNUSED_NAMES = frozenset({"py.typed", "__pycache__", "tests"})
_KEPT_OF_DIST_INFO = ("METADATA", "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS", "licenses", "entry_points.txt")


def trim(folder: Path) -> None:
    """Deletes from an installed folder what no function uses.

    Raises:
        BuildError: If a kept service or data file is not where botocore used to have it.
    """
    for name in ("bin", "share"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for stubs in folder.glob("*-stubs"):
        shutil.rmtree(stubs)
    for info in folder.glob("*.dist-info"):
        for entry in info.iterdir():
            if not entry.name.startswith(_KEPT_OF_DIST_INFO):
                _delete(entry)
    for path in sorted(folder.rglob("*")):
        if path.exists() and (path.name in _UNUSED_NAMES or path.suffix in _UNUSED_SUFFIXES):
            _delete(path)
    _trim_botocore(folder / "botocore" / "data")


def _trim_botocore(data: Path) -> None:
    missing = [name for name in (*KEPT_SERVICES, *sorted(KEPT_DATA_FILES)) if not (data / name).exists()]
    if missing:
        raise BuildError(f"botocore has no {', '.join(missing)} any more: look at artefact/trim.py again.")
    for entry in data.iterdir():
        if entry.name not in KEPT_SERVICES and entry.name not in KEPT_DATA_FILES:
            _delete(entry)
    for service in KEPT_SERVICES:
        # botocore takes the newest version unless asked otherwise, and nobody here asks.
        *older, newest = sorted(version for version in (data / service).iterdir() if version.is_dir())
        for version in older:
            _delete(version)
        for examples in newest.glob("examples-*"):
            _delete(examples)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
