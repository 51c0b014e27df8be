"""From a deployed stack to what re-injection needs: bus, secret, bucket, settings. Reads only, shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.config import DEFAULT_MAX_ENTRY_BYTES, LoopPolicy
from hookwatch.ingest.bucket import Bucket
from hookwatch.ingest.claim_check import ClaimCheck
from hookwatch.ingest.providers.github import GitHub as Provider
from hookwatch.ingest.publish import Publisher
from hookwatch.ingest.secrets import STAGES
from hookwatch.recover.problem import Problem
from hookwatch.recover.reinject import Reinjector, stack_keys
from hookwatch.recover.stack_outputs import StackFacts, stack_facts

if TYPE_CHECKING:
    from hookwatch.config import EventFormat
    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import Scope
    from hookwatch.recover.loop_stop_aws import Account


def reinjector(github: GitHub, scope: Scope, aws: Account, stack: str, *, unproven: bool) -> Reinjector | Problem:
    """What publishes deliveries onto a stack's bus, as its function would have."""
    facts = stack_facts(aws, stack)
    if isinstance(facts, Problem):
        return facts
    bus = facts.outputs.get("EventBusArn")
    if not bus:
        return Problem(f"the stack {stack} has no output EventBusArn: is it hookwatch's?")
    keys = _keys(aws, facts)
    if isinstance(keys, Problem):
        return keys
    size = facts.parameters.get("MaxEntryBytes", "")
    limit = int(size) if size.isdigit() else DEFAULT_MAX_ENTRY_BYTES
    event_format: EventFormat = "quickstart" if facts.parameters.get("EventFormat") == "quickstart" else "hookwatch"
    bucket = facts.outputs.get("ClaimBucketName")
    own = frozenset(each.strip().lower() for each in facts.parameters.get("OwnActors", "").split(",") if each.strip())
    return Reinjector(
        github=github,
        scope=scope,
        provider=Provider(LoopPolicy(own_actors=own)),
        keys=keys,
        publish=Publisher(bus, aws.client("events"), _no_details, limit).publish,
        slim=ClaimCheck(Bucket(bucket, "github", lambda: aws.client("s3")), event_format, limit).check_in
        if bucket
        else None,
        event_format=event_format,
        max_entry_bytes=limit,
        drop_own=facts.parameters.get("OwnActorAction") == "drop",
        unproven=unproven,
    )


def _keys(aws: Account, facts: StackFacts) -> tuple[bytes, ...] | Problem:
    """The webhook secret in all its stages: an older delivery was signed with an older one."""
    secret = facts.outputs.get("GitHubSecretArn")
    if not secret:
        return Problem(f"the stack {facts.name} has no output GitHubSecretArn, so nothing can be proven")
    found: dict[str, str] = {}
    for stage in STAGES:
        answer = aws.ask("secretsmanager", "get_secret_value", SecretId=secret, VersionStage=stage)
        if isinstance(answer, Problem):
            if stage != "AWSCURRENT" and answer.code == "ResourceNotFoundException":
                continue
            return answer
        found[stage] = answer.get("SecretString", "")
    return stack_keys(found)


def _no_details(_message: str, **_fields: Any) -> None:
    """Failed attempts are told by what became of them."""
