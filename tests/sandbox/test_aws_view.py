"""One endpoint shows a sandbox as AWS would show the stack: alarms, metrics, log lines, addresses."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloud_rig import eventually

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

GROUP = "/aws/lambda/hookwatch-github"


def test_alarms_are_those_that_the_sandbox_judges(cloud: Cloud):
    """DescribeAlarms knows composites, prefixes, states and children, which the emulator cannot hold."""
    cloudwatch = cloud.through_proxy()("cloudwatch")
    shown = {alarm["name"]: alarm for alarm in cloud.get("/api/alarms")["alarms"]}
    metric = cloudwatch.describe_alarms(AlarmNamePrefix="hookwatch-")
    assert not metric["CompositeAlarms"]
    assert {each["AlarmName"] for each in metric["MetricAlarms"]} == {
        name for name, alarm in shown.items() if alarm["type"] == "metric"
    }
    both = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert len(both["CompositeAlarms"]) + len(both["MetricAlarms"]) == len(shown)
    assert all(each["AlarmRule"] for each in both["CompositeAlarms"])
    children = cloudwatch.describe_alarms(ChildrenOfAlarmName="hookwatch-github-slo-burn-fast")["MetricAlarms"]
    assert {each["AlarmName"] for each in children} == {"hookwatch-github-slo-burn-5m", "hookwatch-github-slo-burn-1h"}
    assert all("Runbook:" in each["AlarmDescription"] for each in both["CompositeAlarms"])
    assert cloudwatch.describe_alarms(AlarmNames=["hookwatch-github-url-5xx"])["MetricAlarms"][0]["TreatMissingData"]


def test_a_contradicting_question_is_refused_as_by_aws(cloud: Cloud):
    """Names and a prefix exclude each other, and botocore raises AWS's own code."""
    with pytest.raises(ClientError, match="ValidationError"):
        cloud.through_proxy()("cloudwatch").describe_alarms(AlarmNames=["a"], AlarmNamePrefix="b")


def test_metrics_are_those_of_the_deliveries(cloud: Cloud):
    """What a delivery counted is in GetMetricStatistics and GetMetricData, with its dimensions and with math."""
    cloud.github()
    cloudwatch = cloud.through_proxy()("cloudwatch")
    dimensions = [{"Name": "service", "Value": "hookwatch"}, {"Name": "provider", "Value": "github"}]
    span = {"StartTime": time.time() - 900, "EndTime": time.time() + 60}

    def counted() -> Any:
        return cloudwatch.get_metric_statistics(
            Namespace="Hookwatch", MetricName="Accepted", Dimensions=dimensions, Period=60, Statistics=["Sum"], **span
        )["Datapoints"]

    total = sum(point["Sum"] for point in eventually(counted))
    metric = {"Namespace": "Hookwatch", "MetricName": "Accepted", "Dimensions": dimensions}
    queries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "twice", "Expression": "2 * m"},
    ]
    (result,) = cloudwatch.get_metric_data(MetricDataQueries=queries, **span)["MetricDataResults"]
    assert sum(result["Values"]) == 2 * total > 0


def test_lines_are_filtered(cloud: Cloud):
    """FilterLogEvents returns the lines that match and no others; an unknown group is refused."""
    _, delivery_id = cloud.github()
    cloud.delivery(delivery_id)
    logs = cloud.through_proxy()("logs")
    pattern = f'{{ $.message = "delivery" && $.delivery_id = "{delivery_id}" }}'
    (event,) = logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern)["events"]
    assert delivery_id in event["message"]
    later = int(time.time() * 1000) + 60_000
    assert not logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern, startTime=later)["events"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName="/aws/lambda/nobody")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.filter_log_events(logGroupName=GROUP, filterPattern="{ $.a = }")


def test_addresses_are_those_that_are_served(cloud: Cloud):
    """The stack's outputs and the URL's configuration name the address that answers here."""
    clients = cloud.through_proxy()
    outputs = clients("cloudformation").describe_stacks(StackName="hookwatch")["Stacks"][0]["Outputs"]
    told = {item["OutputKey"]: item["OutputValue"] for item in outputs}
    assert told["GitHubFunctionUrl"] == cloud.sandbox.github_url
    assert told["TwilioFunctionUrl"] == cloud.sandbox.twilio_url
    config = clients("lambda").get_function_url_config(FunctionName="hookwatch-twilio")
    assert config["FunctionUrl"] == cloud.sandbox.twilio_url


def test_functions_are_invoked_by_their_name(cloud: Cloud):
    """Invoke runs the sandbox's own function and returns its answer, its error, or AWS's refusal."""
    client = cloud.through_proxy()("lambda")
    answer = client.invoke(FunctionName="hookwatch-github", Payload=b'{"no": "webhook"}')
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer
    assert json.loads(answer["Payload"].read())["statusCode"] == 400
    assert client.invoke(FunctionName="hookwatch-github", InvocationType="DryRun")["StatusCode"] == 204
    assert client.invoke(FunctionName="hookwatch-github", InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
    cloud.fault(operation="Invoke", fault="crash", function="github")
    crashed = client.invoke(FunctionName="arn:aws:lambda:us-east-1:123456789012:function:hookwatch-github")
    assert crashed["FunctionError"] == "Unhandled"
    cloud.clear()
    cloud.fault(operation="Invoke", fault="throttle", function="github")
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        client.invoke(FunctionName="hookwatch-github")
