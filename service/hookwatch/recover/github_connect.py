"""From an environment to a client of GitHub's API. Takes no secret as an argument, where others could read it."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from hookwatch.recover.github_auth import read_app, read_token
from hookwatch.recover.github_http import Http
from hookwatch.recover.github_limits import Limits
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.github_auth import Auth

DEFAULT_URL = "https://api.github.com"
URL_VARIABLE = "GITHUB_API_URL"
GH_LIMIT_S = 10


class Asks(Protocol):
    """Something that asks AWS, such as an Account."""

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        """Make one call."""


def connect(
    environ: Mapping[str, str],
    *,
    as_app: bool = False,
    token_secret: str | None = None,
    aws: Asks | None = None,
    limits: Limits | None = None,
) -> Http | Problem:
    """A connection as the environment describes it.

    Args:
        environ: GITHUB_API_URL, and the token or the App's id and key.
        as_app: whether to speak as a GitHub App.
        token_secret: ARN or name of the Secrets Manager secret that holds the token, or the App's key.
        aws: who reads that secret.
        limits: how fast, how long to wait, and who is told of it; the documented pace if None.
    """
    url = api_url(environ)
    if isinstance(url, Problem):
        return url
    secret = None if token_secret is None or aws is None else lambda: read_secret(aws, token_secret)
    auth: Auth | Problem
    if as_app:
        auth = read_app(environ, secret=secret)
    else:
        auth = read_token(environ, secret=secret, gh=lambda: gh_token(url, environ))
    if isinstance(auth, Problem):
        return auth
    return Http(url, auth, limits or Limits(clock=time.monotonic, sleep=time.sleep), time.time)


def api_url(environ: Mapping[str, str]) -> str | Problem:
    """The API's address: GITHUB_API_URL, or GitHub's own. Plain http only to this machine itself."""
    text = environ.get(URL_VARIABLE, "").strip().rstrip("/") or DEFAULT_URL
    try:
        url = urlsplit(text)
        host = url.hostname or ""
    except ValueError:
        url, host = urlsplit(""), ""
    if url.scheme not in ("http", "https") or not host or url.query or url.fragment or url.username:
        return Problem(
            f"{URL_VARIABLE} is not the address of an API: https://api.github.com, or https://HOST/api/v3 for an "
            "Enterprise Server"
        )
    if url.scheme == "http" and not _is_loopback(host):
        return Problem(f"{URL_VARIABLE} must be https: over http the token could be read on the way")
    return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_secret(aws: Asks, name: str) -> str | Problem:
    """The text of a secret."""
    answer = aws.ask("secretsmanager", "get_secret_value", SecretId=name)
    if isinstance(answer, Problem):
        if answer.code == "ResourceNotFoundException":
            return Problem(f"there is no secret {name} in this account and Region, or it has no value")
        return answer
    text: str = answer.get("SecretString", "")
    return text if text.strip() else Problem(f"the secret {name} does not hold text")


def gh_token(url: str, environ: Mapping[str, str]) -> str | None:
    """The token in the keyring of GitHub's own tool, if that is installed and somebody has signed in."""
    program = shutil.which("gh", path=environ.get("PATH"))
    if program is None:
        return None
    host = "github.com" if url == DEFAULT_URL else urlsplit(url).hostname or ""
    try:
        done = subprocess.run(  # noqa: S603 - found on the PATH, and asked for nothing but the caller's own token
            [program, "auth", "token", "--hostname", host],
            capture_output=True,
            text=True,
            timeout=GH_LIMIT_S,
            check=False,
            env=dict(environ),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
