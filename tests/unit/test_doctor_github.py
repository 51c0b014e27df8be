"""The doctor on GitHub's side: the hook that leads here, how it delivers, and whether its deliveries arrive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from github_rig import REPO, SECRET, Rig, rig
from hookwatch.doctor.github_checks import github_side
from hookwatch.doctor.place import Place
from hookwatch.recover.github_auth import Token
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.problem import Problem
from hookwatch.sandbox.github_api_model import Event, Posted

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://example.test/"
FAILED = Posted("Invalid HTTP Response: 503", 503)


def place(url: str = URL) -> Place:
    """A stack that is only asked for its URL."""
    outputs = {"GitHubFunctionName": "hookwatch-github", "GitHubFunctionUrl": url}
    return Place(Account(lambda _: None), "hookwatch", outputs, "CREATE_COMPLETE", http=urllib3.PoolManager())


@pytest.fixture
def github() -> Iterator[Rig]:
    """A repository whose hook leads here, and has delivered once."""
    with rig() as made:
        made.world.record(made.world.hooks[5], Event("fine", "push"), Posted(), age_s=60)
        yield made


def examined(github: Rig, here: Place | None = None, **hook: Any) -> dict[str, Any]:
    """The findings, with the hook changed."""
    if hook:
        github.world.hooks[5] = replace(github.world.hooks[5], **hook)
    return {found.check: found for found in github_side(github.client(), REPO)(here or place())}


def test_a_hook_that_is_well_is_found_well(github: Rig):
    """Active, JSON, verified, with a secret, its deliveries arrive: ok on every line, and nothing but reads."""
    found = examined(github, content_type="json")
    assert set(found) == {"hook 5", "hook 5 content", "hook 5 TLS", "hook 5 secret", "hook 5 deliveries"}
    assert {each.verdict for each in found.values()} == {"ok"}, found
    assert not github.world.attempts
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("change", "check", "verdict", "words"),
    [
        ({"active": False}, "hook 5", "fail", "Active"),
        ({"content_type": "form"}, "hook 5 content", "warn", "application/json"),
        ({"insecure_ssl": "1"}, "hook 5 TLS", "fail", "not verified"),
        ({"secret": ""}, "hook 5 secret", "fail", "secret rotate"),
    ],
)
def test_a_setting_that_is_wrong_is_found(github: Rig, change: dict[str, Any], check: str, verdict: str, words: str):
    """Each setting of the hook that costs deliveries or safety has its line and its fix."""
    found = examined(github, **change)[check]
    assert found.verdict == verdict
    assert words in f"{found.sentence} {found.fix}"


def test_a_hook_that_leads_elsewhere_is_no_hook_of_ours(github: Rig):
    """The repository's hooks are named, so that the operator sees which one was meant; a slash makes no difference."""
    found = examined(github, place("https://other.test/"))
    assert found["github side"].verdict == "fail"
    assert URL in found["github side"].sentence
    assert "hook 5" in examined(github, place(URL.rstrip("/")))


@pytest.mark.parametrize(("age_s", "verdict"), [(30, "fail"), (90, "warn")])
def test_failed_deliveries_are_told(github: Rig, age_s: int, verdict: str):
    """The last one failed: something is wrong now. An earlier one did: something is to be brought back."""
    github.world.record(github.world.hooks[5], Event("lost", "push"), FAILED, age_s=age_s)
    found = examined(github)["hook 5 deliveries"]
    assert found.verdict == verdict
    assert "503" in found.sentence
    assert "redeliver github" in found.fix


def test_a_redelivered_one_has_arrived(github: Rig):
    """A delivery that failed and then succeeded needs nothing."""
    for posted, age_s in ((FAILED, 50), (Posted(), 40)):
        github.world.record(github.world.hooks[5], Event("again", "push"), posted, age_s=age_s)
    assert examined(github)["hook 5 deliveries"].verdict == "ok"


def test_a_hook_without_deliveries_may_be_dead(github: Rig):
    """Nothing within three days is worth a look, and no failure."""
    github.time.now_s += 4 * 86_400
    assert examined(github)["hook 5 deliveries"].verdict == "warn"


def test_what_cannot_be_seen_is_said(github: Rig):
    """Without a repository or with a wrong token nothing is claimed: the line says what to bring."""
    (found,) = github_side(None, None)(place())
    assert (found.verdict, "--repo" in found.fix) == ("skip", True)
    (found,) = github_side(Problem("no token"), REPO)(place())
    assert (found.verdict, "no token" in found.sentence) == ("skip", True)
    (found,) = github_side(github.client(Token("ghp_wrong")), REPO)(place())
    assert found.verdict == "skip"
    assert "ghp_wrong" not in found.sentence
