"""AWS clients that can only reach the emulator.

Never reads a profile, a credential file or a proxy setting: whatever the developer's shell holds, a rehearsal must not
become a call to a real account.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from hookwatch.sandbox.cloud_model import OVER_TLS, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

CREDENTIALS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
"""The account's own key in ministack, which may do everything; nothing else is ever accepted for it anywhere."""

SESSION_S = 12 * 3600
"""The longest session that a role can give (AssumeRole's DurationSeconds)."""

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 30

_NOWHERE: dict[str, tuple[None, None, str | None, None]] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Clients:
    """Makes botocore clients for one endpoint; a call is tried `attempts` times in all.

    `credentials` are those of a role's session; the account's own key if left out.
    """

    def __init__(self, endpoint: str, *, attempts: int = 2, credentials: Mapping[str, str] = CREDENTIALS) -> None:
        self.endpoint = endpoint
        self._attempts = attempts
        self._credentials = credentials
        self._session = botocore.session.Session(session_vars=_NOWHERE)

    def __call__(self, service: str) -> Any:
        """Return a client of the named service."""
        client = self._made(service)
        client.meta.events.register_first("before-send.*", _over_tls)
        return client

    def _made(self, service: str) -> Any:
        make: Any = self._session.create_client  # its overloads name every service; we are given one as text
        return make(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=self._credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self._credentials.get("AWS_SESSION_TOKEN"),
            config=Config(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                retries={"total_max_attempts": self._attempts, "mode": "standard"},
                proxies={},
                use_dualstack_endpoint=False,
                use_fips_endpoint=False,
                parameter_validation=False,
            ),
        )


def _over_tls(request: Any, **_: Any) -> None:
    """Add what is not signed: the headers of a proxy that ends TLS."""
    request.headers.update(OVER_TLS)


def session_credentials(clients: Clients, role_arn: str, name: str) -> dict[str, str]:
    """Return a session of a role as environment variables."""
    given = clients("sts").assume_role(RoleArn=role_arn, RoleSessionName=name, DurationSeconds=SESSION_S)["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
