"""Signs a request anew whose body the proxy has changed, with the key that it was signed with before.

Never gives anybody a permission that the caller did not have: a key that it does not know leaves the request as it is,
and the emulator refuses it where it holds callers to their roles.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from hookwatch.sandbox.deploy_clients import CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.faults_http import Request

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/,]+)/aws4_request.*SignedHeaders=([^,\s]+)")


class Signatures:
    """The keys whose requests may be signed anew: the account's own, and those of the functions' sessions."""

    def __init__(self) -> None:
        self._known: dict[str, Credentials] = {}
        self.add(CREDENTIALS)

    def add(self, credentials: Mapping[str, str]) -> None:
        """Know one more key, given as environment variables."""
        key = credentials["AWS_ACCESS_KEY_ID"]
        secret, token = credentials["AWS_SECRET_ACCESS_KEY"], credentials.get("AWS_SESSION_TOKEN")
        self._known[key] = Credentials(key, secret, token)

    def renewed(self, request: Request) -> Request:
        """Return the request with a signature that fits its body."""
        scope = _SCOPE.search(request.headers.get("authorization", ""))
        known = self._known.get(scope[1]) if scope else None
        if scope is None or known is None:
            return request
        signed = {name: value for name, value in request.headers.items() if name in scope[4].split(";")}
        wanted = AWSRequest(request.method, f"http://{request.headers['host']}{request.target}", signed, request.body)
        SigV4Auth(known, scope[3], scope[2]).add_auth(wanted)
        fresh = {name.lower(): value for name, value in wanted.headers.items()}
        return replace(request, headers={**request.headers, **fresh})
