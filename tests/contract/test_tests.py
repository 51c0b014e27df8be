"""Tests about the tests themselves."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_every_test_says_its_behaviour():
    """Each test's docstring is the behaviour that it holds."""
    silent = [
        f"{path.relative_to(TESTS)}:{node.lineno} {node.name}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_is_skipped():
    """A test that does not run proves nothing: none is skipped or expected to fail."""
    marks = ("pytest.skip(", "mark.skip", "mark.xfail", "importorskip(")
    found = [
        f"{path.relative_to(TESTS)}: {mark}"
        for path in sorted(TESTS.rglob("*.py"))
        if path != Path(__file__)
        for mark in marks
        if mark in path.read_text()
    ]
    assert found == []
