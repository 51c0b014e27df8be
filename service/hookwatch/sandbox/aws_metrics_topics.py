"""AWS/SNS data points of the topics that alarms notify: published, delivered, failed.

Never makes a topic or a subscription. A notice is really published, and the emulator delivers it; it does not say to
whom, so each confirmed subscription is looked at: to a queue or function that is gone nothing can be delivered. Of an
e-mail address or a web server nothing is known, and nothing is counted. Names and dimensions:
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html, read 2026-11-27. Blocking: call it in a
thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.aws_metrics_targets import TargetCheck
from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from hookwatch.sandbox.alarms_notice import Notice
    from hookwatch.sandbox.deploy_clients import Clients

NAMESPACE = "AWS/SNS"
KNOWN_PROTOCOLS = ("sqs", "lambda")
PENDING = "PendingConfirmation"


class TopicMeter:
    """Publishes notices and counts what becomes of them."""

    def __init__(self, clients: Clients) -> None:
        self._sns = clients("sns")
        self._targets = TargetCheck(clients)

    def publish(self, notice: Notice) -> list[MetricPoint]:
        """Publish one notice and return its points; a topic that is not there gives none, as on AWS."""
        topic = notice.topic_arn.rsplit(":", 1)[-1]
        try:
            endpoints = self._endpoints(notice.topic_arn)
            self._sns.publish(TopicArn=notice.topic_arn, Subject=notice.subject, Message=notice.message)
        except (BotoCoreError, ClientError):
            return []
        there = [self._targets.exists(endpoint) for endpoint in endpoints]
        counts = {
            "NumberOfMessagesPublished": 1,
            "NumberOfNotificationsDelivered": there.count(True),
            "NumberOfNotificationsFailed": there.count(False),
        }
        found = [_point(topic, name, count, "Count") for name, count in counts.items() if count]
        return [*found, _point(topic, "PublishSize", len(notice.message.encode()), "Bytes")]

    def _endpoints(self, topic_arn: str) -> list[str]:
        found: list[str] = []
        page: dict[str, Any] = {}
        while True:
            answer = self._sns.list_subscriptions_by_topic(TopicArn=topic_arn, **page)
            found += [
                each["Endpoint"]
                for each in answer["Subscriptions"]
                if each["Protocol"] in KNOWN_PROTOCOLS and each["SubscriptionArn"] != PENDING
            ]
            if not answer.get("NextToken"):
                return found
            page = {"NextToken": answer["NextToken"]}


def _point(topic: str, name: str, value: float, unit: str) -> MetricPoint:
    return MetricPoint(
        namespace=NAMESPACE,
        name=name,
        dimensions={"TopicName": topic},
        unit=unit,
        value=float(value),
        time_s=time.time(),
    )
