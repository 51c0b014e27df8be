"""Which modules of hookwatch Lambda needs: the handlers' own package, further entry points, and what they reach.

Never imports the code that it reads: a syntax tree shows the imports inside functions too.
"""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

from artefact.errors import BuildError

PACKAGE = "hookwatch"
ROOTS = (f"{PACKAGE}.ingest",)
"""Packages with Lambda entry points. They go whole, because the environment names modules in them (providers)."""

ENTRY_POINTS = (f"{PACKAGE}.recover.replay", f"{PACKAGE}.recover.sweeper")
"""Handlers that live beside what only people run: each goes with what its imports reach, its neighbours stay behind."""

PEOPLE_ONLY = frozenset({"sandbox", "cli", "patterns", "alarms", "cfn", "costs"})
"""What only people run. A Lambda module that imports one of these breaks the walls of the house, and the build."""

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "py.typed")


def copy_package(source_root: Path, output: Path) -> tuple[str, ...]:
    """Copies hookwatch's Lambda part into `output`.

    Args:
        source_root: The folder that holds the package.
        output: The artefact's folder.

    Returns:
        The names of the modules reached, sorted.

    Raises:
        BuildError: If an entry point is missing or a Lambda module imports what only people run.
    """
    modules = reachable_modules(source_root)
    for root in ROOTS:
        folder = root.replace(".", "/")
        shutil.copytree(source_root / folder, output / folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
    for file in modules.values():
        destination = output / file.relative_to(source_root)
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, destination)
    return tuple(sorted(modules))


def reachable_modules(source_root: Path) -> dict[str, Path]:
    """Every module of the root packages, every entry point, and every hookwatch module that they reach, by name.

    Raises:
        BuildError: If a root package or an entry point is missing or a wall is broken; the message names both modules.
    """
    found: dict[str, Path] = {}
    waiting = [(module, ROOTS[0]) for module in _root_modules(source_root)]
    for module in ENTRY_POINTS:
        if _file_of(source_root, module) is None:
            raise BuildError(f"There is no module {module} in {source_root}: run this from a complete checkout.")
        waiting.append((module, module))
    while waiting:
        module, importer = waiting.pop()
        file = _file_of(source_root, module)
        if module in found or file is None:
            continue
        if module.split(".")[1:2] and module.split(".")[1] in PEOPLE_ONLY:
            raise BuildError(f"{importer} imports {module}, which Lambda must not carry. Move what it needs below.")
        found[module] = file
        waiting.extend((name, module) for name in _imports(file, module))
    return found


def _root_modules(source_root: Path) -> Iterator[str]:
    for root in ROOTS:
        folder = source_root / root.replace(".", "/")
        files = sorted(folder.rglob("*.py"))
        if not files:
            raise BuildError(f"There is no {folder}: run this from a complete checkout.")
        for file in files:
            parts = file.relative_to(source_root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _file_of(source_root: Path, module: str) -> Path | None:
    path = source_root / module.replace(".", "/")
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def _imports(file: Path, module: str) -> Iterator[str]:
    """The hookwatch modules that a file may import, its own parents among them (Python imports those first)."""
    here = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    names = {module}
    for node in ast.walk(ast.parse(file.read_bytes(), filename=str(file))):
        match node:
            case ast.Import():
                names.update(alias.name for alias in node.names)
            case ast.ImportFrom(module=base, level=level):
                parts = [*(here[: len(here) - level + 1] if level else []), *(base.split(".") if base else [])]
                names.update(".".join([*parts, alias.name]) for alias in node.names)
            case _:
                pass
    for name in sorted(names):
        parts = name.split(".")
        if parts[0] == PACKAGE:
            yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))
