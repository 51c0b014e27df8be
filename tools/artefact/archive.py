"""Zips an artefact so that equal content gives equal bytes, and weighs it.

Never follows the file system's times, modes or order: they differ from machine to machine.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from artefact.errors import BuildError

UNZIPPED_LIMIT_BYTES = 262_144_000
"""250 MB, function and layers together (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read
2026-11-22)."""

ZIPPED_LIMIT_BYTES = 52_428_800
"""50 MB for a direct upload (the same page)."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644
_LIBRARY_MODE = 0o100755


@dataclass(frozen=True, slots=True)
class Size:
    """What an artefact weighs."""

    files: int
    unzipped_bytes: int
    zipped_bytes: int


def write_zip(folder: Path, file: Path) -> Size:
    """Writes the zip file of a folder.

    Raises:
        BuildError: If Lambda would not take it.
    """
    files = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())
    file.parent.mkdir(parents=True, exist_ok=True)
    unzipped_bytes = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, also when built on Windows: the modes below are Unix modes
            entry.external_attr = (_LIBRARY_MODE if ".so" in path.suffixes else _FILE_MODE) << 16
            content = path.read_bytes()
            unzipped_bytes += len(content)
            archive.writestr(entry, content)
    size = Size(files=len(files), unzipped_bytes=unzipped_bytes, zipped_bytes=file.stat().st_size)
    if size.unzipped_bytes > UNZIPPED_LIMIT_BYTES or size.zipped_bytes > ZIPPED_LIMIT_BYTES:
        raise BuildError(f"Lambda does not take an artefact of this size: {size}")
    return size
