"""Each statement of each role is needed: without it something that the functions really do is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from aws_calls import needs, of_lambda, of_secrets_manager
from hookwatch.sandbox.cloud_model import SandboxConfig
from iam_policy import Call, Statement, allowed, read_policy, read_statement
from sam_template import GITHUB_ARN, KEY_ARN, SHARED_ARN, deployed, of_type, statements
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, run_sandbox
from sandbox.fed_rig import aws
from sandbox.role_drive import A_MOMENT_S, MAX_ENTRY_BYTES, Drive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.sandbox.faults_http import Answer, Request
    from hookwatch.sandbox.faults_operation import Call as AwsCall

pytestmark = pytest.mark.sandbox

OPTIONS = {"Heartbeat": "on", "Deduplicate": "on"}
RUN_BY = {
    "GitHubFunctionRole": "github",
    "TwilioFunctionRole": "twilio",
    "GitHubCanaryRole": "github-canary",
    "TwilioCanaryRole": "twilio-canary",
    "ReplayFunctionRole": "replay",
}
"""Each role and the function that has it; another role in the template has to be driven here first."""

OF_LAMBDA = ("WriteItsLog", "SendTraces")
"""Used by Lambda itself, which does not ask the emulator: judged by what Lambda is documented to do. That S3 tells a
missing object from a forbidden one only to whom may list is not the emulator's way either (measured 2026-11-27,
ministack 1.5.33): it is judged by the answer that was given."""

SPARE = ("dynamodb:GetItem",)
"""Needed by nothing that can be caused here: ingest looks only where a refused PutItem does not say what stands
there."""

SIDS = [
    (role, str(statement["Sid"]))
    for role in of_type(deployed(**OPTIONS), "AWS::IAM::Role")
    for statement in statements(deployed(**OPTIONS), role)
]
DRIVEN = [(role, sid) for role, sid in SIDS if sid not in OF_LAMBDA and role != "ReplayFunctionRole"]
"""Taken out for real, one by one; the replay's are in test_replay_roles."""


class Run:
    """A sandbox that holds functions to their roles, and every call that they made."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.drive = Drive(cloud)
        self.iam = aws(cloud, "iam")
        self.calls: dict[str, set[Call]] = {role: set() for role in RUN_BY}
        self._role_of = {self.key_of(function): role for role, function in RUN_BY.items()}
        self.strangers: list[str] = []
        cloud.sandbox.listen(on_call=self._called)

    def key_of(self, function: str) -> str:
        """Return the access key of a function's session."""
        found = self.cloud.sandbox.functions.find(function)
        assert found is not None, f"the template has no function {function}"
        return found.spec.environment["AWS_ACCESS_KEY_ID"]

    def _called(self, called: AwsCall, request: Request, answer: Answer) -> None:
        key = request.headers["authorization"].partition("Credential=")[2].partition("/")[0]
        role = self._role_of.get(key)
        if role is None:
            self.strangers.append(f"{key} {called}")
            return
        self.calls[role] |= set(needs(called, request, answer))

    def physical(self, role: str) -> tuple[str, str]:
        """Return the deployed name of a role and of its one policy."""
        cloudformation = aws(self.cloud, "cloudformation")
        found = cloudformation.describe_stack_resources(StackName="hookwatch")["StackResources"]
        name: str = next(each["PhysicalResourceId"] for each in found if each["LogicalResourceId"] == role)
        (policy,) = self.iam.list_role_policies(RoleName=name)["PolicyNames"]
        return name, policy

    def document(self, role: str) -> dict[str, Any]:
        """Return the policy of a role as it is deployed."""
        name, policy = self.physical(role)
        found = self.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        document: dict[str, Any] = json.loads(unquote(found)) if isinstance(found, str) else found
        return document

    def policy(self, role: str) -> list[Statement]:
        """Return it as the evaluator reads it, without the actions that only the emulator knows (deploy_policies)."""
        read = read_policy(self.document(role))
        return [replace(each, actions=tuple(a for a in each.actions if not a.endswith("Batch"))) for each in read]

    def put(self, role: str, document: dict[str, Any]) -> None:
        """Deploy another policy."""
        name, policy = self.physical(role)
        self.iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """A full run: everything that the functions can be made to do, done once."""
    config = SandboxConfig(
        template=TEMPLATE,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters={**OPTIONS, "MaxEntryBytes": str(MAX_ENTRY_BYTES)},
        enforce_iam=True,
        speed=2,  # then the proxy changes how long queues wait, and has to sign those calls anew
        seed=7,
    )
    for cloud in run_sandbox(config):
        made = Run(cloud)
        made.drive.everything()
        yield made


def used(run: Run, role: str) -> set[Call]:
    """Return what was done with a role: by the function, and by Lambda for it."""
    function = run.cloud.sandbox.functions.find(RUN_BY[role])
    assert function is not None
    return run.calls[role] | set(of_lambda(function.spec.log_group_name))


def test_every_role_has_a_function_that_is_driven() -> None:
    """A role that the template gets must be driven here."""
    assert {role for role, _ in SIDS} == set(RUN_BY)


@pytest.mark.parametrize("role", RUN_BY)
def test_the_role_allows_what_its_function_called_and_nobody_else_called(run: Run, role: str) -> None:
    """Read by an evaluator of our own, each policy allows every call that passed the emulator's."""
    policy = run.policy(role)
    assert run.calls[role]
    assert [call for call in used(run, role) if not allowed(policy, call)] == []
    assert run.strangers == []


@pytest.mark.parametrize(("role", "sid"), SIDS)
def test_without_a_statement_a_call_is_refused(run: Run, role: str, sid: str) -> None:
    """Each statement, and in it each action and each resource, lets a call pass that nothing else does."""
    policy = run.policy(role)
    (statement,) = [each for each in policy if each.sid == sid]
    others = [each for each in policy if each.sid != sid]
    assert any(not allowed(others, call) for call in used(run, role)), "nothing needs it"
    for part, less in statement.without_each():
        needed = any(not allowed([*others, less], call) for call in used(run, role))
        assert needed is (part not in SPARE), f"{part}: {'no longer spare' if needed else 'nothing needs it'}"


@pytest.mark.parametrize(("role", "sid"), DRIVEN)
def test_without_a_statement_the_function_fails(run: Run, role: str, sid: str) -> None:
    """Taken out of the deployed role, what it allows does not work any more; put back, it does."""
    function, document = RUN_BY[role], run.document(role)
    done = run.drive.does(function, sid)
    run.put(role, {**document, "Statement": [each for each in document["Statement"] if each["Sid"] != sid]})
    try:
        assert not done(A_MOMENT_S)
    finally:
        run.put(role, document)
    run.drive.renewed(function)
    assert run.drive.does(function, sid)(15.0)


BROUGHT = {
    "SecretKmsKeyArn": KEY_ARN,
    "GitHubWebhookSecret": "",
    "GitHubWebhookSecretArn": GITHUB_ARN,
    "TwilioSharedKeyId": "key",
    "TwilioSharedKeySecretArn": SHARED_ARN,
    "Heartbeat": "on",
}


@pytest.mark.parametrize(
    ("role", "sid", "calls"),
    [
        ("GitHubFunctionRole", "DecryptItsSecret", [of_secrets_manager(KEY_ARN, GITHUB_ARN)]),
        ("GitHubCanaryRole", "DecryptItsSecret", [of_secrets_manager(KEY_ARN, GITHUB_ARN)]),
        ("TwilioFunctionRole", "DecryptItsSecrets", [of_secrets_manager(KEY_ARN, SHARED_ARN)]),
        (
            "TwilioFunctionRole",
            "ReadItsSharedKey",
            [Call(f"secretsmanager:{verb}", SHARED_ARN) for verb in ("DescribeSecret", "GetSecretValue")],
        ),
    ],
)
def test_a_secret_of_ones_own_and_its_key_are_readable_by_their_statement_alone(
    role: str, sid: str, calls: list[Call]
) -> None:
    """What Secrets Manager and the secret cache ask for is allowed, and is not without the statement."""
    policy: list[Statement] = [read_statement(each) for each in statements(deployed(**BROUGHT), role)]
    for call in calls:
        assert allowed(policy, call)
        assert not allowed([each for each in policy if each.sid != sid], call)
