"""The alarms deployed alone, beside a function that is not hookwatch's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from alarm_files import COST, STACK
from hookwatch.alarms import read_alarms
from hookwatch.cfn import load, resolve
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.deploy_stack import deploy_stack
from hookwatch.sandbox.deploy_template import BUCKET, prepare
from hookwatch.sandbox.ministack import MiniStack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sandbox

PLAIN = {
    "GitHubFunctionName": "quickstart-github",
    "HasHookwatchMetrics": "false",
    "NamePrefix": "quickstart",
    "MonitoringLevel": "full",
    "ReservedConcurrency": "0",
    "EventBusName": "saas",
    "RuleName1": "orders",
    "SilenceHours": "24",
}
MONEY = {"NotificationEmail": "ops@example.com", "MonthlyBudget": "20", "BillingAlarmUsd": "50"}


def uploaded(clients: Clients, body: str) -> str:
    """Where a template's text lies: CloudFormation takes no more than 51,200 bytes of it by value."""
    s3 = clients("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="alone.json", Body=body.encode())
    return f"{clients.endpoint}/{BUCKET}/alone.json"


def deployed(template: Path, parameters: dict[str, str]) -> tuple[list[dict[str, Any]], set[str]]:
    """What an emulator holds after the deploy: its alarms, and the logical ids that it cannot hold."""

    async def main() -> tuple[list[dict[str, Any]], set[str]]:
        ministack = MiniStack()
        await ministack.start()
        try:
            clients = Clients(ministack.endpoint)
            prepared = prepare(template, parameters, lambda key, _: key, {})
            url = await asyncio.to_thread(uploaded, clients, prepared.body)
            await asyncio.to_thread(deploy_stack, clients("cloudformation"), url, parameters)
            alarms = await asyncio.to_thread(clients("cloudwatch").describe_alarms)
            return alarms["MetricAlarms"], {item.logical_id for item in prepared.stripped}
        finally:
            await ministack.stop()

    return asyncio.run(main())


@pytest.mark.parametrize(("template", "parameters"), [(STACK, PLAIN), (COST, MONEY)], ids=["stack", "cost"])
def test_the_alarms_deploy_alone(template: Path, parameters: dict[str, str]):
    """CloudFormation makes each alarm that these parameters ask for, except for types that the emulator cannot hold."""
    alarms, stripped = deployed(template, parameters)
    wanted = read_alarms(resolve(load(template), parameters)).alarms
    held = {alarm.name for key, alarm in wanted.items() if key not in stripped}
    assert {alarm["AlarmName"] for alarm in alarms} == held
    assert not [alarm for alarm in alarms if "AWS/" not in alarm["Namespace"]]


def test_a_bolted_on_alarm_watches_the_function_that_it_was_given():
    """The deployed alarm has the plain function's name, and no metric of hookwatch's own."""
    alarms, _ = deployed(STACK, PLAIN)
    (throttles,) = [alarm for alarm in alarms if alarm["AlarmName"] == "quickstart-github-throttles"]
    assert throttles["Dimensions"] == [{"Name": "FunctionName", "Value": "quickstart-github"}]
    assert throttles["TreatMissingData"] == "notBreaching"
    (silence,) = [alarm for alarm in alarms if alarm["AlarmName"] == "quickstart-github-silence"]
    assert (silence["MetricName"], silence["EvaluationPeriods"]) == ("UrlRequestCount", 24)
