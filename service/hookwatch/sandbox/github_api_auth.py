"""Whom the fake GitHub lets in: tokens by what they were granted, Apps by a JWT that is really verified.

Never says why a key fails more exactly than GitHub does. Messages as GitHub's API gives them [recalled, 2026-11].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

import jwt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.github_api_model import Grant

MAX_LIFETIME_S = 600
"""`exp` may be this far ahead: "Generating a JSON Web Token (JWT) for a GitHub App", read 2026-11-27."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Not let in."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Let in.

    Attributes:
        name: for counting its requests.
        grant: what its token may; None for an App.
        app_id: the App; empty for a token.
    """

    name: str
    grant: Grant | None = None
    app_id: str = ""


@dataclass(slots=True)
class Guests:
    """Who is known.

    Attributes:
        clock: seconds since the epoch.
        tokens: token -> what it may.
        apps: App id -> its public keys as PEM; a revoked one is simply gone.
    """

    clock: Callable[[], float]
    tokens: dict[str, Grant] = field(default_factory=dict, repr=False)
    apps: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def admit(self, headers: Mapping[str, str], *, as_app: bool) -> Caller | Denied:
        """Look at `Authorization`."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or not value:
            return Denied(401, "Requires authentication")
        if as_app:
            return self._app(value)
        grant = self.tokens.get(value)
        return Denied(401, "Bad credentials") if grant is None else Caller(f"user ID {crc32(value.encode())}", grant)

    def _app(self, token: str) -> Caller | Denied:
        try:
            app_id = str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
        except jwt.PyJWTError:
            return Denied(401, "A JSON web token could not be decoded")
        if app_id not in self.apps:
            return Denied(404, "Integration not found")
        for key in self.apps[app_id]:
            try:
                # The clock is ours, so the times are judged below.
                options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
                claims = jwt.decode(token, key, algorithms=["RS256"], options=options)  # type: ignore[arg-type] # TypedDict
            except jwt.PyJWTError:
                continue
            return self._timely(claims) or Caller(f"App {app_id}", app_id=app_id)
        return Denied(401, "A JSON web token could not be decoded")

    def _timely(self, claims: Mapping[str, object]) -> Denied | None:
        issued, expires, now_s = claims.get("iat"), claims.get("exp"), self.clock()
        if not isinstance(issued, int) or issued > now_s:
            return Denied(
                401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
            )
        if not isinstance(expires, int) or expires <= now_s:
            return Denied(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
                "assertion expires",
            )
        if expires > now_s + MAX_LIFETIME_S:
            return Denied(401, "'Expiration time' claim ('exp') is too far in the future")
        return None
