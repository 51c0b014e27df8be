"""Claims of the command line where a stack has a sweeper: its own file, and the objects where that looks.

Never takes a stack that cannot be read for one without a sweeper: the two would ask for the same deliveries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.recover.problem import NOT_SIGNED_IN, Problem
from hookwatch.recover.stack_outputs import stack_facts
from hookwatch.recover.sweeper_claims import BucketClaims

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.github_claims import Claims
    from hookwatch.recover.github_plan import Item
    from hookwatch.recover.loop_stop_aws import Account


class SharedClaims:
    """What a run of the command line writes down for itself, and claims where the sweeper looks, too."""

    def __init__(self, own: Claims, shared: Claims) -> None:
        """Make it from both."""
        self._own = own
        self._shared = shared

    def claim(self, item: Item, at: datetime) -> bool | Problem:
        """Claim it among all first, and then for ourselves."""
        claimed = self._shared.claim(item, at)
        return self._own.claim(item, at) if claimed is True else claimed

    def settle(self, item: Item, what: str, at: datetime) -> None:
        """Say to both what became of it."""
        self._own.settle(item, what, at)
        self._shared.settle(item, what, at)


def shared_claims(aws: Account, stack: str, own: Claims) -> Claims | Problem:
    """Our own, and the sweeper's where the stack has one; our own too where this shell is signed in to no account.

    Args:
        aws: the account of the stack.
        stack: the stack's name.
        own: what a run writes down for itself.
    """
    facts = stack_facts(aws, stack)
    if isinstance(facts, Problem):
        if facts.code == NOT_SIGNED_IN:
            return own
        return Problem(
            f"whether a sweeper brings back the same deliveries cannot be told ({facts.message}). Name the stack with "
            "--stack and its Region with --region",
            found=facts.found,
            code=facts.code,
        )
    if not facts.outputs.get("SweeperFunction"):
        return own
    return SharedClaims(own, BucketClaims(aws.client("s3"), facts.outputs["ClaimBucketName"]))
