"""Why something was not done: what recovery answers instead of raising. A value only; knows nobody."""

from __future__ import annotations

from dataclasses import dataclass

NOT_SIGNED_IN = "not_signed_in"
"""The code of a problem that is none of AWS's: nobody said which account or Region, so there is no stack to ask."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not done.

    Attributes:
        message: what is wrong and what to do about it.
        found: true where reality is not as the command needs it (it changed meanwhile, somebody else stopped it); false
            where the command, its permissions or its connection are wrong.
        code: AWS's error code, empty where AWS refused nothing.
    """

    message: str
    found: bool = False
    code: str = ""
