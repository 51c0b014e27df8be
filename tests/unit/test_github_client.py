"""Our client of GitHub's API against a fake that speaks real HTTP: three families, paging, limits, refusals."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from github_rig import APP, NOW_S, ORG, REPO, SECRET, TOKEN, Rig, Time, caller_of, rig, rsa_key
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_auth import AppKey, Token, read_app, read_token
from hookwatch.recover.github_cause import CAUSES, cause_of
from hookwatch.recover.github_connect import api_url, connect, gh_token
from hookwatch.recover.github_http import Http
from hookwatch.recover.github_model import APP_HOOK, Delivery, DeliveryDetail, Hook, HookConfig, Scope
from hookwatch.recover.loop_stop import Problem
from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLISHED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "github-api.json").read_text())[
    "operations"
]
KEY, PUBLIC = rsa_key()


@pytest.fixture
def github() -> Iterator[Rig]:
    """A fake GitHub and a client."""
    with rig() as made:
        yield made


def fill(github: Rig, count: int, hook: int = 5, **event: Any) -> list[int]:
    """That many recorded deliveries, one a second, the last one now."""
    return [
        github.world.record(
            github.world.hooks[hook], Event(f"g-{number}", "push", **event), Posted(), age_s=count - number
        ).id
        for number in range(count)
    ]


def listed(client: GitHub, scope: Scope, hook: int, since: datetime | None = None) -> list[int]:
    ids: list[int] = []
    for page in client.deliveries(scope, hook, since):
        assert not isinstance(page, Problem), page
        ids += [each.id for each in page]
    return ids


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        ("GET /repos/{owner}/{repo}/hooks", tuple[Hook, ...]),
        ("GET /orgs/{org}/hooks/{hook_id}", Hook),
        ("GET /app/hook/config", HookConfig),
        ("GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries", tuple[Delivery, ...]),
        ("GET /app/hook/deliveries/{delivery_id}", DeliveryDetail),
    ],
)
def test_the_published_examples_are_understood(operation: str, shape: Any) -> None:
    """Our shapes read GitHub's own examples."""
    assert msgspec.json.decode(json.dumps(PUBLISHED[operation]["example"]), type=shape)


@pytest.mark.parametrize("shape", [Delivery, DeliveryDetail])
def test_null_where_github_promises_a_value_says_nothing(shape: type[Delivery]) -> None:
    """One delivery without a status, its code or its time is a failure without a reason, and no end of the reading."""
    told = {**PUBLISHED["GET /app/hook/deliveries/{delivery_id}"]["example"], "status": None, "status_code": None}
    read = msgspec.json.decode(json.dumps({**told, "duration": None}), type=shape)
    assert (read.status, read.status_code, read.duration, read.ok) == ("", 0, 0.0, False)
    assert cause_of(read) is CAUSES["unknown"]


@pytest.mark.parametrize(
    ("scope", "hook", "operation", "path"),
    [
        (REPO, 5, "GET /repos/{owner}/{repo}/hooks", "/repos/octo-org/hello-world/hooks"),
        (REPO, 5, "GET /repos/{owner}/{repo}/hooks/{hook_id}/config", "/repos/octo-org/hello-world/hooks/5/config"),
        (
            REPO,
            5,
            "GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
            "/repos/octo-org/hello-world/hooks/5/deliveries",
        ),
        (
            REPO,
            5,
            "GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}",
            "/repos/octo-org/hello-world/hooks/5/deliveries/1000001",
        ),
        (ORG, 6, "GET /orgs/{org}/hooks", "/orgs/octo-org/hooks"),
        (ORG, 6, "GET /orgs/{org}/hooks/{hook_id}", "/orgs/octo-org/hooks/6"),
    ],
)
def test_the_fake_answers_with_the_published_fields(
    github: Rig, scope: Scope, hook: int, operation: str, path: str
) -> None:
    """What the fake says has exactly the fields of GitHub's own example, of the same kinds, at every level."""
    fill(github, 1, hook)
    answer = github.http().ask("GET", path, what=str(scope))
    assert not isinstance(answer, Problem)
    said, published = json.loads(answer.body), PUBLISHED[operation]["example"]
    if isinstance(said, list):
        said, published = said[0], published[0]
    assert set(said) == set(published)
    assert set(PUBLISHED[operation]["required"]) <= set(said)
    for name in said.keys() & {"config", "request", "response"}:
        # The published hooks have no secret; ours has one, and it is masked as in the example of a configuration.
        more = {"secret", "insecure_ssl"} if name == "config" else set()
        assert set(said[name]) | more == set(published[name]) | more


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_every_delivery_is_read_once_newest_first(github: Rig, count: int) -> None:
    """Pages of a hundred are followed by their cursor until there is no next one; no delivery at all is no error."""
    ids = fill(github, count)
    assert listed(github.client(), REPO, 5) == ids[::-1]


def test_reading_ends_where_the_window_begins(github: Rig) -> None:
    """A page that is older than the window altogether is the last one asked for."""
    fill(github, 1000)
    http = github.http()
    since = datetime.fromtimestamp(NOW_S, UTC) - timedelta(seconds=150)

    assert len(listed(GitHub(http), REPO, 5, since)) == 300
    assert http.requests == 3


def test_short_pages_and_repeated_deliveries_do_not_stop_or_loop(github: Rig) -> None:
    """Half a page with a next one is read on, and a page that begins with the end of the last one ends all the same."""
    ids = fill(github, 60)
    github.world.page_of, github.world.repeats = 7, 2
    found = listed(github.client(), REPO, 5)
    assert sorted(set(found)) == ids
    assert len(found) > len(ids)


def test_deliveries_that_arrive_while_paging_change_no_page(github: Rig) -> None:
    """The cursor holds its place: what is new meanwhile is neither read twice nor does it push anything out."""
    ids = fill(github, 250)
    hook = github.world.hooks[5]
    github.world.on_page = lambda: (
        [github.world.record(hook, Event("late", "push"), Posted()) for _ in range(30)] and None
    )
    assert listed(github.client(), REPO, 5) == ids[::-1]


def test_all_hooks_are_listed(github: Rig) -> None:
    """More hooks than a page holds are all found."""
    for number in range(100, 225):
        github.world.add_hook(FakeHook(number, "organization", ORG.name, "https://example.test/", SECRET))
    hooks = github.client().hooks(ORG)
    assert not isinstance(hooks, Problem)
    assert len(hooks) == 126
    assert hooks[0].config.url == "https://example.test/"


def test_a_redelivery_is_signed_and_keeps_the_guid(github: Rig) -> None:
    """The same payload arrives again under the same GUID, and is recorded as a redelivery."""
    (first,) = fill(github, 1)
    assert github.client().redeliver(REPO, 5, first) is None
    github.world.settle()
    assert github.world.attempts == [(5, first)]
    ((_, headers, _),) = github.answers.seen
    assert headers["X-GitHub-Delivery"] == "g-0"
    again = github.world.kept(github.world.hooks[5])[-1]
    assert (again.event.guid, again.redelivery, again.id > first) == ("g-0", True, True)


def test_a_hook_can_be_changed_and_pinged_without_its_secret_being_told(github: Rig) -> None:
    """A new secret signs the ping that follows, and no answer holds it."""
    client = github.client()
    config = client.change_config(REPO, 5, {"secret": "new secret"})
    assert isinstance(config, HookConfig)
    assert config.secret == "********"
    assert client.ping(REPO, 5) is None
    github.world.settle()
    ((_, headers, body),) = github.answers.seen
    from hookwatch.sender.signing import sign_github

    assert headers["X-Hub-Signature-256"] == sign_github(body, "new secret")["X-Hub-Signature-256"]


def test_an_app_is_let_in_by_its_key(github: Rig) -> None:
    """An App's JWT opens the App's hook and nothing else does; it has no ping."""
    github.world.guests.apps["42"] = [PUBLIC]
    github.world.add_hook(FakeHook(9, "app", "42", "https://example.test/", SECRET))
    (sent,) = fill(github, 1, hook=9)
    client = github.client(AppKey("42", KEY))
    hooks = client.hooks(APP)
    assert not isinstance(hooks, Problem)
    assert hooks[0].config.url == "https://example.test/"
    assert listed(client, APP, APP_HOOK) == [sent]
    assert client.redeliver(APP, APP_HOOK, sent) is None
    problem = client.ping(APP, APP_HOOK)
    assert problem is not None
    assert "no ping" in problem.message


def test_a_jwt_is_signed_anew_before_it_expires() -> None:
    """One signature serves eight minutes and not nine."""
    key = AppKey("42", KEY)
    first = key.header(NOW_S)
    assert key.header(NOW_S + 479) == first
    assert key.header(NOW_S + 481) != first
    assert KEY not in repr(key)


def problem_of(page: object) -> Problem:
    assert isinstance(page, Problem)
    return page


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("wrong token", "GitHub does not take this token (GitHub says: Bad credentials)"),
        ("no permission", "A repository's hooks need the permission Webhooks"),
        ("unknown hook", "GitHub knows nothing of the deliveries of hook 77 of the repository octo-org/hello-world"),
        ("foreign repository", "this token's owner is not an admin there"),
        ("revoked key", "it was revoked, or it is not a key of the App"),
        ("clock ahead", "this machine's clock is 900 s ahead of GitHub's"),
        ("clock behind", "this machine's clock is 900 s behind GitHub's"),
    ],
)
def test_each_refusal_says_what_to_do(github: Rig, setting: str, said: str) -> None:
    """A wrong token, a missing permission, an unknown hook, a revoked key and a wrong clock have a sentence each."""
    github.world.guests.apps["42"] = [PUBLIC]
    github.world.add_hook(FakeHook(9, "app", "42", "https://example.test/", SECRET))
    client, scope, hook = github.client(), REPO, 5
    match setting:
        case "wrong token":
            client = github.client(Token("ghp_other"))
        case "no permission":
            github.world.add_token("ghp_weak", REPO.name, may_read=False)
            client = github.client(Token("ghp_weak"))
        case "unknown hook":
            hook = 77
        case "foreign repository":
            scope = Scope("repository", "somebody/else")
        case "revoked key":
            github.world.guests.apps["42"] = []
            client, scope = github.client(AppKey("42", KEY)), APP
        case _:
            theirs = Time(NOW_S)
            github.world.clock = github.world.guests.clock = theirs
            github.time.now_s += 900 if setting == "clock ahead" else -900
            client, scope = github.client(AppKey("42", KEY)), APP
    problem = problem_of(next(iter(client.deliveries(scope, hook))))
    assert said in problem.message
    assert TOKEN not in problem.message


def test_the_primary_limit_is_waited_for_until_its_reset(github: Rig) -> None:
    """A used-up hour that ends soon is waited out, and the request is made then."""
    fill(github, 1)
    github.world.limits.exhaust(caller_of(github.world), for_s=90)
    assert len(listed(github.client(), REPO, 5)) == 1
    assert [round(wait_s) for wait_s, _ in github.waits] == [91]


def test_the_last_request_of_the_hour_holds_the_next_one_back(github: Rig) -> None:
    """Nothing is sent while nothing remains: asking on while limited can get an integration banned."""
    fill(github, 150)
    github.world.limits.requests_an_hour, github.world.limits.hour_s = 1, 300
    assert len(listed(github.client(), REPO, 5)) == 150
    assert github.world.limits.refused == 0
    assert len(github.waits) == 1


def test_an_hour_is_not_waited_for(github: Rig) -> None:
    """Longer than anybody waits, the command ends with when to come back, as something found and not as misuse."""
    github.world.limits.exhaust(caller_of(github.world), for_s=3300)
    problem = problem_of(next(iter(github.client().deliveries(REPO, 5))))
    assert (problem.found, problem.code) == (True, "rate_limited")
    assert "for another 56 minutes" in problem.message
    assert "run the same command then, it goes on where this one stopped" in problem.message
    assert github.time.slept_s == []


@pytest.mark.parametrize(("retry_after_s", "waited"), [(17, [17, 17]), (None, [60, 120])])
def test_the_secondary_limit_is_waited_for(github: Rig, retry_after_s: int | None, waited: list[int]) -> None:
    """Retry-After is obeyed; without one it is a minute, and twice as long the next time."""
    (sent,) = fill(github, 1)
    github.world.limits.inject(times=2, retry_after_s=retry_after_s)
    assert github.client().redeliver(REPO, 5, sent) is None
    assert [wait_s for wait_s, _ in github.waits] == waited
    assert len(github.world.attempts) == 1


def test_redeliveries_are_a_second_apart_and_stay_under_the_points(github: Rig) -> None:
    """Two hundred POSTs never meet a limit: a second lies between two, and 180 fit into a minute at most."""
    (sent,) = fill(github, 1)
    client = github.client()
    for _ in range(20):
        assert client.redeliver(REPO, 5, sent) is None
    assert github.time.now_s - NOW_S == pytest.approx(19)
    github.time.now_s += 60
    fast = github.client(change_every_s=0.0)
    began_s = github.time.now_s
    for _ in range(200):
        assert fast.redeliver(REPO, 5, sent) is None
    assert github.world.limits.refused == 0
    assert github.time.now_s - began_s >= 40


def test_nobody_at_the_address_is_told_apart() -> None:
    """A closed port is a sentence and no traceback."""
    with serving(FakeGitHub(Time())) as url:
        pass
    time = Time()
    made = Rig(FakeGitHub(time), time, None, url)  # type: ignore[arg-type] # nobody answers there
    problem = problem_of(made.client().hooks(REPO))
    assert problem.found
    assert "it refuses the connection" in problem.message


@pytest.mark.parametrize(
    ("environ", "token"),
    [
        ({"GITHUB_TOKEN": "ghp_a", "GH_TOKEN": "ghp_b"}, "ghp_a"),
        ({"GH_TOKEN": " ghp_b\n"}, "ghp_b"),
        ({}, "from gh"),
        ({"GITHUB_TOKEN": "two words"}, None),
    ],
)
def test_where_a_token_comes_from(environ: dict[str, str], token: str | None) -> None:
    """The environment first, then gh's keyring; something that is no token is refused without being shown."""
    found = read_token(environ, secret=None, gh=lambda: "from-gh")
    if token is None:
        assert isinstance(found, Problem)
        assert "two words" not in found.message
        return
    assert isinstance(found, Token)
    assert found.value == token.replace(" ", "-")
    assert found.value not in repr(found)


def test_a_named_secret_comes_before_the_environment() -> None:
    """What --token-secret names is used, and its problem is the command's."""
    found = read_token({"GITHUB_TOKEN": "a"}, secret=lambda: "from-secret", gh=lambda: None)
    assert isinstance(found, Token)
    assert found.value == "from-secret"
    assert read_token({}, secret=lambda: Problem("no such secret"), gh=lambda: None) == Problem("no such secret")
    nothing = read_token({}, secret=None, gh=lambda: None)
    assert isinstance(nothing, Problem)
    assert "set GITHUB_TOKEN" in nothing.message


def test_where_an_apps_key_comes_from(tmp_path: Path) -> None:
    """A file, a variable with its line breaks folded, or a secret; a wrong one is refused without being shown."""
    file = tmp_path / "key.pem"
    file.write_text(KEY)
    one_line = KEY.replace("\n", "\\n")
    for environ in ({"GITHUB_APP_PRIVATE_KEY_FILE": str(file)}, {"GITHUB_APP_PRIVATE_KEY": one_line}):
        assert isinstance(read_app({"GITHUB_APP_ID": "42", **environ}, secret=None), AppKey)
    assert isinstance(read_app({"GITHUB_APP_ID": "42"}, secret=lambda: KEY), AppKey)
    for environ, said in (
        ({}, "Set GITHUB_APP_ID"),
        ({"GITHUB_APP_ID": "42"}, "set GITHUB_APP_PRIVATE_KEY_FILE"),
        ({"GITHUB_APP_ID": "42", "GITHUB_APP_PRIVATE_KEY_FILE": str(tmp_path / "none")}, "cannot be read"),
        ({"GITHUB_APP_ID": "42", "GITHUB_APP_PRIVATE_KEY": "nonsense"}, "is not a private key"),
    ):
        problem = read_app(environ, secret=None)
        assert isinstance(problem, Problem)
        assert said in problem.message
        assert "nonsense" not in problem.message


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", "https://api.github.com"),
        ("https://ghe.example.com/api/v3/", "https://ghe.example.com/api/v3"),
        ("http://127.0.0.1:8000/fake/github", "http://127.0.0.1:8000/fake/github"),
        ("http://api.github.com", None),
        ("ftp://x", None),
        ("https://user:pw@x", None),
        ("http://[", None),
    ],
)
def test_a_token_only_goes_where_nobody_can_read_it(value: str, url: str | None) -> None:
    """https, or this machine itself."""
    found = api_url({"GITHUB_API_URL": value})
    assert found == url if url else isinstance(found, Problem)


def test_the_keyring_of_gh_is_asked_for_the_right_host(tmp_path: Path) -> None:
    """`gh auth token` gets the API's host; without gh, or when it fails, there is no token."""
    program = tmp_path / "gh"
    program.write_text('#!/bin/sh\n[ "$4" = "$WANTED" ] && echo "gho_$4"\n')
    program.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "WANTED": "github.com"}
    assert gh_token("https://api.github.com", environ) == "gho_github.com"
    assert gh_token("https://ghe.example.com/api/v3", environ) is None
    assert gh_token("https://ghe.example.com/api/v3", environ | {"WANTED": "ghe.example.com"}) == "gho_ghe.example.com"
    assert gh_token("https://api.github.com", {"PATH": str(tmp_path / "none")}) is None


class Aws:
    def __init__(self, answer: dict[str, Any] | Problem) -> None:
        self.answer = answer

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        assert (service, operation, parameters) == ("secretsmanager", "get_secret_value", {"SecretId": "arn:s"})
        return self.answer


def test_a_connection_is_made_from_the_environment_and_a_secret(github: Rig) -> None:
    """Address, token and secret together make a client that is let in."""
    environ = {"GITHUB_API_URL": github.url, "PATH": ""}
    for more, aws in (({"GITHUB_TOKEN": TOKEN}, None), ({}, Aws({"SecretString": TOKEN}))):
        http = connect(environ | more, token_secret=aws and "arn:s", aws=aws)
        assert isinstance(http, Http)
        assert len(listed(GitHub(http), REPO, 5)) == 0
    for environ, answer, said in (
        ({"GITHUB_API_URL": "http://x.example"}, {}, "must be https"),
        ({"PATH": ""}, Problem("no", code="ResourceNotFoundException"), "there is no secret arn:s"),
        ({"PATH": ""}, {}, "does not hold text"),
    ):
        problem = connect(environ, token_secret="arn:s", aws=Aws(answer))
        assert isinstance(problem, Problem)
        assert said in problem.message
