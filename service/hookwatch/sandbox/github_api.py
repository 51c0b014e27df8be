"""A fake of GitHub's API for hooks and deliveries, over real HTTP. Never knows our own client.

So that a redelivery can be rehearsed and tested without GitHub: the same paths, shapes, paging, limits, refusals and
GUIDs, and deliveries that are really signed and sent. Three families of paths, as in GitHub's OpenAPI description (npm
@octokit/openapi 23.0.2).
"""

from __future__ import annotations

import json
import uuid
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from hookwatch.sandbox.github_api_auth import Caller, Denied
from hookwatch.sandbox.github_api_model import Event, FakeHook, Record
from hookwatch.sandbox.github_api_paging import address, cursor, from_cursor, link, number, owner
from hookwatch.sender.examples import UnknownExampleError, load_example

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from hookwatch.sandbox.github_api_world import FakeGitHub

FAMILIES = (
    ("repository", "/repos/{owner}/{repo}/hooks", "/{hook_id:int}"),
    ("organization", "/orgs/{owner}/hooks", "/{hook_id:int}"),
    ("app", "/app/hook", ""),
)
MAX_PER_PAGE = 100
DEFAULT_PER_PAGE = 30
MAX_SENT = 1000

FILTERS: dict[str, Callable[[Record], bool]] = {
    "": lambda _: True,
    # Exactly these ranges: a delivery that never connected is in neither.
    "success": lambda each: 200 <= each.posted.status_code < 400,  # noqa: PLR2004 - as documented
    "failure": lambda each: 400 <= each.posted.status_code < 600,  # noqa: PLR2004 - as documented
}


def github_api(world: FakeGitHub, *, tells_date: bool = True) -> ASGIApp:
    """The application.

    Args:
        world: what it tells of.
        tells_date: whether it sends `Date` itself, by the world's clock; off where the server does.
    """
    api = _Api(world, tells_date=tells_date)
    routes = [
        Route("/repos/{owner}/{repo}", api.repository),
        Route("/send", api.send, methods=["POST"]),
    ]
    for kind, hooks, hook in FAMILIES:
        base = hooks + hook
        if kind != "app":
            routes += [
                Route(hooks, api.on_owner(kind, api.hooks)),
                Route(base, api.on_hook(kind, api.hook)),
                Route(f"{base}/pings", api.on_hook(kind, api.ping, writes=True), methods=["POST"]),
            ]
        routes += [
            Route(f"{base}/config", api.on_hook(kind, api.config), methods=["GET"]),
            Route(f"{base}/config", api.on_hook(kind, api.change, writes=True), methods=["PATCH"]),
            Route(f"{base}/deliveries", api.on_hook(kind, api.deliveries)),
            Route(f"{base}/deliveries/{{delivery_id:int}}", api.on_hook(kind, api.delivery)),
            Route(
                f"{base}/deliveries/{{delivery_id:int}}/attempts",
                api.on_hook(kind, api.attempt, writes=True),
                methods=["POST"],
            ),
        ]
    return Starlette(routes=routes)


class _Api:
    def __init__(self, world: FakeGitHub, *, tells_date: bool) -> None:
        self._world = world
        self._tells_date = tells_date

    def on_owner(self, kind: str, answer: Callable[..., Any], *, writes: bool = False) -> Callable[..., Any]:
        """Let somebody in before a repository or an organization is told of."""

        async def handle(request: Request) -> Response:
            caller = self._admit(request, as_app=kind == "app")
            if isinstance(caller, Response):
                return caller
            name = owner(request, kind, caller)
            hooks = [each for each in self._world.hooks.values() if (each.kind, each.owner) == (kind, name)]
            grant = caller.grant
            if grant is not None and name not in grant.owners:
                return self._say(caller, 404, {"message": "Not Found"})
            if grant is not None and not (grant.may_write if writes else grant.may_read):
                return self._say(caller, 403, {"message": "Resource not accessible by personal access token"})
            response: Response = await answer(request, caller, hooks)
            return response

        return handle

    def on_hook(self, kind: str, answer: Callable[..., Any], *, writes: bool = False) -> Callable[..., Any]:
        """The same for one hook of it."""

        async def handle(request: Request, caller: Caller, hooks: list[FakeHook]) -> Response:
            wanted = request.path_params.get("hook_id")
            found = next((each for each in hooks if wanted in (None, each.id)), None)
            if found is None:
                return self._say(caller, 404, {"message": "Not Found"})
            response: Response = await answer(request, caller, found)
            return response

        return self.on_owner(kind, handle, writes=writes)

    async def repository(self, request: Request) -> Response:
        caller = self._admit(request, as_app=False)
        if isinstance(caller, Response):
            return caller
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        if caller.grant is None or name not in self._world.repositories:
            return self._say(caller, 404, {"message": "Not Found"})
        return self._say(caller, 200, {"id": self._world.repositories[name], "full_name": name})

    async def hooks(self, request: Request, caller: Caller, hooks: list[FakeHook]) -> Response:
        size, page = number(request, "per_page", DEFAULT_PER_PAGE), number(request, "page", 1)
        chosen = hooks[(page - 1) * size : page * size]
        more = {"link": link(request, per_page=size, page=page + 1)} if page * size < len(hooks) else {}
        return self._say(caller, 200, [each.document(f"{address(request)}/{each.id}") for each in chosen], more)

    async def hook(self, request: Request, caller: Caller, hook: FakeHook) -> Response:
        return self._say(caller, 200, hook.document(address(request)))

    async def config(self, _: Request, caller: Caller, hook: FakeHook) -> Response:
        return self._say(caller, 200, hook.config())

    async def change(self, request: Request, caller: Caller, hook: FakeHook) -> Response:
        try:
            wanted = json.loads(await request.body() or b"{}")
        except ValueError:
            return self._say(caller, 400, {"message": "Problems parsing JSON"})
        for name in ("url", "secret", "content_type", "insecure_ssl"):
            if name in wanted:
                setattr(hook, name, str(wanted[name]))
        return self._say(caller, 200, hook.config())

    async def ping(self, _: Request, caller: Caller, hook: FakeHook) -> Response:
        self._world.ping(hook)
        return self._say(caller, 204, None)

    async def deliveries(self, request: Request, caller: Caller, hook: FakeHook) -> Response:
        size = number(request, "per_page", DEFAULT_PER_PAGE)
        wanted = FILTERS.get(request.query_params.get("status", ""))
        before = from_cursor(request.query_params.get("cursor"))
        if wanted is None or not 1 <= size <= MAX_PER_PAGE or before == 0:
            return self._say(caller, 422, {"message": "Validation Failed"})
        page = self._world.page(hook, size, before, wanted)
        older = page and self._world.page(hook, 1, page[-1].id, wanted)[-1:]
        more = {"link": link(request, per_page=size, cursor=cursor(page[-1].id))} if older else {}
        answer = self._say(caller, 200, [each.summary() for each in page], more)
        self._world.on_page()
        return answer

    async def delivery(self, request: Request, caller: Caller, hook: FakeHook) -> Response:
        found = self._world.find(hook, request.path_params["delivery_id"])
        if found is None:
            return self._say(caller, 404, {"message": "Not Found"})
        return self._say(caller, 200, found.detail())

    async def attempt(self, request: Request, caller: Caller, hook: FakeHook) -> Response:
        found = self._world.find(hook, request.path_params["delivery_id"])
        if found is None:
            return self._say(caller, 404, {"message": "Not Found"})
        self._world.attempt(hook, found)
        return self._say(caller, 202, {})

    async def send(self, request: Request) -> Response:
        """No part of GitHub: something happens there, `event=push&count=3`, and every hook hears of it."""
        caller = Caller("rehearsal")
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        try:
            example = load_example("github", form.get("event", ["push"])[0])
            count = max(1, min(MAX_SENT, int(form.get("count", ["1"])[0])))
        except (ValueError, UnknownExampleError) as error:
            return self._say(caller, 422, {"message": str(error.args[0])})
        assert isinstance(example.content, bytes)
        action = json.loads(example.content).get("action")
        statuses: list[str] = []
        for _ in range(count):
            event = Event(str(uuid.uuid4()), example.event, action, example.content)
            sent = await run_in_threadpool(self._world.emit, tuple(self._world.hooks.values()), event)
            statuses += [each.posted.status for each in sent]
        return self._say(caller, 200, {"deliveries": {each: statuses.count(each) for each in sorted(set(statuses))}})

    def _admit(self, request: Request, *, as_app: bool) -> Caller | Response:
        caller = self._world.guests.admit(request.headers, as_app=as_app)
        if isinstance(caller, Denied):
            return self._say(None, caller.status, {"message": caller.message})
        limited = self._world.limits.judge(caller.name, request.method)
        if limited is not None:
            return self._say(caller, limited.status, {"message": limited.message}, limited.headers)
        return caller

    def _say(
        self, caller: Caller | None, status: int, document: object, headers: dict[str, str] | None = None
    ) -> Response:
        told = {"x-github-media-type": "github.v3; format=json", **(headers or {})}
        if caller is not None:
            told |= self._world.limits.headers(caller.name)
        if self._tells_date:
            told["date"] = formatdate(self._world.clock(), usegmt=True)
        body = b"" if document is None else msgspec.json.encode(document)
        return Response(body, status, told, media_type="application/json; charset=utf-8")
