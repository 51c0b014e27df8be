"""How commands about Twilio reach AWS and Twilio; a test that calls them gives its own ways instead."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop_aws import account
from hookwatch.recover.twilio_client import twilio_account

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

    from hookwatch.recover.loop_stop import Problem
    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.twilio_client import TwilioAccount


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out.

    Attributes:
        aws: makes the AWS account of a Region and an endpoint.
        twilio: makes the Twilio account of the environment.
        sleep: waits so many seconds.
    """

    aws: Callable[[str | None, str | None], Account] = account
    twilio: Callable[[], TwilioAccount | Problem] = twilio_account
    sleep: Callable[[float], None] = time.sleep


def ways(ctx: typer.Context) -> Ways:
    """The real ways, or what whoever called the command as a function gave instead."""
    return ctx.obj if isinstance(ctx.obj, Ways) else Ways()
