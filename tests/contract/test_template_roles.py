from __future__ import annotations

import pytest

from sam_template import (
    GITHUB_ARN,
    KEY_ARN,
    MADE_ARN,
    SECRETS,
    SHARED_ARN,
    TWILIO_ARN,
    broken_rules,
    deployed,
    deployed_whole,
    of_type,
    statements,
    written,
)

BUS = "arn:aws:events:us-east-1:123456789012:event-bus/default"
SOURCES = {
    "GitHub": {"events:source": "github.com"},
    "Twilio": {"events:source": "twilio.com", "events:detail-type": "twilio-webhook-lambda"},
}


def by_sid(stack, role):
    """A role's statements by their name."""
    return {statement["Sid"]: statement for statement in statements(stack, role)}


@pytest.mark.parametrize("provider", SOURCES)
def test_role_allows_six_things(provider: str):
    """A function may read its secret, publish as its own source, park, keep payloads, write its log and send traces."""
    stack = deployed()
    allowed = {
        sid: (statement["Action"], statement["Resource"], statement.get("Condition"))
        for sid, statement in by_sid(stack, f"{provider}FunctionRole").items()
    }
    secret = stack.outputs[f"{provider}SecretArn"]
    assert str(secret).endswith(f":secret:hooks-{provider}Secret")
    group = f"arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/hooks-{provider.lower()}:*"
    prefixes = [f"arn:aws:s3:::hooks-claimbucket/{kind}/*/{provider.lower()}/*" for kind in ("claims", "parked")]
    assert allowed == {
        "ReadItsSecret": (["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], secret, None),
        "PublishItsEvents": ("events:PutEvents", BUS, {"ForAllValues:StringEquals": SOURCES[provider]}),
        "ParkItsEvents": ("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:hooks-parked", None),
        "KeepItsPayloads": ("s3:PutObject", prefixes, None),
        "WriteItsLog": (["logs:CreateLogStream", "logs:PutLogEvents"], group, None),
        "SendTraces": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*", None),
    }


@pytest.mark.parametrize("provider", SOURCES)
def test_deliveries_are_remembered_only_where_that_is_wanted(provider: str):
    """With Deduplicate a function may use the table, and in it only the entries of its own provider."""
    remember = by_sid(deployed(Deduplicate="on"), f"{provider}FunctionRole")["RememberItsDeliveries"]
    assert remember["Action"] == [f"dynamodb:{verb}Item" for verb in ("Delete", "Get", "Put", "Update")]
    assert remember["Resource"] == "arn:aws:dynamodb:us-east-1:123456789012:table/hooks-seen"
    assert remember["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": f"{provider.lower()}#*"}}


def test_roles_have_no_managed_policy_and_no_wildcard_action():
    """Nothing is allowed beside the statements that stand in the template, and only X-Ray's name any resource."""
    for role in of_type(deployed(SecretKmsKeyArn=KEY_ARN, Deduplicate="on"), "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role.properties
        for policy in role.properties["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                assert "*" not in str(statement["Action"])
                assert statement["Resource"] != "*" or statement["Sid"] == "SendTraces"


def test_only_lambda_takes_the_roles():
    """The roles trust the Lambda service and nobody else, and each function has its own."""
    stack = deployed()
    for role in of_type(stack, "AWS::IAM::Role").values():
        (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    roles = [str(function.properties["Role"]) for function in of_type(stack, "AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles) > 2


def test_given_secret_is_the_only_one_that_is_read():
    """With an ARN of one's own the role reads that secret."""
    stack = deployed(GitHubWebhookSecret="", GitHubWebhookSecretArn=GITHUB_ARN)
    assert by_sid(stack, "GitHubFunctionRole")["ReadItsSecret"]["Resource"] == GITHUB_ARN


def test_shared_key_is_read_by_twilio_alone():
    """The shared key's secret is open to the Twilio function, once there is one."""
    stack = deployed(TwilioSharedKeyId="id", TwilioSharedKeySecretArn=SHARED_ARN)
    assert by_sid(stack, "TwilioFunctionRole")["ReadItsSharedKey"]["Resource"] == SHARED_ARN
    assert "ReadItsSharedKey" not in by_sid(stack, "GitHubFunctionRole")
    assert "ReadItsSharedKey" not in by_sid(deployed(), "TwilioFunctionRole")


def test_key_decrypts_only_its_own_secrets():
    """A KMS key is used only when given, only through Secrets Manager and only for the function's own secrets."""
    stack = deployed(
        GitHubWebhookSecret="",
        GitHubWebhookSecretArn=GITHUB_ARN,
        SecretKmsKeyArn=KEY_ARN,
        TwilioSharedKeyId="id",
        TwilioSharedKeySecretArn=SHARED_ARN,
    )
    decrypt = by_sid(stack, "GitHubFunctionRole")["DecryptItsSecret"]
    assert (decrypt["Action"], decrypt["Resource"]) == ("kms:Decrypt", KEY_ARN)
    assert decrypt["Condition"] == {
        "StringEquals": {
            "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": GITHUB_ARN,
        }
    }
    twilio = by_sid(stack, "TwilioFunctionRole")["DecryptItsSecrets"]["Condition"]["StringEquals"]
    assert twilio["kms:EncryptionContext:SecretARN"] == [stack.outputs["TwilioSecretArn"], SHARED_ARN]


@pytest.mark.parametrize("own", [{}, {"GitHubWebhookSecretArn": GITHUB_ARN, "TwilioWebhookSecretArn": TWILIO_ARN}])
def test_every_role_that_decrypts_decrypts_what_it_reads(own: dict[str, str]):
    """Whatever a role may decrypt is a secret that it may read, and through Secrets Manager alone."""
    stack = deployed(
        **(dict.fromkeys(SECRETS, "") | own if own else {}),
        SecretKmsKeyArn=KEY_ARN,
        TwilioSharedKeyId="id",
        TwilioSharedKeySecretArn=SHARED_ARN,
        Heartbeat="on",
        Sweeper="on",
        SweeperRepository="octo-org/hello-world",
        SweeperTokenSecretArn=MADE_ARN,
    )
    decrypts = {}
    for role in of_type(stack, "AWS::IAM::Role"):
        reads = [
            each["Resource"] for each in statements(stack, role) if "secretsmanager:GetSecretValue" in each["Action"]
        ]
        for statement in (each for each in statements(stack, role) if "kms:" in str(each["Action"])):
            assert (statement["Action"], statement["Resource"]) == ("kms:Decrypt", KEY_ARN)
            assert statement["Condition"] == {
                "StringEquals": {
                    "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": reads if len(reads) > 1 else reads[0],
                }
            }
            decrypts[role] = len(reads)
    assert decrypts == {
        "GitHubFunctionRole": 1,
        "GitHubCanaryRole": 1,
        "TwilioFunctionRole": 2,
        "TwilioCanaryRole": 1,
        "SweeperFunctionRole": 1,
    }


@pytest.mark.parametrize("provider", SOURCES)
def test_invocation_alarm_keeps_the_meaning_of_the_quick_start(provider: str):
    """More invocations than the threshold in each of two five-minute periods; now somebody hears of it."""
    stack = deployed_whole(LambdaInvocationThreshold=700)
    alarms = stack.children["Alarms"].resources
    alarm = alarms[f"{provider}InvocationAlarm"]
    expected = {
        "AlarmName": f"hooks-{provider.lower()}-invocations",
        "Namespace": "AWS/Lambda",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "FunctionName", "Value": f"hooks-{provider.lower()}"}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 2,
        "Threshold": 700,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    assert {key: alarm.properties[key] for key in expected} == expected
    composite = alarms["LoopOrSpend"].properties
    assert f'ALARM("{alarm.ref}")' in composite["AlarmRule"]
    assert composite["AlarmActions"] == composite["OKActions"] == [stack.resources["AlarmTopic"].ref]


def test_alarms_watch_what_this_stack_made():
    """The alarms get the functions, log groups, bus, limits and topic of the stack, under its name."""
    stack = deployed_whole(
        ReservedConcurrency=25,
        MemorySize=512,
        MaxEntryBytes=262144,
        Tracing="PassThrough",
        EventBusName="saas",
        RunbookBaseUrl="https://example.com/books",
    )
    given = stack.children["Alarms"].parameters
    expected = {
        "NamePrefix": "hooks",
        "ParkingQueueName": "hooks-parked",
        "ParkingDlqName": "hooks-parked-dlq",
        "GitHubFunctionName": "hooks-github",
        "TwilioFunctionName": "hooks-twilio",
        "GitHubLogGroupName": "/aws/lambda/hooks-github",
        "TwilioLogGroupName": "/aws/lambda/hooks-twilio",
        "EventBusName": "saas",
        "AlarmTopicArn": stack.resources["AlarmTopic"].ref,
        "RunbookBaseUrl": "https://example.com/books",
        "ReservedConcurrency": 25,
        "MemorySize": 512,
        "MaxEntryBytes": 262144,
        "TracedShare": 0,
        "HasHookwatchMetrics": "true",
    }
    assert {name: given[name] for name in expected} == expected


@pytest.mark.parametrize("name", ["Alarms", "Cost"])
def test_parameters_of_a_nested_stack_agree(name: str):
    """A parameter that both templates have has one default, one range and one form."""
    stack = deployed_whole(MonthlyBudget=10, NotificationEmail="ops@example.com")
    nested = stack.children[name].template.section("Parameters")
    ours = written().section("Parameters")
    for parameter in ours.keys() & nested.keys() - {"AlarmTopicArn"}:
        same = ("Type", "Default", "AllowedValues", "AllowedPattern", "MinValue", "MaxValue")
        assert {key: ours[parameter].get(key) for key in same} == {key: nested[parameter].get(key) for key in same}


def test_budget_only_with_a_limit_and_somebody_to_tell():
    """There is a budget when it has an amount and an address, and an amount without address is refused."""
    assert "Cost" not in deployed().resources
    assert "Cost" in deployed(MonthlyBudget=10, NotificationEmail="ops@example.com").resources
    (broken,) = broken_rules(**SECRETS, MonthlyBudget="10")
    assert "needs NotificationEmail" in broken


def test_topic_takes_this_accounts_alarms_and_is_readable_to_cloudwatch():
    """CloudWatch may publish for alarms of this account, and no key stands in its way."""
    stack = deployed()
    (statement,) = stack.resources["AlarmTopicPolicy"].properties["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"}
    assert "KmsMasterKeyId" not in stack.resources["AlarmTopic"].properties


def test_email_is_subscribed_only_if_given():
    """Without an address the topic stands alone, with one it is subscribed."""
    assert "AlarmEmail" not in deployed().resources
    email = deployed(NotificationEmail="oncall@example.com").resources["AlarmEmail"].properties
    assert (email["Protocol"], email["Endpoint"]) == ("email", "oncall@example.com")


def test_everything_that_can_be_tagged_says_whose_it_is():
    """Costs and searches by the tag app find the whole stack."""
    untaggable = {
        "AWS::Lambda::Url",
        "AWS::Lambda::Permission",
        "AWS::Lambda::EventSourceMapping",  # SAM has no way to tag the one that it makes
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
        "AWS::SQS::QueuePolicy",
    }
    for name, resource in deployed(NotificationEmail="oncall@example.com", Deduplicate="on").resources.items():
        if resource.type not in untaggable:
            assert {"Key": "app", "Value": "hookwatch"} in resource.properties["Tags"], name


def test_what_a_deletion_does_is_decided():
    """Everything that holds data says what becomes of it, when it is deleted and when it is replaced."""
    for name, item in written().section("Resources").items():
        if item["Type"] in {"AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"}:
            assert (item["DeletionPolicy"], item["UpdateReplacePolicy"]) == ("Delete", "Retain"), name
        elif item["Type"] in {"AWS::SQS::Queue", "AWS::DynamoDB::Table"}:
            # Their names are fixed: one that stayed would fail the next stack of the same name.
            assert item["DeletionPolicy"] == "Delete", name
        elif item["Type"] in {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}:
            assert (item["DeletionPolicy"], item["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain"), name
