"""Which dimension sets AWS publishes for the metrics that webhook stacks alarm on.

Never complete: a namespace or metric that is not here is not judged. Sources: "Monitoring Amazon EventBridge", "Types
of metrics for Lambda functions", "Monitoring Lambda function URLs", and the metric lists of SQS, SNS, CloudWatch Logs
and Billing, as collected in the observability facts sections 1.1 to 1.3, 2026-11.
"""

from collections.abc import Iterable

DimensionSet = frozenset[str]


def _sets(*groups: Iterable[str]) -> frozenset[DimensionSet]:
    return frozenset(frozenset(group) for group in groups)


_NONE: tuple[str, ...] = ()
_BUS_RULE = ("EventBusName", "RuleName")
_RULE = _sets(_BUS_RULE, ("RuleName",))
_RULE_OR_BUS = _sets(_BUS_RULE, ("RuleName",), ("EventBusName",), _NONE)
_ACCOUNT = _sets(_NONE)

_EVENTS: dict[str, frozenset[DimensionSet]] = {
    "DeadLetterInvocations": _RULE,
    "EventBusEncryptionCompleted": _sets(("EventBusName",)),
    "EventBusEncryptionFailed": _sets(("EventBusName",)),
    "EventBusEncryptionStarted": _sets(("EventBusName",)),
    "Events": _sets(("EventSourceName",)),
    "FailedInvocations": _RULE,
    "IngestiontoInvocationCompleteLatency": _RULE_OR_BUS,
    "IngestiontoInvocationStartLatency": _RULE_OR_BUS,
    "IngestionToInvocationSuccessLatency": _RULE_OR_BUS,
    "InvocationAttempts": _RULE_OR_BUS,
    "Invocations": _sets(_BUS_RULE, ("RuleName",), _NONE),
    "InvocationsCreated": _ACCOUNT,
    "InvocationsFailedToBeSentToDlq": _RULE,
    "InvocationsSentToDlq": _RULE,
    "MatchedEvents": _sets(_BUS_RULE, ("RuleName",), ("EventBusName",), ("EventSourceName",)),
    "PutEventsApproximateCallCount": _ACCOUNT,
    "PutEventsApproximateFailedCount": _ACCOUNT,
    "PutEventsApproximateSuccessCount": _ACCOUNT,
    "PutEventsApproximateThrottledCount": _ACCOUNT,
    "PutEventsEntriesCount": _ACCOUNT,
    "PutEventsFailedEntriesCount": _ACCOUNT,
    "PutEventsLatency": _ACCOUNT,
    "PutEventsRequestSize": _ACCOUNT,
    "PutPartnerEventsApproximateCallCount": _ACCOUNT,
    "PutPartnerEventsApproximateFailedCount": _ACCOUNT,
    "PutPartnerEventsApproximateSuccessCount": _ACCOUNT,
    "PutPartnerEventsApproximateThrottledCount": _ACCOUNT,
    "PutPartnerEventsEntriesCount": _ACCOUNT,
    "PutPartnerEventsFailedEntriesCount": _ACCOUNT,
    "PutPartnerEventsLatency": _ACCOUNT,
    "RetryInvocationAttempts": _RULE_OR_BUS,
    "SuccessfulInvocationAttempts": _RULE_OR_BUS,
    "ThrottledRules": _RULE_OR_BUS,
    "TriggeredRules": _RULE_OR_BUS,
}

_FUNCTION = ("FunctionName",)
_ALIAS = ("FunctionName", "Resource")
_ANY_VERSION = _sets(_FUNCTION, _ALIAS, ("ExecutedVersion", "FunctionName", "Resource"))
_ANY_VERSION_OR_REGION = _ANY_VERSION | _ACCOUNT
_NO_VERSION = _sets(_FUNCTION, _ALIAS)
_LAMBDA: dict[str, frozenset[DimensionSet]] = {
    "AsyncEventAge": _NO_VERSION,
    "AsyncEventsDropped": _NO_VERSION,
    "AsyncEventsReceived": _NO_VERSION,
    "ClaimedAccountConcurrency": _ACCOUNT,
    "ConcurrentExecutions": _ANY_VERSION_OR_REGION,
    "DeadLetterErrors": _NO_VERSION,
    "DestinationDeliveryFailures": _NO_VERSION,
    "Duration": _ANY_VERSION_OR_REGION,
    "Errors": _ANY_VERSION_OR_REGION,
    "Invocations": _ANY_VERSION_OR_REGION,
    "PostRuntimeExtensionsDuration": _ANY_VERSION,
    "RecursiveInvocationsDropped": _NO_VERSION,
    "Throttles": _ANY_VERSION_OR_REGION,
    "UnreservedConcurrentExecutions": _ACCOUNT,
    "Url4xxCount": _ANY_VERSION,
    "Url5xxCount": _ANY_VERSION,
    "UrlRequestCount": _ANY_VERSION,
    "UrlRequestLatency": _ANY_VERSION,
}

_QUEUE = _sets(("QueueName",))
_SQS = dict.fromkeys(
    (
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
        "NumberOfEmptyReceives",
        "NumberOfMessagesDeleted",
        "NumberOfMessagesReceived",
        "NumberOfMessagesSent",
        "SentMessageSize",
    ),
    _QUEUE,
)
_TOPIC = _sets(("TopicName",), ("Application",), ("Platform",), ("Application", "Platform"), ("PhoneNumber",))
_SNS = dict.fromkeys(
    ("NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed", "PublishSize"),
    _TOPIC,
)
_GROUP = _sets(("LogGroupName",))
_LOGS: dict[str, frozenset[DimensionSet]] = {
    "EMFParsingErrors": _GROUP,
    "EMFValidationErrors": _GROUP,
    "IncomingBytes": _GROUP | _ACCOUNT,
    "IncomingLogEvents": _GROUP | _ACCOUNT,
}
_BILLING = {
    "EstimatedCharges": _sets(
        ("Currency",),
        ("Currency", "ServiceName"),
        ("Currency", "LinkedAccount"),
        ("Currency", "LinkedAccount", "ServiceName"),
    )
}

PUBLISHED: dict[str, dict[str, frozenset[DimensionSet]]] = {
    "AWS/Billing": _BILLING,
    "AWS/Events": _EVENTS,
    "AWS/Lambda": _LAMBDA,
    "AWS/Logs": _LOGS,
    "AWS/SNS": _SNS,
    "AWS/SQS": _SQS,
    "AWS/SecretsManager": {"ResourceCount": _ACCOUNT},
}

WHOLE_NAMESPACES = frozenset({"AWS/Events", "AWS/SecretsManager", "AWS/Billing"})
"""Namespaces whose metrics are all above, so that any other name is a mistake."""

ONLY_WHEN_NOT_ZERO = frozenset(
    {
        ("AWS/Events", "DeadLetterInvocations"),
        ("AWS/Events", "FailedInvocations"),
        ("AWS/Events", "InvocationsFailedToBeSentToDlq"),
        ("AWS/Events", "InvocationsSentToDlq"),
        ("AWS/Events", "RetryInvocationAttempts"),
        ("AWS/Events", "ThrottledRules"),
        ("AWS/Lambda", "RecursiveInvocationsDropped"),
        ("AWS/Logs", "EMFParsingErrors"),
        ("AWS/Logs", "EMFValidationErrors"),
    }
)
"""Metrics that are only sent when they are not zero (observability facts 0.5 and 1.1 to 1.3, 2026-11)."""
