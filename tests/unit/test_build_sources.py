from __future__ import annotations

import pytest

from build_tools import BuildError, sources

NEIGHBOUR = {"recover/loop_stop.py": "import boto3"}


@pytest.fixture
def tree(tmp_path):
    """Writes a small hookwatch: file names to their text."""

    def write(files: dict[str, str]):
        standard = {
            "__init__.py": "",
            "ingest/__init__.py": "",
            "ingest/handler.py": "",
            "recover/__init__.py": "",
            "recover/replay.py": "",
            "recover/sweeper.py": "",
        }
        for name, text in (standard | files).items():
            file = tmp_path / "hookwatch" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_entry_packages_go_whole(tree):
    """Modules that only the environment names, such as a provider, are in without any import of them."""
    root = tree({"ingest/providers/__init__.py": "", "ingest/providers/third.py": ""})
    assert "hookwatch.ingest.providers.third" in sources.reachable_modules(root)


@pytest.mark.parametrize(
    "statement",
    [
        "import hookwatch.outcomes",
        "from hookwatch import outcomes",
        "from hookwatch.outcomes import ROWS",
        "from .. import outcomes",
        "from ..outcomes import ROWS",
        "def later():\n    from hookwatch.outcomes import ROWS",
    ],
)
def test_imports_are_followed(tree, statement: str):
    """What a Lambda module imports is in, whichever way and wherever the import is written."""
    root = tree({"ingest/handler.py": statement, "outcomes.py": "", "unused.py": ""})
    found = sources.reachable_modules(root)
    assert "hookwatch.outcomes" in found
    assert "hookwatch.unused" not in found


def test_imports_of_imports_are_followed(tree):
    """A module that is reached brings what it imports itself, and cycles end."""
    root = tree(
        {
            "ingest/handler.py": "import hookwatch.one",
            "one.py": "import hookwatch.two",
            "two.py": "import hookwatch.one, json",
        }
    )
    assert {"hookwatch.one", "hookwatch.two"} < sources.reachable_modules(root).keys()


@pytest.mark.parametrize("people", sorted(sources.PEOPLE_ONLY))
def test_walls_hold(tree, people: str):
    """A Lambda module that imports what only people run stops the build, and both are named."""
    root = tree({"ingest/handler.py": f"from hookwatch.{people} import thing", f"{people}/__init__.py": ""})
    with pytest.raises(BuildError, match=rf"hookwatch\.ingest\.handler imports hookwatch\.{people}"):
        sources.reachable_modules(root)


def test_entry_points_go_without_their_neighbours(tree):
    """A handler that lives beside what only people run brings what it imports, and nothing else of its folder."""
    root = tree({"recover/replay.py": "import hookwatch.recover.replay_one", "recover/replay_one.py": ""} | NEIGHBOUR)
    found = sources.reachable_modules(root)
    assert {"hookwatch.recover.replay", "hookwatch.recover.replay_one"} < found.keys()
    assert "hookwatch.recover.loop_stop" not in found


def test_missing_entry_point_is_named(tree):
    """Without an entry point the build says which one it looked for."""
    root = tree({})
    (root / "hookwatch" / "recover" / "replay.py").unlink()
    with pytest.raises(BuildError, match=r"no module hookwatch\.recover\.replay"):
        sources.reachable_modules(root)


def test_missing_entry_package_is_named(tmp_path):
    """Without the entry package the build says which folder it looked for."""
    with pytest.raises(BuildError, match="hookwatch/ingest"):
        sources.reachable_modules(tmp_path)


def test_copy_takes_data_and_leaves_caches(tree, tmp_path_factory):
    """Data files of the entry packages are copied; bytecode and type markers are not."""
    root = tree(
        {
            "py.typed": "",
            "sandbox/__init__.py": "",
            "ingest/table.json": "{}",
            "ingest/__pycache__/handler.cpython-311.pyc": "old",
        }
    )
    output = tmp_path_factory.mktemp("output")
    assert sources.copy_package(root, output) == (
        "hookwatch",
        "hookwatch.ingest",
        "hookwatch.ingest.handler",
        "hookwatch.recover",
        "hookwatch.recover.replay",
        "hookwatch.recover.sweeper",
    )
    assert sorted(file.relative_to(output).as_posix() for file in output.rglob("*") if file.is_file()) == [
        "hookwatch/__init__.py",
        "hookwatch/ingest/__init__.py",
        "hookwatch/ingest/handler.py",
        "hookwatch/ingest/table.json",
        "hookwatch/recover/__init__.py",
        "hookwatch/recover/replay.py",
        "hookwatch/recover/sweeper.py",
    ]
