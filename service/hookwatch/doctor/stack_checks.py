"""The stack itself, its functions and their capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.doctor.finding import fail, ok, unseen, warn
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place

# Lambda keeps this many copies unreserved in any account, so a quota of so many cannot be reserved at all.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html (read 2026-11-22)
UNRESERVABLE = 100
SMALL_QUOTA = 100


def check_stack(place: Place) -> Iterator[Finding]:
    """The last change of the stack went through."""
    name = f"stack {place.stack}"
    if place.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
        yield ok(name, place.status)
    elif place.status.endswith("_IN_PROGRESS"):
        yield warn(name, f"{place.status}: it is being changed right now", "run this again when it is over")
    elif "ROLLBACK_COMPLETE" in place.status:
        yield warn(
            name,
            f"{place.status}: the last change failed and was taken back",
            f"aws cloudformation describe-stack-events --stack-name {place.stack} says why",
        )
    else:
        yield fail(
            name,
            f"{place.status}: the last change failed half-way",
            f"aws cloudformation describe-stack-events --stack-name {place.stack} says why",
        )


def check_functions(place: Place) -> Iterator[Finding]:
    """Each function is active and may run."""
    for provider in place.providers():
        function, name = place.output(provider, "FunctionName"), f"function {provider}"
        found = place.account.ask("lambda", "get_function_configuration", FunctionName=function)
        if isinstance(found, Problem):
            yield _gone(name, function, found)
            continue
        yield _state(name, found)
        yield from _concurrency(place, name, function)


def check_quota(place: Place) -> Iterator[Finding]:
    """The account has room for bursts."""
    answer = place.account.ask("lambda", "get_account_settings")
    if isinstance(answer, Problem):
        yield unseen("concurrency quota", answer)
        return
    limit = answer["AccountLimit"]
    total, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    sentence = f"{total:,} copies at once in this account and Region, {free:,} of them not reserved"
    if total <= SMALL_QUOTA:
        yield warn(
            "concurrency quota",
            f"{sentence}; of so few nothing can be reserved",
            "ask Service Quotas for more (Lambda, L-B99A9384), and deploy with ReservedConcurrency=0 until then",
        )
    elif free <= UNRESERVABLE:
        yield warn(
            "concurrency quota",
            f"{sentence}; nothing more can be reserved",
            "ask Service Quotas for more (Lambda, L-B99A9384), or lower another function's reservation",
        )
    else:
        yield ok("concurrency quota", sentence)


def _gone(name: str, function: str, problem: Problem) -> Finding:
    if problem.code == "ResourceNotFoundException":
        return fail(name, f"{function} does not exist", "deploy the stack again: make deploy")
    return unseen(name, problem)


def _state(name: str, found: dict[str, Any]) -> Finding:
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    if state == "Active" and update == "Successful":
        return ok(name, f"active, {found.get('Runtime', '')}, {found.get('MemorySize', '?')} MB".replace(" ,", ""))
    if state in ("Active", "Inactive") and update != "Failed":
        return warn(name, f"{state}, its last update is {update}", "run this again in a minute")
    reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or "no reason given"
    return fail(name, f"{state}, its last update is {update}: {reason}", "deploy the stack again: make deploy")


def _concurrency(place: Place, name: str, function: str) -> Iterator[Finding]:
    answer = place.account.ask("lambda", "get_function_concurrency", FunctionName=function)
    if isinstance(answer, Problem):
        yield unseen(f"{name} concurrency", answer)
        return
    reserved = answer.get("ReservedConcurrentExecutions")
    if reserved == 0:
        yield fail(
            f"{name} concurrency",
            "0: every delivery is answered 429, somebody pulled the brake",
            f"hookwatch loop resume --function {function} --yes, once the loop is mended",
        )
    elif reserved is None:
        yield warn(
            f"{name} concurrency",
            "nothing is reserved: a stranger can use up the account's whole quota through the public URL",
            "deploy with ReservedConcurrency=10, unless the account's quota is too small for it",
        )
    else:
        yield ok(f"{name} concurrency", f"{reserved} copies are reserved")
