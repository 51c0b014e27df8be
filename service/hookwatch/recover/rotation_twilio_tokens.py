"""The auth tokens of a Twilio account, over twilio-python. Never shows one and never decides which is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twilio.rest import Client

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import Key
from hookwatch.recover.twilio_client import TwilioAccount, credentials
from hookwatch.recover.twilio_http import TwilioHttp

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNKNOWN, _NOT_THERE = "401", "404"


@dataclass(frozen=True, slots=True)
class TwilioTokens:
    """One account's tokens.

    Attributes:
        account: the account, signed in to with an API key or the primary token.
        base_url: where calls go instead of to Twilio; empty: to Twilio.
    """

    account: TwilioAccount
    base_url: str = ""

    @property
    def target(self) -> str:
        """Whose, always in the same words: version ids are made of them."""
        return f"the Twilio account {self.account.account_sid}"

    def works(self, key: Key) -> bool | Problem:
        """Whether this token signs in: the secondary one does as well as the primary one."""
        sid = self.account.account_sid
        client = Client(sid, key.text, sid, http_client=TwilioHttp(self.base_url))
        answer = TwilioAccount(sid, client).ask("read the account", lambda each: each.api.v2010.accounts(sid).fetch())
        if isinstance(answer, Problem):
            return False if answer.code == _UNKNOWN else answer
        return True

    def create(self) -> Key | Problem:
        """Make a secondary token."""
        answer = self.account.ask(
            "create a secondary auth token", lambda each: each.accounts.v1.secondary_auth_token().create()
        )
        return answer if isinstance(answer, Problem) else _key(answer.secondary_auth_token)

    def delete(self) -> Problem | None:
        """Delete the secondary token."""
        answer: Any = self.account.ask(
            "delete the secondary auth token", lambda each: each.accounts.v1.secondary_auth_token().delete()
        )
        return answer if isinstance(answer, Problem) and answer.code != _NOT_THERE else None

    def promote(self) -> Key | Problem:
        """Make the secondary token the primary one."""
        answer = self.account.ask(
            "promote the secondary auth token", lambda each: each.accounts.v1.auth_token_promotion().update()
        )
        return answer if isinstance(answer, Problem) else _key(answer.auth_token)


def twilio_tokens(environ: Mapping[str, str]) -> TwilioTokens | Problem:
    """The tokens of the account that an environment gives access to; no call is made."""
    found = credentials(environ)
    if isinstance(found, Problem):
        return found
    client = Client(found.username, found.password, found.account_sid, http_client=TwilioHttp(found.base_url))
    return TwilioTokens(TwilioAccount(found.account_sid, client), found.base_url)


def _key(text: str | None) -> Key | Problem:
    return (
        Key(text) if text else Problem("Twilio answered without a token: see the account's auth tokens in its console")
    )
