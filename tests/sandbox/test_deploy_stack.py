from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

import pytest

from hookwatch.sandbox.cloud_model import MisuseError, SandboxConfig, SandboxError
from hookwatch.sandbox.deploy import Deployment, deploy
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.ministack import MiniStack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sandbox

FUNCTION = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  GitHubWebhookSecret: {Type: String, NoEcho: true}
  Reserved: {Type: Number, Default: 7}
  WithBudget: {Type: String, Default: 'no'}
  Bus: {Type: String, Default: default}
Conditions:
  Reserves: !Not [!Equals [!Ref Reserved, 0]]
  Budgets: !Equals [!Ref WithBudget, 'yes']
Resources:
  Hook:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/
      Handler: app.handler
      Runtime: python3.13
      Timeout: 4
      MemorySize: 192
      ReservedConcurrentExecutions: !If [Reserves, !Ref Reserved, !Ref 'AWS::NoValue']
      FunctionUrlConfig: {AuthType: NONE}
      Environment:
        Variables: {HOOKWATCH_PROVIDER: github, HOOKWATCH_EVENT_BUS: !Ref Bus, HELLO: !Ref 'AWS::StackName'}
  Budget:
    Type: AWS::Budgets::Budget
    Condition: Budgets
    Properties: {Budget: {BudgetType: COST, TimeUnit: MONTHLY}}
"""


def deployed(template: Path, **parameters: str) -> Deployment:
    """Deploy a template to a ministack of its own."""

    async def main() -> Deployment:
        ministack = MiniStack()
        await ministack.start()
        try:
            config = SandboxConfig(template=template, github_secret="s", twilio_token="t", parameters=parameters)
            return await asyncio.to_thread(deploy, config, Clients(ministack.endpoint))
        finally:
            await ministack.stop()

    return asyncio.run(main())


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template with one function."""
    path = tmp_path / "template.yaml"
    path.write_text(FUNCTION)
    (tmp_path / "code").mkdir()
    return path


def test_a_function_is_specified_as_its_template_declares_it(template: Path) -> None:
    """Timeout, memory, concurrency, environment and source come out of the deployed stack."""
    spec = deployed(template).functions["github"].spec
    assert (spec.handler, spec.timeout_s, spec.memory_mb, spec.reserved_concurrency) == ("app.handler", 4.0, 192, 7)
    assert spec.environment["HELLO"] == "hookwatch"
    assert spec.source_root == template.parent / "code"


def test_no_reserved_concurrency_and_a_bus_of_its_own(template: Path) -> None:
    """A removed property means none; a named bus is made, and is the one that is listened to."""
    deployment = deployed(template, Reserved="0", Bus="orders")
    assert deployment.functions["github"].spec.reserved_concurrency is None
    assert deployment.buses == ("orders",)


def test_only_what_would_have_been_made_counts_as_left_out(template: Path) -> None:
    """A budget whose condition is false was not stripped; with the condition true it was."""
    assert deployed(template).stripped == ()
    (item,) = deployed(template, WithBudget="yes").stripped
    assert (item.logical_id, item.type) == ("Budget", "AWS::Budgets::Budget")


def test_a_type_that_nobody_knew_of_is_stripped_when_the_emulator_refuses_it(template: Path) -> None:
    """The emulator's own refusal names the type; the deploy goes on without it."""
    template.write_text(FUNCTION + "  Robot: {Type: 'AWS::RoboMaker::Robot', Properties: {}}\n")
    assert [item.logical_id for item in deployed(template).stripped] == ["Robot"]


def test_nested_templates_are_uploaded_stripped_and_deployed(template: Path) -> None:
    """A local nested stack deploys, reads its parameters and tells what it lost; its outputs reach the parent."""
    template.write_text(
        FUNCTION
        + "  Inner:\n    Type: AWS::CloudFormation::Stack\n"
        + "    Properties: {TemplateURL: inner.yaml, Parameters: {Name: n}}\n"
        + "Outputs: {Inner: {Value: !GetAtt Inner.Outputs.Topic}}\n"
    )
    (template.parent / "inner.yaml").write_text(
        "Parameters: {Name: {Type: String}}\n"
        "Resources:\n"
        "  Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Sub 'inner-${Name}'}}\n"
        "  Runbook: {Type: 'AWS::SSM::Document', Properties: {Content: {}}}\n"
        "Outputs: {Topic: {Value: !GetAtt Topic.TopicName}}\n"
    )
    deployment = deployed(template)
    assert deployment.outputs["Inner"] == "inner-n"
    assert [item.logical_id for item in deployment.stripped] == ["Inner.Runbook"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: [", "cannot read"),
        ("Hello: 1", "no Resources"),
        ("Resources: {T: {Type: 'AWS::SNS::Topic'}}", "no function"),
        (FUNCTION.replace("Type: String, NoEcho: true", "Type: String, MinLength: 9"), "GitHubWebhookSecret"),
        (FUNCTION.replace("Handler: app.handler", "Handler: 7\n      Nonsense: 1"), "Nonsense"),
    ],
)
def test_a_template_that_cannot_be_deployed_says_why(template: Path, text: str, word: str) -> None:
    """Unreadable, empty, without a function, refused parameter, refused by the transform: one sentence each."""
    template.write_text(text)
    with pytest.raises(MisuseError) as caught:
        deployed(template)
    assert word in str(caught.value)


def test_an_unknown_parameter_and_a_missing_file_are_misuse(template: Path) -> None:
    """Both name what was asked for."""
    with pytest.raises(MisuseError, match="no parameter Nothing"):
        deployed(template, Nothing="x")
    with pytest.raises(MisuseError, match=r"absent\.yaml"):
        deployed(template.with_name("absent.yaml"))


def test_a_rolled_back_stack_shows_the_event_that_failed(template: Path) -> None:
    """The message names the resource and CloudFormation's reason."""
    broken = (
        "  Alias: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {FunctionName: x, EventSourceArn: {Ref: Q}}}\n"
    )
    template.write_text(
        FUNCTION + broken + "  Q: {Type: 'AWS::SSM::Parameter', Properties: {Type: Nonsense, Value: v}}\n"
    )
    with pytest.raises(SandboxError) as caught:
        deployed(template)
    assert "Q (AWS::SSM::Parameter)" in str(caught.value)


def test_the_developers_own_profile_and_proxy_are_not_read(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell full of AWS settings changes nothing: the deploy still goes to the emulator."""
    for name, value in {
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    assert deployed(template).functions["github"].spec.region == "us-east-1"


def test_ministack_leaves_no_folder_and_can_start_again() -> None:
    """Its folder is gone after stop, whatever was in it, and a second start gets a new one."""

    async def main() -> None:
        ministack = MiniStack()
        for _ in range(2):
            await ministack.start()
            folder = ministack.folder
            (folder / "left").mkdir()
            await ministack.stop()
            assert not folder.exists()
        with contextlib.suppress(SandboxError):
            await ministack.stop()

    asyncio.run(main())


def test_an_emulator_that_ends_by_itself_is_noticed() -> None:
    """Killed from outside, ministack is no longer alive, and stopping it still removes its folder."""

    async def main() -> None:
        ministack = MiniStack()

        def running() -> bool:
            return ministack.alive

        await ministack.start()
        folder = ministack.folder
        assert running()
        pid = int(next(folder.glob("ministack-*.pid")).read_text())
        os.kill(pid, signal.SIGKILL)
        for _ in range(200):
            if not running():
                break
            await asyncio.sleep(0.02)
        assert not running()
        await ministack.stop()
        assert not folder.exists()

    asyncio.run(main())
