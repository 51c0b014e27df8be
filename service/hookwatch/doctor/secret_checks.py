"""The webhook secrets: which stages there are, and whether the value can be what a provider signs with.

A value is looked at and never shown, not even in part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.doctor.finding import fail, ok, unseen, warn
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


def check_secrets(place: Place) -> Iterator[Finding]:
    """Each secret has a current value that can verify, and no rotation is left half-way."""
    for provider in place.providers():
        name, arn = f"secret {provider}", place.output(provider, "SecretArn")
        found = place.account.ask("secretsmanager", "describe_secret", SecretId=arn)
        if isinstance(found, Problem):
            if found.code == "ResourceNotFoundException":
                yield fail(name, "it does not exist, so nothing can be verified", "see runbooks/secret-fetch.md")
            else:
                yield unseen(name, found)
            continue
        yield _stages(name, provider, found)
        yield from _value(place, name, arn)


def _stages(name: str, provider: str, found: dict[str, Any]) -> Finding:
    if "DeletedDate" in found:
        return fail(
            name,
            "it is scheduled for deletion, and cannot be read",
            f"aws secretsmanager restore-secret --secret-id {found.get('Name', '')}",
        )
    stages = {stage for each in found.get("VersionIdsToStages", {}).values() for stage in each}
    if CURRENT not in stages:
        return fail(name, f"no version is {CURRENT}, so nothing can be verified", "see runbooks/secret-fetch.md")
    if PENDING in stages:
        return warn(
            name,
            "a rotation has begun and is not finished: a pending version waits",
            f"hookwatch secret status {provider}, then go on with hookwatch secret rotate {provider} or undo it",
        )
    if PREVIOUS in stages:
        return ok(name, "current, and the previous version still verifies; hookwatch secret status says who uses it")
    return ok(name, "current")


def _value(place: Place, name: str, arn: str) -> Iterator[Finding]:
    found = place.account.ask("secretsmanager", "get_secret_value", SecretId=arn)
    if isinstance(found, Problem):
        yield unseen(f"{name} value", found)
        return
    value = found.get("SecretString")
    new = "put a new version: the bare value as text, nothing around it"
    if not value:
        yield fail(f"{name} value", "it is empty, or binary: nothing can be verified", new)
    elif value != value.strip():
        yield fail(f"{name} value", "it begins or ends with white space (a pasted line break?): nothing verifies", new)
    elif value.startswith("{"):
        yield warn(f"{name} value", "it looks like JSON, and is used as it stands, braces and all", new)
    else:
        yield ok(f"{name} value", "text, without white space around it")
