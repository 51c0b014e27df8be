"""A stack of functions that no provider calls: one at a queue, two on schedules. Starts nothing by itself."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.deploy_clients import Clients
from sandbox.cloud_rig import GITHUB_SECRET, TWILIO_TOKEN, Cloud, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = Path(__file__).with_name("functions")

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  GitHubWebhookSecret: {Type: String, NoEcho: true}
  Reads: {Type: String, Default: 'true'}
Globals:
  Function: {CodeUri: code/, Runtime: python3.13, Timeout: 3, MemorySize: 192}
Resources:
  Hook:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-github
      Handler: fed.answer
      FunctionUrlConfig: {AuthType: NONE}
      Environment: {Variables: {HOOKWATCH_PROVIDER: github}}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${AWS::StackName}-work
      VisibilityTimeout: 1
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub '${AWS::StackName}-dead'}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-worker
      Handler: fed.batch
      Policies:
        - Version: '2012-10-17'
          Statement:
            - Effect: Allow
              Action: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]
              Resource: !GetAtt Queue.Arn
      Environment: {Variables: {HOOK_URL: !GetAtt HookUrl.FunctionUrl}}
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 10
            Enabled: !Ref Reads
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  ByRule:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-by-rule
      Handler: fed.scheduled
      Events:
        Often:
          Type: Schedule
          Properties: {Schedule: rate(5 minutes), Input: '{"fail": true}'}
      EventInvokeConfig: {MaximumRetryAttempts: 1}
  ByScheduler:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-by-scheduler
      Handler: fed.scheduled
      Events:
        Often:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(15 minutes), Name: often}
"""


def running_fed(folder: Path, *, template: str = TEMPLATE, **config: Any) -> Iterator[Cloud]:
    """Run the stack in a sandbox of its own."""
    path = folder / "template.yaml"
    path.write_text(template)
    if not (folder / "code").exists():
        (folder / "code").symlink_to(FUNCTIONS)
    return run_sandbox(
        SandboxConfig(template=path, github_secret=GITHUB_SECRET, twilio_token=TWILIO_TOKEN, seed=7, **config)
    )


def aws(cloud: Cloud, service: str) -> Any:
    """Return a client of the emulator itself."""
    return Clients(cloud.get("/api/health")["aws_endpoint_url"])(service)


def send(cloud: Cloud, *bodies: dict[str, Any], queue: str = "work") -> list[str]:
    """Put messages into the queue; returns their ids."""
    sqs = aws(cloud, "sqs")
    url = sqs.get_queue_url(QueueName=f"hookwatch-{queue}")["QueueUrl"]
    return [sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))["MessageId"] for body in bodies]


def depth(cloud: Cloud, queue: str) -> tuple[int, int]:
    """Return how many messages are visible, and how many are with somebody."""
    sqs = aws(cloud, "sqs")
    url = sqs.get_queue_url(QueueName=f"hookwatch-{queue}")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"])


def said(cloud: Cloud, key: str) -> list[Any]:
    """Return the log lines of these functions that begin with a key, oldest first."""
    lines = [line["line"] for line in cloud.get("/api/logs?limit=5000")["lines"]]
    return [json.loads(line) for line in reversed(lines) if line.startswith(f'{{"{key}"')]


def fed(cloud: Cloud) -> list[Any]:
    """Return the events that the queue's function was given, their bodies cut short."""
    return [line["fed"] for line in said(cloud, "fed")]


def given(cloud: Cloud, message_id: str) -> int:
    """Return how often a message was given to the function."""
    return sum(record["messageId"] == message_id for event in fed(cloud) for record in event["Records"])


def emptied(cloud: Cloud, queue: str = "work") -> bool:
    """Wait until a queue holds nothing at all."""
    return bool(eventually(lambda: depth(cloud, queue) == (0, 0)))


def stays(look: Any, seconds: float) -> bool:
    """Tell whether something holds at every look for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not look():
            return False
        time.sleep(0.05)
    return True
