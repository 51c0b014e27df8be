from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from sandbox.cloud_rig import ROOT

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

PAGE = (ROOT / "docs" / "sandbox.md").read_text()


def test_every_key_of_the_health_answer_is_documented(cloud: Cloud) -> None:
    """docs/sandbox.md names each key, those of a function included."""
    health = cloud.get("/api/health")
    row = next(line for line in PAGE.splitlines() if line.startswith("| `GET /api/health`"))
    named = set(re.findall(r"`([a-z_]+)`", row)) - {"ok", "logical_id", "type", "reason"}
    assert named == {*health, *health["functions"]["github"]}


def test_every_documented_list_is_served_under_its_name(cloud: Cloud) -> None:
    """Each `GET /api/...` row of the page answers with the key that it names."""
    rows = re.findall(r"^\| `GET (/api/[a-z/]+)[^`]*` \| `([a-z]+)`:", PAGE, re.MULTILINE)
    assert len(rows) == 6
    for path, key in rows:
        assert isinstance(cloud.get(path)[key], list), path


def test_the_documented_fault_can_be_placed(cloud: Cloud) -> None:
    """The curl example's body is taken as it stands."""
    (body,) = re.findall(r"-d '([^']+)'", PAGE)
    placed = cloud.fault(**json.loads(body))
    assert placed["operation"] == "PutEvents"
    assert cloud.call("DELETE", f"/api/faults/{placed['id']}").json == {"cleared": 1}
