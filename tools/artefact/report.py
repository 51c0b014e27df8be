"""Says what was built: for people as text, for programs as JSON.

Never measures by itself.
"""

from collections.abc import Sequence
from dataclasses import asdict

from artefact.archive import Size
from artefact.build import Artefact
from artefact.imports import Imports

_MIB = 1024 * 1024
_SHOWN_PACKAGES = 8


def as_document(artefact: Artefact, size: Size | None, host: Artefact | None, imports: Sequence[Imports]) -> object:
    """The report as JSON values."""
    return {
        "folder": str(artefact.folder),
        "target": artefact.target.name,
        "bytecode": artefact.compiled_with is not None,
        "modules": list(artefact.modules),
        "size": asdict(size) if size else None,
        "imports_measured_on": host.target.name if host else None,
        "imports": [asdict(item) for item in imports],
    }


def as_text(artefact: Artefact, size: Size | None, host: Artefact | None, imports: Sequence[Imports]) -> str:
    """The report as lines to read."""
    lines = [f"{artefact.folder}: {artefact.target.name}, {len(artefact.modules)} modules of hookwatch"]
    if artefact.compiled_with is None:
        version = artefact.target.dotted_version
        lines.append(
            f"  no bytecode: there is no Python {version} here to compile it, so every cold start will compile every"
            f" module. Put python{version} on the PATH and build again."
        )
    if size:
        unzipped, zipped = size.unzipped_bytes / _MIB, size.zipped_bytes / _MIB
        lines.append(f"  size: {unzipped:.1f} MiB in {size.files} files, {zipped:.2f} MiB zipped")
    if host and imports:
        lines.append(f"  imports of each function, measured on {host.target.name}:")
        lines.extend(_import_lines(item) for item in imports)
    return "\n".join(lines)


def _import_lines(item: Imports) -> str:
    shown = list(item.modules.items())[:_SHOWN_PACKAGES]
    packages = ", ".join(f"{name} {count}" for name, count in shown)
    rest = sum(item.modules.values()) - sum(count for _, count in shown)
    packages += f", others {rest}" if rest else ""
    total = sum(item.modules.values())
    memory = item.peak_memory_bytes / _MIB
    return f"    {item.function}: {item.import_ms:.0f} ms, {memory:.0f} MiB, {total} modules ({packages})"
