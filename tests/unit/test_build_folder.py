from __future__ import annotations

import os
import zipfile

import pytest

from build_tools import BuildError, archive, build, bytecode, target, trim, wheels


@pytest.fixture
def installed(tmp_path):
    """A folder as pip leaves it, with a small botocore."""
    files = [
        "bin/jp.py",
        "wrapt-stubs/__init__.pyi",
        "msgspec/__init__.py",
        "msgspec/__init__.pyi",
        "msgspec/py.typed",
        "msgspec-1.dist-info/METADATA",
        "msgspec-1.dist-info/RECORD",
        "msgspec-1.dist-info/INSTALLER",
        "msgspec-1.dist-info/licenses/LICENSE",
        "botocore-1.dist-info/LICENSE.txt",
        "botocore-1.dist-info/NOTICE",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/events/2014-02-03/service-2.json.gz",
        "botocore/data/events/2015-10-07/examples-1.json",
        *(f"botocore/data/{name}" for name in trim.KEPT_DATA_FILES),
        *(f"botocore/data/{name}/2015-10-07/service-2.json.gz" for name in trim.KEPT_SERVICES),
    ]
    for name in files:
        file = tmp_path / "installed" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "installed"


def names(folder):
    """The files of a folder."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_trim_keeps_what_is_used_and_every_licence(installed):
    """Service models nobody calls, stubs and installer notes go; code, licences and metadata stay."""
    trim.trim(installed)
    assert names(installed) == {
        "msgspec/__init__.py",
        "msgspec-1.dist-info/METADATA",
        "msgspec-1.dist-info/licenses/LICENSE",
        "botocore-1.dist-info/LICENSE.txt",
        "botocore-1.dist-info/NOTICE",
        *(f"botocore/data/{name}" for name in trim.KEPT_DATA_FILES),
        *(f"botocore/data/{name}/2015-10-07/service-2.json.gz" for name in trim.KEPT_SERVICES),
    }


def test_trim_notices_another_botocore(installed):
    """A botocore that keeps its data elsewhere stops the build instead of failing on Lambda."""
    (installed / "botocore/data/partitions.json").unlink()
    with pytest.raises(BuildError, match=r"partitions\.json"):
        trim.trim(installed)


def test_zip_depends_on_content_alone(tmp_path):
    """Other times, modes, umask and order of creation give the same bytes."""
    content = {"b.py": "b", "a/c.py": "c", "a/d.so": "d"}
    zips = []
    for turn, entries in enumerate([content, dict(reversed(content.items()))]):
        folder = tmp_path / str(turn)
        for name, text in entries.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            file.chmod(0o600 + turn * 0o44)
            os.utime(file, (turn * 10**8, turn * 10**8))
        archive.write_zip(folder, tmp_path / f"{turn}.zip")
        zips.append((tmp_path / f"{turn}.zip").read_bytes())
    assert zips[0] == zips[1]


def test_zip_holds_everything_readable_by_all(tmp_path):
    """Lambda runs as another user than the one that zips, so every file is readable and libraries executable."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.py").write_bytes(b"x" * 1000)
    (tmp_path / "in" / "b.cpython-313.so").write_bytes(b"")
    (tmp_path / "in" / "a.py").chmod(0o600)
    size = archive.write_zip(tmp_path / "in", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as file:
        modes = {item.filename: oct(item.external_attr >> 16) for item in file.infolist()}
    assert modes == {"a.py": "0o100644", "b.cpython-313.so": "0o100755"}
    assert (size.files, size.unzipped_bytes) == (2, 1000)
    assert size.zipped_bytes == (tmp_path / "out.zip").stat().st_size


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    """A mistyped output folder costs a sentence, not its files."""
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(BuildError, match="not empty"):
        build.build(tmp_path, target.host(), tmp_path)
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "dear"


def test_a_file_is_no_output(tmp_path):
    """An output that is a file is refused."""
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match="is a file"):
        build.build(tmp_path, target.host(), tmp_path / "file")


def test_host_can_compile_for_itself(tmp_path):
    """The building interpreter compiles for its own version, with bytecode that no time stamp can make stale."""
    (tmp_path / "module.py").write_text("x = 1", encoding="utf-8")
    assert bytecode.compile_folder(tmp_path, target.host()) is not None
    (compiled,) = tmp_path.rglob("*.pyc")
    # PEP 552: the flags say hash-based (1) and, without 2, unchecked.
    assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00"


def test_code_that_does_not_compile_stops_the_build(tmp_path):
    """A syntax error is found when the artefact is built, with the file that has it."""
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    with pytest.raises(BuildError, match=r"broken\.py"):
        bytecode.compile_folder(tmp_path, target.host())


@pytest.mark.parametrize("said", ["", "cpython 3.99 candidate", "pypy 3.99 final", "cpython 3.98 final"])
def test_a_name_on_the_path_proves_nothing(tmp_path, monkeypatch, said: str):
    """A python3.99 that is a dead shim, a candidate or another Python is not used to compile for 3.99."""
    shim = tmp_path / "python3.99"
    shim.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    future = target.Target(name="future", version=(3, 99), platforms=(), root=None)
    assert target.compiler(future) is None
    assert bytecode.compile_folder(tmp_path, future) is None


def test_the_right_interpreter_on_the_path_is_found(tmp_path, monkeypatch):
    """A final CPython of the wanted version compiles, whichever Python runs the build."""
    found = tmp_path / "python3.99"
    found.write_text("#!/bin/sh\necho cpython 3.99 final\n", encoding="utf-8")
    found.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert target.compiler(target.Target(name="future", version=(3, 99), platforms=(), root=None)) == found


def test_what_pip_refuses_is_said(tmp_path):
    """A damaged lock stops the build with pip's own words, and leaves nothing half done behind."""
    lock = tmp_path / "lambda.txt"
    lock.write_text("<<<<<<< a merge that nobody finished\n", encoding="utf-8")
    with pytest.raises(BuildError, match=r"(?s)could not install.*Invalid requirement"):
        wheels.install(lock, target.LAMBDA, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
