"""tools/github_knowledge.py: schemas and examples become one small, repeatable file."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import github_knowledge

if TYPE_CHECKING:
    from pathlib import Path

USER = {
    "type": "object",
    "required": ["login"],
    "properties": {"login": {"type": "string"}, "name": {"type": ["string", "null"]}},
}
SCHEMA = {
    "type": "object",
    "required": ["action", "sender", "labels"],
    "properties": {
        "action": {"type": "string", "enum": ["opened"]},
        "sender": {"$ref": "#/components/schemas/user"},
        "labels": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "extra": {"type": "object"},
    },
}


def packages(folder: Path) -> tuple[Path, Path]:
    """Two folders like octokit's, with one event."""
    webhook = {
        "post": {
            "x-github": {"subcategory": "issues"},
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/issues"}}}},
        }
    }
    document = {"webhooks": {"issues-opened": webhook}, "components": {"schemas": {"issues": SCHEMA, "user": USER}}}
    example = {"action": "reopened", "sender": {"login": "octocat", "id": 1}, "labels": [{"name": "bug"}]}
    for name, files in {
        "openapi": {"generated/api.github.com.json": document},
        "examples": {"api.github.com/index.json": [{"name": "issues", "examples": [example]}]},
    }.items():
        manifest = {"name": f"@octokit/{name}", "version": "1.0.0", "license": "MIT"}
        for path, content in {**files, "package.json": manifest}.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(json.dumps(content))
    return folder / "examples", folder / "openapi"


def test_schemas_and_examples_are_put_together(tmp_path: Path):
    """Types of both are kept, arrays are marked, and a field that one side lacks is marked as sometimes absent."""
    known: dict[str, Any] = github_knowledge.knowledge(*packages(tmp_path))
    event = known["events"]["issues"]
    assert event["actions"] == ["opened", "reopened"]
    fields = event["fields"]
    assert fields["action"] == "s"
    assert fields["sender"] == {"": "o", "id": "n?", "login": "s", "name": "sz?"}
    assert fields["labels"] == {"": "o[", "name": "s[?"}
    assert "*" in fields["extra"]
    assert known["sources"] == ["@octokit/openapi 1.0.0 (MIT)", "@octokit/examples 1.0.0 (MIT)"]


def test_the_file_is_the_same_every_time(tmp_path: Path):
    """Two runs write the same bytes, so that a refresh shows only what GitHub changed."""
    examples, openapi = packages(tmp_path)
    written = []
    for name in ("one.gz", "two.gz"):
        assert github_knowledge.main([str(examples), str(openapi), str(tmp_path / name)]) == 0
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert json.loads(gzip.decompress(written[0]))["events"]["issues"]


def test_without_its_arguments_it_says_how(capsys: Any):
    """Called wrongly the script prints its usage and gives 2."""
    assert github_knowledge.main([]) == 2
    assert "usage" in capsys.readouterr().err
