"""Puts an artefact together: wheels, our Lambda modules, bytecode.

Never prints and never measures: it returns what it made.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from artefact import bytecode, sources, wheels
from artefact.errors import BuildError
from artefact.target import Target


@dataclass(frozen=True, slots=True)
class Artefact:
    """A folder that Lambda, or this machine, can run.

    Attributes:
        folder: Where it is.
        target: What runs it.
        modules: hookwatch's modules in it.
        compiled_with: The interpreter that wrote the bytecode; None if there is no bytecode.
    """

    folder: Path
    target: Target
    modules: tuple[str, ...]
    compiled_with: Path | None


def build(repository: Path, target: Target, output: Path) -> Artefact:
    """Builds an artefact into `output`, in place of an earlier one.

    Args:
        repository: The root of the checkout.
        target: For which interpreter and platform.
        output: An empty or new folder, or an earlier artefact.

    Raises:
        BuildError: If the folder holds something else, or a step cannot be done.
    """
    _clear(output)
    installed = wheels.install(repository / "requirements" / "lambda.txt", target, repository / "build" / "cache")
    wheels.copy(installed, output)
    modules = sources.copy_package(repository / "service", output)
    shutil.copyfile(repository / "LICENSE", output / sources.PACKAGE / "LICENSE")
    compiled_with = bytecode.compile_folder(output, target)
    return Artefact(folder=output, target=target, modules=modules, compiled_with=compiled_with)


def _clear(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise BuildError(f"{output} is a file, not a folder.")
    output.mkdir(parents=True, exist_ok=True)
    entries = list(output.iterdir())
    # A mistyped folder must cost a sentence, not the files of a home folder. A folder that botocore and we are in,
    # and no repository, is an earlier artefact or the unfinished rest of one.
    ours = (output / "botocore").is_dir() and not (output / ".git").exists()
    if entries and not ours:
        raise BuildError(f"{output} is not empty and not an earlier artefact: name another folder.")
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
