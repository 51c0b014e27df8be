"""The sandbox's own GitHub, under /fake/github of the API's port: a repository whose hook comes to the sandbox.

Never reaches GitHub. Beside what GitHub's API has it takes `POST /send`, which lets something happen in the repository.
`GITHUB_API_URL=http://127.0.0.1:8000/fake/github` leads every command here.
"""

from __future__ import annotations

from starlette.routing import Mount

from hookwatch.sandbox.github_api import github_api
from hookwatch.sandbox.github_api_model import FakeHook
from hookwatch.sandbox.github_api_world import FakeGitHub

PATH = "/fake/github"
REPOSITORY = "octo-org/hello-world"
HOOK_ID = 1
TOKEN = "ghp_sandbox"  # noqa: S105 - opens nothing but this
"""Whoever runs programs on this machine may do all that the sandbox offers; a token is asked for all the same."""


class SandboxGitHub:
    """One repository with one hook."""

    def __init__(self, secret: str) -> None:
        """Make the repository; the hook's secret is the one that the GitHub function verifies with."""
        self.world = FakeGitHub()
        self.world.add_token(TOKEN, REPOSITORY)
        self._secret = secret

    def point_to(self, url: str) -> None:
        """Give the repository a hook that delivers to a URL."""
        self.world.add_hook(FakeHook(HOOK_ID, "repository", REPOSITORY, url, self._secret, target_id=79929171))

    def close(self) -> None:
        """Deliver nothing more."""
        self.world.close()

    def mount(self) -> Mount:
        """GitHub's API, to be mounted."""
        # uvicorn tells the date already.
        return Mount(PATH, github_api(self.world, tells_date=False))
