"""Who we are to GitHub: a token, or a GitHub App's key. Never takes either from a command's arguments, and shows none.

A JSON Web Token as "Generating a JSON Web Token (JWT) for a GitHub App" asks for (GitHub documentation, read
2026-11-27): RS256, `iat` 60 seconds in the past against clocks that differ, `exp` at most ten minutes ahead, `iss` the
App's id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

IAT_BACK_S = 60
LIFETIME_S = 540
"""A minute under what GitHub allows."""
RENEW_BEFORE_S = 60

TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
APP_ID = "GITHUB_APP_ID"
APP_KEY = "GITHUB_APP_PRIVATE_KEY"
APP_KEY_FILE = "GITHUB_APP_PRIVATE_KEY_FILE"


class Auth(Protocol):
    """Something that GitHub lets in."""

    @property
    def is_app(self) -> bool:
        """Whether this is an App's own JWT, which is what App hooks ask for."""

    def header(self, now_s: float) -> str:
        """The value of `Authorization`, good at this moment (seconds since the epoch)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a user or of an installation."""

    value: str = field(repr=False)
    is_app: bool = False

    def header(self, now_s: float) -> str:  # noqa: ARG002 - a token does not change with the time
        """The value of `Authorization`."""
        return f"Bearer {self.value}"


class AppKey:
    """A GitHub App, by its id and its private key."""

    is_app = True

    def __init__(self, app_id: str, pem: str) -> None:
        """Make it.

        Raises:
            ValueError: the text is no private key.
        """
        self._app_id = app_id
        self._pem = pem
        self._header, self._made_at_s = f"Bearer {self._sign(0.0)}", 0.0

    def header(self, now_s: float) -> str:
        """The value of `Authorization`; signed anew a minute before the last one expires."""
        if not 0 <= now_s - self._made_at_s < LIFETIME_S - RENEW_BEFORE_S:
            self._header, self._made_at_s = f"Bearer {self._sign(now_s)}", now_s
        return self._header

    def _sign(self, now_s: float) -> str:
        # Only an App needs it, and the Lambda artefact has no cryptography to sign RS256 with.
        import jwt

        claims = {"iat": int(now_s) - IAT_BACK_S, "exp": int(now_s) + LIFETIME_S, "iss": self._app_id}
        try:
            return jwt.encode(claims, self._pem, algorithm="RS256")
        except (jwt.PyJWTError, TypeError) as error:
            # The message of a parser may quote what it could not parse.
            raise ValueError("not a private key") from error


def read_token(
    environ: Mapping[str, str], *, secret: Callable[[], str | Problem] | None, gh: Callable[[], str | None]
) -> Token | Problem:
    """A token: from a secret if one was named, else the environment, else the keyring of `gh`.

    Args:
        environ: the environment.
        secret: reads the secret that was named; None if none was.
        gh: what `gh auth token` says; None where there is no such program or it knows no token.
    """
    if secret is not None:
        value = secret()
        if isinstance(value, Problem):
            return value
        return _token(value, "the secret")
    for name in TOKEN_VARIABLES:
        if environ.get(name, "").strip():
            return _token(environ[name], name)
    found = gh()
    if found:
        return _token(found, "gh")
    return Problem(
        "no GitHub token: set GITHUB_TOKEN, or sign in with `gh auth login`, or name a secret with --token-secret"
    )


def read_app(environ: Mapping[str, str], *, secret: Callable[[], str | Problem] | None) -> AppKey | Problem:
    """A GitHub App: its id from the environment, its key from a secret if one was named, else a file or a variable."""
    app_id = environ.get(APP_ID, "").strip()
    if not app_id:
        return Problem(f"which App? Set {APP_ID} to its id or client id (the App's settings show both)")
    pem = _app_key(environ, secret)
    if isinstance(pem, Problem):
        return pem
    try:
        return AppKey(app_id, pem)
    except ValueError:
        return Problem(
            "the App's key is not a private key: it is the whole .pem file that GitHub gave out, with its first and "
            "last line"
        )


def _app_key(environ: Mapping[str, str], secret: Callable[[], str | Problem] | None) -> str | Problem:
    if secret is not None:
        return secret()
    path, text = environ.get(APP_KEY_FILE, ""), environ.get(APP_KEY, "")
    if path:
        try:
            return Path(path).read_text()
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            return Problem(f"the App's key cannot be read from the file that {APP_KEY_FILE} names: {why}")
    if text:
        # Many places that hold variables keep one line only.
        return text.replace("\\n", "\n")
    return Problem(f"no key of the App: set {APP_KEY_FILE} to its .pem file, or {APP_KEY}, or give --token-secret")


def _token(value: str, where: str) -> Token | Problem:
    value = value.strip()
    if not value or not value.isascii() or any(each.isspace() for each in value):
        return Problem(f"{where} does not hold a GitHub token: one word such as ghp_... or github_pat_...")
    return Token(value)
